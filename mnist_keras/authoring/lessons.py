"""A lesson or a solution, which is a MyST text notebook, as the cells of a notebook."""

import re
from collections.abc import Sequence
from typing import Any

from mnist_keras.authoring.cells import (
    Cell,
    convert_code,
    markdown_cell,
    set_up_cell,
    split_at_numbers,
)
from mnist_keras.authoring.hand_in import hand_in_cell, name_cell
from mnist_keras.authoring.markdown import Piece, convert_markdown
from mnist_keras.authoring.pages import Page
from mnist_keras.authoring.tools import one_line, tool
from mnist_keras.errors import CourseError


def is_text_notebook(text: str) -> bool:
    """Whether a Markdown file's front matter makes it a notebook."""
    front = re.match(r"---\n(.*?)\n---\s*\n", text, re.DOTALL)
    if not front:
        return False
    yaml = tool("yaml")
    try:
        metadata = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        raise CourseError(f"front matter: {one_line(error)}") from None
    if not isinstance(metadata, dict):
        return False
    if metadata.get("file_format") == "mystnb":
        return True
    jupytext = metadata.get("jupytext") or {}
    return bool(jupytext.get("text_representation", {}).get("format_name") == "myst")


def convert_lesson(text: str, page: Page) -> list[Cell]:
    """Convert a lesson or a solution: its title, the set-up cell, and the rest.

    An exercise also asks for the learner's name, and ends with how to hand in.

    A solution's page holds the cells of two notebooks: those with the tag ``start`` stand in the
    exercise, those with the tag ``solution`` in the worked solution.
    """
    for_learners = "solution" in page.leave_out
    cells: list[Cell] = []
    for cell, line in read_cells(text):
        if not cells and cell["cell_type"] != "markdown":
            page.fail(line, "a lesson starts with its title: # …")
        if cell["cell_type"] == "code":
            tags = set(cell["metadata"].get("tags") or [])
            check_exercise_tags(tags, line, page)
            if tags & page.leave_out:
                continue
            cells.append(convert_code(cell["source"], cell["metadata"], line, page))
            continue
        if cell["cell_type"] == "raw":
            page.fail(line, "a raw cell is not for lessons")
            continue
        pieces = convert_markdown(cell["source"], line, page)
        if not cells:
            title, pieces = _split_title(pieces, line, page)
            cells += [markdown_cell(title), set_up_cell(page.course.repository)]
            cells += [name_cell()] if for_learners else []
        cells += split_at_numbers(pieces)
    return [*cells, hand_in_cell(page)] if for_learners else cells


def check_exercise_tags(tags: set[str], line: int, page: Page) -> None:
    """Note where the site would run a starting point, or show a solution at once."""
    if "start" in tags and "skip-execution" not in tags:
        page.fail(line, "a cell with the tag start needs skip-execution too: the site executes it")
    if "solution" in tags and not tags & {"hide-cell", "hide-input", "hide-output"}:
        page.fail(line, "a cell with the tag solution needs hide-cell too: the site gives it away")


def read_cells(text: str) -> list[tuple[Any, int]]:
    """Return the cells of a MyST text notebook, each with the line on which it starts."""
    myst = tool("jupytext.myst")
    try:
        notebook = myst.myst_to_notebook(text, add_source_map=True)
    except myst.MystMetadataParsingError as error:
        raise CourseError(one_line(error)) from None
    except tool("nbformat").ValidationError as error:
        raise CourseError(f"front matter: {error.message}") from None
    lines = text.splitlines()
    result = []
    for cell, start in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        # The map points at the line after a fence; blank lines and options may follow.
        first = cell["source"].strip("\n").partition("\n")[0].strip()
        ahead = (number for number in range(start, len(lines)) if lines[number].strip() == first)
        result.append((cell, next(ahead, start) + 1))
    return result


def _split_title(pieces: Sequence[Piece], line: int, page: Page) -> tuple[str, list[Piece]]:
    """Return the title with a line on where it comes from, and what follows it."""
    first = pieces[0].text if pieces else ""
    title, _, rest = first.partition("\n")
    if not title.startswith("# "):
        page.fail(line, "a lesson starts with its title: # …")
    if page.leave_out:
        origin = (
            f"[The exercise's page]({page.url}) on the course's site has hints and, folded, the "
            "worked solution. In Colab, first save a copy of your own: **File → Save a copy in "
            "Drive**."
        )
    else:
        origin = (
            f"This notebook is generated from [the lesson's page]({page.url}) on the course's "
            "site. Run it, change it and try things: the page stays as it is."
        )
    remaining = [Piece(rest.strip("\n"), False)] if rest.strip() else []
    return f"{title}\n\n{origin}", [*remaining, *pieces[1:]]
