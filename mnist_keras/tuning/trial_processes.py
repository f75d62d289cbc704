"""Where a trial runs: in a process of its own, forked from one that has run no operation.

What a trial takes in memory goes with its process, whatever TensorFlow keeps. The import of
TensorFlow, five seconds, is inherited. A fork after TensorFlow's first operation would hang; so in
a notebook that has trained something, and where there is no fork, trials run in the process itself.
"""

import ctypes
import gc
import json
import math
import os
import selectors
import signal
import sys
import time
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO

Message = dict[str, Any]
Tell = Callable[[Message], None]
Work = Callable[[Tell], None]

PR_SET_PDEATHSIG = 1
TICK = 0.5  # seconds between two looks at the clock


class OutOfTimeError(BaseException):
    """The search's time is over before the trial's end; no ``except Exception`` takes it."""


class CrashedError(Exception):
    """A trial's process ended without a word; the message says how."""


def can_fork() -> bool:
    """Whether a fork of this process can run TensorFlow."""
    if not sys.platform.startswith("linux"):
        return False
    context = sys.modules.get("tensorflow.python.eager.context")
    current = getattr(context, "_context", None)
    return not getattr(current, "_initialized", False)


@dataclass(eq=False)
class Running:
    """A piece of work elsewhere, of which this process hears by a pipe."""

    reading: int  # the pipe's descriptor
    hear: Tell  # called with each message
    end: Callable[[], object]  # lets it end soon, if it runs
    wait: Callable[[bool], str]  # waits for its end, and says how it ended; it may be overdue
    latest: float = math.inf  # when it must have begun, by `time.monotonic`
    heard: bytes = b""  # of a message that is not whole yet
    ended: bool = False  # whether it told its last word

    def fileno(self) -> int:
        """Return the descriptor that can be read when there is something to hear."""
        return self.reading

    def listen(self) -> bool:
        """Hear what there is; whether there may be more."""
        self.latest = math.inf
        content = os.read(self.reading, 65_536)
        *lines, self.heard = (self.heard + content).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "system" in message:
                raise OSError(*message["system"])
            self.ended = self.ended or "end" in message or "space" in message
            self.hear(message)
        return bool(content)

    def overdue(self) -> bool:
        """Whether it should have begun by now, and has not."""
        return time.monotonic() > self.latest

    def finish(self) -> None:
        """Wait for its end; a `CrashedError` says that it ended without a word."""
        how = self.wait(self.overdue())
        if not self.ended:
            raise CrashedError(how)

    def stop(self) -> None:
        """End it, and forget what it did."""
        self.end()
        self.wait(self.overdue())


def forked(work: Work, hear: Tell, output: Path) -> Running:
    """Start a piece of work in a forked process; see `started`."""
    sys.stdout.flush()
    sys.stderr.flush()
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    reading, writing = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # on forking beside threads
        pid = os.fork()
    if not pid:
        status = 1
        try:
            os.close(reading)
            _settle_in(parent, log)
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                told(work, pipe)
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)  # nothing of the parent's should be ended twice
    os.close(writing)
    os.close(log)

    def wait(overdue: bool) -> str:
        os.close(reading)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        how = f"signal {-status}" if status < 0 else f"status {status}"
        memory = "; perhaps there was too little memory" if status == -signal.SIGKILL else ""
        said = f"; {output} says why" if status > 0 else ""
        return f"its process ended with {how}{memory}{said}"

    return Running(reading, hear, partial(os.kill, pid, signal.SIGKILL), wait)


def told(work: Work, pipe: TextIO) -> None:
    """Do a piece of work, and write what it tells into a pipe, a line a message."""

    def tell(message: Message) -> None:
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()

    try:
        work(tell)
    except OSError as error:
        tell({"system": [error.errno, error.strerror, str(error.filename)]})


def first_ended(
    running: Collection[Running],
    deadline: float = math.inf,
    tick: Callable[[], None] = lambda: None,
) -> Running:
    """Hear what pieces of work tell until one of them has ended, and return that one.

    ``tick`` is called now and then while nothing is heard. At the deadline, by `time.monotonic`,
    OutOfTimeError is raised.
    """
    with selectors.DefaultSelector() as selector:
        for each in running:
            selector.register(each, selectors.EVENT_READ, each)
        while True:
            if time.monotonic() > deadline:
                raise OutOfTimeError
            heard = selector.select(TICK)
            if not heard:
                tick()
            for key, _ in heard:
                one: Running = key.data
                if not one.listen():
                    return one
            for one in running:
                if one.overdue():
                    return one


def run(work: Work, hear: Tell, output: Path) -> None:
    """Run one piece of work to its end and hear what it tells; see `started` for the parameters.

    CrashedError says that its process ended by a signal or without a word.
    """
    one = started(work, hear, output)
    if one is None:
        return
    try:
        first_ended([one])
    except BaseException:
        one.stop()
        raise
    one.finish()


def started(work: Work, hear: Tell, output: Path, deadline: float = math.inf) -> Running | None:
    """Start a piece of work in a forked process; where there can be none, do all of it here.

    The work is called there with a function that tells; ``hear`` is called here with each message.
    The file is for what the work prints in its own process. What is done here is over when this
    returns, by the deadline, and TensorFlow forgets it.
    """
    if can_fork():
        return forked(work, hear, output)

    import keras

    def tell(message: Message) -> None:
        hear(message)
        if time.monotonic() > deadline and "end" not in message:
            raise OutOfTimeError

    try:
        work(tell)
    finally:
        keras.backend.clear_session()
        gc.collect()
    return None


def share_processors(workers: int) -> None:
    """Let TensorFlow use its part of the processors, in a process that has run no operation."""
    if workers > 1:
        import tensorflow as tf

        threads = max(1, (os.cpu_count() or 1) // workers)
        tf.config.threading.set_intra_op_parallelism_threads(threads)


def die_with(parent: int, by: int = signal.SIGKILL) -> None:
    """Let this process, which was forked, end with its parent, by a signal."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(1)  # it ended in between


def _settle_in(parent: int, log: int) -> None:
    """Make a forked process end with its parent, leave Ctrl-C to it, and print elsewhere."""
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # Line by line: the process ends without flushing what it holds.
    lines: dict[str, Any] = {"buffering": 1, "encoding": "utf-8", "errors": "replace"}
    sys.stdout = open(1, "w", closefd=False, **lines)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, **lines)  # noqa: SIM115
