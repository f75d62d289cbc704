"""The code of the worked solutions, question by question, as data of the package.

Where a learner's answer is missing or wrong, grading goes on with the course's own.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from mnist_keras.authoring.lessons import read_cells
from mnist_keras.checks.sources import names_bound, statements

ANSWERS = "mnist_keras/grading/course"
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
