"""An instructor's corrections, which always win and are marked.

A TOML file with a table a correction::

    [[override]]
    learner = "alice"
    question = "1.4"      # or exercise = "01-learning-rate", to set a whole notebook's points
    earned = 1
    why = "the plot was right, in another backend"
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.errors import CourseError
from mnist_keras.grading.grades import (
    ClassGrades,
    LearnerGrades,
    NotebookGrade,
    QuestionGrade,
    State,
)

KEYS = ("learner", "question", "exercise", "earned", "why")
WHOLE = "The whole notebook"
LISTED = 8  # names in a message


@dataclass(frozen=True)
class Override:
    """A correction of one question or of one notebook.

    Attributes
    ----------
    learner
        Whose.
    question, exercise
        The question's number or the exercise's name; the other is empty.
    earned
        What it earns from now on.
    why
        For the learner, in a line; may be empty.
    """

    learner: str
    question: str
    exercise: str
    earned: float
    why: str

    @property
    def target(self) -> tuple[str, str, str]:
        """What is corrected; no two corrections of a file may have the same."""
        return self.learner, self.question, self.exercise


@dataclass(frozen=True)
class Overrides:
    """The corrections of a file, in its order, and the file's name for messages."""

    source: str
    corrections: tuple[Override, ...]


def read_overrides(path: Path) -> Overrides:
    """Read an instructor's corrections.

    Raises
    ------
    CourseError
        If the file cannot be read, is no TOML, has an unknown key or a wrong value, or corrects the
        same thing twice.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} cannot be read: it is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path} is no TOML file: {error}") from error
    for key in data:
        if key != "override":
            raise CourseError(f"{path} has {key!r}, but only [[override]] tables are read")
    tables = data.get("override", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise CourseError(f"{path} must have each correction under [[override]]")
    corrections = tuple(
        _override(f"{path}, correction {place}", table) for place, table in enumerate(tables, 1)
    )
    seen: dict[tuple[str, str, str], int] = {}
    for place, correction in enumerate(corrections, 1):
        first = seen.setdefault(correction.target, place)
        if first != place:
            what = correction.question or correction.exercise
            raise CourseError(
                f"{path} corrects {what} of {correction.learner!r} twice: "
                f"in corrections {first} and {place}"
            )
    return Overrides(str(path), corrections)


def _override(where: str, table: Mapping[str, Any]) -> Override:
    for key in table:
        if key not in KEYS:
            raise CourseError(f"{where} has an unknown key {key!r}; {_near(key, KEYS)}")
    for key in ("learner", "question", "exercise", "why"):
        if not isinstance(table.get(key, ""), str):
            raise CourseError(f'{where}: {key} must be text, such as {key} = "{_example(key)}"')
    learner, why = table.get("learner", ""), " ".join(table.get("why", "").split())
    question, exercise = table.get("question", ""), table.get("exercise", "")
    if not learner:
        raise CourseError(f"{where} names no learner")
    if bool(question) == bool(exercise):
        raise CourseError(f"{where} must name either a question or an exercise")
    earned = table.get("earned")
    if isinstance(earned, bool) or not isinstance(earned, int | float):
        raise CourseError(f"{where} must say what was earned, such as earned = 1")
    if not math.isfinite(earned) or earned < 0:
        raise CourseError(f"{where}: earned must be 0 or more, not {earned}")
    return Override(learner, question, exercise, float(earned), why)


def _example(key: str) -> str:
    examples = {"learner": "alice", "question": "1.4", "exercise": EXERCISES[0].name}
    return examples.get(key, "the plot was right")


def apply_overrides(grades: ClassGrades, overrides: Overrides) -> ClassGrades:
    """Correct the grades; what was corrected is marked, and the reason is added for the learner.

    A correction of a question changes that question, also in a notebook that could not be graded or
    is missing. A correction of an exercise leaves its questions as they are and adds a line that
    brings the sum to what the instructor gave, after the corrections of questions.

    Raises
    ------
    CourseError
        If there is no such learner, question or exercise, or more is given than it is worth.
    """
    questions = {name: _questions(grades, name) for name in grades.exercises}
    learners = {learner.learner: learner for learner in grades.learners}
    ordered = sorted(overrides.corrections, key=lambda each: bool(each.exercise))
    for correction in ordered:
        learner = learners.get(correction.learner)
        if learner is None:
            near = _near(correction.learner, learners)
            raise CourseError(
                f"{overrides.source}: there is no learner {correction.learner!r}; {near}"
            )
        exercise = correction.exercise or _exercise_of(overrides.source, correction, questions)
        if exercise not in grades.exercises:
            near = _near(exercise, grades.exercises)
            raise CourseError(f"{overrides.source}: there is no exercise {exercise!r}; {near}")
        notebook = _notebook(learner, exercise)
        if not notebook.questions:
            notebook = replace(notebook, questions=questions[exercise])
        if correction.question:
            notebook = _with_question(overrides.source, notebook, correction)
        else:
            points = grades.exercises[exercise]
            notebook = _with_sum(overrides.source, notebook, correction, points)
        learners[correction.learner] = _with_notebook(learner, notebook, list(grades.exercises))
    return replace(grades, learners=tuple(learners[learner.learner] for learner in grades.learners))


def _questions(grades: ClassGrades, exercise: str) -> tuple[QuestionGrade, ...]:
    """Give an exercise's questions, with nothing earned."""
    for learner in grades.learners:
        asked = _notebook(learner, exercise).questions
        if asked:
            return tuple(
                QuestionGrade(each.number, each.title, "not attempted", 0, each.points, "")
                for each in asked
            )
    return tuple(
        QuestionGrade(each.number, each.title, "not attempted", 0, each.points, "")
        for known in EXERCISES
        if known.name == exercise
        for each in known.questions
    )


def _exercise_of(
    source: str, correction: Override, questions: Mapping[str, tuple[QuestionGrade, ...]]
) -> str:
    for exercise, asked in questions.items():
        if any(each.number == correction.question for each in asked):
            return exercise
    numbers = [each.number for asked in questions.values() for each in asked]
    near = _near(correction.question, numbers)
    raise CourseError(f"{source}: there is no question {correction.question!r}; {near}")


def _notebook(learner: LearnerGrades, exercise: str) -> NotebookGrade:
    for notebook in learner.notebooks:
        if notebook.exercise == exercise:
            return notebook
    return NotebookGrade(exercise, "", State.MISSING)


def _with_question(source: str, notebook: NotebookGrade, correction: Override) -> NotebookGrade:
    numbers = [each.number for each in notebook.questions]
    if correction.question not in numbers:
        # A notebook that was graded by older rules, say.
        near = _near(correction.question, numbers)
        raise CourseError(
            f"{source}: {correction.learner!r} has no question {correction.question!r}; {near}"
        )
    questions = []
    for question in notebook.questions:
        if question.number == correction.question:
            _check_points(source, correction, question.points)
            question = replace(
                question,
                status=_status(correction.earned, question.points),
                earned=correction.earned,
                message=_explained(question.message, correction.why),
                corrected=True,
            )
        questions.append(question)
    notebook = replace(notebook, questions=tuple(questions))
    # Where it could not be graded, the other questions still wait for the instructor.
    return _settled(notebook) if notebook.state is State.MISSING else notebook


def _with_sum(
    source: str, notebook: NotebookGrade, correction: Override, points: int
) -> NotebookGrade:
    _check_points(source, correction, points)
    # Where the questions are not known, the line itself is worth the exercise's points.
    line = QuestionGrade(
        number="",
        title=WHOLE,
        status=_status(correction.earned, points),
        earned=correction.earned - notebook.earned,
        points=0 if notebook.questions else points,
        message=_explained("", correction.why),
        corrected=True,
    )
    return _settled(replace(notebook, questions=(*notebook.questions, line)))


def _settled(notebook: NotebookGrade) -> NotebookGrade:
    """Count a notebook as graded, and note what it was before."""
    if notebook.state is State.GRADED:
        return notebook
    before = notebook.state.value + (f": {notebook.reason}" if notebook.reason else "")
    notes = (*notebook.notes, f"graded by the instructor; before: {before}")
    return replace(notebook, state=State.GRADED, reason="", notes=notes)


def _with_notebook(
    learner: LearnerGrades, notebook: NotebookGrade, exercises: list[str]
) -> LearnerGrades:
    others = [each for each in learner.notebooks if each.exercise != notebook.exercise]
    known = [each for each in others if each.exercise in exercises]
    rest = [each for each in others if each.exercise not in exercises]
    known = sorted([*known, notebook], key=lambda each: exercises.index(each.exercise))
    return replace(learner, notebooks=(*known, *rest))


def _check_points(source: str, correction: Override, points: int) -> None:
    if not 0 <= correction.earned <= points:
        what = correction.question or correction.exercise
        raise CourseError(
            f"{source}: {what} of {correction.learner!r} is worth {points}, "
            f"so earned cannot be {correction.earned:g}"
        )


def _status(earned: float, points: int) -> str:
    if earned >= points:
        return "correct"
    return "partly" if earned > 0 else "not yet"


def _explained(message: str, why: str) -> str:
    said = f"Set by the instructor: {why}" if why else "Set by the instructor"
    if not message:
        return said
    return f"{message}{'' if message.endswith(('.', '!', '?')) else '.'} {said}"


def _near(name: str, names: Iterable[str]) -> str:
    """Name what was meant, perhaps, or what there is."""
    there = list(names)
    near = difflib.get_close_matches(name, there, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    if not there:
        return "there is none"
    more = ", …" if len(there) > LISTED else ""
    return f"there is: {', '.join(map(repr, there[:LISTED]))}{more}"
