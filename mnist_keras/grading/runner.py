"""Gives each notebook a child, watches it, asks for the answers, and tries once more if it must."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mnist_keras.checks.plain import Data
from mnist_keras.errors import CourseError
from mnist_keras.grading.dialogue import Ask, Conversation, Replies, Step, one_step
from mnist_keras.grading.limits import Limits
from mnist_keras.grading.protocol import Channel, Ended, Late, ProtocolError, plain_data
from mnist_keras.grading.sandbox import ENDED_BY_SIGNAL, LANDLOCK, NAMESPACES, NONE, descendants

START_SECONDS = 120.0  # for a zygote to import TensorFlow, on a busy machine
CHILD_SECONDS = 30.0  # for a child to shut itself off
LAST_SECONDS = 10.0  # for the answers, when the cells took all of their time
IDLE = 0.05  # share of the time below which a process that did not end is taken to hang
MOST_FAILURES = 1000
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

LEVELS: Mapping[str, str] = {
    NAMESPACES: "each notebook ran with a file system, processes and a network of its own, "
    "behind a system call filter and limits",
    LANDLOCK: "each notebook could read Python and write in one folder, without network or "
    "signals, behind a system call filter and limits; this machine allows no namespaces",
    NONE: "the notebooks ran WITHOUT a sandbox: they could do whatever the user who graded can",
}


Failed = tuple[int, str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of running one notebook.

    Attributes
    ----------
    problem
        Why there are no answers, in a line; empty if there are.
    place
        The code cell, counted from 0, that was running when it ended early; -1 if none was.
    errors
        Statements that failed: the cell's place, -1 for code of the course's own; the statement;
        and what stopped it.
    answers
        The data that came for each key.
    lost
        Why no data came for a key.
    notes
        What an instructor may want to know.
    typed
        For a question's number, its answers that were typed in.
    course
        For a question's number, the names that had the course's own value.
    """

    problem: str = ""
    place: int = -1
    errors: tuple[Failed, ...] = ()
    answers: Mapping[str, Data] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    course: Mapping[str, list[str]] = field(default_factory=dict)


class OverLimitError(Exception):
    """A child used more than it may; the message says what."""


class Runner:
    """Runs notebooks in children of one zygote, which is renewed when it is lost.

    Parameters
    ----------
    limits
        What each notebook may use.
    quick
        Whether `load_data` gives the small subset.
    seed
        For what is drawn at random before a notebook sets its own seeds.
    sandboxed
        Whether children are shut off; without, they run as the user who grades.

    Raises
    ------
    CourseError
        If this machine can shut nothing off and ``sandboxed`` is true.
    """

    def __init__(
        self, limits: Limits, *, quick: bool = True, seed: int = 0, sandboxed: bool = True
    ) -> None:
        if sys.platform == "win32":
            raise CourseError("grading needs Linux or macOS: on Windows, use it within WSL")
        self._limits, self._quick, self._seed, self._sandboxed = limits, quick, seed, sandboxed
        self._lock = threading.Lock()
        self._zygote = _Zygote(quick)
        self.level = self._probe()
        if sandboxed and self.level == NONE:
            self.close()
            raise CourseError(
                "this machine cannot shut notebooks off (no namespaces, no Landlock): grade on "
                "Linux, or run notebooks that you trust with --unsandboxed"
            )

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions with which notebooks run."""
        return self._zygote.versions

    def close(self) -> None:
        """End the zygote and every child."""
        self._zygote.close()

    def run(self, cells: Sequence[str], asks: Sequence[Ask]) -> Outcome:
        """Run all of a notebook, then ask for its answers.

        Parameters
        ----------
        cells
            The source of its code cells.
        asks
            What to ask when they have run.
        """
        outcome = self.hold(lambda: one_step(cells, asks))
        return kept(outcome, [ask.key for ask in asks])

    def hold(self, conversation: Callable[[], Conversation]) -> Outcome:
        """Hold a conversation with a child; once more if its process crashed or hung.

        Parameters
        ----------
        conversation
            Makes it anew. An outcome with a problem has what came until then.
        """
        outcome, again = self._once(conversation())
        if again:
            self._renew()
            outcome, _ = self._once(conversation())
            note = "its process crashed or hung once; this is the second run"
            outcome = replace(outcome, notes=(*outcome.notes, note))
        return outcome

    def _probe(self) -> str:
        """Find out how far a child can be shut off here."""
        with self._zygote.child(self._limits, self._sandboxed) as child:
            try:
                level = child.channel.receive(time.monotonic() + CHILD_SECONDS)["isolation"]
            except ProtocolError as error:
                self.close()
                status = child.status()
                raise CourseError(
                    f"no notebook can be run here: its process did not start (status {status}); "
                    "is the package readable by every user?"
                ) from error
        return str(level)

    def _renew(self) -> None:
        with self._lock:
            if not self._zygote.children:
                self._zygote.close()
                self._zygote = _Zygote(self._quick)

    def _once(self, conversation: Conversation) -> tuple[Outcome, bool]:
        """Hold a conversation; the outcome, and whether another try may do better."""
        begun = time.monotonic()
        heard = _Heard()
        try:
            with self._zygote.child(self._limits, self._sandboxed) as child:
                why = self._converse(child, conversation, heard)
                idle = isinstance(why, Late) and child.processor_seconds() < IDLE * (
                    time.monotonic() - begun
                )
                status = child.status() if isinstance(why, Ended) else None
        except _ZygoteLostError:
            return Outcome(problem="the process that runs notebooks was lost"), True
        problem, crashed = _explained(why, status, self._limits) if why else ("", False)
        errors = tuple(dict.fromkeys(heard.errors))
        outcome = Outcome(problem, heard.place, errors, heard.answers, heard.lost)
        return outcome, crashed or idle

    def _converse(
        self, child: _Child, conversation: Conversation, heard: _Heard
    ) -> Exception | None:
        """Let a child do step after step; what ended it early, if anything did."""
        try:
            level = child.channel.receive(time.monotonic() + CHILD_SECONDS)
            if level != {"isolation": self.level}:
                raise ProtocolError("its process could not be shut off like the others")
            deadline = time.monotonic() + self._limits.seconds
            child.channel.send({"seed": self._seed}, deadline)
            step = next(conversation)
            while True:
                replies = self._do(child.channel, step, heard, deadline)
                waiting = time.monotonic()
                step = conversation.send(replies)
                deadline += time.monotonic() - waiting  # to be judged takes none of its time
        except StopIteration:
            return None
        except (ProtocolError, OverLimitError) as error:
            return error

    def _do(self, channel: Channel, step: Step, heard: _Heard, deadline: float) -> Replies:
        """Let a child do a step."""
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
    errors: list[Failed] = field(default_factory=list)
    answers: dict[str, Data] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


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
    if isinstance(value, bool) or not isinstance(value, int) or value not in places:
        raise ProtocolError("what came is not what was asked for")
    return value


def _failures(value: object, places: Collection[int]) -> list[Failed]:
    found = []
    for each in value[:MOST_FAILURES] if isinstance(value, list) else []:
        if isinstance(each, list) and len(each) == 3 and all(isinstance(t, str) for t in each[1:]):
            place = _place(each[0], {*places, -1})
            found.append((place, each[1][:300], each[2][:300]))
    return found


def _explained(why: Exception, status: int | None, limits: Limits) -> tuple[str, bool]:
    """Say in a line why a child ended early, and whether it crashed."""
    if isinstance(why, Late):
        return f"it did not end within {limits.seconds:g} seconds", False
    if isinstance(why, OverLimitError):
        return str(why), False
    if not isinstance(why, Ended):
        return f"its process did not follow the protocol: {why}", False
    if status is not None and status > ENDED_BY_SIGNAL:
        number = status - ENDED_BY_SIGNAL
        if number == 24:
            return f"it used more than {limits.cpu_seconds} seconds of processor time", False
        return f"its process was ended by signal {number}", True
    return f"it ended its own process (exit status {status})", False


class _ZygoteLostError(Exception):
    """The zygote is gone."""


class _Child:
    """A learner's child as the grader sees it."""

    def __init__(self, zygote: _Zygote, job: int, process: int, pipes: tuple[int, int]) -> None:
        self._zygote, self._job, self._process = zygote, job, process
        self._memory = zygote.memory
        self.channel = Channel(*pipes, self._watch)

    def status(self) -> int | None:
        """Give the exit status of the child's keeper, waiting a little for it."""
        return self._zygote.ended(self._job, 5.0)

    def processor_seconds(self) -> float:
        """Give the processor time that its processes have used, as far as it can be seen."""
        total = 0
        for pid in descendants(self._process):
            with suppress(OSError, ValueError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def _watch(self) -> None:
        total = sum(own_memory(pid) for pid in descendants(self._process))
        if total > self._memory:
            raise OverLimitError(f"it used more than {self._memory // 2**20} MiB of memory")


def own_memory(pid: int) -> int:
    """Give a process's memory in bytes, with its part of what it shares; 0 if it cannot be seen."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class _Zygote:
    """The process that children are forked from, as the grader sees it."""

    def __init__(self, quick: bool) -> None:
        ours, theirs = socket.socketpair()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        one_thread = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
        environment = (
            kept
            | dict.fromkeys(one_thread, "1")
            | {
                "CUDA_VISIBLE_DEVICES": "-1",
                "KERAS_BACKEND": "tensorflow",
                "MNIST_KERAS_QUICK": "1" if quick else "",
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONHASHSEED": "0",
                "TF_CPP_MIN_LOG_LEVEL": "3",
            }
        )
        # -I would ignore PYTHONHASHSEED; -P and -s leave out the same folders.
        command = [sys.executable, "-P", "-s", "-m", "mnist_keras.grading.zygote"]
        self._folder = Path(tempfile.mkdtemp(prefix="mnist-keras-grading-"))
        self._folder.chmod(0o711)
        self._process = subprocess.Popen(
            [*command, str(theirs.fileno()), str(self._folder)],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._started: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._gone = False
        self._jobs = 0
        self.children: set[int] = set()
        self.memory = 0
        self.versions = self._hear_that_it_is_ready()
        self._reader = threading.Thread(target=self._hear, daemon=True)
        self._reader.start()

    def _hear_that_it_is_ready(self) -> Mapping[str, str]:
        self._control.settimeout(START_SECONDS)
        try:
            message = json.loads(self._control.makefile("rb").readline() or "{}")
        except (TimeoutError, ValueError):
            message = {}
        self._control.settimeout(None)
        if "ready" not in message:
            self._process.kill()
            said = (
                self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
            )
            shutil.rmtree(self._folder, ignore_errors=True)
            last = (said.strip().splitlines() or ["nothing was said"])[-1]
            raise CourseError(f"TensorFlow and Keras cannot be started for grading: {last}")
        if not message["fresh"]:
            raise CourseError("TensorFlow ran an operation as it was imported: it cannot be forked")
        return dict(message["ready"])

    def _hear(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._control.makefile("rb"):
                message = json.loads(line)
                with self._changed:
                    if "started" in message:
                        self._started[message["started"]] = message["process"]
                    else:
                        self._ended[message["ended"]] = message["status"]
                    self._changed.notify_all()
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    @contextmanager
    def child(self, limits: Limits, sandboxed: bool) -> Iterator[_Child]:
        """Start a child, and see to its end."""
        with self._changed:
            self._jobs += 1
            job = self._jobs
            slot = next(k for k in range(10_000) if k not in self.children)
            self.children.add(slot)
            self.memory = limits.memory
        folder = self._folder / f"{job}"
        folder.mkdir()
        to_child, requests = os.pipe()
        replies, from_child = os.pipe()
        started: _Child | None = None
        try:
            line = {
                "start": job,
                "slot": slot,
                "folder": str(folder),
                "limits": limits.as_dict(),
                "sandboxed": sandboxed,
            }
            try:
                with self._sending:
                    content = json.dumps(line).encode() + b"\n"
                    socket.send_fds(self._control, [content], [to_child, from_child])
                    process = self._answer(self._started, job, CHILD_SECONDS)
            except OSError as error:
                raise _ZygoteLostError from error
            finally:
                os.close(to_child)
                os.close(from_child)
            if process is None:
                raise _ZygoteLostError
            started = _Child(self, job, process, (requests, replies))
            yield started
        finally:
            if started is None:
                os.close(requests)
                os.close(replies)
            else:
                started.channel.close()
                self._end(job)
            shutil.rmtree(folder, ignore_errors=True)
            with self._changed:
                self.children.discard(slot)

    def _answer(self, answers: Mapping[int, int], job: int, seconds: float) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: job in answers or self._gone, seconds)
            return answers.get(job)

    def ended(self, job: int, seconds: float) -> int | None:
        """Wait for the end of a child and give its status; None if it goes on."""
        return self._answer(self._ended, job, seconds)

    def _end(self, job: int) -> None:
        if job not in self._ended:
            with suppress(OSError), self._sending:
                self._control.sendall(json.dumps({"end": job}).encode() + b"\n")
            self.ended(job, 10.0)

    def close(self) -> None:
        """End the zygote; its children die with it."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._control.close()
        if self._process.stderr:
            self._process.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)
