"""The pytest plugin that grades: a test is an item, a learner's notebook times a rule.

``pytest tests/grading --submission PATH`` grades a notebook, a learner's folder or a class.
Without ``--submission`` it grades the course's own solutions, which must earn every point.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mnist_keras.errors import CourseError, unwritten
from mnist_keras.locking import locked
from mnist_keras.streams import printable_json


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of grading."""
    from mnist_keras.grading.options import add_options

    add_options(parser.getgroup("grading", "grading notebooks (tests/grading)").addoption)


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marks."""
    for line in (
        "exercise(name): the exercise that a module of grading tests is about",
        "points(number, share, calls, predict): a test of a question's answer that the notebook "
        "does not show; a share of the question's points, calls of the learner's functions, and "
        "a variable whose models read hidden images",
    ):
        config.addinivalue_line("markers", line)
    if not hasattr(config.option, "tbstyle"):  # the command's session, which shows no tracebacks
        config.option.tbstyle = "native"  # nor makes those that read all of a file's source


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Find what was handed in, so that a mistake is told once and before anything else."""
    if session.config.option.submission is not None:
        _grading(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each notebook and, where a test is about each question, each question."""
    if "entry" not in metafunc.fixturenames:
        return
    exercise = _exercise_of(metafunc.definition)
    entries = _grading(metafunc.config).session.entries_of(exercise.name)
    rows: list[Any] = [
        pytest.param(entry, id=f"{entry.submission.learner}-{exercise.name[:2]}")
        for entry in entries
    ]
    if "question" in metafunc.fixturenames:
        rows = [
            pytest.param(entry, question, id=f"{entry.submission.learner}-{question.number}")
            for entry in entries
            for question in exercise.questions
        ]
        metafunc.parametrize(("entry", "question"), rows)
    else:
        metafunc.parametrize("entry", rows)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Judge notebook by notebook; count the course's own solutions among the slow tests."""
    if config.option.submission is None:
        for item in items:
            if _is_grading(item):
                item.add_marker(pytest.mark.slow)
    else:
        place = {id(entry): k for k, entry in enumerate(_grading(config).session.entries)}
        items.sort(key=lambda item: place.get(id(_entry_of(item)), 0))


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Keep nothing of a notebook that needs no more judging."""
    entry = _entry_of(item)
    if entry is not None and (nextitem is None or _entry_of(nextitem) is not entry):
        grading = _grading(item.config)
        if not grading.reference:
            grading.session.judged(entry)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin to run the notebooks when the first test of them comes."""
    if _is_grading(item) and not item.config.stash.get(STARTED, False):
        item.config.stash[STARTED] = True
        _start(item.session)


def _start(session: pytest.Session) -> None:
    """Run the notebooks that the collected tests are about."""
    from mnist_keras.grading.session import asks_of

    hidden: dict[str, dict[str, Any]] = {}
    exercises = {}
    for item in filter(_is_grading, session.items):
        exercise = _exercise_of(item)
        exercises[exercise.name] = exercise
        for ask in _hidden_asks(item):
            hidden.setdefault(exercise.name, {})[ask.key] = ask
    asks = {
        name: asks_of(exercise, list(hidden.get(name, {}).values()))
        for name, exercise in exercises.items()
    }
    try:
        _grading(session.config).session.start(asks)
    except CourseError as error:
        _refuse(session.config, error)


@pytest.fixture
def answers(entry: Any, request: pytest.FixtureRequest) -> Any:
    """Give what a hidden test reads: the plain data of the question's variables and its calls."""
    from mnist_keras.checks.answers import Answers

    return Answers(_data(entry, _hidden_asks(request.node)[0].key, request.config))


@pytest.fixture
def predicted(entry: Any, request: pytest.FixtureRequest) -> Any:
    """Give what the learner's models say of the hidden images, by the model's name."""
    from mnist_keras.checks.answers import NotYetError
    from mnist_keras.data import NUMBER_OF_CLASSES
    from mnist_keras.grading.protocol import ProtocolError, from_text

    data = _data(entry, _hidden_asks(request.node)[1].key, request.config)
    try:
        return {name: from_text(text, NUMBER_OF_CLASSES) for name, text in data.items()}
    except ProtocolError as error:
        raise NotYetError("the models should give ten numbers an image") from error


@pytest.fixture
def verdict(entry: Any, question: Any, request: pytest.FixtureRequest) -> Any:
    """Give what the rule that the notebook shows says of the learner's answer."""
    from mnist_keras.checks.answers import NotYetError
    from mnist_keras.grading.judging import UNREADABLE, judged, not_yet_verdict

    grading = _grading(request.config)
    outcome = grading.session.outcome_of(entry)
    known = entry.verdicts.get(question.number)
    if known and not grading.reference:
        return known
    try:
        data = _data(entry, question.number, request.config)
        return judged(question, data, outcome.typed.get(question.number, ()))
    except NotYetError as error:
        return not_yet_verdict(question, str(error))
    except Exception:
        if grading.reference:
            raise
        return not_yet_verdict(question, UNREADABLE)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Let no form of a learner's data raise anything but the rule's own complaint."""
    if not _is_grading(pyfuncitem):
        return (yield)
    from mnist_keras.checks.answers import NotYetError
    from mnist_keras.grading.judging import UNREADABLE, judging

    strict = _grading(pyfuncitem.config).reference
    with judging():
        try:
            return (yield)
        except Exception as error:
            if strict or isinstance(error, _known_errors()):
                raise
            raise NotYetError(UNREADABLE) from error


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write into the learner's page what a test said, and show a sentence, not a traceback."""
    report = yield
    if not _is_grading(item) or not isinstance(item, pytest.Function):
        return report
    known = call.excinfo is not None and isinstance(call.excinfo.value, _known_errors())
    if known:
        assert call.excinfo
        report.longrepr = str(call.excinfo.value)
    if report.when == "call" or (report.when == "setup" and report.failed):
        _write_down(item, report)
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the reports."""
    grading = session.config.stash.get(GRADING, None)
    if grading is None:
        return
    if session.config.stash.get(REFUSED, False):
        grading.session.close()
        return
    if _is_command(session.config) and exitstatus not in (0, 1, 5):
        grading.session.close()
        stopped = exitstatus == pytest.ExitCode.INTERRUPTED
        what = "stopped" if stopped else f"the session broke off (pytest's status {exitstatus})"
        print(f"mnist-keras: {what}; what was run is kept", file=sys.stderr)
        session.exitstatus = 130 if stopped else exitstatus
        return
    try:
        grading.finish()
    except (CourseError, OSError) as error:
        mistake = unwritten(error) if isinstance(error, OSError) else error
        if not _is_command(session.config):
            raise pytest.UsageError(str(mistake)) from error
        if grading.text:  # it was found out, and only could not be written
            print(grading.text)
        _complain(mistake)
        session.exitstatus = 2
        return
    if _is_command(session.config):
        print(grading.text)
        session.exitstatus = 0 if grading.complete else 1


def _is_command(config: pytest.Config) -> bool:
    """Whether ``mnist-keras grade`` started the session: nothing shows what pytest has to say."""
    return not config.pluginmanager.has_plugin("terminalreporter")


def _refuse(config: pytest.Config, error: CourseError) -> NoReturn:
    """End the session for a mistake of the user's, in one line."""
    if not _is_command(config):
        raise pytest.UsageError(str(error)) from error
    config.stash[REFUSED] = True
    _complain(error)
    pytest.exit(str(error), returncode=2)


def _complain(error: CourseError) -> None:
    print(f"mnist-keras: {' '.join(str(error).split())}", file=sys.stderr)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the grades below pytest's own summary."""
    grading = config.stash.get(GRADING, None)
    if grading is not None and grading.text and config.option.submission:
        terminalreporter.section("grades")
        terminalreporter.write_line(grading.text)


def _write_down(item: pytest.Function, report: pytest.TestReport) -> None:
    from mnist_keras.grading.gradebook import Hidden

    entry: Any = item.callspec.params["entry"]
    said = "" if report.passed else str(report.longrepr)
    if "verdict" in item.funcargs:
        verdict: Any = item.funcargs["verdict"]
        entry.page.shown[verdict.number] = verdict
    mark = item.get_closest_marker("points")
    if mark:
        number, share = mark.args[0], float(mark.kwargs.get("share", 1.0))
        hidden = Hidden(share, report.passed, said)
        entry.page.hidden.setdefault(number, []).append(hidden)


def _entry_of(item: pytest.Item) -> Any:
    call: Any = getattr(item, "callspec", None)
    return call.params.get("entry") if call else None


def _is_grading(item: pytest.Item) -> bool:
    return item.get_closest_marker("exercise") is not None


def _exercise_of(node: Any) -> Any:
    from mnist_keras.checks.exercises import exercise_named

    mark = node.get_closest_marker("exercise")
    if mark is None:
        raise pytest.UsageError(f"{node.path}: a grading test has the mark exercise(name)")
    return exercise_named(mark.args[0])


def _hidden_asks(item: Any) -> list[Any]:
    """List what a hidden test asks for: the question's data, and what models say of images."""
    from mnist_keras.grading.dialogue import Ask
    from mnist_keras.grading.session import ask_for

    mark = item.get_closest_marker("points")
    if mark is None:
        return []
    question = _exercise_of(item).question(mark.args[0])
    key = f"{question.number} {getattr(item, 'originalname', item.name)}"
    asks = [ask_for(key, question.names, question.uses, mark.kwargs.get("calls", ()))]
    if "predict" in mark.kwargs:
        name, images = mark.kwargs["predict"]
        content = base64.b64encode(images.tobytes()).decode()
        request = {"ask": "predictions", "name": name, "images": content}
        asks.append(Ask(f"{key}, predictions", request))
    return asks


def _data(entry: Any, key: str, config: pytest.Config) -> Mapping[str, Any]:
    """Wait for a notebook and give its data; a sentence where there are none."""
    from mnist_keras.checks.answers import NotYetError
    from mnist_keras.grading.protocol import ProtocolError, plain_data

    outcome = _grading(config).session.outcome_of(entry)
    if outcome.problem:
        raise NotYetError(f"this notebook could not be graded: {outcome.problem}")
    if key not in outcome.answers:
        raise NotYetError(outcome.lost.get(key, "the notebook gave no answer"))
    try:
        return plain_data(json.loads(outcome.answers[key]))
    except ProtocolError as error:
        raise NotYetError(str(error)) from error


def _known_errors() -> tuple[type[BaseException], ...]:
    from mnist_keras.checks.answers import NotAttemptedError, NotYetError

    return NotYetError, NotAttemptedError


class _Grading:
    """What one pytest session grades, and how."""

    def __init__(self, config: pytest.Config) -> None:
        from mnist_keras.grading.options import settings_of, shard_of
        from mnist_keras.grading.overrides import read_overrides
        from mnist_keras.grading.reports import read_roster
        from mnist_keras.grading.session import GradingSession

        option = config.option
        self.option = option
        self.reference = option.submission is None
        self.text = ""
        self.complete = True  # whether every notebook could be graded
        problems: Sequence[str] = ()
        self.absent: Sequence[str] = ()  # of the roster
        # Read first, so that a mistake in them is told before the notebooks run.
        self.overrides = read_overrides(Path(option.override)) if option.override else None
        self.roster = read_roster(Path(option.roster)) if option.roster else None
        if self.reference:
            from mnist_keras.grading.reference import reference_solutions

            submissions: Sequence[Any] = reference_solutions(config.rootpath)
        else:
            from mnist_keras.grading.options import due_of
            from mnist_keras.grading.submissions import find_submissions

            found = find_submissions(
                Path(option.submission), due=due_of(option), roster=self.roster
            )
            submissions, problems, self.absent = found.chosen, found.problems, found.missing
            submissions = submissions[shard_of(option)]

        def say(line: str) -> None:
            sys.stderr.write(f"{line}\n")  # at once: several threads do
            sys.stderr.flush()

        self.session = GradingSession(
            submissions,
            settings_of(option),
            problems,
            say if not self.reference else lambda _: None,
        )

    def finish(self) -> None:
        """Write the reports, if there is something to report."""
        self.session.close()
        if self.option.shard and not self.reference:
            count = len(self.session.entries)
            self.text = (
                f"Share {self.option.shard}: {count} notebook{'s' * (count != 1)}. When each share "
                "has ended, the same command without --shard writes the reports."
            )
        elif not self.reference:
            self._report()

    def _report(self) -> None:
        from mnist_keras.grading.gradebook import core_only
        from mnist_keras.grading.grades import State
        from mnist_keras.grading.overrides import apply_overrides
        from mnist_keras.grading.reports import terminal_table, write_reports
        from mnist_keras.grading.reports.grades_json import grades_json
        from mnist_keras.grading.roster import with_absent

        grades = with_absent(self.session.grades(), self.absent)
        if self.option.core:
            grades = core_only(grades)
        notebooks = [each for learner in grades.learners for each in learner.notebooks]
        self.complete = all(each.state is not State.NOT_GRADED for each in notebooks)
        if self.overrides:
            grades = apply_overrides(grades, self.overrides)
        as_json = self.option.json
        self.text = printable_json(grades_json(grades)) if as_json else terminal_table(grades)
        if self.option.out:
            write_reports(grades, Path(self.option.out), roster=self.roster)


GRADING = pytest.StashKey[_Grading]()
REFUSED = pytest.StashKey[bool]()  # a mistake of the user's ended the session
STARTED = pytest.StashKey[bool]()  # the notebooks run


def _grading(config: pytest.Config) -> _Grading:
    """Give the session's grading, made when it is first needed."""
    if GRADING not in config.stash:
        try:
            # Shares may run beside each other: each outcome is a file that is whole or not there.
            if config.option.out and not config.option.shard:
                held = ExitStack()
                held.enter_context(locked(Path(config.option.out)))
                config.add_cleanup(held.close)
            config.stash[GRADING] = _Grading(config)
        except CourseError as error:
            _refuse(config, error)
        except OSError as error:
            _refuse(config, unwritten(error))
    return config.stash[GRADING]
