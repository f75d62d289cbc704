"""No sandbox: for notebooks that are trusted, and only where that was asked for."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mnist_keras.sandbox.engines.start import Start, lacking, limited
from mnist_keras.sandbox.limits import Limits

NAME = "none"
SAID = "the notebooks ran WITHOUT a sandbox: they could do whatever the user who graded can"
PYTHON, COURSE = sys.executable, ""


def missing(*, asked: bool) -> str:
    """Say why this engine cannot be used; nothing, as there is none."""
    return ""


def start(
    program: Sequence[str], variables: Mapping[str, str], view: Path, limits: Limits, job: int
) -> Start:
    """Return the command for a program that is only limited, as `bubblewrap.start` does."""
    home = view.parent / f"job-{job}"
    home.mkdir()
    prefix = limited(limits) if not lacking("prlimit") else []
    return Start([*prefix, *program], {**variables, "HOME": str(home)}, [["rm", "-rf", str(home)]])
