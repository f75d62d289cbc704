"""The directive ``accepted-answers``: which answers the tests hold right, and which wrong.

It reads the cases that the tests run, `tests/checks/cases_*.py`, and runs none of them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from computed import add_computed, escaped
from sphinx.application import Sphinx

from mnist_keras.checks.exercises import exercise_named

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


def files_of_cases(tests: Path = TESTS) -> list[Path]:
    """List the modules of cases, one an exercise, in the exercises' order."""
    return sorted((tests / "checks").glob("cases_*.py"))


def all_cases(tests: Path = TESTS) -> list[Any]:
    """Return the cases of every exercise, as `tests/checks/cases.py` describes them."""
    if str(tests) not in sys.path:
        sys.path.append(str(tests))
    return [importlib.import_module(f"checks.{path.stem}").CASES for path in files_of_cases(tests)]


def counts_table(listed: Sequence[Any]) -> list[str]:
    """Write how many answers each question is tested with, in MyST."""
    lines = ["| Question | Right, written differently | Wrong |", "|:--|--:|--:|"]
    for cases in listed:
        exercise = exercise_named(cases.exercise)
        for number, question in cases.questions.items():
            asked = exercise.question(number)
            title = escaped(asked.title) if asked else ""
            lines.append(f"| {number} {title} | {len(question.right)} | {len(question.wrong)} |")
    return lines


def described(kind: str, answers: Mapping[str, str]) -> str:
    """Write the descriptions of some answers as an entry of a list."""
    return f"- **{kind}:** {'; '.join(escaped(each) for each in answers)}."


def folded(cases: Any) -> list[str]:
    """Write the descriptions of an exercise's answers, folded, in MyST."""
    exercise = exercise_named(cases.exercise)
    lines = [f"::::{{dropdown}} Exercise {int(cases.exercise[:2])}: {escaped(exercise.title)}"]
    for number, question in cases.questions.items():
        asked = exercise.question(number)
        heading = f"{number} {escaped(asked.title)}" if asked else number
        lines += ["", f"**{heading}**", ""]
        lines += [described("correct", question.right), described("not yet", question.wrong)]
    return [*lines, "::::", ""]


def accepted_answers() -> list[str]:
    """Write the table of counts, and what is counted, in MyST."""
    listed = all_cases()
    return [*counts_table(listed), "", *(line for cases in listed for line in folded(cases))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    sources = [TESTS / "checks" / "cases.py", *files_of_cases()]
    add_computed(app, "accepted-answers", accepted_answers, lambda: sources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
