"""What a grading session finds out, as plain dataclasses that JSON can hold."""

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
    """What one question of a notebook earned."""

    number: str  # the question's, such as ``"1.2"``
    title: str
    status: str  # ``"correct"``, ``"partly"``, ``"not yet"`` or ``"not attempted"``
    # what the answer earned of what the question is worth; ``earned`` may be a fraction
    earned: float
    points: int
    # what was expected and what was found, for the learner; it may quote the learner's values
    message: str
    corrected: bool = False  # whether an instructor set ``earned`` by hand

    @property
    def is_right(self) -> bool:
        """Whether it earned all that it could."""
        return self.earned >= self.points - 1e-9


@dataclass(frozen=True)
class NotebookGrade:
    """What one notebook earned."""

    exercise: str  # the exercise's name; empty where it could not be told
    # where the notebook lies, relative to what was graded; empty where none was handed in
    file: str
    state: State  # how far it came
    reason: str = ""  # why it could not be graded, in one line; else empty
    # in their order; where it could not be graded, every question with nothing earned
    questions: tuple[QuestionGrade, ...] = ()
    # a line each: a late or a second hand-in, a cell that failed, a retry
    notes: tuple[str, ...] = ()
    # the learner's own figures, by question: PNG files that were checked
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
    """What a grading session found out."""

    learners: tuple[LearnerGrades, ...]  # in the order of their names
    exercises: Mapping[str, int]  # the exercises that were graded, by name, with what each is worth
    isolation: str  # how far the notebooks were shut off from the machine, in a line
    quick: bool  # whether the notebooks ran on the small subset of the data
    versions: Mapping[str, str]  # of Python, TensorFlow, Keras and the package
    # files that belong to no learner or no exercise, and what is wrong with each
    problems: tuple[str, ...] = ()
    core: bool = False  # whether the core questions alone count
