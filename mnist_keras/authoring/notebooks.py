"""The committed files: generated from lessons and solutions, written, and checked."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from mnist_keras.authoring import playground
from mnist_keras.authoring.answers import ANSWERS, answers_path, answers_text, texts_text
from mnist_keras.authoring.cells import Cell, with_ids
from mnist_keras.authoring.differences import describe_difference
from mnist_keras.authoring.lessons import convert_lesson, is_text_notebook
from mnist_keras.authoring.pages import Page, read_course
from mnist_keras.authoring.questions import EXERCISES as TEXTS
from mnist_keras.authoring.questions import texts_path
from mnist_keras.authoring.tools import tool
from mnist_keras.errors import CourseError
from mnist_keras.files import remove_unfinished, write_all

NOTEBOOKS = "book/notebooks"
EXERCISES = "exercises"
# Where the sources lie, and what is made of them.
TARGETS: Mapping[str, str] = {"book": NOTEBOOKS, "solutions": EXERCISES}

NOTEBOOK_METADATA: Mapping[str, Any] = {
    "accelerator": "GPU",
    "colab": {"gpuType": "T4", "provenance": []},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def generate_notebooks(root: Path | str) -> dict[Path, str]:
    """Return every file that is generated from the course's sources, by its path below `root`.

    These are the notebooks, the answers, the texts of exercises, and the playground's pages, each
    as its exact text. An error has one line for each mistake, with file and line.
    """
    course = read_course(root)
    problems: list[str] = []
    found: dict[Path, str] = {}
    sources: dict[Path, str] = {}  # the lesson of each notebook
    for path in _pages(course.root):
        top = PurePosixPath(path).parts[0]
        leave_out = frozenset({"solution"} if top == "solutions" else ())
        page = Page(course, path, problems=problems, leave_out=leave_out)
        cells = _converted(page)
        if cells is None:
            continue
        target = Path(TARGETS[top], PurePosixPath(path).stem + ".ipynb")
        if target in sources:
            page.fail(1, f"{sources[target]} has the same name: their notebooks would be one")
        else:
            sources[target] = path
            found[target] = notebook_text(cells, path)
            if top == "solutions":
                found[Path(answers_path(path))] = answers_text(page.text)
                try:
                    found[Path(texts_path(path))] = texts_text(page.text)
                except ValueError as error:
                    page.fail(1, str(error))
    if problems:
        raise CourseError("\n".join(problems))
    if (course.root / playground.SOURCES).is_dir():
        found |= playground.pages(course.root)
    return found


def worked_solution(root: Path | str, path: str) -> str:
    """Return a solution as the notebook that a learner with every answer would hand in."""
    page = Page(read_course(root), path, leave_out=frozenset({"start"}))
    cells = _converted(page)
    if page.problems or cells is None:
        raise CourseError("\n".join(page.problems) or f"{path} is no text notebook")
    return notebook_text(cells, path)


def _converted(page: Page) -> list[Cell] | None:
    """Return a page's cells; none where it is no notebook or has errors, which are noted."""
    try:
        return convert_lesson(page.text, page) if is_text_notebook(page.text) else None
    except CourseError as error:
        page.fail(1, str(error))
        return None


def _pages(root: Path) -> list[str]:
    """Return the Markdown files that may be notebooks, but not those of hidden folders."""
    paths = (path.relative_to(root) for top in TARGETS for path in (root / top).rglob("*.md"))
    return sorted(
        path.as_posix() for path in paths if not any(part[0] in "._" for part in path.parts)
    )


def notebook_text(cells: Sequence[Cell], source: str) -> str:
    """Return the file of a generated notebook: the same text for the same cells."""
    nbformat = tool("nbformat")
    notebook = nbformat.from_dict(
        {
            "cells": with_ids(cells),
            "metadata": {**NOTEBOOK_METADATA, "mnist_keras": {"generated_from": source}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def write_notebooks(root: Path | str) -> list[Path]:
    """Write the generated notebooks that differ from their source, and remove stale ones.

    If a source has errors, nothing is written.
    """
    root = Path(root)
    generated = generate_notebooks(root)
    for folder in (*TARGETS.values(), ANSWERS, TEXTS):
        remove_unfinished(root / folder)
    written = [p for p, text in generated.items() if _read_bytes(root / p) != text.encode()]
    write_all((root / path, generated[path]) for path in written)
    removed = _stale(root, generated)
    for path in removed:
        (root / path).unlink()
    return written + removed


def check_notebooks(root: Path | str) -> list[str]:
    """Compare the committed notebooks with their sources.

    Returned is a line for each that differs, is missing or is stale, and how.
    """
    root = Path(root)
    generated = generate_notebooks(root)
    lines = []
    for path, text in generated.items():
        committed = _read_bytes(root / path)
        if committed is None:
            lines.append(f"{path.as_posix()}: missing")
        elif committed != text.encode():
            old = committed.decode("utf-8", "replace")
            how = describe_difference(old, text) if path.suffix == ".ipynb" else "not as its source"
            lines.append(f"{path.as_posix()}: {how}")
    lines += [f"{path.as_posix()}: stale, its source is gone" for path in _stale(root, generated)]
    return lines


def _stale(root: Path, generated: Mapping[Path, str]) -> list[Path]:
    """Return the notebooks that were generated once and have no source now."""
    patterns = {**dict.fromkeys(TARGETS.values(), "*.ipynb"), ANSWERS: "*.json", TEXTS: "*.json"}
    return [
        path.relative_to(root)
        for folder, pattern in patterns.items()
        for path in sorted((root / folder).glob(pattern))
        if path.relative_to(root) not in generated and _is_generated(path)
    ]


def _is_generated(path: Path) -> bool:
    """Whether a file in a folder of generated ones is one: anybody may put a notebook there."""
    if path.suffix == ".json":
        return True
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return "generated_from" in notebook["metadata"]["mnist_keras"]
    except (ValueError, KeyError, TypeError):
        return False


def _read_bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
