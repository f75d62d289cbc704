"""Kill a process where a finished file takes its place: at each write, whatever the clock says."""

from __future__ import annotations

import fnmatch
import os
import signal
from collections.abc import Callable
from pathlib import Path


def die_at(when: str, pattern: str) -> None:
    """Let this process kill itself, as by ``kill -9``, but none that it starts.

    Parameters
    ----------
    when
        ``"before"`` or ``"after"`` a file takes its place.
    pattern
        Of the file's path.
    """
    meant_for, replace = os.getpid(), os.replace

    def replacing(source: Path, target: Path) -> None:
        meant = os.getpid() == meant_for and fnmatch.fnmatch(str(target), pattern)
        if meant and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)
        if meant:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = replacing


def in_a_fork(run: Callable[[], object]) -> int:
    """Run something in a forked process, and give its exit status; negative for a signal's."""
    pid = os.fork()
    if not pid:
        run()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
