"""What the tests of the repository share: commands as they are where nobody has set up git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a function that runs a command, in this repository unless told otherwise."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    alone = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
    }

    def run(
        *command: object, cwd: Path = ROOT, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*map(str, command)],
            cwd=cwd,
            env={**kept, **alone, "PYTHONPATH": str(cwd)},
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def clone(run: Run, tmp_path: Path) -> Path:
    """Give a clone as git on Windows makes it, in a folder whose name has a space."""
    windows = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf")
    run("git", "clone", "--quiet", "--shared", *windows, ROOT, tmp_path / "a clone")
    return tmp_path / "a clone"
