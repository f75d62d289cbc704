"""A lesson or a solution, which is a MyST text notebook, as the cells of a notebook."""

import re
from collections.abc import Sequence
from typing import Any

from mnist_keras.authoring.cells import (
    Cell,
    code_cell,
    convert_code,
    markdown_cell,
    set_up_cell,
    split_at_numbers,
)
from mnist_keras.authoring.markdown import Piece, convert_markdown
from mnist_keras.authoring.pages import Page
from mnist_keras.authoring.questions import rules_path
from mnist_keras.authoring.tools import one_line, tool
from mnist_keras.errors import CourseError

# Learners hand in under a name, which the grader reads without running its cell.
NAME = """\
#@title Your name, as your class list has it
my_name = ""  # between the quotation marks"""
HAND_IN = """\
## Hand in

1. Write your name into the cell at the top.
2. Choose **Runtime → Restart session and run all** (in Jupyter: **Run → Restart Kernel and Run \
All Cells**). A notebook that works only in the order in which you happened to run it is not \
finished.
3. Look at what `check()` says at the end, and save.
4. {how}

`check()` shows what counts: your notebook runs again, with fewer images, and its answers are held \
to the same rules. Hidden tests look further. They call your functions with other numbers, and \
show your networks images that they have not seen. A function or a network that fits only this \
notebook's data loses points there. {where}"""
# A question that has hidden tests, in the text of the rules.
TESTED = re.compile(r"\b(?:hidden|returns)\(\s*\"(\d+\.\d+)\"")


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
            cells += [code_cell(NAME, {"cellView": "form"})] if for_learners else []
        cells += split_at_numbers(pieces)
    return [*cells, hand_in_cell(page)] if for_learners else cells


def hand_in_cell(page: Page) -> Cell:
    """Return the cell that says where and how an exercise is handed in, and how it is graded."""
    rules = page.course.root / rules_path(page.path)
    text = rules.read_text(encoding="utf-8") if rules.is_file() else ""
    hidden = sorted({*TESTED.findall(text)})
    where = f"Here they do so for {' and '.join(hidden)}." if hidden else "This exercise has none."
    return markdown_cell(HAND_IN.format(how=page.course.hand_in, where=where))


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
