"""Warn of every picture whose alt text says nothing."""

import re
from pathlib import PurePosixPath
from typing import Any

from bs4 import BeautifulSoup
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


def pictures_in(html: str) -> list[tuple[str | None, str]]:
    """Find the pictures in a piece of HTML.

    Each has its alt text, None where the attribute is missing, and its source.
    """
    found: Any = BeautifulSoup(html, "html.parser").find_all("img")
    return [(picture.get("alt"), picture.get("src") or "") for picture in found]


def check_pictures(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Warn of the page's pictures without a proper alt text."""
    shown = [(node, node.get("alt"), node["uri"]) for node in doctree.findall(nodes.image)]
    for node in doctree.findall(nodes.raw):
        if "html" in node.get("format", "").split():
            shown += [(node, *picture) for picture in pictures_in(node.astext())]
    for node, alt, source in shown:
        if fault := fault_of_alt(alt, source):
            place = (page, node.line) if node.line else page
            said = "a picture has %s; say what it shows"
            logger.warning(said, fault, location=place, type="alt_text")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-resolved", check_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
