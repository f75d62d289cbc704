"""A real Slurm for the tests of this folder; where none can be, they are skipped and say why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slurm_cluster import Cluster, missing, slurm_cluster


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """Give a Slurm of two nodes with two processors each, for all tests of a process."""
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    with slurm_cluster() as cluster:
        yield cluster
