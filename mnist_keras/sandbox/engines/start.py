"""What every engine gives, and the parts of commands that several of them use."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_keras.sandbox.limits import Limits

FIRST_USER, USERS = 60_578, 600  # ids that neither people nor systemd are given
SECONDS = 60


@dataclass(frozen=True)
class Start:
    """How to start a program shut off, and what is left to do when it has ended."""

    command: Sequence[str]  # the whole command line
    environment: Mapping[str, str]  # all of its environment
    # commands to run in turn afterwards, each ending something that may be left
    end: Sequence[Sequence[str]] = ()
    # the user whose processes are all its own, where they do not stay below the first one
    user: int | None = None
    # command that prints the number of its first process, where that is not the one started
    first: Sequence[str] = ()
    folders: Sequence[str] = ()  # where it may leave files on this machine's disk


def limited(limits: Limits) -> list[str]:
    """Return the beginning of a command that holds a program to limits of the kernel's."""
    # TensorFlow reserves addresses that it does not use; what is used is watched from outside.
    return [
        "prlimit",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        f"--as={limits.memory + 16 * 2**30}",
        f"--nproc={limits.processes}",
        f"--memlock={2**20}",
        "--nofile=256",
        "--core=0",
    ]


def as_user(user: int) -> list[str]:
    """Return the beginning of a command that makes a program of root's another user's."""
    return [
        *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
        *("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--pdeathsig=KILL"),
    ]


def user_of(job: int) -> int:
    """Return the user that a job of root's runs as, which no other job has at the same time."""
    return FIRST_USER + job % USERS


def lacking(*programs: str) -> str:
    """Name the first program that is not here; nothing if all are."""
    return next((each for each in programs if not shutil.which(each)), "")


def tried(
    command: Sequence[str], environment: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> tuple[str, str]:
    """Run a command; return its output, and the last line of its complaint if it fails."""
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True}
    try:
        done = subprocess.run(command, env=environment, timeout=seconds, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    said = done.stderr.decode(errors="replace").strip().splitlines()
    why = (said or [f"status {done.returncode}"])[-1] if done.returncode else ""
    return done.stdout.decode(errors="replace"), why


def complaint(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command and return the last line of its complaint; nothing if it succeeds."""
    return tried(command, environment)[1]


def is_root() -> bool:
    """Whether this is root."""
    return os.geteuid() == 0
