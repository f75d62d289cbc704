"""A real Slurm for the tests of this folder; where none can be, they are skipped and say why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slurm_cluster import ACCOUNTS, ONE_ACCOUNT, Cluster, missing, slurm_cluster
from warm_commands import run_warm


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """Give a Slurm of two nodes with two processors each, for all tests of a process."""
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    with slurm_cluster(cpus=2, memory=16000, more=ACCOUNTS, files=ONE_ACCOUNT) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def without_slurm(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give the folder of a command's results, run once and without Slurm."""
    done: dict[tuple[object, ...], Path] = {}

    def result(*arguments: str, processes: int = 1) -> Path:
        if (arguments, processes) not in done:
            folder = tmp_path_factory.mktemp("without-slurm")
            run_warm(
                *(*arguments, "--out", str(folder / "out")),
                said=folder / "said.txt",
                processes=processes,
            )
            done[arguments, processes] = folder / "out"
        return done[arguments, processes]

    return result
