"""What the package keeps of a solution's page: the code of its answers, the texts of its questions.

Where a learner's answer is missing or wrong, grading goes on with the course's own. The texts are
what `check()` and `hint()` say.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mnist_keras.authoring.lessons import read_cells
from mnist_keras.authoring.questions import Asked, questions_in
from mnist_keras.checks.sources import names_bound, statements

ANSWERS = "mnist_keras/grading/course"
TITLE = re.compile(r"^# (?:[^:\n]+: )?(.+)$", re.MULTILINE)
QUESTION = re.compile(r"^:{3,}\{question\}[ \t]+(\d+\.\d+)\b", re.MULTILINE)


def answers_text(page: str) -> str:
    """Return the file with the code of a solution's page.

    It is JSON: a list of parts in the page's order, each with the ``question`` that its ``code``
    answers, or null for what every learner is given, and the ``names`` that it gives a value.
    """
    return json.dumps(list(parts_of(page)), indent=1, ensure_ascii=False) + "\n"


def answers_path(page: str) -> str:
    """Return where the file of a solution's page lies."""
    return f"{ANSWERS}/{PurePosixPath(page).stem}.json"


def parts_of(page: str) -> Iterator[dict[str, Any]]:
    """Yield the parts of a solution's page; see `answers_text`."""
    question = None
    for cell, _ in read_cells(page):
        if cell["cell_type"] != "code":
            question = (QUESTION.findall(cell["source"]) or [question])[-1]
            continue
        tags = set(cell["metadata"].get("tags") or [])
        nodes = statements(cell["source"])
        names = {name for node in nodes for name in names_bound(node)}
        loops = [node.target for node in nodes if isinstance(node, ast.For)]
        names -= {name for target in loops for name in names_bound(target)}
        if names and "start" not in tags:
            own = question if "solution" in tags else None
            yield {"question": own, "names": sorted(names), "code": cell["source"]}


def texts_text(page: str) -> str:
    """Return the file with the texts of an exercise's page, which is the solution.

    It is JSON: the exercise's ``title`` and its ``questions`` in their order. One that offers
    choices has the ``name`` of the variable that holds its answer, and the ``letter`` that is
    right; a ValueError says why these cannot be read from the solution's cell.
    """
    codes = {part["question"]: part["code"] for part in parts_of(page) if part["question"]}
    title = TITLE.search(page)
    data = {
        "title": title[1] if title else "",
        "questions": [_question(each, codes.get(each.number, "")) for each in questions_in(page)],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _question(asked: Asked, code: str) -> dict[str, Any]:
    names = ("number", "title", "points", "core", "hints", "right")
    data: dict[str, Any] = {name: getattr(asked, name) for name in names}
    if asked.choices:
        name, letter = _chosen(asked, code)
        data |= {"choices": asked.choices, "name": name}
        data["letter"] = None if asked.prediction else letter
    return data


def _chosen(asked: Asked, code: str) -> tuple[str, str]:
    """Return the variable that holds the answer to a choice, and the letter."""
    for node in statements(code):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Constant(str(letter))):
                if letter in asked.choices:
                    return name, letter
    number = asked.number.replace(".", "_")
    raise ValueError(
        f"question {asked.number} has choices, so the cell of its solution should give one of "
        f'their letters, as in answer_{number} = "{next(iter(asked.choices))}"'
    )
