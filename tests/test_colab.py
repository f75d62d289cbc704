"""The notebooks run with the versions that Google Colab preinstalls, and pip changes none.

Each lesson and each worked solution runs in an environment that sees Colab's packages; the
solutions have been saved by Colab, VS Code or JupyterLab before. The set-up cell of the first
installs the course's package from an archive, made by git from a clone as GitHub makes the one
that learners get; the others find it there.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
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
from uv import find_uv_bin

from mnist_keras.authoring import EXERCISES, NOTEBOOKS, worked_solution

PINS = ROOT / "tests/colab/requirements.txt"
LISTED_BY_COLAB = ROOT.parent / "shared/colab/pip-freeze.txt"
LESSONS = sorted(path.stem for path in (ROOT / NOTEBOOKS).glob("*.ipynb"))
SOLUTIONS = sorted(path.stem for path in (ROOT / EXERCISES).glob("*.ipynb"))
# Environments are kept here for all clones: making one takes a minute and 2.3 GB.
KEPT = Path(
    os.environ.get("MNIST_KERAS_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mnist-keras"
)
INSTALL = ("pip", "install", "--quiet", "--no-deps")
# What each notebook imports is compiled once; all that is installed would take three times as long.
IMPORTED = "import keras, matplotlib.pyplot, IPython.core.interactiveshell, ipykernel, nbclient"
SAVED_BY = (by_colab, by_vs_code, by_jupyter)

# Colab has no Keras Tuner; what is about searching gets it from the index, as it would there.
WITH_KERAS_TUNER = {
    path.stem
    for folder in (NOTEBOOKS, EXERCISES)
    for path in (ROOT / folder).glob("*.ipynb")
    if "import keras_tuner" in path.read_text(encoding="utf-8")
}
# Those come last, so that no other notebook finds it.
ALL = sorted(
    [("lesson", name) for name in LESSONS] + [("solution", name) for name in SOLUTIONS],
    key=lambda each: each[1] in WITH_KERAS_TUNER,
)
# Together they use nearly all of Keras that the course uses; the others run weekly.
EACH_TIME = {
    "01-getting-started-in-colab",
    *WITH_KERAS_TUNER.intersection(SOLUTIONS),
}
CASES = [
    pytest.param(*each, marks=[] if each[1] in EACH_TIME else pytest.mark.weekly) for each in ALL
]


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
    made_of = " ".join((version, *INSTALL, IMPORTED)).encode() + PINS.read_bytes()
    key = hashlib.sha256(made_of).hexdigest()[:12]
    folder = KEPT / f"colab-{key}"
    python = folder / "bin/python"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"colab-{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another clone's tests may be making it
        if not (folder / "ready").is_file():
            run(base, "-m", "venv", "--clear", folder)
            run(find_uv_bin(), *INSTALL, "--python", python, "-r", PINS)
            compiling = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
            run(python, "-c", IMPORTED, env=compiling)
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


@pytest.fixture(scope="module")
def environment(colab, tmp_path_factory) -> Environment:
    # The archive is built by Colab's setuptools, so that no index is asked for another.
    folder = tmp_path_factory.mktemp("environment")
    return Environment(folder, colab, PIP_NO_BUILD_ISOLATION="0")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_notebook_runs_with_colabs_packages_and_changes_none(
    kind, name, environment, archive, tmp_path
):
    searches = name in WITH_KERAS_TUNER
    before = environment.freeze()
    notebook = notebook_of(kind, name, tmp_path / "source")
    (tmp_path / "notebook").mkdir()
    index = {"PIP_NO_INDEX": "0"} if searches else {}
    code = run_alone(notebook, environment, archive, tmp_path / "notebook", **index)
    after = environment.freeze()
    assert {name: line for name, line in after.items() if name in before} == before
    tuner = {"keras-tuner", "kt-legacy"} if searches else set()
    assert set(after) - set(before) <= {"mnist-keras"} | tuner
    assert set(after) >= {"mnist-keras"} | tuner
    if kind == "lesson":
        return
    *each, everything = said_by_checks(code)
    assert each
    for line in everything.splitlines()[:-1] + each:
        assert ": correct. " in line
    core, all_of_it = everything.splitlines()[-1].removeprefix("core: ").split("; ")
    assert core == "5 of 5"
    earned, points = all_of_it.split()[0:3:2]
    assert earned == points
