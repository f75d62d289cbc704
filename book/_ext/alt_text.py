"""Warn of every picture whose alt text says nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|avif|bmp|tiff?|pdf)", re.IGNORECASE)

logger = logging.getLogger(__name__)


def fault_of_alt(alt: str | None, source: str = "") -> str | None:
    """Say what is wrong with the alt text of a picture."""
    text = (alt or "").strip()
    if not text:
        return "no alt text"
    stem = PurePosixPath(source).stem if not source.startswith("data:") else ""
    if FILE_NAME.fullmatch(text) or text == source or (stem and text.lower() == stem.lower()):
        return f"a file name as alt text ({text})"
    return None


class PictureFinder(HTMLParser):
    """Collect the alt text and the address of each ``<img>`` in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[tuple[str | None, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a picture."""
        if tag == "img":
            values = dict(attrs)
            self.pictures.append((values.get("alt"), values.get("src") or ""))


def pictures_in(html: str) -> list[tuple[str | None, str]]:
    """Find the pictures in a piece of HTML.

    Each has its alt text, None where the attribute is missing, and its source.
    """
    finder = PictureFinder()
    finder.feed(html)
    return finder.pictures


def check_pictures(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Warn of the page's pictures without a proper alt text."""
    for node in doctree.findall(nodes.image):
        warn_of(fault_of_alt(node.get("alt"), node["uri"]), node, page)
    for node in doctree.findall(nodes.raw):
        if "html" in node.get("format", "").split():
            for alt, source in pictures_in(node.astext()):
                warn_of(fault_of_alt(alt, source), node, page)


def warn_of(fault: str | None, node: nodes.Node, page: str) -> None:
    """Warn of one fault, where there is one."""
    if fault:
        place = (page, node.line) if node.line else page
        logger.warning(
            "a picture has %s; say what it shows", fault, location=place, type="alt_text"
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-resolved", check_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
