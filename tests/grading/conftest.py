"""pytest in front of the grader: ``pytest tests/grading --submission PATH``, a test an answer.

Without ``--submission`` it grades the course's own solutions, which must earn every point. The
grader (`mnist_keras.grading.session`) runs and judges; a test shows what it said of an answer.
"""

from __future__ import annotations

import argparse
import atexit
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mnist_keras.checks.answers import NotAttemptedError, NotYetError
from mnist_keras.errors import CourseError
from mnist_keras.files import write_text
from mnist_keras.grading.options import add_options, settings_of


def usual() -> argparse.Namespace:
    """Return the options as they are where none is set."""
    parser = argparse.ArgumentParser()
    add_options(parser.add_argument)
    return parser.parse_args([])


def worked_solutions(root: Path) -> Any:
    """Write the notebook of each worked solution, and return them as they would be handed in."""
    from mnist_keras.authoring import worked_solution
    from mnist_keras.checks.exercises import EXERCISES
    from mnist_keras.grading.submissions import find_submissions

    # A folder of this process's own: tests may run in several, and each lists what lies there.
    own = Path(tempfile.mkdtemp(prefix="course-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    for exercise in EXERCISES:
        text = worked_solution(root, f"solutions/{exercise.name}.md")
        write_text(own / "reference" / f"{exercise.name}.ipynb", text)
    return find_submissions(own / "reference").chosen


class Grading:
    """What this pytest session grades, made when it is first needed."""

    def __init__(self, config: pytest.Config) -> None:
        from dataclasses import replace

        from mnist_keras.grading.command import read_given
        from mnist_keras.grading.hidden import hidden_tests
        from mnist_keras.grading.session import GradingSession
        from mnist_keras.runs.locking import locked

        self.option = config.option if submitted(config) else usual()
        self.given, self.held, self.started = None, ExitStack(), False
        try:
            if self.option.shard:
                raise CourseError("--shard is for mnist-keras grade")
            if self.option.out:
                self.held.enter_context(locked(Path(self.option.out)))
            if submitted(config):
                self.given = read_given(self.option)
            found = self.given.handins.chosen if self.given else worked_solutions(config.rootpath)
            settings = replace(settings_of(self.option), strict=not self.given)
            self.session = GradingSession(found, hidden_tests(), settings)
        except CourseError as error:
            raise pytest.UsageError(str(error)) from error

    def judge(self, entry: Any) -> None:
        """Wait for a notebook and judge it; all begin to run with the first."""
        if not self.started:
            self.started = True
            self.session.start()
        self.session.judge(entry)


GRADING = pytest.StashKey[Grading]()
TEXT = pytest.StashKey[str]()


def submitted(config: pytest.Config) -> bool:
    """Whether something was handed in; the options are unknown where only a part is tested."""
    return getattr(config.option, "submission", None) is not None


def grading_of(config: pytest.Config) -> Grading:
    """Give the session's grading."""
    if GRADING not in config.stash:
        config.stash[GRADING] = Grading(config)
    return config.stash[GRADING]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of grading."""
    add_options(parser.getgroup("grading", "grading notebooks (tests/grading)").addoption)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each answer in each notebook, and of each hidden test of it."""
    if "entry" not in metafunc.fixturenames:
        return
    session, rows = grading_of(metafunc.config).session, []
    for entry in session.entries:
        for question in entry.exercise.questions if entry.exercise else ():
            named = f"{entry.submission.learner}-{question.number}"
            tests = [test for test in session.tests if test.question is question]
            if "hidden" in metafunc.fixturenames:
                rows += [pytest.param(entry, each, id=f"{named}-{each.name}") for each in tests]
            else:
                rows.append(pytest.param(entry, question, id=named))
    metafunc.parametrize(("entry", "asked"), rows)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Judge notebook by notebook; count the course's own solutions among the slow tests."""
    if not submitted(config):
        for item in items:
            if "entry" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.slow)
    elif GRADING in config.stash:
        place = {id(entry): k for k, entry in enumerate(config.stash[GRADING].session.entries)}
        items.sort(key=lambda item: place.get(id(item.callspec.params.get("entry")), 0))  # type: ignore[attr-defined]


@pytest.fixture
def judged(entry: Any, request: pytest.FixtureRequest) -> Any:
    """Give a notebook's entry when the grader has judged it."""
    grading_of(request.config).judge(entry)
    return entry


@pytest.fixture
def verdict(judged: Any, asked: Any) -> Any:
    """Give what the rule that the notebook shows says of the learner's answer."""
    return judged.shown[asked.number]


@pytest.fixture
def hidden(judged: Any, asked: Any) -> Any:
    """Give what a hidden test says of the learner's answer."""
    (said,) = (e for e in judged.hidden[asked.question.number] if e.name == asked.name)
    return said


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a sentence, not a traceback."""
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, NotYetError | NotAttemptedError):
        report.longrepr = str(call.excinfo.value)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the reports."""
    grading = session.config.stash.get(GRADING, None)
    if grading is None:
        return
    with grading.held:
        grading.session.close()
        if grading.given and grading.started:
            from mnist_keras.grading.command import report

            try:
                text, _ = report(grading.session.grades(), grading.given, grading.option)
            except CourseError as error:
                raise pytest.UsageError(str(error)) from error
            session.config.stash[TEXT] = text


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the grades below pytest's own summary."""
    if text := config.stash.get(TEXT, ""):
        terminalreporter.section("grades")
        terminalreporter.write_line(text)
