"""The hooks of ``.pre-commit-config.yaml``, tried by real commits in a clone."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
AS_ADA = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")

# What each hook should refuse: a file, and what is added at its end.
WRONG = {
    "merge-markers": ("README.md", "<<<<<<< ours\n"),
    "large-files": ("large.bin", "\0" * 600_000),
    "case-conflict": ("readme.md", "The same name on macOS and Windows.\n"),
    "end-of-file": ("LICENSE", "\n\n"),
    "trailing-whitespace": ("CHANGELOG.md", "Spaces: \n"),
    "json": ("wrong.json", "}\n"),
    "toml": ("wrong.toml", "[tool.\n"),
    "yaml": ("wrong.yml", "one: [\n"),
    "spelling": ("CITATION.cff", "# teh end\n"),  # codespell:ignore teh
    "plain-english": ("book/references.md", "A value is to be given.\n"),
    "links": ("CONTRIBUTING.md", "[Nowhere](nowhere.md)\n"),
    "shellcheck": (".ci/run", "cd $somewhere\n"),
    "actionlint": (".github/workflows/publish.yml", "    tiemout-minutes: 5\n"),
    "ruff": ("mnist_keras/errors.py", "\n\nimport os\n"),
    "format": ("mnist_keras/images.py", "\n\nHALF  =  0.5\n"),
    "mypy": ("mnist_keras/process/durations.py", '\n\nHALF: int = "half"\n'),
    "imports": ("mnist_keras/process/startup.py", "\n\nfrom mnist_keras import cli as cli\n"),
    "tsc": ("book/_static/playground/view.js", '\n/** @type {number} */\nconst HALF = "half";\n'),
    "notebooks": ("book/lessons/02-meet-mnist.md", "\nOne more sentence.\n"),
}


def append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8", newline="") as opened:
        opened.write(text)


@pytest.fixture
def guarded(run, clone: Path) -> Path:
    """Give a clone whose commits go through the hooks, run by this environment's programs."""
    (clone / ".venv").symlink_to(sys.prefix)
    (ROOT / ".mypy_cache").mkdir(exist_ok=True)
    (clone / ".mypy_cache").symlink_to(ROOT / ".mypy_cache")  # what mypy knows of other packages
    run(".venv/bin/pre-commit", "install", cwd=clone)
    return clone


@pytest.mark.slow
def test_a_commit_that_offends_is_refused_by_each_hook_and_a_good_one_is_taken(run, guarded):
    before = run("git", "rev-parse", "HEAD", cwd=guarded).stdout
    for name, text in WRONG.values():
        append(guarded / name, text)
        run("git", "add", name, cwd=guarded)
    refused = run(*AS_ADA, "commit", "--message", "Wrong", cwd=guarded, check=False)
    assert refused.returncode == 1
    assert run("git", "rev-parse", "HEAD", cwd=guarded).stdout == before
    (hooks,) = yaml.safe_load((guarded / ".pre-commit-config.yaml").read_text())["repos"]
    assert set(WRONG) == {hook["id"] for hook in hooks["hooks"]}
    said = refused.stdout + refused.stderr
    assert set(re.findall(r"^- hook id: (.+)$", said, re.MULTILINE)) == set(WRONG), said

    run("git", "reset", "--quiet", "--hard", cwd=guarded)
    append(guarded / "mnist_keras" / "errors.py", "\n\nHALF = 0.5\n")
    run(*AS_ADA, "commit", "--all", "--message", "Right", cwd=guarded)
    assert run("git", "rev-parse", "HEAD~1", cwd=guarded).stdout == before
