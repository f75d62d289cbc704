"""A grading session: which notebooks there are, what each is asked, and what came of it.

Notebooks run beside the tests, a few at a time; a test waits for the one that it is about.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.checks.questions import Exercise, Status, Verdict
from mnist_keras.durations import duration
from mnist_keras.grading.course import digest
from mnist_keras.grading.dialogue import Ask, Dialogue
from mnist_keras.grading.engines import LEVELS
from mnist_keras.grading.gradebook import Page, not_graded, with_missing
from mnist_keras.grading.grades import (
    ClassGrades,
    LearnerGrades,
    NotebookGrade,
    State,
)
from mnist_keras.grading.judging import Judge
from mnist_keras.grading.limits import Limits
from mnist_keras.grading.listing import UnreadableError
from mnist_keras.grading.notebooks import (
    Notebook,
    NotebookError,
    missing_names,
    names_in_text,
    read_notebook,
)
from mnist_keras.grading.pictures import PictureError, checked_png
from mnist_keras.grading.results import Results, key_of
from mnist_keras.grading.runner import Outcome, Runner, kept
from mnist_keras.grading.submissions import Submission

Asks = Mapping[str, Sequence[Ask]]

PICTURE = "picture "  # before a question's number: the key of the learner's figure
MOST_FAILURES = 10  # that are listed
KERAS = re.compile(r"(?<!mnist_)keras|tensorflow|training")  # in what is likely to import it
FIGURES = ("ax", "weights_figure")  # variables that hold a figure


@dataclass(frozen=True)
class Settings:
    """How a session grades.

    Attributes
    ----------
    limits
        Of each notebook.
    quick
        Whether notebooks run on the small subset.
    seed
        For what notebooks draw at random before they set seeds.
    jobs
        Notebooks at a time.
    engine
        What shuts them off, by its name; None for the first that can be used here.
    kept
        Folder of earlier outcomes; None to keep none.
    again
        Whether to run also what was run before.
    """

    limits: Limits = field(default_factory=Limits)
    quick: bool = True
    seed: int = 0
    jobs: int = 0
    engine: str | None = None
    kept: Path | None = None
    again: bool = False


@dataclass
class Entry:
    """One notebook of the session, what came of it and what the tests said of it."""

    submission: Submission
    exercise: Exercise | None
    notebook: Notebook | None = None
    page: Page = field(default_factory=Page)
    outcome: Future[Outcome] = field(default_factory=Future)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


class GradingSession:
    """Runs the notebooks of a class and gathers what the tests say of them.

    Parameters
    ----------
    submissions
        What was handed in.
    settings
        How to grade.
    problems
        Files that belong to nobody.
    say
        Told of progress, a line at a time.

    Attributes
    ----------
    entries
        The notebooks, in the order in which they run.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        settings: Settings,
        problems: Sequence[str] = (),
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._settings, self._problems, self._say = settings, list(problems), say
        self.entries = [Entry(each, _exercise(each.exercise)) for each in submissions]
        self._runner: Runner | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._done, self._waiting, self._begun = 0, 0, 0.0
        self._first_runs = 0  # still to come, or under way
        self._unsteady: list[tuple[Entry, Asks]] = []
        self._counting = threading.Lock()
        self._judge = Judge()

    def outcome_of(self, entry: Entry) -> Outcome:
        """Wait for what came of a notebook, and judge the answers that come meanwhile."""
        self._judge.serve_until(entry.outcome)
        return entry.outcome.result()

    def entries_of(self, exercise: str) -> list[Entry]:
        """Give the notebooks of an exercise."""
        return [e for e in self.entries if e.exercise and e.exercise.name == exercise]

    def start(self, asks: Mapping[str, Mapping[str, Sequence[Ask]]]) -> None:
        """Begin to run the notebooks.

        Parameters
        ----------
        asks
            What each exercise's notebooks are asked, by the exercise's name and the question's
            number.

        Raises
        ------
        CourseError
            If no notebook can be run here.
        """
        chosen = [e for e in self.entries if e.exercise and asks.get(e.exercise.name)]
        self._begun, self._waiting = time.monotonic(), len(chosen)
        self._first_runs = len(chosen)
        settings = self._settings
        self._runner = Runner(
            settings.limits,
            quick=settings.quick,
            seed=settings.seed,
            engine=settings.engine,
        )
        self._runner.waiting = len(chosen)
        results = Results(settings.kept)
        jobs = settings.jobs or min(4, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(jobs)
        for entry in chosen:
            assert entry.exercise
            wanted = asks[entry.exercise.name]
            self._pool.submit(self._run, entry, wanted, results)

    def close(self) -> None:
        """End what still runs."""
        self._judge.close()
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._runner:
            self._runner.close()

    def judged(self, entry: Entry) -> None:
        """Keep no more of what a notebook answered than its figures, once its tests are done."""
        if entry.outcome.done() and not entry.outcome.exception():
            pictures = {k: v for k, v in entry.outcome.result().answers.items() if PICTURE in k}
            light: Future[Outcome] = Future()
            light.set_result(replace(entry.outcome.result(), answers=pictures))
            entry.outcome = light

    def _run(self, entry: Entry, asks: Asks, results: Results, *, alone: bool = False) -> None:
        begun = time.monotonic()
        outcome: Outcome | None = None
        try:
            outcome = self._outcome(entry, asks, results)
            if outcome.deserves_another and not alone:
                self._unsteady.append((entry, asks))
            else:
                # As text, which takes little memory while it waits to be judged.
                texts = {key: json.dumps(data) for key, data in outcome.answers.items()}
                entry.outcome.set_result(replace(outcome, answers=texts))
        except CancelledError:  # nobody waits for it any more
            return
        except BaseException as error:  # a test waits for it, and shows it
            entry.outcome.set_exception(error)
        with self._counting:
            if entry.outcome.done():
                self._tell(entry, time.monotonic() - begun)
            self._first_runs -= not alone
            if not alone and not self._first_runs and self._unsteady and self._pool:
                self._pool.submit(self._run_alone, results)
            if self._done == self._waiting and self._runner:
                self._runner.close()  # not when the session ends: other tests may follow

    def _run_alone(self, results: Results) -> None:
        """Run what was late or crashed once more, one at a time and beside nothing else."""
        for entry, asks in self._unsteady:
            self._run(entry, asks, results, alone=True)

    def _outcome(self, entry: Entry, asks: Asks, results: Results) -> Outcome:
        submission = entry.submission
        assert self._runner
        if submission.problem or submission.content is None:
            self._runner.waiting -= 1
            return Outcome(submission.problem)
        try:
            entry.notebook = read_notebook(submission.content.read(), submission.file)
        except (NotebookError, UnreadableError) as error:
            self._runner.waiting -= 1
            return Outcome(str(error))
        cells = [cell.source for cell in entry.notebook.code]
        flat = [ask for each in asks.values() for ask in each]
        key = key_of(cells, flat, self._conditions())
        outcome = None if self._settings.again else results.get(key)
        if outcome is not None:
            self._runner.waiting -= 1
            return outcome
        outcome = self._held(entry, cells, asks)
        if not outcome.unsteady:
            results.put(key, outcome)
        return outcome

    def _held(self, entry: Entry, cells: Sequence[str], asks: Asks) -> Outcome:
        """Run a notebook; what was right before it ended early counts."""
        assert self._runner
        assert entry.exercise
        dialogue = Dialogue(entry.exercise, cells, asks, self._judge.verdict)
        keras = any(KERAS.search(cell) for cell in cells)
        outcome = self._runner.hold(dialogue.steps(), keras=keras)
        entry.verdicts = dialogue.verdicts
        outcome = replace(outcome, typed=dialogue.typed, course=dialogue.course)
        if any(each.status is Status.CORRECT for each in dialogue.verdicts.values()):
            outcome = self._told(entry, outcome, asks)
        return outcome

    def _told(self, entry: Entry, outcome: Outcome, asks: Asks) -> Outcome:
        """Let the answers that came before a problem count, and say so in a note."""
        if not outcome.problem:
            return outcome
        note = f"{outcome.problem}{_where(entry, outcome.place)}: what came before counts"
        keys = [ask.key for each in asks.values() for ask in each]
        return kept(replace(outcome, notes=(*outcome.notes, note)), keys)

    def _conditions(self) -> dict[str, Any]:
        assert self._runner
        return {
            "versions": dict(self._runner.versions),
            "rules": digest(),
            "level": self._runner.level,
            "limits": self._settings.limits.as_dict(),
            "quick": self._settings.quick,
            "seed": self._settings.seed,
        }

    def _tell(self, entry: Entry, seconds: float) -> None:
        self._done += 1
        left = (time.monotonic() - self._begun) / self._done * (self._waiting - self._done)
        assert entry.exercise
        name = "".join(c if c.isprintable() else "?" for c in entry.submission.learner)
        self._say(
            f"[{self._done}/{self._waiting}] {name}, {entry.exercise.name}: {seconds:.0f} s"
            + (f", {duration(left)} left" if self._done < self._waiting else "")
        )

    def grades(self) -> ClassGrades:
        """Give the grades, once every test has said what it has to say."""
        runner = self._runner
        exercises = {
            e.name: e for e in EXERCISES if any(each.exercise is e for each in self.entries)
        }
        by_learner: dict[str, list[NotebookGrade]] = {}
        for entry in self.entries:
            by_learner.setdefault(entry.submission.learner, []).append(_grade(entry))
        learners = [
            LearnerGrades(name, with_missing(notebooks, exercises))
            for name, notebooks in sorted(by_learner.items())
        ]
        return ClassGrades(
            tuple(learners),
            {name: sum(q.points for q in e.questions) for name, e in exercises.items()},
            LEVELS[runner.level] if runner else "no notebook ran",
            self._settings.quick,
            dict(runner.versions) if runner else {},
            tuple(self._problems),
        )


def _exercise(name: str | None) -> Exercise | None:
    return next((each for each in EXERCISES if each.name == name), None)


def _grade(entry: Entry) -> NotebookGrade:
    """Grade one notebook by what came of it and what the tests said."""
    submission, exercise = entry.submission, entry.exercise
    if exercise is None:
        reason = submission.problem or "which exercise it answers cannot be told"
        return not_graded(None, submission.file, reason, submission.notes)
    if not entry.outcome.done():
        return not_graded(exercise, submission.file, "no test of it was run", submission.notes)
    outcome = entry.outcome.result()
    notes = [*submission.notes, *(entry.notebook.notes if entry.notebook else ())]
    if outcome.problem:
        reason = outcome.problem + _where(entry, outcome.place)
        return not_graded(exercise, submission.file, reason, (*notes, *outcome.notes))
    notes += _failures(entry, outcome)
    questions = []
    for grade in entry.page.grades(exercise):
        why = _why_missing(entry, grade.number) if grade.status == "not attempted" else ""
        course = [f"`{name}`" for name in outcome.course.get(grade.number, ())]
        message = why or grade.message
        if course:
            message += f" (graded with the course's {' and '.join(course)})"
        questions.append(replace(grade, message=message))
    return NotebookGrade(
        exercise.name,
        submission.file,
        State.GRADED,
        "",
        tuple(questions),
        tuple(dict.fromkeys((*notes, *outcome.notes))),
        _figures(outcome),
    )


def _failures(entry: Entry, outcome: Outcome) -> list[str]:
    """Say which statements failed, each once."""
    said = [
        f"{_cell(entry, place)}: `{statement}` failed with {error}"
        for place, statement, error in outcome.errors
    ]
    more = len(said) - MOST_FAILURES
    return [*said[:MOST_FAILURES], *([f"{more} more statements failed"] if more > 0 else [])]


def _cell(entry: Entry, place: int) -> str:
    if place < 0:
        return "code of the course's, put in for what was missing"
    return f"code cell {place + 1}{_about(entry, place)}"


def _why_missing(entry: Entry, number: str) -> str:
    """Say why no code answers a question, where the notebook tells."""
    if entry.notebook is None or entry.exercise is None:
        return ""
    question = entry.exercise.question(number)
    asked = set(question.names) if question else set()
    lost = asked & missing_names(entry.notebook, entry.exercise)
    text = sorted(lost & names_in_text(entry.notebook, entry.exercise))
    if text:
        return (
            f"the cell that gives {', '.join(text)} a value is text, not code, so it did not run: "
            "make it a code cell again (in Jupyter, select it and press Y)"
        )
    if lost:
        listed = ", ".join(sorted(lost))
        return f"no cell of the notebook mentions {listed}: the cell of this question is gone"
    return ""


def _figures(outcome: Outcome) -> dict[str, bytes]:
    """Give the learner's figures that are pictures indeed."""
    found = {}
    for key, data in outcome.answers.items():
        if key.startswith(PICTURE):
            try:
                found[key.removeprefix(PICTURE)] = checked_png(base64.b64decode(json.loads(data)))
            except (PictureError, binascii.Error, ValueError, TypeError):
                continue
    return found


def _where(entry: Entry, place: int) -> str:
    return f", in code cell {place + 1}{_about(entry, place)}" if place >= 0 else ""


def _about(entry: Entry, place: int) -> str:
    """Say which question a code cell is about, where its text tells."""
    if entry.notebook is None or entry.exercise is None:
        return ""
    cells = [cell.source for cell in entry.notebook.cells if cell.kind == "code"]
    for question in entry.exercise.questions:
        if any(
            f"{name} =" in cells[place] or f"def {name}(" in cells[place] for name in question.names
        ):
            return f" (question {question.number})"
    return ""


def asks_of(exercise: Exercise, hidden: Sequence[Ask]) -> dict[str, list[Ask]]:
    """List what the notebooks of an exercise are asked, by the question's number.

    What the notebook does not show comes after what it shows. The key of a hidden ask begins with
    the number.
    """
    asks: dict[str, list[Ask]] = {}
    for question in exercise.questions:
        number = question.number
        figures = [name for name in question.names if name in FIGURES]
        asks[number] = [
            ask_for(number, question.names, question.uses, question.calls),
            *(ask for ask in hidden if ask.key.split()[0] == number),
            *(Ask(PICTURE + number, {"ask": "picture", "name": name}) for name in figures),
        ]
    return asks


def ask_for(key: str, names: Sequence[str], uses: Sequence[str], calls: Sequence[Any]) -> Ask:
    """Ask for variables and for the results of calls."""
    wanted = [[call.function, list(call.arguments)] for call in calls]
    return Ask(key, {"ask": "answers", "names": [*names, *uses], "calls": wanted})
