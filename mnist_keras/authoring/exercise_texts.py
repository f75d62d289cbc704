"""The texts of an exercise's page as data of the package: `check()` and `hint()` say them."""

import ast
import json
import re
from typing import Any

from mnist_keras.authoring.answers import parts_of
from mnist_keras.authoring.questions import Asked, questions_in
from mnist_keras.checks.sources import statements

TITLE = re.compile(r"^# (?:[^:\n]+: )?(.+)$", re.MULTILINE)


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
