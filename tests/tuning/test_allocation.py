"""How many trials have room in a Slurm job, read from what Slurm tells the job."""

from __future__ import annotations

import pytest

from mnist_keras.errors import CourseError
from mnist_keras.tuning import trial_steps
from mnist_keras.tuning.trial_steps import Allocation, allocation_in, last_number, per_node

JOB = {"SLURM_JOB_ID": "7", "SLURM_JOB_NUM_NODES": "2", "SLURM_JOB_CPUS_PER_NODE": "8(x2)"}


@pytest.fixture(autouse=True)
def _srun(monkeypatch):
    monkeypatch.setattr(trial_steps.shutil, "which", lambda _: "/usr/bin/srun")


@pytest.mark.parametrize(
    ("more", "wanted", "room"),
    [
        ({}, None, Allocation(16, 1)),
        ({}, 4, Allocation(4, 4)),
        ({"SLURM_NTASKS": "4", "SLURM_CPUS_PER_TASK": "2"}, None, Allocation(4, 2)),
        ({"SLURM_GPUS_PER_NODE": "h100:2"}, None, Allocation(4, 4, 1)),
        ({"SLURM_GPUS": "a100:3"}, None, Allocation(3, 5, 1)),
        ({"SLURM_GPUS_PER_TASK": "1", "SLURM_NTASKS": "2"}, None, Allocation(2, 8, 1)),
        ({"SLURM_GPUS_ON_NODE": "1"}, None, Allocation(2, 8, 1)),
        ({"SLURM_NTASKS": "4", "SLURM_MEM_PER_NODE": "8000"}, None, Allocation(4, 4, 0, 4000)),
        ({"SLURM_NTASKS": "4", "SLURM_MEM_PER_NODE": "0"}, None, Allocation(4, 4)),
    ],
)
def test_the_room_of_a_job(more, wanted, room):
    assert allocation_in({**JOB, **more}, wanted) == room


def test_more_trials_at_once_than_there_is_room_for_are_refused():
    with pytest.raises(CourseError, match="trials at once in this job is a whole number from 1 to"):
        allocation_in({**JOB, "SLURM_NTASKS": "4"}, 5)


def test_outside_a_job_and_inside_a_step_there_is_none(monkeypatch):
    assert allocation_in({}) is None
    assert allocation_in({**JOB, "SLURM_STEP_ID": "0"}) is None
    monkeypatch.setattr(trial_steps.shutil, "which", lambda _: None)
    assert allocation_in(JOB) is None


def test_what_srun_is_asked_for():
    asked = Allocation(4, 2, 1, 3000).options()
    assert asked == [
        *("--exact", "--nodes=1", "--ntasks=1"),
        *("--cpus-per-task=2", "--gpus-per-task=1", "--mem=3000M"),
    ]


def test_numbers_are_read_as_slurm_writes_them():
    assert per_node("4(x2),2") == [4, 4, 2]
    assert [last_number(text) for text in ("2", "h100:2", "nvidia_h100_80gb_hbm3_1g.10gb:1")] == [
        2,
        2,
        1,
    ]
