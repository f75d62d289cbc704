"""An untrusted notebook file, read as plain cells or refused in one line.

The bytes that begin a value of JSON are counted before it is parsed: what they can make of it stays
within bounds, in time and memory, whatever is in the file.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.checks.questions import Exercise
from mnist_keras.grading.fstrings import readable

MAX_BYTES = 100_000_000
MAX_BYTES_OF_OTHER_LETTERS = 25_000_000  # beyond ASCII, where each may take four times its size
MAX_VALUES = 4_000_000  # that JSON may hold
MAX_SOURCE = 2_000_000  # characters of code
MAX_TEXT = 5_000_000  # and of other cells
MAX_CELLS = 5_000

AGAIN = "save it again in Jupyter or Colab"

# What the first cells ask for: my_name = "Alice Doe"
LEARNER = re.compile(
    r"""^my_name[ \t]{0,9}=[ \t]{0,9}(?:"([^"\\\n]{1,100})"|'([^'\\\n]{1,100})')""", re.MULTILINE
)

# What follows a name in "a, results = 1, 2", "(results := 1)", "results: list = []", and what
# precedes it in "def results", "for a, results". "results == 1" and "results[0] = 1" only use it.
ASSIGNED = re.compile(r"[\w \t,*)\]]*+=(?!=)|[ \t]*+:=")
ANNOTATED = re.compile(r"[ \t]*+:[^=]*+=")
NAMING = re.compile(r"\b(?:def|class|for|as|import|global)[ \t(]++(?:[\w. \t]*+,)*+[ \t]*+$")


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    id: str  # printable characters only. Two cells may have the same one.
    kind: str  # ``"code"``, ``"markdown"`` or ``"raw"``
    source: str  # its text. That of code has no NUL and can be encoded as UTF-8.


@dataclass(frozen=True)
class Notebook:
    """What a notebook file holds."""

    cells: tuple[Cell, ...]  # in their order, of every kind
    # the name of the exercise that it answers, or none where that cannot be told
    exercise: str | None
    notes: tuple[str, ...] = ()  # what is odd about it, a line each
    # the page of the course that its metadata name, such as ``solutions/01-learning-rate.md``
    generated_from: str = ""

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells of code."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    @property
    def signed(self) -> str:
        """The name that the learner wrote into it, which is not run; empty if none."""
        found = (LEARNER.search(cell.source) for cell in self.code)
        name = next((match[1] or match[2] for match in found if match), "")
        return " ".join(name.split())


class NotebookError(Exception):
    """What is wrong with a notebook file, in one line that starts with "the file"."""


def read_notebook(content: bytes, file_name: str = "") -> Notebook:
    """Read a notebook file, which may hold anything; NotebookError says why it cannot be read.

    The file's name may tell the exercise where the metadata do not.
    """
    _refuse_other_files(content)
    data = _parsed(content)
    if not isinstance(data, dict):
        _refuse("holds no notebook: its outermost value is no object")
    cells, notes = _cells(_list_of_cells(data))
    ours = _dictionary(_dictionary(data.get("metadata")).get("mnist_keras"))
    source = _printable(ours.get("generated_from"), 200)
    exercise, doubts = _exercise(source, file_name, cells)
    return Notebook(cells, exercise, (*notes, *doubts), source)


def exercise_in_name(file_name: str) -> str | None:
    """Return the one exercise that a file's name names, as ``01_Learning Rate (1).ipynb`` does."""
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", file_name[-500:]).casefold())
    names = [
        each.name
        for each in EXERCISES
        if re.search(rf"(?<!\d){re.escape(each.name)}(?![^\W\d_])", words)
    ]
    return names[0] if len(names) == 1 else None


def missing_names(notebook: Notebook, exercise: Exercise) -> set[str]:
    """Return the names that questions ask for and no cell of code gives a value."""
    asked = {name for question in exercise.questions for name in question.names}
    return asked - names_given("\n".join(cell.source for cell in notebook.code), asked)


def names_given(source: str, names: Collection[str]) -> set[str]:
    """Return those of some names to which some code gives a value.

    Nothing is run or parsed as Python, so a name counts as given wherever a line looks as if it
    gave it one; a name that gets its value in a roundabout way, by ``exec`` for example, does not.
    """
    given: set[str] = set()
    words = "|".join(map(re.escape, sorted(names)))
    for match in re.finditer(rf"(?<![\w.])(?:{words})(?!\w)", source) if names else ():
        if match[0] not in given:
            # A stretch of the line will do, and keeps the time in bounds.
            before = source[max(0, match.start() - 100) : match.start()].rpartition("\n")[2]
            after = source[match.end() : match.end() + 100].partition("\n")[0]
            annotated = not before.strip() and ANNOTATED.match(after)
            if ASSIGNED.match(after) or annotated or NAMING.search(before):
                given.add(match[0])
    return given


def _refuse(what: str) -> NoReturn:
    raise NotebookError(f"the file {what}")


def _refuse_other_files(content: bytes) -> None:
    """Refuse what is no JSON, with a word on what it is instead."""
    if len(content) > MAX_BYTES:
        _refuse(f"is larger than {MAX_BYTES // 1_000_000} MB: clear the outputs and save it again")
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start and not content.removeprefix(b"\xef\xbb\xbf").strip():
        _refuse("is empty: save the notebook again and hand that in")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _refuse("is a zip archive that is named as a notebook: hand in the notebook within")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        _refuse(f"is not UTF-8 text: {AGAIN}")
    if start.startswith((b"https://", b"http://")):
        _refuse("holds a link, not a notebook: download the notebook itself, as .ipynb")
    if start.startswith(b"<"):
        _refuse("is a web page, not a notebook: download the notebook itself, as .ipynb")


def _parsed(content: bytes) -> Any:
    """Parse JSON of bounded size."""
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES or (
        len(content) > MAX_BYTES_OF_OTHER_LETTERS and not content.isascii()
    ):
        _refuse("holds too much for a notebook: clear the outputs and save it again")
    try:
        text = content.decode("utf-8-sig")
        # Numbers are not read, and a long one would take time.
        return json.loads(text, parse_int=lambda digits: int(digits[:20]), parse_float=len)
    except UnicodeDecodeError:
        _refuse(f"is not UTF-8 text: {AGAIN}")
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            _refuse(f"is cut off: {AGAIN}")
        _refuse(f"is not JSON, as a notebook is (line {error.lineno}: {error.msg}): {AGAIN}")
    except RecursionError:
        _refuse("is nested deeper than any notebook")


def _list_of_cells(data: dict[str, Any]) -> list[Any]:
    """Return the cells of a notebook of format 4; refuse other formats."""
    version = data.get("nbformat")
    if not isinstance(version, int) or isinstance(version, bool):
        _refuse("is no notebook: it does not say which notebook format it has")
    if version in (1, 2, 3):
        _refuse(f"is a notebook of format {version}: {AGAIN} as format 4")
    if version != 4:
        _refuse(f"says it is a notebook of format {version}, not 4: {AGAIN}")
    cells = data.get("cells")
    if not isinstance(cells, list):
        _refuse(f"is no notebook of format 4, for it has no list of cells: {AGAIN}")
    return cells


def _cells(found: list[Any]) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    if len(found) > MAX_CELLS:
        _refuse(f"has more than {MAX_CELLS:,} cells")
    read = [_cell(each, number) for number, each in enumerate(found, 1)]
    unread = [number for number, cell in enumerate(read, 1) if cell is None]
    cells = [cell for cell in read if cell is not None]
    for most, what in ((MAX_SOURCE, "code"), (MAX_TEXT, "text")):
        own = (len(cell.source) for cell in cells if (cell.kind == "code") == (what == "code"))
        if sum(own) > most:
            _refuse(f"has more than {most:,} characters of {what}")
    notes = []
    if unread:
        shown = ", ".join(map(str, unread[:10])) + (", …" if len(unread) > 10 else "")
        notes.append(f"left out what cannot be read as a cell, number {shown} of {len(found)}")
    if len({cell.id for cell in cells}) < len(cells):
        notes.append("two or more cells have the same id")
    return tuple(cells), tuple(notes)


def _cell(found: Any, number: int) -> Cell | None:
    """Read the cell of this number (from 1); give none where it is no cell."""
    if not isinstance(found, dict) or found.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    kind = found["cell_type"]
    source = found.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    metadata = _dictionary(found.get("metadata"))
    name = _printable(metadata.get("id"), 64) or _printable(found.get("id"), 64)
    encodable = source.encode("utf-8", "replace").decode("utf-8")
    if kind == "code" and "\0" in source:
        _refuse(f"has a NUL character in cell {number}: delete it")
    if kind == "code" and encodable != source:
        _refuse(f"has half a character (a lone surrogate) in cell {number}: delete it")
    return Cell(
        name or f"cell-{number}", kind, readable(encodable) if kind == "code" else encodable
    )


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _printable(text: Any, length: int) -> str:
    """Return the beginning of a text, without what cannot be printed; nothing of anything else."""
    return "".join(filter(str.isprintable, text[:length])) if isinstance(text, str) else ""


def _exercise(
    source: str, file_name: str, cells: Sequence[Cell]
) -> tuple[str | None, tuple[str, ...]]:
    """Tell the exercise: by the metadata, else by the file's name, else by the cells."""
    known = {f"solutions/{exercise.name}.md": exercise.name for exercise in EXERCISES}
    by_metadata = known.get(source)
    by_name, opened = exercise_in_name(file_name), _opened_in(cells)
    told = opened or _checked_in(cells)
    only = next(iter(told)) if len(told) == 1 else None
    exercise = by_metadata or by_name or only
    notes = []
    if by_metadata and by_name and by_metadata != by_name:
        notes.append(f"it is named as {by_name}, but made from {by_metadata}: graded as the latter")
    if exercise and (others := sorted(opened - {exercise})):
        notes.append(
            f"it answers {' and '.join(others)} too, which was not graded: each exercise should be "
            "handed in as a notebook of its own"
        )
    return exercise, tuple(notes)


def _opened_in(cells: Sequence[Cell]) -> set[str]:
    """Tell the exercises that the code opens; one in a comment counts as none."""
    code = "\n".join(cell.source for cell in cells if cell.kind == "code")
    named = r"""(?m)^[^#\n]{0,200}\bopen_exercise\([ \t]{0,9}["']([\w-]{1,99})["']"""
    opened = set(re.findall(named, code))
    return {exercise.name for exercise in EXERCISES if exercise.name in opened}


def _checked_in(cells: Sequence[Cell]) -> set[str]:
    """Tell the exercises whose questions the code checks."""
    code = "\n".join(cell.source for cell in cells if cell.kind == "code")
    checked = set(re.findall(r"""\bcheck\([ \t]{0,9}["'](\d{1,3})\.\d{1,3}["']""", code))
    numbers = {number.zfill(2) for number in checked}
    return {exercise.name for exercise in EXERCISES if exercise.name[:2] in numbers}
