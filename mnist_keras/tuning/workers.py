"""Where a trial runs: in a process of its own, forked from one that has run no operation.

What a trial takes in memory goes with its process, whatever TensorFlow keeps. The import of
TensorFlow, five seconds, is inherited. A fork after TensorFlow's first operation would hang; so in
a notebook that has trained something, and where there is no fork, trials run in the process itself.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Tell = Callable[[Message], None]
Work = Callable[[Tell], None]

PR_SET_PDEATHSIG = 1
TICK = 0.5  # seconds between two looks at the clock


class OutOfTimeError(Exception):
    """The search's time is over before the trial's end."""


class CrashedError(Exception):
    """A trial's process ended without a word; the message says how."""


def can_fork() -> bool:
    """Whether a fork of this process can run TensorFlow."""
    if not sys.platform.startswith("linux"):
        return False
    context = sys.modules.get("tensorflow.python.eager.context")
    current = getattr(context, "_context", None)
    return not getattr(current, "_initialized", False)


def run(
    work: Work,
    hear: Tell,
    *,
    output: Path,
    deadline: float | None = None,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Run a piece of work and hear what it tells.

    Parameters
    ----------
    work
        Called with a function that tells.
    hear
        Called here with each message.
    output
        File for what the work prints, where it has a process of its own.
    deadline
        When to end it, by `time.monotonic`.
    tick
        Called now and then while nothing is heard.

    Raises
    ------
    OutOfTimeError
        At the deadline.
    CrashedError
        If the process ends by a signal or otherwise without an end.
    """
    if can_fork():
        run_forked(work, hear, output, deadline, tick)
    else:
        run_here(work, hear, deadline)


def run_here(work: Work, hear: Tell, deadline: float | None) -> None:
    """Run a piece of work in this process, and let TensorFlow forget it."""
    import keras

    def tell(message: Message) -> None:
        hear(message)
        if deadline is not None and time.monotonic() > deadline and "end" not in message:
            raise _OutOfTimeHere

    try:
        work(tell)
    except _OutOfTimeHere:
        raise OutOfTimeError from None
    finally:
        keras.backend.clear_session()
        gc.collect()


class _OutOfTimeHere(BaseException):
    """Passes by whoever takes every ``Exception``."""


def run_forked(
    work: Work, hear: Tell, output: Path, deadline: float | None, tick: Callable[[], None]
) -> None:
    """Run a piece of work in a forked process."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # on forking beside threads
        pid = os.fork()
    if not pid:
        status = 1
        try:
            os.close(reading)
            _settle_in(parent, output)
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:

                def tell(message: Message) -> None:
                    pipe.write(json.dumps(message) + "\n")
                    pipe.flush()

                work(tell)
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)  # nothing of the parent's is to be ended twice
    os.close(writing)
    try:
        ended = _listen(reading, hear, deadline, tick)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(reading)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if not ended:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        memory = "; perhaps there was too little memory" if status == -signal.SIGKILL else ""
        raise CrashedError(f"its process ended with {how}{memory}")


def _settle_in(parent: int, output: Path) -> None:
    """Make a forked process end with its parent, leave Ctrl-C to it, and print elsewhere."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended in between
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115


def _listen(reading: int, hear: Tell, deadline: float | None, tick: Callable[[], None]) -> bool:
    """Hear messages until there are no more; whether the last of them was an end."""
    buffer, ended = b"", False
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        while True:
            if deadline is not None and time.monotonic() > deadline:
                raise OutOfTimeError
            if not selector.select(TICK):
                tick()
                continue
            content = os.read(reading, 65_536)
            if not content:
                return ended
            *lines, buffer = (buffer + content).split(b"\n")
            for line in lines:
                message = json.loads(line)
                ended = ended or "end" in message or "space" in message
                hear(message)
