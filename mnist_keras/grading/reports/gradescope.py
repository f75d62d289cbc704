"""`gradescope/NAME.json`: a learner's `results.json`, as Gradescope's autograders write it.

The keys are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/. Every format
is ``"text"``, which Gradescope escapes.
"""

import json
from typing import Any

from mnist_keras.grading.grades import LearnerGrades, NotebookGrade, QuestionGrade, State
from mnist_keras.grading.reports.totals import counts
from mnist_keras.reports.text import clean


def gradescope_results(
    learner: LearnerGrades, *, isolation: str = "", visibility: str = "visible"
) -> dict[str, Any]:
    """Return what Gradescope shows of a learner.

    An exercise that was not handed in is not mentioned, because an assignment of Gradescope's may
    ask for one of several. The visibility is of the whole.
    """
    notebooks = [n for n in learner.notebooks if counts(n) or n.state is not State.MISSING]
    lines = [line for notebook in notebooks for line in notebook_lines(notebook)]
    if not notebooks:
        lines.append("No notebook of an exercise was found in what was handed in.")
    if isolation:
        lines.append(f"Isolation: {clean(isolation)}")
    return {
        "output": "\n".join(lines),
        "output_format": "text",
        "score": round(sum(notebook.earned for notebook in notebooks), 4),
        "stdout_visibility": "hidden",
        "test_name_format": "text",
        "test_output_format": "text",
        "tests": [test(n, question, visibility) for n in notebooks for question in n.questions],
        "visibility": visibility,
    }


def notebook_lines(notebook: NotebookGrade) -> list[str]:
    """Say what one should know of a notebook as a whole."""
    label = clean(notebook.exercise or notebook.file or "a file")
    lines = [f"{label}: {clean(note)}" for note in notebook.notes]
    if notebook.state is State.NOT_GRADED:
        lines.insert(0, f"{label} could not be graded: {clean(notebook.reason)}")
    return lines


def test(notebook: NotebookGrade, question: QuestionGrade, visibility: str) -> dict[str, Any]:
    """Write a question as a test."""
    message = clean(question.message)
    if notebook.state is State.NOT_GRADED and not question.corrected:
        message = clean(f"could not be graded: {notebook.reason}")
    elif question.status == "partly":
        message = f"Partly right. {message}"
    return {
        "max_score": question.points,
        "name": clean(question.title),
        "name_format": "text",
        "number": clean(question.number),
        "output": message,
        "output_format": "text",
        "score": round(question.earned, 4),
        "status": "passed" if question.is_right else "failed",
        "visibility": visibility,
    }


def gradescope_json(learner: LearnerGrades, isolation: str) -> str:
    """Write a learner's ``results.json``."""
    results = gradescope_results(learner, isolation=isolation)
    return json.dumps(results, indent=1, sort_keys=True, allow_nan=False) + "\n"
