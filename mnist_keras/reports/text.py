"""Texts and numbers as reports show them: nothing of a learner's can act on who reads them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from rich.cells import cell_len, set_cell_size

NAME = 120  # characters of a learner's name that a report shows
MESSAGE = 2000

# Sequences that drive a terminal, which would leave letters behind if only the escape went.
ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC and alike
    r"|\x1b[ -/]*[0-~]?"
)
# They turn the direction of what follows them; letters have a direction of their own.
DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Invisible, and one name with them looks like another without.
INVISIBLE = frozenset("\u00ad\u200b\u2060\ufeff")
UNKNOWN = "\ufffd"
MARKS = 4  # on one letter; piled up, they would cover the lines above


def clean(text: str, limit: int = MESSAGE) -> str:
    """Make one line of a learner's text that is valid in every format and drives nothing.

    Escape sequences, control characters and those that turn the direction of writing are left out,
    halves of surrogate pairs and noncharacters are replaced, white space is a single space, a
    letter keeps at most four marks, and a text longer than ``limit`` characters is cut.
    """
    # Ten times the limit is looked at, so that a text of a gigabyte costs no time.
    text = ESCAPES.sub("", text[: 10 * limit])
    text = " ".join("".join(_few_marks(map(_kept, text))).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _few_marks(characters: Iterable[str]) -> Iterator[str]:
    marks = 0
    for character in characters:
        if character:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= MARKS:
                yield character


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    if character in DIRECTIONS or character in INVISIBLE:
        return ""
    category = unicodedata.category(character)
    if category == "Cc":
        return ""
    code = ord(character)
    if category == "Cs" or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return UNKNOWN
    return character


def name_of(learner: str) -> str:
    """Return a learner's name as reports show it."""
    return clean(learner, NAME) or "(no name)"


def number(value: float) -> str:
    """Write points without a needless fraction: 3, 1.5, 0.33."""
    return f"{round(value, 2) + 0:.2f}".rstrip("0").rstrip(".")  # + 0, because there is a -0.0


def worth(earned: float, points: int) -> str:
    """Write what was earned of what; a change to the sum, which is worth nothing, with its sign."""
    if points:
        return f"{number(earned)} of {points}"
    return ("+" if earned > 0 else "") + number(earned)


def percent(earned: float, points: float) -> float | None:
    """Return the share in percent with one decimal; none, where there is nothing to earn."""
    return round(100 * earned / points, 1) if points else None


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: 1 learner, 3 learners."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def columns(text: str) -> int:
    """Count the columns that a cleaned text takes on a terminal."""
    return cell_len(text)


def fitted(text: str, width: int) -> str:
    """Cut or fill a cleaned text to that many columns of a terminal."""
    if cell_len(text) > width:
        text = f"{set_cell_size(text, width - 1).rstrip()}…"
    return set_cell_size(text, width)
