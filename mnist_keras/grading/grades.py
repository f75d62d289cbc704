"""What a grading session finds out, as plain dataclasses that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    """How far a notebook came."""

    GRADED = "graded"
    NOT_GRADED = "could not be graded"
    MISSING = "not handed in"


@dataclass(frozen=True)
class QuestionGrade:
    """What one question of a notebook earned.

    Attributes
    ----------
    number, title
        The question's, such as ``"1.2"``.
    status
        ``"correct"``, ``"partly"``, ``"not yet"`` or ``"not attempted"``.
    earned, points
        What the answer earned of what the question is worth; ``earned`` may be a fraction.
    message
        What was expected and what was found, for the learner; it may quote the learner's values.
    corrected
        Whether an instructor set ``earned`` by hand.
    """

    number: str
    title: str
    status: str
    earned: float
    points: int
    message: str
    corrected: bool = False


@dataclass(frozen=True)
class NotebookGrade:
    """What one notebook earned.

    Attributes
    ----------
    exercise
        The exercise's name; empty where it could not be told.
    file
        Where the notebook lies, relative to what was graded; empty where none was handed in.
    state
        How far it came.
    reason
        Why it could not be graded, in one line; else empty.
    questions
        In their order; where it could not be graded, every question with nothing earned.
    notes
        A line each: a late or a second hand-in, a cell that failed, a retry.
    figures
        The learner's own figures, by question: PNG files that were checked.
    """

    exercise: str
    file: str
    state: State
    reason: str = ""
    questions: tuple[QuestionGrade, ...] = ()
    notes: tuple[str, ...] = ()
    figures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def earned(self) -> float:
        """Sum of what the questions earned."""
        return sum(question.earned for question in self.questions)

    @property
    def points(self) -> int:
        """Sum of what the questions are worth."""
        return sum(question.points for question in self.questions)


@dataclass(frozen=True)
class LearnerGrades:
    """All that one learner handed in, an entry an exercise, in the exercises' order."""

    learner: str
    notebooks: tuple[NotebookGrade, ...]


@dataclass(frozen=True)
class ClassGrades:
    """What a grading session found out.

    Attributes
    ----------
    learners
        In the order of their names.
    exercises
        The exercises that were graded, by name, with what each is worth.
    isolation
        How far the notebooks were shut off from the machine, in a line.
    quick
        Whether the notebooks ran on the small subset of the data.
    versions
        Of Python, TensorFlow, Keras and the package.
    problems
        Files that belong to no learner or no exercise, and what is wrong with each.
    core
        Whether the core questions alone count.
    """

    learners: tuple[LearnerGrades, ...]
    exercises: Mapping[str, int]
    isolation: str
    quick: bool
    versions: Mapping[str, str]
    problems: tuple[str, ...] = ()
    core: bool = False
