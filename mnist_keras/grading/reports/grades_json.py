"""`grades.json`: all that a session found out.

An object with sorted keys, ASCII only:

- ``isolation`` (string), ``quick`` (boolean), ``versions`` (object of strings), ``problems`` (array
  of strings);
- ``exercises``: an object, by name what each is worth (integer), and ``exercise_order``: an array
  of their names;
- ``points``: what all exercises are worth together (integer);
- ``learners``: an array in the order of the class, each an object with ``learner`` (string),
  ``earned`` (number), ``percent`` (number with one decimal, or null where there is nothing to earn)
  and ``notebooks``: an array, each an object with ``exercise`` (string, empty where it could not be
  told), ``file`` (string, empty where none was handed in), ``state`` (``"graded"``, ``"could not be
  graded"``, ``"not handed in"``), ``reason`` (string), ``earned``, ``points`` (numbers), ``notes``
  (array of strings), ``figures`` (array of the numbers of questions that have one; the pictures
  themselves stand on the learner's page) and ``questions``: an array, each an object with
  ``number``, ``title``, ``status``, ``message`` (strings), ``earned`` (number), ``points``
  (integer) and ``corrected`` (boolean: whether an instructor set ``earned``).

Texts of learners stand as they are, escaped; only halves of surrogate pairs are replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, QuestionGrade
from mnist_keras.grading.reports.sums import points_of_all, total
from mnist_keras.reports.text import percent


def grades_json(grades: ClassGrades) -> str:
    """Write the class as JSON."""
    data = {
        "core": grades.core,
        "exercise_order": _texts(grades.exercises),
        "exercises": {_text(name): points for name, points in grades.exercises.items()},
        "isolation": _text(grades.isolation),
        "learners": [learner_data(grades, learner) for learner in grades.learners],
        "points": points_of_all(grades),
        "problems": _texts(grades.problems),
        "quick": grades.quick,
        "versions": {_text(name): _text(version) for name, version in grades.versions.items()},
    }
    return json.dumps(data, indent=1, sort_keys=True, allow_nan=False) + "\n"


def learner_data(grades: ClassGrades, learner: LearnerGrades) -> dict[str, Any]:
    """Turn a learner into plain data."""
    earned = total(grades, learner)
    return {
        "earned": earned,
        "learner": _text(learner.learner),
        "notebooks": [notebook_data(notebook) for notebook in learner.notebooks],
        "percent": percent(earned, points_of_all(grades)),
    }


def notebook_data(notebook: NotebookGrade) -> dict[str, Any]:
    """Turn a notebook's grade into plain data."""
    return {
        "earned": notebook.earned,
        "exercise": _text(notebook.exercise),
        "figures": _texts(notebook.figures),
        "file": _text(notebook.file),
        "notes": _texts(notebook.notes),
        "points": notebook.points,
        "questions": [question_data(question) for question in notebook.questions],
        "reason": _text(notebook.reason),
        "state": notebook.state.value,
    }


def question_data(question: QuestionGrade) -> dict[str, Any]:
    """Turn a question's grade into plain data."""
    return {
        "corrected": question.corrected,
        "earned": question.earned,
        "message": _text(question.message),
        "number": _text(question.number),
        "points": question.points,
        "status": _text(question.status),
        "title": _text(question.title),
    }


def _texts(texts: Iterable[str]) -> list[str]:
    return [_text(text) for text in texts]


def _text(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
