"""The notebooks run with the versions that Google Colab preinstalls, and pip changes none.

Each lesson and each worked solution runs in an environment of its own that sees Colab's
packages; the solutions have been saved by Colab, VS Code or JupyterLab before. The set-up cell
installs the course's package from an archive, made by git from a clone as GitHub makes the one
that learners get. Two notebooks run at a time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from notebook_environment import (
    ROOT,
    Environment,
    copy_repository,
    run,
    run_alone,
    said_by_checks,
)
from saved_notebooks import by_colab, by_jupyter, by_vs_code

from mnist_keras.authoring import EXERCISES, NOTEBOOKS, worked_solution

PINS = ROOT / "tests/colab/requirements.txt"
LISTED_BY_COLAB = ROOT.parent / "shared/colab/pip-freeze.txt"
LESSONS = sorted(path.stem for path in (ROOT / NOTEBOOKS).glob("*.ipynb"))
SOLUTIONS = sorted(path.stem for path in (ROOT / EXERCISES).glob("*.ipynb"))
AT_A_TIME = 2
SAVED_BY = (by_colab, by_vs_code, by_jupyter)

# Colab has no Keras Tuner; what is about searching gets it from the index, as it would there.
WITH_KERAS_TUNER = ("06-search-an-architecture", "09-searching-architectures")


def pins(text: str) -> dict[str, str]:
    lines = (line.strip().partition("==") for line in text.splitlines())
    return {name.lower().replace("_", "-"): version for name, _, version in lines if version}


def test_the_pins_are_those_that_colab_lists():
    ours = pins(PINS.read_text(encoding="utf-8"))
    assert {"tensorflow", "keras", "numpy", "ipython", "ipykernel", "nbclient"} <= set(ours)
    assert "keras-tuner" not in ours
    if LISTED_BY_COLAB.is_file():
        listed = pins(LISTED_BY_COLAB.read_text(encoding="utf-8"))
        assert ours == {name: listed.get(name) for name in ours}


def python_like_colabs() -> str:
    """Find Python 3.13; where there is none, the running Python stands in."""
    places = [shutil.which("python3.13"), *Path.home().glob(".pyenv/versions/3.13*/bin/python3.13")]
    for place in filter(None, places):
        asked = subprocess.run([place, "-c", "import ensurepip, venv"], capture_output=True)
        if asked.returncode == 0:
            return str(place)
    return sys.executable


@pytest.fixture(scope="session")
def colab() -> Path:
    """Make an environment of Colab's packages, unless it was made before; give its Python."""
    base = python_like_colabs()
    version = run(base, "--version").strip()
    key = hashlib.sha256(version.encode() + PINS.read_bytes()).hexdigest()[:12]
    folder = ROOT / ".cache" / f"colab-{key}"
    python = folder / "bin/python"
    if not (folder / "ready").is_file():
        run(base, "-m", "venv", "--clear", folder)
        run(
            *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-compile", "-r", PINS),
        )
        (folder / "ready").touch()
    return python


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    """Make the archive that GitHub would offer of the working tree."""
    clone = tmp_path_factory.mktemp("clone")
    copy_repository(clone)
    author = ("-c", "user.name=A learner", "-c", "user.email=learner@example.org")
    run("git", "init", "--quiet", cwd=clone)
    run("git", "add", "--all", cwd=clone)
    run("git", *author, "commit", "--quiet", "--no-verify", "--message", "All", cwd=clone)
    file = tmp_path_factory.mktemp("archive") / "main.zip"
    run("git", "archive", "--prefix=REPOSITORY-main/", "--output", file, "HEAD", cwd=clone)
    return file


def notebook_of(kind: str, name: str, folder: Path) -> Path:
    """Give a lesson's notebook, or one with every answer, as a learner's program saved it."""
    if kind == "lesson":
        return ROOT / NOTEBOOKS / f"{name}.ipynb"
    folder.mkdir()
    path = folder / f"{name}.ipynb"
    notebook = json.loads(worked_solution(ROOT, f"solutions/{name}.md"))
    saved_by = SAVED_BY[SOLUTIONS.index(name) % len(SAVED_BY)]
    path.write_text(json.dumps(saved_by(notebook)), encoding="utf-8")
    return path


def outcome(kind: str, name: str, colab: Path, archive: Path, folder: Path):
    """Run a notebook in an environment of its own; give its code cells and what pip added."""
    environment = Environment(
        folder / "environment",
        colab,
        # The archive is built by Colab's setuptools, so that no index is asked for another.
        PIP_NO_BUILD_ISOLATION="0",
        **({"PIP_NO_INDEX": "0"} if name in WITH_KERAS_TUNER else {}),
    )
    notebook = notebook_of(kind, name, folder / "source")
    before = environment.freeze()
    (folder / "notebook").mkdir()
    code = run_alone(notebook, environment, archive, folder / "notebook")
    after = environment.freeze()
    assert {name: line for name, line in after.items() if name in before} == before
    return code, set(after) - set(before)


@pytest.fixture(scope="session")
def outcomes(request, colab, archive, tmp_path_factory):
    """Start to run the notebooks that the selected tests are about."""
    chosen = [
        tuple(item.callspec.params[each] for each in ("kind", "name"))
        for item in request.session.items
        if "outcomes" in getattr(item, "fixturenames", ())
    ]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        started: dict[tuple[str, str], Future] = {
            each: pool.submit(outcome, *each, colab, archive, tmp_path_factory.mktemp(each[1]))
            for each in chosen
        }
        yield started
        pool.shutdown(cancel_futures=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name"),
    [("lesson", name) for name in LESSONS] + [("solution", name) for name in SOLUTIONS],
)
def test_a_notebook_runs_with_colabs_packages_and_changes_none(kind, name, outcomes):
    code, added = outcomes[kind, name].result()
    with_tuner = name in WITH_KERAS_TUNER
    assert added == {"mnist-keras"} | ({"keras-tuner", "kt-legacy"} if with_tuner else set())
    if kind == "lesson":
        return
    *each, everything = said_by_checks(code)
    assert each
    for line in everything.splitlines()[:-1] + each:
        assert ": correct. " in line
    earned, points = everything.splitlines()[-1].split()[0:3:2]
    assert earned == points
