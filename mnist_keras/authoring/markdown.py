"""MyST Markdown as the plain Markdown of a notebook, block by block."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from mnist_keras.authoring.directives import INFO, convert_directive
from mnist_keras.authoring.inline import NUMBER, convert_inline
from mnist_keras.authoring.pages import Page


class Piece(NamedTuple):
    """Some converted Markdown; a `whole` one, such as a box, is never split."""

    text: str
    whole: bool


_FENCE = re.compile(
    r"(?P<indent>[ ]*(?:(?:[-*+]|\d{1,9}[.)])[ ]+)?)"
    r"(?P<fence>:{3,}|`{3,}(?!.*`)|~{3,})[ ]*(?P<info>.*)"
)
# A comment, a target, and what a block looks like on the site.
_SITE_ONLY = re.compile(r" {0,3}%|\([^()]+\)=\s*$|\{[.#][^{}]*\}\s*$")
_FORMULA = re.compile(r"\s*\$\$(?:[^$]*|[^$]+\$\$\s*(?:\([^()]*\))?\s*)")
_DEFINITION = re.compile(r" {0,3}: +(?=\S)")


def convert_markdown(text: str, line: int, page: Page) -> list[Piece]:
    """Convert the MyST Markdown of a cell, or of a box in it, into plain Markdown.

    Returned are boxes, and the text between them.
    """
    pieces: list[Piece] = []
    blocks = _converted(text.splitlines(), line, page)
    for whole, group in groupby(blocks, key=lambda piece: piece.whole):
        if whole:
            pieces += group
        else:
            pieces += _joined(group)
    return pieces


def _converted(lines: Sequence[str], line: int, page: Page) -> Iterator[Piece]:
    """Yield the blocks of a text: fences, formulas, paragraphs and blank lines."""
    start = 0
    while start < len(lines):
        first, here, stop = lines[start], line + start, start + 1
        if fence := _FENCE.fullmatch(first):
            mark = re.escape(fence["fence"][0])
            closing = re.compile(rf"\s*{mark}{{{len(fence['fence'])},}}\s*")
            while stop < len(lines) and not closing.fullmatch(lines[stop]):
                stop += 1
            stop += 1
            yield from _convert_fence(fence, lines[start:stop], stop <= len(lines), here, page)
        elif _FORMULA.fullmatch(first):
            opened = "$$" not in first.lstrip()[2:]
            while opened and stop < len(lines):
                opened = "$$" not in lines[stop]
                stop += 1
            # The label behind it is for references on the site.
            text = re.sub(r"\$\$\s*\([^()\n]*\)\s*$", "$$", "\n".join(lines[start:stop]))
            yield Piece(text, False)
        elif not first.strip():
            yield Piece("", False)
        elif not _SITE_ONLY.match(first):
            while stop < len(lines) and _is_text(lines[stop]):
                stop += 1
            yield Piece(convert_paragraph("\n".join(lines[start:stop]), here, page), False)
        start = stop


def _is_text(line: str) -> bool:
    other = _FENCE.fullmatch(line) or _FORMULA.fullmatch(line) or _SITE_ONLY.match(line)
    return not other and bool(line.strip())


def _convert_fence(
    fence: re.Match[str], lines: Sequence[str], ended: bool, line: int, page: Page
) -> Iterator[Piece]:
    """Convert a directive, which may leave nothing; code stays as it is."""
    indent, mark, info = fence.group("indent", "fence", "info")
    if mark[0] != ":" and not INFO.fullmatch(info):
        yield Piece("\n".join(lines), False)
        return
    if not ended:
        page.fail(line, "a box without its end (or with a code cell in it)")
    inside = lines[1:-1] if ended else lines[1:]
    body = [each[min(len(indent), len(each) - len(each.lstrip())) :] for each in inside]
    text = convert_directive(info, body, line, page, _convert_text)
    if indent:
        yield Piece(_indented(text, indent), False)
    elif text:
        yield Piece(text, True)


def _convert_text(text: str, line: int, page: Page) -> str:
    return "\n\n".join(piece.text for piece in convert_markdown(text, line, page))


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the text between two boxes as one piece, or none where it is blank."""
    lines: list[str] = []
    for piece in pieces:
        # What was dropped leaves blank lines on both of its sides: one is enough.
        if piece.text or (lines and lines[-1]):
            lines.append(piece.text)
    text = "\n".join(lines).strip("\n")
    return [Piece(text, False)] if text else []


def convert_paragraph(text: str, line: int, page: Page) -> str:
    """Convert some lines of text without a blank line between them."""
    if re.match(r" {0,3}\[(?!\^)[^\]]+\]:", text):
        page.fail(line, "a link's address on its own line: cells are apart, write it in the link")
    if _DEFINITION.match(text):
        page.fail(line, "a definition without its term right above it")
    converted = convert_inline(text, line, page)
    for number, each in enumerate(converted.splitlines()):
        if re.match(r"#{1,6}\s", each) and NUMBER.search(each):
            page.fail(line + number, "a number in a heading: put it into the text")
    return definitions_as_list(converted)


def definitions_as_list(text: str) -> str:
    """Return a paragraph as it is, or, if it is a term above its definitions, as list items."""
    lines = text.splitlines()
    if not any(_DEFINITION.match(each) for each in lines):
        return text
    items = []
    for each in lines:
        if definition := _DEFINITION.match(each):
            items.append(f"  {each[definition.end() :]}")
        elif each.startswith(" "):
            items.append(f"  {each.strip()}")
        else:
            items.append(f"- **{each.strip()}:**")
    return "\n".join(items)


def _indented(text: str, first: str) -> str:
    """Return a text behind `first`, a list's marker or white space."""
    head, *rest = text.splitlines() or [""]
    return "\n".join([first + head] + [(" " * len(first) + each).rstrip() for each in rest])
