"""The Slurm that the other tests run on is a real one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import slurm_cluster
from slurm_cluster import Cluster, missing

pytestmark = pytest.mark.slurm


def test_a_command_reaches_both_nodes(slurm: Cluster) -> None:
    said = slurm.run("srun", "-N2", "-n2", "bash", "-c", "echo $SLURMD_NODENAME").stdout
    assert sorted(said.split()) == ["n1", "n2"]


def test_a_job_runs_where_it_was_submitted(slurm: Cluster, tmp_path: Path) -> None:
    number = slurm.submit("--output=said.txt", "--wrap", "pwd", cwd=tmp_path)
    assert slurm.wait(number) == "COMPLETED"
    assert (tmp_path / "said.txt").read_text().strip() == str(tmp_path.resolve())


def test_what_is_missing_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slurm_cluster, "PATH", str(Path(shutil.which("sh") or "").parent / "none"))
    assert missing() == f"no Slurm here ({', '.join(slurm_cluster.PROGRAMS)} not found): " + (
        "apt-get install slurm-wlm munge"
    )
