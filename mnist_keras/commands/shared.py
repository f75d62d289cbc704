"""What the commands share: complaints of one line, options, and Keras started quietly."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from mnist_keras.errors import CourseError
from mnist_keras.process.startup import quick_start, quiet_start
from mnist_keras.runs.locking import abandon

BACKEND = "tensorflow"
MODEL = {"model RUN_OR_MODEL": "a run folder or a .keras file"}
JSON = {"--json": "print one JSON object and nothing else on standard output"}
TYPES: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("DIR", "FILE", "IMAGE", "PATH", "RUN_OR_MODEL"), Path),
    **dict.fromkeys(("F", "X"), float),
    "N": int,
}


class OneLineParser(argparse.ArgumentParser):
    """A parser that complains in one line instead of repeating its usage."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint like any other mistake of a user's."""
        raise CourseError(f"{message} (see: {self.prog} --help)")


class StoppedError(KeyboardInterrupt):
    """Ctrl-C during work of which something is kept; the message says what."""


@contextmanager
def keras_starting(held: Path | None = None) -> Iterator[None]:
    """Import Keras here, without TensorFlow's start-up lines; Ctrl-C ends the command at once.

    A signal that became an exception would be lost: a bare ``except`` among the imports takes it.
    """
    asked = os.environ.get("KERAS_BACKEND", BACKEND)
    if asked != BACKEND:
        say(f"mnist-keras: KERAS_BACKEND is {asked}; this command uses {BACKEND} anyway")
    os.environ["KERAS_BACKEND"] = BACKEND
    with open(os.dup(2), "w") as terminal:

        def stop(*_: object) -> None:
            print(f"{below_the_signal()}mnist-keras: stopped", file=terminal, flush=True)
            if held:
                abandon(held)
            os._exit(130)

        before = signal.signal(signal.SIGINT, stop)
        try:
            with quiet_start(), quick_start():
                yield
        finally:
            signal.signal(signal.SIGINT, before)


def complain(message: str) -> int:
    """Print one line of complaint and return the status of bad input."""
    print(f"mnist-keras: {' '.join(message.split())}", file=sys.stderr)
    return 2


def say(message: str) -> None:
    """Tell something that is not the result."""
    print(message, file=sys.stderr, flush=True)


def below_the_signal() -> str:
    """Return the line break that a terminal needs after the ``^C`` that it shows."""
    return "\n" if sys.stderr is not None and sys.stderr.isatty() else ""


def add_options(
    parser: argparse.ArgumentParser | argparse._MutuallyExclusiveGroup,
    options: Mapping[str, str],
    types: Mapping[str, Callable[[str], Any]] = TYPES,
    **choices: Iterable[str],
) -> None:
    """Add options: each with the placeholder of its value, if it has one, and what it does.

    What has no dash stands by itself, and several times where its placeholder ends in ``+``. The
    placeholder tells the value's type; ``--[no-]it`` is one that can be turned off too. By an
    option's name, ``choices`` has its values where there are few. A default is set by
    ``parser.set_defaults``.
    """
    for option, told in options.items():
        flag, _, value = option.partition(" ")
        how: dict[str, Any] = {"action": "store_true"}
        if value:
            name = value.rstrip("+")
            how = {"type": types.get(name, str), "metavar": name}
            how |= {"nargs": "+"} if name != value else {}
        elif flag.startswith("--[no-]"):
            flag, how = flag.replace("[no-]", ""), {"action": argparse.BooleanOptionalAction}
        elif flag[2:] in choices:
            how = {"choices": list(choices[flag[2:]])}
        parser.add_argument(flag, help=told, **how)


def asked_for(options: argparse.Namespace, kind: Any) -> dict[str, Any]:
    """Return what was asked for among the fields of a data class, by their names."""
    return {each.name: getattr(options, each.name) for each in fields(kind)}
