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


class Block(NamedTuple):
    """Some lines of a text that are converted together; only a fence can lack its end."""

    kind: str
    offset: int
    lines: list[str]
    ended: bool = True


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
    converted = [
        _convert_block(block, line + block.offset, page)
        for block in split_blocks(text.splitlines())
        if block.kind != "site only"
    ]
    converted = [piece for piece in converted if piece.text or not piece.whole]
    pieces: list[Piece] = []
    for whole, group in groupby(converted, key=lambda piece: piece.whole):
        some = list(group)
        pieces += some if whole else _joined(some)
    return pieces


def split_blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a text: fences, formulas, texts, blank lines and what is site only."""
    start = 0
    while start < len(lines):
        kind = _kind(lines[start])
        stop = start + 1
        if kind == "fence":
            stop = _end_of_fence(lines, start) + 1
        elif kind == "formula":
            stop = _end_of_formula(lines, start) + 1
        elif kind == "text":
            while stop < len(lines) and _kind(lines[stop]) == "text":
                stop += 1
        yield Block(kind, start, list(lines[start:stop]), ended=stop <= len(lines))
        start = stop


def _kind(line: str) -> str:
    """Return the kind of the block that starts with a line."""
    if _FENCE.fullmatch(line):
        return "fence"
    if _FORMULA.fullmatch(line):
        return "formula"
    if _SITE_ONLY.match(line):
        return "site only"
    return "text" if line.strip() else "blank"


def _end_of_fence(lines: Sequence[str], start: int) -> int:
    """Return the index of the line that ends a fence, or the number of lines."""
    fence = _fence(lines[start])["fence"]
    closing = re.compile(rf"\s*{re.escape(fence[0])}{{{len(fence)},}}\s*")
    inside = range(start + 1, len(lines))
    return next((index for index in inside if closing.fullmatch(lines[index])), len(lines))


def _end_of_formula(lines: Sequence[str], start: int) -> int:
    if "$$" in lines[start].lstrip()[2:]:
        return start
    inside = range(start + 1, len(lines))
    return next((index for index in inside if "$$" in lines[index]), len(lines) - 1)


def _fence(line: str) -> re.Match[str]:
    match = _FENCE.fullmatch(line)
    assert match
    return match


def _convert_block(block: Block, line: int, page: Page) -> Piece:
    text = "\n".join(block.lines)
    if block.kind == "fence":
        return _convert_fence(block, line, page)
    if block.kind == "formula":  # the label behind it is for references on the site
        return Piece(re.sub(r"\$\$\s*\([^()\n]*\)\s*$", "$$", text), False)
    if block.kind == "text":
        return Piece(convert_paragraph(text, line, page), False)
    return Piece("", False)


def _convert_fence(block: Block, line: int, page: Page) -> Piece:
    """Convert a directive; code stays as it is."""
    indent, fence, info = _fence(block.lines[0]).group("indent", "fence", "info")
    if fence[0] != ":" and not INFO.fullmatch(info):
        return Piece("\n".join(block.lines), False)
    if not block.ended:
        page.fail(line, "a box without its end (or with a code cell in it)")
    body = _dedented(block.lines[1:-1] if block.ended else block.lines[1:], len(indent))
    text = convert_directive(info, body, line, page, _convert_text)
    return Piece(_indented(text, indent), False) if indent else Piece(text, True)


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


def _dedented(lines: Iterable[str], width: int) -> list[str]:
    return [each[min(width, len(each) - len(each.lstrip())) :] for each in lines]


def _indented(text: str, first: str) -> str:
    """Return a text behind `first`, a list's marker or white space."""
    head, *rest = text.splitlines() or [""]
    return "\n".join([first + head] + [(" " * len(first) + each).rstrip() for each in rest])
