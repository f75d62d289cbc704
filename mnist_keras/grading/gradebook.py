"""From what the tests say of each answer to grades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.checks.questions import Exercise, Question, Status, Verdict
from mnist_keras.grading.grades import ClassGrades, NotebookGrade, QuestionGrade, State


@dataclass(frozen=True)
class Hidden:
    """What a test that the notebook does not show says of an answer.

    Attributes
    ----------
    share
        Its share of the question's points, in [0, 1].
    passed
        Whether the answer held.
    message
        What was not right with it.
    """

    share: float
    passed: bool
    message: str = ""


@dataclass
class Page:
    """What the tests said of one notebook, by question."""

    shown: dict[str, Verdict] = field(default_factory=dict)
    hidden: dict[str, list[Hidden]] = field(default_factory=dict)

    def grades(self, exercise: Exercise) -> tuple[QuestionGrade, ...]:
        """Grade every question."""
        return tuple(
            question_grade(q, self.shown.get(q.number), self.hidden.get(q.number, ()))
            for q in exercise.questions
        )


def question_grade(
    question: Question, shown: Verdict | None, hidden: Iterable[Hidden]
) -> QuestionGrade:
    """Grade one question.

    An answer that the notebook's own check does not take earns nothing. One that it takes earns
    all points but the shares of the hidden tests that it fails.
    """
    status, message = Status.NOT_ATTEMPTED.value, "it was not judged"
    lost = 1.0
    if shown is not None:
        status, message = shown.status.value, shown.message
        if shown.status is Status.CORRECT:
            failed = [each for each in hidden if not each.passed]
            lost = min(1.0, sum(each.share for each in failed))
            if failed:
                status = "partly" if lost < 1 else Status.NOT_YET.value
                said = "; ".join(dict.fromkeys(each.message for each in failed))
                message = f"{message}; but with other data than the notebook's: {said}"
    earned = round(question.points * (1 - lost), 3)
    return QuestionGrade(question.number, question.title, status, earned, question.points, message)


def nothing_earned(exercise: Exercise | None, message: str) -> tuple[QuestionGrade, ...]:
    """Grade every question of a notebook that could not be graded or was not handed in."""
    status = Status.NOT_ATTEMPTED.value
    return tuple(
        QuestionGrade(q.number, q.title, status, 0.0, q.points, message)
        for q in (exercise.questions if exercise else ())
    )


def not_graded(
    exercise: Exercise | None, file: str, reason: str, notes: Sequence[str] = ()
) -> NotebookGrade:
    """Give the grade of a notebook that could not be graded."""
    return NotebookGrade(
        exercise.name if exercise else "",
        file,
        State.NOT_GRADED,
        reason,
        nothing_earned(exercise, f"this notebook could not be graded: {reason}"),
        tuple(notes),
    )


def missing(exercise: Exercise) -> NotebookGrade:
    """Give the grade of a notebook that was not handed in."""
    questions = nothing_earned(exercise, "this exercise was not handed in")
    return NotebookGrade(exercise.name, "", State.MISSING, "", questions)


def with_missing(
    notebooks: Iterable[NotebookGrade], exercises: Mapping[str, Exercise]
) -> tuple[NotebookGrade, ...]:
    """Put a learner's notebooks in the exercises' order, and add those not handed in."""
    found: dict[str, list[NotebookGrade]] = {}
    for each in notebooks:
        found.setdefault(each.exercise, []).append(each)
    rows: list[NotebookGrade] = []
    for name, exercise in exercises.items():
        rows += found.pop(name, [missing(exercise)])
    return (*rows, *(each for others in found.values() for each in others))


def core_only(grades: ClassGrades) -> ClassGrades:
    """Let the core questions of each exercise count, and no others."""
    core = {each.name: {question.number for question in each.core} for each in EXERCISES}

    def of(notebook: NotebookGrade) -> NotebookGrade:
        kept = core.get(notebook.exercise, set())
        return replace(notebook, questions=tuple(q for q in notebook.questions if q.number in kept))

    learners = (replace(each, notebooks=tuple(map(of, each.notebooks))) for each in grades.learners)
    worth = {
        each.name: sum(question.points for question in each.core)
        for each in EXERCISES
        if each.name in grades.exercises
    }
    return replace(grades, learners=tuple(learners), exercises=worth, core=True)
