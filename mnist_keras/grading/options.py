"""The options of grading, the same for ``pytest tests/grading`` and for ``mnist-keras grade``."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnist_keras.errors import CourseError
from mnist_keras.grading.limits import MEBIBYTE, Limits

ENGINES = ("bubblewrap", "container", "user")
KEPT = ".outcomes"  # folder below --out


def add_options(add: Callable[..., Any]) -> None:
    """Add the options with argparse's or pytest's function."""
    usual = Limits()
    add("--submission", metavar="PATH", help="a notebook, a learner's folder, a class or a .zip")
    add("--out", metavar="DIR", help="write the reports there, and keep what was run")
    add("--override", metavar="TOML", help="an instructor's corrections, which win")
    add("--roster", metavar="CSV", help="who the learners are: a platform's export or a list")
    add("--due", metavar="WHEN", help="mark what is newer as late, such as 2026-11-30T23:59")
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
    add(
        "--seconds",
        metavar="S",
        type=float,
        default=usual.seconds,
        help=f"time for a notebook (default: {usual.seconds:g})",
    )
    add(
        "--cpu-seconds",
        metavar="S",
        type=int,
        default=usual.cpu_seconds,
        help=f"processor time of a process (default: {usual.cpu_seconds})",
    )
    for name, value, what in (
        ("--memory", usual.memory, "memory of a notebook's processes"),
        ("--file-size", usual.file_bytes, "size of a file that a notebook writes"),
        ("--disk", usual.disk_bytes, "size of all files that a notebook writes"),
    ):
        add(
            name,
            metavar="MIB",
            type=int,
            default=value // MEBIBYTE,
            help=f"{what}, in MiB (default: {value // MEBIBYTE})",
        )
    add(
        "--processes",
        metavar="N",
        type=int,
        default=usual.processes,
        help=f"processes and threads of a notebook (default: {usual.processes})",
    )


def settings_of(option: Any) -> Any:
    """Give a session's settings from parsed options.

    Raises
    ------
    CourseError
        If one is out of range.
    """
    from mnist_keras.grading.session import Settings

    for name, least in (
        ("jobs", 0),
        ("seed", 0),
        ("seconds", 1),
        ("cpu_seconds", 1),
        ("memory", 256),
        ("file_size", 1),
        ("disk", 1),
        ("processes", 20),
    ):
        if getattr(option, name) < least:
            flag = "--" + name.replace("_", "-")
            raise CourseError(f"{flag} is at least {least}, not {getattr(option, name):g}")
    limits = Limits(
        seconds=option.seconds,
        cpu_seconds=option.cpu_seconds,
        memory=option.memory * MEBIBYTE,
        file_bytes=option.file_size * MEBIBYTE,
        disk_bytes=option.disk * MEBIBYTE,
        processes=option.processes,
    )
    return Settings(
        limits,
        quick=not option.full,
        seed=option.seed,
        jobs=option.jobs,
        engine="none" if option.unsandboxed else option.engine,
        kept=Path(option.out) / KEPT if option.out else None,
        again=option.again,
    )


def shard_of(option: Any) -> slice:
    """Say which of the notebooks this session runs: all, or every N-th from the K-th.

    Raises
    ------
    CourseError
        If there is no such share, or nowhere to keep what it did.
    """
    if not option.shard:
        return slice(None)
    place, _, count = option.shard.partition("/")
    if not (place.isdecimal() and count.isdecimal() and 1 <= int(place) <= int(count)):
        raise CourseError(f"--shard is a share such as 1/3, 2/3 or 3/3, not {option.shard}")
    if not option.out:
        raise CourseError("--shard keeps what notebooks did for a later run; name a folder: --out")
    return slice(int(place) - 1, None, int(count))


def due_of(option: Any) -> float | None:
    """Give the moment after which a hand-in is late, in seconds since the epoch."""
    if not option.due:
        return None
    try:
        return datetime.datetime.fromisoformat(option.due).timestamp()
    except ValueError as error:
        raise CourseError(
            f"--due is a date and a time such as 2026-11-30T23:59, not {option.due}"
        ) from error
