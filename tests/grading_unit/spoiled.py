"""Notebooks of right answers: as they are, with an answer gone or wrong, and with habits."""

from __future__ import annotations

import ast
import importlib
import json
import re
from collections.abc import Collection
from pathlib import Path

from checks.cases import ExerciseCases

from mnist_keras.authoring import worked_solution
from mnist_keras.checks.sources import names_bound, statements

ROOT = Path(__file__).resolve().parents[2]
SHARING = re.compile(r"(?m)^(?:from checks\..*|globals\(\)\.update\(shared\(\)\))$\n?")


def right_cells(cases: ExerciseCases) -> list[str]:
    """Give cells that answer every question without training, a statement each."""
    module = importlib.import_module(f"checks.cases_{cases.exercise.replace('-', '_')}")
    # What the cases share is imported from here, which a learner's child cannot.
    shared = getattr(module, "DEFINITIONS", "") + getattr(module, "SHARED", "")
    own = SHARING.sub("", cases.notebook.removeprefix(getattr(module, "DEFINITIONS", "")))
    return _statements(shared + re.sub(r"shared\(\)\[\"(\w+)\"\]", r"\1", own))


def solved_cells(exercise: str) -> list[str]:
    """Give the cells of code of the worked solution."""
    text = worked_solution(ROOT, f"solutions/{exercise}.md")
    cells = json.loads(text)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _statements(code: str) -> list[str]:
    return [ast.unparse(node) for node in _apart(ast.parse(code).body)]


def _apart(body: Collection[ast.stmt]) -> list[ast.stmt]:
    """Let each name have an assignment of its own, where several are assigned at once."""
    found: list[ast.stmt] = []
    for node in body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=True)
            found += [ast.copy_location(ast.Assign([a], b), node) for a, b in pairs]
        else:
            found.append(node)
    return found


def without(cells: Collection[str], names: Collection[str]) -> list[str]:
    """Leave out the cells that give these names a value."""
    return [cell for cell in cells if not _gives(cell, names)]


def with_wrong(cells: Collection[str], names: Collection[str], wrong: str) -> list[str]:
    """Put a wrong answer behind the last cell that gives these names a value."""
    last = max(k for k, cell in enumerate(cells) if _gives(cell, names))
    return [*list(cells)[: last + 1], wrong, *list(cells)[last + 1 :]]


def _gives(cell: str, names: Collection[str]) -> bool:
    return any(names_bound(node) & set(names) for node in statements(cell))


def habits() -> dict[str, str]:
    """Give the lines of the corpus of habits, by their names."""
    text = (Path(__file__).parent / "fair" / "habits.txt").read_text(encoding="utf-8")
    blocks = (block.partition("\n") for block in text.split("\n# %% ")[1:])
    return {name: lines.rstrip("\n") for name, _, lines in blocks}
