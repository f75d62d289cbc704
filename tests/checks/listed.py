"""The cases of every exercise; run as a program, what they are, for the page that lists them."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

ALL = [
    importlib.import_module(f"checks.{path.stem}").CASES
    for path in sorted(Path(__file__).parent.glob("cases_*.py"))
]

if __name__ == "__main__":
    print(
        json.dumps(
            {
                cases.exercise: {
                    number: {"right": [*question.right], "wrong": [*question.wrong]}
                    for number, question in cases.questions.items()
                }
                for cases in ALL
            }
        )
    )
