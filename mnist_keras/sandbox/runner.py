"""Gives each notebook a process, talks with it, and collects what comes."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from mnist_keras.checks.plain import Data
from mnist_keras.errors import CourseError
from mnist_keras.sandbox.conversation import Ask, Conversation, Replies, Step
from mnist_keras.sandbox.engines import chosen
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.process import ENDED_BY_SIGNAL, NotebookProcess, NotReadyError
from mnist_keras.sandbox.protocol import Channel, Ended, Late, ProtocolError, plain_data
from mnist_keras.sandbox.view import make_view

LAST_SECONDS = 10.0  # for the answers, when the cells took all of their time
MOST_FAILURES = 1000
LITTLE = 0.1  # of its time: what a notebook may wait for a processor and still be late by itself
IMPORTED = ("tensorflow", "keras", "matplotlib.pyplot", "IPython.core.interactiveshell")
FOLDER = "mnist-keras-grading-"  # begins the name of a temporary folder; its process comes next

Failed = tuple[int, str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of running one notebook."""

    problem: str = ""  # why there are no answers, in a line; empty if there are
    # the code cell, counted from 0, that was running when it ended early; -1 if none was
    place: int = -1
    # statements that failed: the cell's place, -1 for code of the course's own; the statement; and
    # what stopped it
    errors: tuple[Failed, ...] = ()
    answers: Mapping[str, Data] = field(default_factory=dict)  # the data that came for each key
    lost: Mapping[str, str] = field(default_factory=dict)  # why no data came for a key
    notes: tuple[str, ...] = ()  # what an instructor may want to know
    # for a question's number, its answers that were typed in
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    # for a question's number, the names that had the course's own value
    course: Mapping[str, list[str]] = field(default_factory=dict)
    unsteady: bool = False  # whether it was late or crashed, which may have been others' doing
    # whether it was late with nothing having kept it from running: it would be late again
    by_itself: bool = False

    @property
    def deserves_another(self) -> bool:
        """Whether it may end otherwise when it is run again, alone."""
        return self.unsteady and not self.by_itself


class Runner:
    """Runs notebooks, each in a process of its own that was started before its turn came.

    ``quick`` says whether `load_data` gives the small subset; ``seed`` is for what is drawn at
    random before a notebook sets its own; ``engine`` is the name of what shuts processes off, by
    default of the first that can be used. CourseError says that it, or every one, cannot.

    ``level`` is the engine's name, ``versions`` are those of what notebooks run with, and
    ``waiting`` counts those still to come: a process is prepared for the next, if there is one.
    """

    def __init__(
        self, limits: Limits, *, quick: bool = True, seed: int = 0, engine: str | None = None
    ) -> None:
        if sys.platform == "win32":
            raise CourseError("grading needs Linux or macOS: on Windows, use it within WSL")
        self._limits, self._quick, self._seed = limits, quick, seed
        self._engine = chosen(engine)
        self._lock = threading.Lock()
        self._jobs = itertools.count(os.getpid() * 97)  # so that two sessions have others
        self._prepared: dict[bool, NotebookProcess] = {}  # with Keras, and without
        _remove_what_killed_ones_left()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
        self._view = self._folder / "view"
        self._view.mkdir()
        self.waiting = 0
        self.level = str(self._engine.NAME)
        try:
            self._folder.chmod(0o755)
            if sys.executable == self._engine.PYTHON:
                _write_bytecode()
            make_view(self._view, self._engine.COURSE or str(self._view))
            # The first one is soon there, tells whether it is shut off, and is for a notebook then.
            self._prepared[False] = self._start(keras=False, quick=quick)
            self.versions = self._prepared[False].ready()
        except NotReadyError as error:
            self.close()
            raise CourseError(f"no notebook can be run with {self.level}: {error}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End every process that waits, and remove what they saw."""
        with self._lock:
            while self._prepared:
                self._prepared.popitem()[1].close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, cells: Sequence[str], asks: Sequence[Ask]) -> Outcome:
        """Run all of a notebook, then ask for its answers; once more if it was late or crashed."""

        def one_step() -> Conversation:
            yield Step((), tuple(enumerate(cells)), tuple(asks))

        outcome = self.hold(one_step())
        if outcome.deserves_another:
            outcome = self.hold(one_step())
        return kept(outcome, [ask.key for ask in asks])

    def hold(
        self, conversation: Conversation, *, keras: bool = True, all_images: bool = False
    ) -> Outcome:
        """Hold a conversation with a process; an outcome with a problem has what came until then.

        With ``keras``, Keras is imported before the notebook's time begins. With ``all_images``,
        `load_data` gives them all in this process.
        """
        process = self._start(keras, quick=False) if all_images else self._taken(keras)
        heard = _Heard()
        try:
            why = self._converse(process, conversation, heard)
            status = process.status() if isinstance(why, Ended) and not process.stopped else None
            waited = process.waited() if isinstance(why, Late) else None
        finally:
            process.close()
        problem, unsteady = process.stopped, False
        if why and not problem:
            problem, unsteady = _explained(why, status, self._limits)
        errors = tuple(dict.fromkeys(heard.errors))
        outcome = Outcome(problem, heard.place, errors, heard.answers, heard.lost)
        by_itself = waited is not None and waited - heard.waited < LITTLE * self._limits.seconds
        return replace(outcome, unsteady=unsteady, by_itself=by_itself)

    def _start(self, keras: bool, *, quick: bool) -> NotebookProcess:
        job, options = next(self._jobs), {"quick": quick, "keras": keras}
        return NotebookProcess(self._engine, self._view, self._limits, job, **options)

    def _taken(self, keras: bool) -> NotebookProcess:
        """Return a prepared process, and prepare another of its kind while this one runs."""
        with self._lock:
            process = self._prepared.pop(keras, None) or self._start(keras, quick=self._quick)
            self.waiting -= 1
            if self.waiting > 0:
                self._prepared[keras] = self._start(keras, quick=self._quick)
        return process

    def _converse(
        self, process: NotebookProcess, conversation: Conversation, heard: _Heard
    ) -> Exception | None:
        """Let a process do step after step; what ended it early, if anything did."""
        try:
            if process.ready() != self.versions:
                raise ProtocolError("it has other versions than the ones before")
            heard.waited = process.waited() or 0.0
            deadline = time.monotonic() + self._limits.seconds
            process.channel.send({"seed": self._seed}, deadline)
            step = next(conversation)
            while True:
                replies = self._do(process.channel, step, heard, deadline)
                waiting = time.monotonic()
                step = conversation.send(replies)
                deadline += time.monotonic() - waiting  # to be judged takes none of its time
        except StopIteration:
            return None
        except (ProtocolError, NotReadyError) as error:
            return error

    def _do(self, channel: Channel, step: Step, heard: _Heard, deadline: float) -> Replies:
        asks = [dict(ask.request) for ask in step.asks]
        channel.send({"before": step.before, "cells": step.cells, "asks": asks}, deadline)
        places = {place for place, _ in step.cells}
        while "ran" not in (message := _dictionary(channel.receive(deadline))):
            heard.place = _place(message.get("cell"), places)
        failed = _failures(message["ran"], places)
        heard.errors += failed
        heard.place = -1
        deadline = max(deadline, time.monotonic() + LAST_SECONDS)
        answers: dict[str, Data] = {}
        for ask in step.asks:
            reply = _dictionary(channel.receive(deadline))
            heard.lost.pop(ask.key, None)
            heard.answers.pop(ask.key, None)
            if isinstance(reply.get("error"), str):
                heard.lost[ask.key] = f"asked for, it raised {reply['error'][:300]}"
                continue
            if "data" not in reply:
                raise ProtocolError("no data came")
            try:
                answers[ask.key] = heard.answers[ask.key] = plain_data(reply)["data"]
            except ProtocolError as error:  # one answer that is too large costs no other
                heard.lost[ask.key] = str(error)
        return Replies(frozenset(place for place, _, _ in failed), answers)


@dataclass
class _Heard:
    """What came of a child so far."""

    place: int = -1
    waited: float = 0.0  # for a processor, before it began
    errors: list[Failed] = field(default_factory=list)
    answers: dict[str, Data] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


def _write_bytecode() -> None:
    """Let Python keep what every process imports in compiled form: two thirds of its start."""
    keras = importlib.util.find_spec("keras")
    if keras and keras.origin and not os.path.exists(cache_from_source(keras.origin)):
        without = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        program = [sys.executable, "-P", "-s", "-c", f"import {', '.join(IMPORTED)}"]
        subprocess.run(program, env=without, cwd="/", capture_output=True)


def _remove_what_killed_ones_left() -> None:
    """Remove the temporary folders of runners whose process was killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*"):
        number = path.name.removeprefix(FOLDER).partition("-")[0]
        if number.isdigit():
            try:
                if path.stat().st_uid == os.geteuid():
                    os.kill(int(number), 0)
            except ProcessLookupError:
                shutil.rmtree(path, ignore_errors=True)
            except OSError:  # another session has just removed it
                continue


def kept(outcome: Outcome, keys: Iterable[str]) -> Outcome:
    """Let the answers that came before a problem count, if there are any."""
    if not outcome.problem or not (outcome.answers or outcome.lost):
        return outcome
    lost = {key: outcome.problem for key in keys if key not in outcome.answers}
    return replace(outcome, problem="", lost={**lost, **outcome.lost})


def _dictionary(message: object) -> dict[str, Any]:
    if not isinstance(message, dict):
        raise ProtocolError("what came is not what was asked for")
    return message


def _place(value: object, places: Collection[int]) -> int:
    if type(value) is not int or value not in places:
        raise ProtocolError("what came is not what was asked for")
    return value


def _failures(value: object, places: Collection[int]) -> list[Failed]:
    found = []
    for each in value[:MOST_FAILURES] if isinstance(value, list) else []:
        match each:
            case [place, str() as statement, str() as error]:
                place = _place(place, {*places, -1})
                found.append((place, statement[:300], error[:300]))
    return found


def _explained(why: Exception, status: int | None, limits: Limits) -> tuple[str, bool]:
    """Say in a line why a process ended early, and whether another time it may not."""
    if isinstance(why, NotReadyError):
        return str(why), True
    if isinstance(why, Late):
        return f"it did not end within {limits.seconds:g} seconds", True
    if not isinstance(why, Ended):
        return f"its process did not follow the protocol: {why}", False
    if status is not None and status > ENDED_BY_SIGNAL:
        number = status - ENDED_BY_SIGNAL
        if number == signal.SIGXCPU:
            return f"it used more than {limits.cpu_seconds} seconds of processor time", False
        return f"its process was ended by signal {number}", True
    return f"it ended its own process (exit status {status})", False
