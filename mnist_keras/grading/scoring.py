"""From what the rules say of each answer, and what became of a notebook, to grades."""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.checks.questions import Exercise, Question, Status, Verdict
from mnist_keras.grading.grades import (
    ClassGrades,
    LearnerGrades,
    NotebookGrade,
    QuestionGrade,
    State,
)
from mnist_keras.grading.notebooks import Notebook, missing_names, names_given
from mnist_keras.grading.submissions import Handins, Submission
from mnist_keras.sandbox.runner import Outcome

MOST_FAILURES = 10  # that are listed


@dataclass(frozen=True)
class Hidden:
    """What a hidden test says of an answer."""

    name: str  # the test's
    share: float  # its share of the question's points, in [0, 1]
    passed: bool  # whether the answer is right
    message: str = ""  # what is not right with it
    # what the test itself did wrong, for its author: it took no points then
    mistake: str = ""


@dataclass
class Entry:
    """One notebook of a session, what came of it and what the rules said of it, by question."""

    submission: Submission
    exercise: Exercise | None
    notebook: Notebook | None = None
    outcome: Future[Outcome] = field(default_factory=Future)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # while it ran
    shown: dict[str, Verdict] = field(default_factory=dict)
    hidden: dict[str, list[Hidden]] = field(default_factory=dict)
    figures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """The points of the questions that were not answered rightly while it ran."""
        worth = self.exercise.points if self.exercise else 0
        return worth - sum(each.earned for each in self.verdicts.values())

    def where(self, place: int) -> str:
        """Name a code cell, and the question that it is about where its text tells."""
        if self.notebook is None or self.exercise is None:
            return f"code cell {place + 1}"
        source = self.notebook.code[place].source
        for question in self.exercise.questions:
            if any(f"{name} =" in source or f"def {name}(" in source for name in question.names):
                return f"code cell {place + 1} (question {question.number})"
        return f"code cell {place + 1}"

    def told(self, outcome: Outcome) -> str:
        """Say why a notebook ended early, and in which cell."""
        return outcome.problem + (f", in {self.where(outcome.place)}" if outcome.place >= 0 else "")


def grade_of(entry: Entry) -> NotebookGrade:
    """Grade one notebook."""
    submission, exercise = entry.submission, entry.exercise
    notes = [*submission.notes, *(entry.notebook.notes if entry.notebook else ())]
    outcome, reason = None, "no test of it was run"
    if exercise is None:
        reason = submission.problem or "which exercise it answers cannot be told"
    elif entry.outcome.done():
        outcome = entry.outcome.result()
        reason = entry.told(outcome) if outcome.problem else ""
        notes += [each.mistake for tests in entry.hidden.values() for each in tests if each.mistake]
        notes += outcome.notes if reason else (*_failures(entry, outcome), *outcome.notes)
    name, told = exercise.name if exercise else "", tuple(dict.fromkeys(notes))
    if exercise is None or outcome is None or reason:
        lost = nothing_earned(exercise, f"this notebook could not be graded: {reason}")
        return NotebookGrade(name, submission.file, State.NOT_GRADED, reason, lost, told)
    questions = tuple(_question_grade(entry, outcome, each) for each in exercise.questions)
    state = State.GRADED
    return NotebookGrade(name, submission.file, state, "", questions, told, entry.figures)


def _question_grade(entry: Entry, outcome: Outcome, question: Question) -> QuestionGrade:
    """Grade one question.

    An answer that the notebook's own check does not take earns nothing. One that it takes earns
    all points but the shares of the hidden tests that it fails.
    """
    status, message, lost = Status.NOT_ATTEMPTED.value, "it was not judged", 1.0
    shown = entry.shown.get(question.number)
    if shown is not None:
        status, message = shown.status.value, shown.message
        if shown.status is Status.CORRECT:
            failed = [each for each in entry.hidden.get(question.number, ()) if not each.passed]
            lost = min(1.0, sum(each.share for each in failed))
            if failed:
                status = "partly" if lost < 1 else Status.NOT_YET.value
                said = "; ".join(dict.fromkeys(each.message for each in failed))
                message = f"{message.rstrip('.')}; but with other data than the notebook's: {said}"
    if status == Status.NOT_ATTEMPTED.value:
        message = _failed(outcome, question, message) or _why_missing(entry, question) or message
    if course := [f"`{name}`" for name in outcome.course.get(question.number, ())]:
        message += f" (graded with the course's {' and '.join(course)})"
    earned = round(question.points * (1 - lost), 3)
    return QuestionGrade(question.number, question.title, status, earned, question.points, message)


def _failures(entry: Entry, outcome: Outcome) -> list[str]:
    put_in = "code of the course's, put in for what was missing"
    said = [
        f"{entry.where(place) if place >= 0 else put_in}: `{statement}` failed with {error}"
        for place, statement, error in outcome.errors
    ]
    if len(said) > MOST_FAILURES:
        said[MOST_FAILURES:] = [f"{len(said) - MOST_FAILURES} more statements failed"]
    return said


def _failed(outcome: Outcome, question: Question, message: str) -> str:
    """Say what failed where a statement was to give what is missing, as the rule's message says."""
    missing = [name for name in question.names if f"`{name}`" in message]
    for place, statement, error in reversed(outcome.errors):
        own = place >= 0  # and not the course's, put in for what was missing
        if own and (names := sorted(names_given(statement, missing))):
            return f"no value for {', '.join(names)}: `{statement}` failed with {error}"
    return ""


def _why_missing(entry: Entry, question: Question) -> str:
    """Say why no code answers a question, where the notebook tells."""
    if entry.notebook is None or entry.exercise is None:
        return ""
    lost = set(question.names) & missing_names(entry.notebook, entry.exercise)
    texts = (cell.source for cell in entry.notebook.cells if cell.kind != "code")
    # Code within a text, as in "`fig, ax = plt.subplots()` makes an empty one", was never a cell.
    own = re.sub(r"`[^`\n]*`", "", "\n".join(texts))
    if text := sorted(names_given(own, lost)):
        return (
            f"the cell that gives {', '.join(text)} a value is text, not code, so it did not run: "
            "make it a code cell again (in Jupyter, select it and press Y)"
        )
    if lost and not question.figure:  # a plot needs no name to be drawn
        listed = ", ".join(sorted(lost))
        return f"no cell of the notebook mentions {listed}: the cell of this question is gone"
    return ""


def nothing_earned(exercise: Exercise | None, message: str) -> tuple[QuestionGrade, ...]:
    """Grade every question of a notebook that could not be graded or was not handed in."""
    status, asked = Status.NOT_ATTEMPTED.value, exercise.questions if exercise else ()
    return tuple(QuestionGrade(q.number, q.title, status, 0.0, q.points, message) for q in asked)


def missing(exercise: Exercise) -> NotebookGrade:
    """Return the grade of a notebook that was not handed in."""
    questions = nothing_earned(exercise, "this exercise was not handed in")
    return NotebookGrade(exercise.name, "", State.MISSING, "", questions)


def with_missing(
    notebooks: Iterable[NotebookGrade], exercises: Mapping[str, Exercise]
) -> tuple[NotebookGrade, ...]:
    """Put a learner's notebooks in the exercises' order, and add those not handed in."""
    found = list(notebooks)
    there = {each.exercise for each in found}
    found += [missing(each) for name, each in exercises.items() if name not in there]
    order = {name: place for place, name in enumerate(exercises)}
    return tuple(sorted(found, key=lambda each: order.get(each.exercise, len(order))))


def with_absent(grades: ClassGrades, absent: Sequence[str]) -> ClassGrades:
    """Add a row for each learner of the roster of whom nothing was found."""
    exercises = {each.name: each for each in EXERCISES if each.name in grades.exercises}
    added = [LearnerGrades(learner, with_missing((), exercises)) for learner in absent]
    learners = sorted((*grades.learners, *added), key=lambda each: each.learner)
    return replace(grades, learners=tuple(learners))


def before_grading(handins: Handins) -> ClassGrades:
    """Return grades as if nothing of a class had been handed in yet, with all its learners."""
    there = {each.exercise for each in handins.chosen}
    worth = {each.name: each.points for each in EXERCISES if each.name in there}
    learners = {each.learner for each in handins.chosen} | {*handins.missing}
    return with_absent(ClassGrades((), worth, "no notebook ran", False, {}), sorted(learners))


def core_only(grades: ClassGrades) -> ClassGrades:
    """Let the core questions of each exercise count, and no others."""
    core = {each.name: {q.number: q.points for q in each.core} for each in EXERCISES}

    def of(notebook: NotebookGrade) -> NotebookGrade:
        kept = core.get(notebook.exercise, {})
        return replace(notebook, questions=tuple(q for q in notebook.questions if q.number in kept))

    learners = (replace(each, notebooks=tuple(map(of, each.notebooks))) for each in grades.learners)
    worth = {name: sum(core[name].values()) for name in core if name in grades.exercises}
    return replace(grades, learners=tuple(learners), exercises=worth, core=True)
