"""Notebooks that cheat or do harm, made from ``tests/grading/attacks/*.txt``.

Each file says in its first line what it tries; code follows, its cells separated by ``# %%`` lines.
The cells stand before the wrong answers of `WRONG`, those from ``# %% after`` on behind them.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
ATTACKS = TESTS / "grading" / "attacks"
EXERCISE = "01-learning-rate"

# What the code of the checks' cases relies on.
IMPORTS = """\
import keras
import numpy as np
from keras import layers
from matplotlib import pyplot as plt
"""

# No answer is right; the prediction, for which any choice counts, is left open.
WRONG = (
    "import matplotlib.pyplot as plt\nimport numpy as np\n"
    "from mnist_keras.checks import open_exercise\n"
    f'check, hint = open_exercise("{EXERCISE}")',
    "prediction_1_1 = ...",
    "def build(learning_rate):\n    return learning_rate",
    "histories = {0.1: [1, 2, 3]}",
    "results = [0.1]",
    "fig, ax = plt.subplots()",
    "best_learning_rate = 5.0",
    "lost = [7.0]",
    'answer_1_8 = "A"',
    'answer_1_9 = "A"',
)


@dataclass(frozen=True)
class Attack:
    """A way to cheat or to do harm.

    Attributes
    ----------
    name
        The stem of its file.
    aim
        What it tries.
    before, after
        Code cells before and after the wrong answers.
    """

    name: str
    aim: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def notebook(self, places: Mapping[str, str]) -> str:
        """Write the notebook, with what ``{canary}``, ``{port}`` and the like stand for."""
        cells = [*self.before, *WRONG, *self.after]
        for name, value in places.items():
            cells = [cell.replace("{" + name + "}", value) for cell in cells]
        return notebook(cells)


def notebook(cells: Sequence[str], exercise: str = EXERCISE) -> str:
    """Write a notebook of code cells."""
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{k}",
                    "metadata": {},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for k, source in enumerate(cells)
            ],
            "metadata": {"mnist_keras": {"generated_from": f"solutions/{exercise}.md"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def attacks() -> list[Attack]:
    """Read the corpus."""
    found = []
    for path in sorted(ATTACKS.glob("*.txt")):
        aim, _, code = path.read_text(encoding="utf-8").partition("\n---\n")
        before, _, after = code.partition("# %% after\n")
        split = (tuple(c for c in part.split("# %%\n") if c.strip()) for part in (before, after))
        found.append(Attack(path.stem, aim, *split))
    return found


def honest_code() -> str:
    """Read the code that answers the exercise rightly, without training, from the checks' cases."""
    cases = TESTS / "checks" / f"cases_{EXERCISE.replace('-', '_')}.py"
    code = next(
        ast.literal_eval(each.value)
        for each in ast.parse(cases.read_text(encoding="utf-8")).body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "NOTEBOOK"
    )
    return str(code)
