"""The directive ``accepted-answers``: which answers the tests hold right, and which wrong.

`tests/checks/listed.py` says so, in a process of its own, and runs none of the answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from computed import add_computed, escaped
from sphinx.application import Sphinx

from mnist_keras.checks.exercises import exercise_named

TESTS = Path(__file__).resolve().parents[2] / "tests"

Described = Mapping[str, Mapping[str, Any]]  # by question: what is right and what is wrong


def all_cases() -> dict[str, Described]:
    """Return the descriptions of the cases of every exercise."""
    command = [sys.executable, "-m", "checks.listed"]
    done = subprocess.run(command, cwd=TESTS, stdout=subprocess.PIPE, check=True)
    listed: dict[str, Described] = json.loads(done.stdout)
    return listed


def titled(exercise: str, number: str) -> str:
    """Write a question's number and title, in MyST."""
    asked = exercise_named(exercise).question(number)
    return f"{number} {escaped(asked.title)}" if asked else number


def counts_table(listed: Mapping[str, Described]) -> Iterator[str]:
    """Write how many answers each question is tested with, in MyST."""
    yield from ("| Question | Right, written differently | Wrong |", "|:--|--:|--:|")
    for exercise, questions in listed.items():
        for number, cases in questions.items():
            counts = f"{len(cases['right'])} | {len(cases['wrong'])}"
            yield f"| {titled(exercise, number)} | {counts} |"


def folded(exercise: str, questions: Described) -> Iterator[str]:
    """Write the descriptions of an exercise's answers, folded, in MyST."""
    title = escaped(exercise_named(exercise).title)
    yield f"::::{{dropdown}} Exercise {int(exercise[:2])}: {title}"
    for number, cases in questions.items():
        yield from ("", f"**{titled(exercise, number)}**", "")
        for kind, part in (("correct", "right"), ("not yet", "wrong")):
            yield f"- **{kind}:** {'; '.join(map(escaped, cases[part]))}."
    yield from ("::::", "")


def accepted_answers() -> list[str]:
    """Write the table of counts, and what is counted, in MyST."""
    listed = all_cases()
    return [*counts_table(listed), "", *(x for each in listed.items() for x in folded(*each))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    sources = [TESTS / "checks/cases.py", *sorted(TESTS.glob("checks/cases_*.py"))]
    add_computed(app, "accepted-answers", accepted_answers, lambda: sources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
