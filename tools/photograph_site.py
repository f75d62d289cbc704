"""Take the README's pictures of the site, in its light and its dark colours.

Run it after ``make book``: ``.venv/bin/python tools/photograph_site.py``. It needs Chromium.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from mnist_keras.files import written_whole

REPOSITORY = Path(__file__).resolve().parents[1]
# Which pages stand side by side, and the text that each is opened at; "" is the top.
PAGES = (
    ("index.html", ""),
    ("book/lessons/07-evaluating.html", "What will the worst mistakes look like?"),
)
WIDTH, HEIGHT, GAP = 1280, 640, 24
Colours = Literal["light", "dark"]


def photograph(browser: Browser, site: Path, colours: Colours) -> Image.Image:
    """Take a picture of the site's pages, side by side.

    Parameters
    ----------
    browser
        An open browser.
    site
        The folder of the built site.
    colours
        What the reader's system asks for.

    Returns
    -------
    PIL.Image.Image
        `WIDTH` by `HEIGHT` pixels; the gap between the pages is transparent.

    Raises
    ------
    playwright.sync_api.Error
        If a page has no such text any more.
    """
    picture = Image.new("RGBA", (WIDTH, HEIGHT))
    width = (WIDTH - GAP * (len(PAGES) - 1)) // len(PAGES)
    for k, (name, text) in enumerate(PAGES):
        page = browser.new_page(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=colours,
            reduced_motion="reduce",
        )
        page.goto((site / name).as_uri())
        if text:
            box = page.locator(".admonition", has_text=text)
            box.evaluate("box => box.scrollIntoView({block: 'start', behavior: 'instant'})")
        page.evaluate("document.fonts.ready")
        with Image.open(io.BytesIO(page.screenshot())) as taken:
            picture.paste(taken, (k * (width + GAP), 0))
        page.close()
    return picture


def main() -> int:
    """Write both pictures, or say what is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--site", type=Path, default=REPOSITORY / "_build" / "html")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "book" / "pictures")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium: apt-get install chromium", file=sys.stderr)
        return 2
    if not (options.site / "index.html").is_file():
        print(f"There is no site in {options.site}: run make book first", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        # Without its sandbox, which Chromium refuses to root; it opens our own pages only.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for colours in ("light", "dark"):
            path = options.out / f"site-{colours}.webp"
            with written_whole(path) as beside:
                photograph(browser, options.site.resolve(), colours).save(
                    beside, lossless=True, method=6
                )
            print(f"{path}: {path.stat().st_size:,} bytes")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
