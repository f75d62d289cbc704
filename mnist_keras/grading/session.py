"""A grading session: from hand-ins and rules to grades.

Notebooks run in threads, a few at a time. They are judged in the thread that asks for grades, one
after the other: only there can a clock stop a rule.
"""

import base64
import binascii
import json
import os
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from mnist_keras.checks.answers import NotYetError
from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Question, Status, Verdict
from mnist_keras.errors import raised
from mnist_keras.grading.contents import UnreadableError
from mnist_keras.grading.course import digest
from mnist_keras.grading.dialogue import Dialogue
from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade
from mnist_keras.grading.hidden import PICTURE, Asks, HiddenTest, asks_of
from mnist_keras.grading.judging import Judge, judged, not_yet_verdict
from mnist_keras.grading.kept_outcomes import Results, key_of
from mnist_keras.grading.listing import shown
from mnist_keras.grading.notebooks import NotebookError, read_notebook
from mnist_keras.grading.pictures import PictureError, checked_png
from mnist_keras.grading.scoring import Entry, grade_of, with_missing
from mnist_keras.grading.submissions import Submission
from mnist_keras.process.durations import duration
from mnist_keras.sandbox.engines import LEVELS
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.protocol import ProtocolError, plain_data
from mnist_keras.sandbox.runner import Outcome, Runner, kept

KERAS = re.compile(r"(?<!mnist_)keras|tensorflow|training")  # in what is likely to import it
# What right code may raise for having few images: 2,048 drawn of 2,000, the test set's 1,234th.
FOR_FEW_IMAGES = re.compile(r"(?:Assertion|Index|InvalidArgument|Key|Value|ZeroDivision)Error\b")


@dataclass(frozen=True)
class Settings:
    """How a session grades."""

    limits: Limits = field(default_factory=Limits)  # of each notebook
    quick: bool = True  # whether notebooks run on the small subset
    seed: int = 0  # for what notebooks draw at random before they set seeds
    jobs: int = 0  # notebooks at a time
    # what shuts them off, by its name; None for the first that can be used here
    engine: str | None = None
    kept: Path | None = None  # folder of earlier outcomes; None to keep none
    again: bool = False  # whether to run also what was run before
    # whether a mistake of a rule's own is raised: for the course's own solutions
    strict: bool = False


def grade(
    submissions: Sequence[Submission],
    tests: Sequence[HiddenTest],
    settings: Settings,
    say: Callable[[str], None],
) -> ClassGrades:
    """Run what was handed in, judge it, and return the grades."""
    session = GradingSession(submissions, tests, settings, say)
    try:
        session.start()
        for entry in session.entries:
            session.judge(entry)
        return session.grades()
    finally:
        session.close()


class GradingSession:
    """Runs notebooks, its ``entries``, and judges them; parameters are those of `grade`."""

    def __init__(
        self,
        submissions: Sequence[Submission],
        tests: Sequence[HiddenTest],
        settings: Settings,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.tests, self._settings, self._say = tests, settings, say
        known = {each.name: each for each in EXERCISES}
        self.entries = [Entry(each, known.get(each.exercise or "")) for each in submissions]
        self._runner: Runner | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._done, self._waiting, self._begun = 0, 0, 0.0
        self._unsteady: list[Entry] = []
        self._asks = {each.name: asks_of(each, tests) for each in EXERCISES}
        self._results = Results(settings.kept)
        self._counting = threading.Lock()
        self._judge = Judge()
        self._mistakes: set[str] = set()  # of hidden tests, already told
        self._closed = False

    def start(self) -> None:
        """Begin to run the notebooks."""
        settings, chosen = self._settings, [each for each in self.entries if each.exercise]
        self._begun, self._waiting = time.monotonic(), len(chosen)
        self._runner = Runner(
            settings.limits, quick=settings.quick, seed=settings.seed, engine=settings.engine
        )
        self._runner.waiting = len(chosen)
        self._pool = ThreadPoolExecutor(settings.jobs or min(4, os.cpu_count() or 1))
        first_runs = [self._pool.submit(self._run, entry) for entry in chosen]
        self._pool.submit(self._run_again, first_runs)

    def close(self) -> None:
        """End what still runs."""
        self._closed = True
        self._judge.close()
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._runner:
            self._runner.close()

    def judge(self, entry: Entry) -> None:
        """Wait for what comes of a notebook and judge it; keep no more of it than its figures."""
        if entry.exercise is None or entry.shown:
            return
        self._judge.serve_until(entry.outcome)
        outcome, strict = entry.outcome.result(), self._settings.strict
        for test in self.tests:
            if test.exercise is entry.exercise:
                said = test.run(partial(_data, outcome), strict=strict)
                if said.mistake and said.mistake not in self._mistakes:
                    self._mistakes.add(said.mistake)
                    self._say(f"{said.mistake}. It takes no points; mend it and grade again.")
                entry.hidden.setdefault(test.question.number, []).append(said)
        for question in entry.exercise.questions:
            known = entry.verdicts.get(question.number)
            entry.shown[question.number] = (
                known if known and not strict else _verdict(outcome, question, strict)
            )
        entry.figures = dict(_figures(outcome))
        entry.outcome = Future()
        entry.outcome.set_result(replace(outcome, answers={}))

    def _run(self, entry: Entry, *, alone: bool = False) -> None:
        begun = time.monotonic()
        try:
            outcome = self._outcome(entry)
        except CancelledError:  # nobody waits for it any more
            return
        except Exception as error:  # the class is graded, whatever one notebook met
            outcome = Outcome(f"the grader failed at it with {raised(error)}", unsteady=True)
        if outcome.deserves_another and not alone:
            self._unsteady.append(entry)
            return
        # As text, which takes little memory while it waits to be judged.
        texts = {key: json.dumps(data) for key, data in outcome.answers.items()}
        entry.outcome.set_result(replace(outcome, answers=texts))
        self._tell(entry, time.monotonic() - begun)

    def _run_again(self, first_runs: Sequence[Future[None]]) -> None:
        """Run what was late or crashed once more, one at a time and beside nothing else."""
        wait(first_runs)
        for entry in self._unsteady:
            if not self._closed:
                self._run(entry, alone=True)
        assert self._runner
        self._runner.close()  # not when the session ends: other tests may follow

    def _outcome(self, entry: Entry) -> Outcome:
        submission, problem, runner = entry.submission, entry.submission.problem, self._runner
        assert runner
        assert entry.exercise
        try:
            if (content := submission.content) is not None and not problem:
                entry.notebook = read_notebook(content.read(), submission.file)
        except (NotebookError, UnreadableError) as error:
            problem = str(error)
        if entry.notebook is None:
            runner.waiting -= 1
            return Outcome(problem)
        conditions = {
            "versions": dict(runner.versions),
            "rules": digest(),
            "level": runner.level,
            "limits": asdict(self._settings.limits),
            "quick": self._settings.quick,
            "seed": self._settings.seed,
        }
        cells = [cell.source for cell in entry.notebook.code]
        asks = self._asks[entry.exercise.name]
        key = key_of(cells, list(chain(*asks.values())), conditions)
        if not self._settings.again and (outcome := self._results.get(key)):
            runner.waiting -= 1
            return outcome
        outcome = self._held(entry, cells, asks, all_images=False)
        failure = _for_few_images(outcome) if self._settings.quick and entry.lost else ""
        if failure and not (outcome.problem or outcome.notes):  # it came to its end
            outcome = self._on_all_images(entry, cells, asks, outcome, failure)
        if not outcome.unsteady:
            self._results.put(key, outcome)
        return outcome

    def _on_all_images(
        self, entry: Entry, cells: Sequence[str], asks: Asks, few: Outcome, failure: str
    ) -> Outcome:
        """Run a notebook that lost points, perhaps for having few images, on all of them.

        It counts where it earns more.
        """
        verdicts, lost = entry.verdicts, entry.lost
        outcome = self._held(entry, cells, asks, all_images=True)
        if entry.lost < lost:
            return replace(outcome, notes=(*outcome.notes, f"run on all images, since {failure}"))
        entry.verdicts = verdicts
        return few

    def _held(self, entry: Entry, cells: Sequence[str], asks: Asks, *, all_images: bool) -> Outcome:
        """Run a notebook; what was right before it ended early counts, and a note says so."""
        assert self._runner
        assert entry.exercise
        dialogue = Dialogue(entry.exercise, cells, asks, self._judge.verdict)
        keras = any(KERAS.search(cell) for cell in cells)
        outcome = self._runner.hold(dialogue.steps(), keras=keras, all_images=all_images)
        entry.verdicts = dialogue.verdicts
        outcome = replace(outcome, typed=dialogue.typed, course=dialogue.course)
        right = any(each.status is Status.CORRECT for each in dialogue.verdicts.values())
        if not outcome.problem or not right:
            return outcome
        note = f"{entry.told(outcome)}: what came before counts"
        keys = [ask.key for ask in chain(*asks.values())]
        return kept(replace(outcome, notes=(*outcome.notes, note)), keys)

    def _tell(self, entry: Entry, seconds: float) -> None:
        assert entry.exercise
        name = shown(entry.submission.learner)
        with self._counting:
            self._done += 1
            left = (time.monotonic() - self._begun) / self._done * (self._waiting - self._done)
            self._say(
                f"[{self._done}/{self._waiting}] {name}, {entry.exercise.name}: {seconds:.0f} s"
                + (f", {duration(left)} left" if self._done < self._waiting else "")
            )

    def grades(self) -> ClassGrades:
        """Return the grades of what was judged."""
        runner = self._runner
        there = [each.exercise for each in self.entries]
        exercises = {each.name: each for each in EXERCISES if each in there}
        by_learner: dict[str, list[NotebookGrade]] = defaultdict(list)
        for entry in self.entries:
            by_learner[entry.submission.learner].append(grade_of(entry))
        learners = (
            LearnerGrades(name, with_missing(notebooks, exercises))
            for name, notebooks in sorted(by_learner.items())
        )
        worth = {name: each.points for name, each in exercises.items()}
        level = LEVELS[runner.level] if runner else "no notebook ran"
        versions = dict(runner.versions) if runner else {}
        return ClassGrades(tuple(learners), worth, level, self._settings.quick, versions)


def _data(outcome: Outcome, key: str) -> Mapping[str, Data]:
    """Return the data that came for a key; raise a sentence where there are none."""
    if outcome.problem:
        raise NotYetError(f"this notebook could not be graded: {outcome.problem}")
    if key not in outcome.answers:
        raise NotYetError(outcome.lost.get(key, "the notebook gave no answer"))
    try:
        return plain_data(json.loads(str(outcome.answers[key])))
    except ProtocolError as error:
        raise NotYetError(str(error)) from error


def _for_few_images(outcome: Outcome) -> str:
    """Say which statement failed in a way that may be due to the small subset; empty if none."""
    for place, statement, error in outcome.errors:
        if place >= 0 and FOR_FEW_IMAGES.match(error):
            return f"`{statement}` failed on the small subset with {error}"
    return ""


def _verdict(outcome: Outcome, question: Question, strict: bool) -> Verdict:
    """Return what the rule that the notebook shows says of an answer."""
    try:
        data = _data(outcome, question.number)
    except NotYetError as error:
        return not_yet_verdict(question, str(error))
    return judged(question, data, outcome.typed.get(question.number, ()), strict=strict)


def _figures(outcome: Outcome) -> Mapping[str, bytes]:
    """Return the learner's figures that are pictures indeed, by question."""
    found = {}
    for key, data in outcome.answers.items():
        if key.startswith(PICTURE):
            try:
                picture = checked_png(base64.b64decode(json.loads(str(data))))
                found[key.removeprefix(PICTURE)] = picture
            except (PictureError, binascii.Error, ValueError, TypeError):
                continue
    return found
