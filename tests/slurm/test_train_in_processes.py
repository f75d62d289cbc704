"""One network trained by two tasks on two nodes is the network of one device."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import COMMAND
from same_runs import ASKED, assert_same
from slurm_cluster import Cluster

pytestmark = [pytest.mark.slurm, pytest.mark.slow]


def test_two_nodes_train_the_network_of_one_device(slurm: Cluster, tmp_path: Path) -> None:
    alone, out, log = tmp_path / "alone", tmp_path / "run", tmp_path / "said.txt"
    slurm.run(*COMMAND, "train", *ASKED, "--strategy", "single", "--out", alone, limit=300)
    command = " ".join([*COMMAND, "train", *ASKED, "--out", str(out)])
    tasks = ["--nodes=2", "--ntasks=2", "--cpus-per-task=1", "--mem-per-cpu=2000"]
    job = slurm.submit(*tasks, f"--output={log}", f"--wrap=srun {command}")
    assert slurm.wait(job, limit=300) == "COMPLETED", log.read_text()
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["devices"], metrics["processes"]) == (2, 2)
    assert log.read_text().count("Test accuracy") == 1
    assert_same(out, alone)


def test_a_task_whose_partner_fails_ends_with_a_line(slurm: Cluster, tmp_path: Path) -> None:
    out, log = tmp_path / "run", tmp_path / "said.txt"
    command = " ".join([*COMMAND, "train", *ASKED, "--patience", "3s", "--out", str(out)])
    inner = f"if [ $SLURM_PROCID = 1 ]; then exit 1; else {command}; fi"
    one_fails = f"srun bash -c '{inner}'"
    job = slurm.submit("--nodes=2", "--ntasks=2", f"--output={log}", f"--wrap={one_fails}")
    assert slurm.wait(job, limit=120) == "FAILED"
    assert "process 1 of 2 did not come within 3 s" in log.read_text()
    assert not out.exists()
