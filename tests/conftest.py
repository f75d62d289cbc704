"""What the tests share: processes that they run in, run folders, a package that may be damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Result, environment, run_cli
from xdist.scheduler import LoadScopeScheduling

from mnist_keras.process.startup import quick_start, quiet_start

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

# What grades runs in two processes at most: each session uses two cores by itself.
GRADING = ("grading", "grading_unit/test_class", "grading_unit/test_fair_grades")
SANDBOXED = (
    "grading_unit/test_attacks",
    "grading_unit/test_platform_files",
    "grading_unit/test_isolation",
    "test_full_disk",
    "test_leaderboard",
    "test_locking",
    "test_streams",
)
SLURM = ("slurm",)  # one process, so that one Slurm is started
WITH_THE_FULL_RUN = ("test_photos", "test_train_full")  # so that it is trained once
WITH_THE_PLAYGROUND = ("web/test_drawing", "web/test_network", "web/test_view")  # and its browser
# The most work first, so that no process is left to work alone at the end.
FIRST = (
    "sandboxes",
    "grading",
    "tests/test_colab.py",
    "a fully trained network",
    "tests/tuning/test_search.py",
    "Slurm",
)


def group_of(nodeid: str) -> str:
    """Name the tests that run in one process: those of a file, or of several."""
    file = nodeid.partition("::")[0]
    name = file.removeprefix("tests/").removesuffix(".py")
    for group, names in (("sandboxes", SANDBOXED), ("grading", GRADING), ("Slurm", SLURM)):
        if {name, name.split("/")[0]} & {*names}:
            return group
    if name in WITH_THE_PLAYGROUND:
        return "the playground"
    return "a fully trained network" if name in WITH_THE_FULL_RUN else file


class Groups(LoadScopeScheduling):
    """Deals tests out to processes by their groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_collection() -> None:
    """Import Keras quickly, where modules of tests are about to do it at length."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        with quiet_start(), quick_start():
            pass


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what chooses among the sweeps of `grading_unit/fair_sweeps.py`."""
    group = parser.getgroup("sweeps", "sweeps of grades, tests/grading_unit/fair_sweeps.py")
    group.addoption(
        "--sweep-exercise", action="append", default=[], metavar="NN", help="of these alone"
    )
    group.addoption("--sweep-jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    group.addoption("--at-once", type=int, default=1, help="habits a notebook (default: 1)")
    group.addoption("--times", type=int, default=10, help="gradings of a solution (default: 10)")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Groups:
    """Let pytest-xdist deal out tests so."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the groups that are the most work come first."""
    order = {group: place for place, group in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(group_of(item.nodeid), len(FIRST)))


@pytest.fixture(autouse=True)
def not_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the environment's wish for the small subset to the tests that are about it."""
    monkeypatch.delenv("MNIST_KERAS_QUICK", raising=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Open one headless Chromium for all tests of a process, which can have no second one."""
    from browsing import chromium  # here, since few tests need it

    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a finished run folder of the fast network on the small subset; not to be changed."""
    from mnist_keras.runs.settings import settings_for
    from mnist_keras.training import train

    out = tmp_path_factory.mktemp("runs") / "quick"
    train(settings_for("fast", quick=True, epochs=3), out=out)
    return out


@pytest.fixture(scope="session")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the run folder of the fast network, trained on the full data (slow)."""
    out = tmp_path_factory.mktemp("runs") / "full"
    done = run_cli("train", "--network", "fast", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def package_copy(tmp_path: Path) -> Callable[..., Result]:
    """Give a copy of the package whose data file a test may damage, and a way to run code in it."""
    import mnist_keras

    source = Path(mnist_keras.__file__).parent
    copy = tmp_path / "copy" / "mnist_keras"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def run(code: str) -> Result:
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=copy.parent,
            env=environment(PYTHONPATH=str(copy.parent)),
            timeout=60,
        )

    run.data = copy / "mnist.npz"  # type: ignore[attr-defined]
    return run
