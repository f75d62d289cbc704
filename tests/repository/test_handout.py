"""The handout for the room."""

from __future__ import annotations

from bs4 import BeautifulSoup
from print_handout import handout

PAGE = """<html data-theme="dark"><head><script>x()</script></head><body><nav>Menu</nav>
<article><h1>{title}<a class="headerlink">#</a></h1><p class="lesson-launch">Open</p>
<details><p>Folded</p></details>{points}</article></body></html>"""
POINTS = '<div class="keypoints"><p>Remember {}</p></div>'


def test_the_handout_is_the_workshop_unfolded_and_the_lessons_points():
    lessons = {
        "01-a": PAGE.format(title="First", points=POINTS.format("this")),
        "02-b": PAGE.format(title="Second", points=""),
    }
    made = BeautifulSoup(handout(PAGE.format(title="Workshop", points=""), lessons), "html.parser")
    text = made.body.get_text(" ", strip=True)
    assert text == "Workshop Folded First Remember this"
    assert made.details.has_attr("open")
    assert made.html["data-theme"] == "light"
    assert not made.select("script, nav, a")
