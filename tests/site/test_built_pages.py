"""The files of the built site: complete, titled, linked, with pictures that say what they show."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from html.parser import HTMLParser
from pathlib import Path

import pytest
from alt_text import fault_of_alt, pictures_in
from launch_buttons import notebook_path

from mnist_keras.checks import Exercise
from mnist_keras.checks.exercises import EXERCISES

pytestmark = pytest.mark.browser


class LinkFinder(HTMLParser):
    """Collect the addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link."""
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")


def html_of(site: Path, page: str) -> str:
    return (site / f"{page}.html").read_text(encoding="utf-8")


def links_of(html: str) -> list[str]:
    finder = LinkFinder()
    finder.feed(html)
    return finder.links


def source_of(root: Path, page: str) -> str:
    return (root / f"{page}.md").read_text(encoding="utf-8")


def is_executed(root: Path, page: str) -> bool:
    return "kernelspec:" in source_of(root, page).split("\n---", 1)[0]


def test_page_exists_with_title_and_text(site: Path, page: str) -> None:
    html = html_of(site, page)
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    assert title is not None
    assert title[1].strip()
    article = html.split("<article", 1)[1].split("</article>", 1)[0]
    assert len(re.sub(r"<[^>]+>", " ", article).split()) > 20
    assert "<h1>" in article


def test_executed_page_shows_an_output(root: Path, site: Path, page: str) -> None:
    if is_executed(root, page) and "{code-cell}" in source_of(root, page):
        assert 'class="cell_output' in html_of(site, page)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_solution_executed_on_all_images_has_every_answer_correct(
    site: Path, exercise: Exercise
) -> None:
    html = html_of(site, f"solutions/{exercise.name}")
    said = re.findall(r"<strong>([○✗✓]) (\d+\.\d+) ", html)
    numbers = [question.number for question in exercise.questions]
    # Each once by its own check and once by the last, of all.
    assert sorted(said) == sorted([("✓", number) for number in numbers] * 2)


def test_every_picture_says_what_it_shows(site: Path, page: str) -> None:
    faults = [
        (fault_of_alt(alt, source), source[:80]) for alt, source in pictures_in(html_of(site, page))
    ]
    assert [fault for fault in faults if fault[0]] == []


def test_page_opens_its_own_notebook_on_colab(root: Path, site: Path, page: str) -> None:
    links = [link for link in links_of(html_of(site, page)) if "colab.research" in link]
    opened = {link.split("/blob/", 1)[-1].split("/", 1)[-1] for link in links if "/blob/" in link}
    notebook = notebook_path(page)
    if is_executed(root, page) and notebook and (root / notebook).is_file():
        assert notebook in opened
    for path in opened:
        assert (root / path).is_file(), f"{page} opens {path}, which does not exist"


def test_every_lesson_and_every_exercise_has_a_notebook(root: Path, pages: list[str]) -> None:
    lessons = [page for page in pages if page.startswith(("book/lessons/", "solutions/"))]
    assert lessons
    missing = [page for page in lessons if not (root / str(notebook_path(page))).is_file()]
    assert missing == [], "run make notebooks"


def test_downloads_are_the_generated_notebooks(root: Path, site: Path, page: str) -> None:
    html = html_of(site, page)
    for link in links_of(html):
        if "_downloads/" in link and link.endswith(".ipynb"):
            copy = (site / f"{page}.html").parent / link
            assert copy.read_bytes() == (root / str(notebook_path(page))).read_bytes()


def test_links_and_fragments_lead_somewhere(site: Path) -> None:
    lychee = Path(sysconfig.get_path("scripts")) / "lychee"
    pages = [str(path) for path in site.rglob("*.html") if "_static" not in path.parts]
    answer = subprocess.run(
        [str(lychee), "--offline", "--include-fragments", "--no-progress", *pages],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_site_asks_nothing_of_other_hosts(site: Path) -> None:
    asks = re.compile(
        r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"'](?:https?:)?//[^\"']*"
        r"|<link\b(?=[^>]*\brel=[\"'](?:stylesheet|preload|icon|preconnect))[^>]*"
        r"\bhref=[\"'](?:https?:)?//[^\"']*",
        re.IGNORECASE,
    )
    found = [
        f"{path.relative_to(site)}: {match[0]}"
        for path in site.rglob("*.html")
        for match in asks.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
