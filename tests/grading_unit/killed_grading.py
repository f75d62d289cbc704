"""Grade as the command does, and be killed at a moment.

Run as ``python killed_grading.py WHEN PATTERN grade CLASS --out OUT``; see `killing.die_at`.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from killing import die_at

from mnist_keras.cli import main


def here(program: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run in this process what the command would run in its place."""
    os.environ.clear()
    os.environ.update(environment)
    place = command.index("-m")
    sys.argv = [*command[place + 1 :]]
    runpy.run_module(command[place + 1], run_name="__main__")


if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2])
    os.execve = here  # type: ignore[assignment]
    sys.exit(main(sys.argv[3:]))
