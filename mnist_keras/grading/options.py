"""The options of grading, the same for ``pytest tests/grading`` and for ``mnist-keras grade``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_keras.errors import CourseError
from mnist_keras.sandbox.limits import MEBIBYTE, Limits

if TYPE_CHECKING:
    from mnist_keras.grading.session import Settings

ENGINES = ("bubblewrap", "container", "user")
KEPT = ".outcomes"  # folder below --out
USUAL = Limits()
# What a notebook may use: an option's type, unit, usual value, least value, and what it is.
LIMITS: Mapping[str, tuple[type, str, float, int, str]] = {
    "--seconds": (float, "S", USUAL.seconds, 1, "time for a notebook"),
    "--cpu-seconds": (int, "S", USUAL.cpu_seconds, 1, "processor time of a process"),
    "--memory": (int, "MIB", USUAL.memory // MEBIBYTE, 256, "memory of a notebook's processes"),
    "--file-size": (int, "MIB", USUAL.file_bytes // MEBIBYTE, 1, "size of a file that it writes"),
    "--disk": (int, "MIB", USUAL.disk_bytes // MEBIBYTE, 1, "size of all files that it writes"),
    "--processes": (int, "N", USUAL.processes, 20, "its processes and threads at a time"),
}


def add_options(add: Callable[..., Any]) -> None:
    """Add the options with argparse's or pytest's function."""
    add("--submission", metavar="PATH", help="a notebook, a learner's folder, a class or a .zip")
    add("--out", metavar="DIR", help="write the reports there, and keep what was run")
    add("--override", metavar="TOML", help="an instructor's corrections, which win")
    add("--roster", metavar="CSV", help="who the learners are: a platform's export or a list")
    add("--due", metavar="WHEN", help="mark what is newer as late: 2026-11-30T23:59, or a day")
    add("--core", action="store_true", help="let the core questions alone count")
    add("--jobs", metavar="N", type=int, default=0, help="notebooks at a time (default: the cores)")
    add("--full", action="store_true", help="run on all images instead of the small subset")
    add("--seed", metavar="N", type=int, default=0, help="for notebooks that set none (default: 0)")
    add("--json", action="store_true", help="print the grades as JSON instead of a table")
    add("--again", action="store_true", help="also run what was run before")
    add(
        "--shard",
        metavar="K/N",
        help="run the K-th of N shares and keep what they did in --out; no reports: then the same "
        "command without --shard writes them",
    )
    add("--engine", choices=ENGINES, help="what shuts notebooks off (default: the first there is)")
    add("--unsandboxed", action="store_true", help="run without a sandbox: for notebooks you trust")
    for name, (kind, metavar, value, _, what) in LIMITS.items():
        said = f"{what}{', in MiB' if metavar == 'MIB' else ''} (default: {value:g})"
        add(name, metavar=metavar, type=kind, default=value, help=said)


def settings_of(option: Any) -> Settings:
    """Return a session's settings from parsed options."""
    from mnist_keras.grading.session import Settings

    numbers = {"--jobs": 0, "--seed": 0} | {name: row[3] for name, row in LIMITS.items()}
    for flag, least in numbers.items():
        value = getattr(option, flag[2:].replace("-", "_"))
        if value < least:
            raise CourseError(f"{flag} is at least {least}, not {value:g}")
    most = (option.memory, option.file_size, option.disk)
    memory, file, disk = (each * MEBIBYTE for each in most)
    return Settings(
        Limits(option.seconds, option.cpu_seconds, memory, file, disk, option.processes),
        quick=not option.full,
        seed=option.seed,
        jobs=option.jobs,
        engine="none" if option.unsandboxed else option.engine,
        kept=Path(option.out) / KEPT if option.out else None,
        again=option.again,
    )


def shard_of(option: Any) -> slice:
    """Say which of the notebooks this session runs: all, or every N-th from the K-th."""
    if not option.shard:
        return slice(None)
    place, _, count = option.shard.partition("/")
    if not (place.isdecimal() and count.isdecimal() and 1 <= int(place) <= int(count)):
        raise CourseError(f"--shard is a share such as 1/3, 2/3 or 3/3, not {option.shard}")
    if not option.out:
        raise CourseError("--shard keeps what notebooks did for a later run; name a folder: --out")
    return slice(int(place) - 1, None, int(count))


def due_of(option: Any) -> float | None:
    """Return the moment after which a hand-in is late, in seconds since the epoch.

    A date alone means the end of that day.
    """
    if not option.due:
        return None
    try:
        moment = datetime.datetime.fromisoformat(option.due)
    except ValueError as error:
        such = "a date and a time such as 2026-11-30T23:59"
        raise CourseError(f"--due is {such}, not {option.due}") from error
    if not re.search("[T :]", option.due):
        moment = datetime.datetime.combine(moment, datetime.time.max)
    return moment.timestamp()
