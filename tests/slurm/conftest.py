"""A real Slurm for the tests of this folder; where none can be, they are skipped and say why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import run_cli
from slurm_cluster import ACCOUNTS, ONE_ACCOUNT, Cluster, missing, slurm_cluster


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """Give a Slurm of two nodes with four processors each, for all tests of a process."""
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    with slurm_cluster(cpus=4, memory=16000, more=ACCOUNTS, files=ONE_ACCOUNT) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def without_slurm(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give the folder of a command's results, run once and without Slurm."""
    done: dict[tuple[str, ...], Path] = {}

    def result(*arguments: str) -> Path:
        if arguments not in done:
            out = tmp_path_factory.mktemp("without-slurm") / "out"
            said = run_cli(*arguments, "--out", out)
            assert said.returncode == 0, said.stderr
            done[arguments] = out
        return done[arguments]

    return result
