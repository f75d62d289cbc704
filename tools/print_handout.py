"""Print the workshop's page and the key points of all lessons as a PDF for the room.

Run it after ``make book``: ``make handout``. It needs Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from mnist_keras.files import written_whole

REPOSITORY = Path(__file__).resolve().parents[1]
LESSONS = "book/lessons"
WORKSHOP = "00-the-workshop"
LEFT_OUT = ".lesson-launch, .headerlink, .copybtn, .prev-next-footer"
LOOK = """
.bd-article-container { max-width: none; }
details > * { display: block; }
.handout-points { break-inside: avoid; }
.bd-article { font-size: 0.95rem; }
"""


def handout(workshop: str, lessons: Mapping[str, str]) -> str:
    """Make one page of the workshop's page and the key points of lessons.

    Parameters
    ----------
    workshop
        The built page of the workshop, HTML.
    lessons
        The built pages of the lessons, by their files' names, in order.

    Returns
    -------
    str
        A page that lies beside them, with nothing but the article in its body.
    """
    page: Any = BeautifulSoup(workshop, "html.parser")
    article = page.select_one("article")
    for each in article.select(LEFT_OUT):
        each.decompose()
    for fold in article.select("details"):
        fold["open"] = ""
    for text in lessons.values():
        lesson: Any = BeautifulSoup(text, "html.parser")
        points = lesson.select_one("article .keypoints")
        if points is None:
            continue
        for each in lesson.select(".headerlink"):
            each.decompose()
        part = page.new_tag("section", attrs={"class": "handout-points"})
        heading = page.new_tag("h2")
        heading.string = lesson.select_one("article h1").get_text(strip=True)
        part.extend([heading, points])
        article.append(part)
    style = page.new_tag("style")
    style.string = LOOK
    page.head.append(style)
    page.html["data-theme"] = page.html["data-mode"] = "light"
    for script in page.select("script"):
        script.decompose()
    page.body.clear()
    page.body.append(article)
    return str(page)


def print_pdf(page: Path, out: Path, chromium: str) -> None:
    """Print an HTML file as a PDF on letter paper, written whole or not at all."""
    with sync_playwright() as playwright, written_whole(out) as beside:
        # Without its sandbox, which Chromium refuses to root; it opens our own page only.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(color_scheme="light")
        opened.goto(page.as_uri())
        margin: Any = dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
        opened.pdf(path=beside, format="Letter", print_background=True, margin=margin)
        browser.close()


def main() -> int:
    """Write the handout, or say what is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--site", type=Path, default=REPOSITORY / "_build" / "html")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "_build" / "handout.pdf")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium: apt-get install chromium", file=sys.stderr)
        return 2
    folder = (options.site / LESSONS).resolve()
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))}
    if WORKSHOP not in pages:
        print(f"There is no site in {options.site}: run make book first", file=sys.stderr)
        return 2
    text = handout(pages.pop(WORKSHOP), pages)
    # Beside the pages, so that its links to styles and pictures are theirs.
    with NamedTemporaryFile("w", suffix=".html", dir=folder, encoding="utf-8") as beside:
        beside.write(text)
        beside.flush()
        print_pdf(Path(beside.name), options.out, chromium)
    print(f"The handout is {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
