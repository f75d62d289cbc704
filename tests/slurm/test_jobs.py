"""The job scripts on a real Slurm: they find what the same commands find without it.

All are handed in at once, and Slurm runs as many at a time as it has room for. The search, which is
killed again and again, has a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from attack_corpus import notebook
from checks.listed import ALL
from command_line import COMMAND
from grading_unit.spoiled import right_cells
from killed_steps import processes
from same_runs import ASKED, assert_same
from slurm_cluster import Cluster

from .jobs import SCRIPTS, Job, hand_in, measured, settings, wait_until

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(900)]

LONG = ("--quick", "--network", "sprint", "--epochs", "20")  # long enough to be interrupted
SEEDLESS = ASKED[: ASKED.index("--seed")]
ON_TWO = ("--strategy", "mirrored", "--devices", "2")
EXERCISE = "02-batch-size"  # its answers need no Keras, which takes long to start
IMPORTS = "import numpy as np\nfrom matplotlib import pyplot as plt"


@pytest.fixture(scope="module")
def jobs(slurm: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Job]:
    """Hand in the scripts."""
    folder = tmp_path_factory.mktemp("jobs")
    write_class(folder / "class")

    def job(script: str, *arguments: str, options: tuple[str, ...] = ()) -> Job:
        return hand_in(slurm, folder, script, *arguments, options=options)

    # As a learner does: the script hands itself in.
    said = slurm.run("bash", SCRIPTS / "train.sh", *LONG, cwd=folder, **settings(folder))
    return {
        "train": Job(int(said.stdout.split()[-1]), folder),
        "multi-node": job("train_multi_node.sh", *ASKED, options=("--cpus-per-task=1",)),
        "multi-gpu": job("train_multi_gpu.sh", *ASKED, "--devices", "2"),
        "seeds": job("seeds.sh", *SEEDLESS, options=("--array=3-4",)),
        "grade": job("grade.sh", "class", options=("--ntasks=3", "--cpus-per-task=1")),
    }


def write_class(folder: Path) -> None:
    """Write the notebooks of six learners, from nothing right to everything."""
    cells = right_cells(next(cases for cases in ALL if cases.exercise == EXERCISE))
    for learner in range(6):
        (folder / f"learner-{learner:02}").mkdir(parents=True)
        text = notebook([IMPORTS, *cells[: len(cells) * learner // 5]], EXERCISE)
        (folder / f"learner-{learner:02}" / f"{EXERCISE}.ipynb").write_text(text)


def test_a_job_whose_time_is_nearly_up_is_requeued_and_ends_as_if_undisturbed(
    slurm: Cluster, jobs: dict[str, Job], without_slurm: Callable[..., Path]
) -> None:
    job = jobs["train"]
    run = job.results / "train"
    wait_until((run / "history.csv").exists)
    # As Slurm does with --signal=B:USR1@120, but at a moment that no busy machine can move.
    slurm.run("scancel", "--signal=USR1", "--batch", job.number)
    slurm.wait(job.number, "PENDING")
    assert not (run / "metrics.json").exists()
    # Its first run must be over, or Slurm takes that one's end for the next one's.
    wait_until(lambda: not [*processes(slurm, job.number, steps=False)])
    # Else it waits 2 minutes; in the same second, slurmd takes it for the one that was cancelled.
    slurm.run("scontrol", "update", f"jobid={job.number}", "StartTime=now+3")
    said = job.completed(slurm)
    assert slurm.job(job.number)["Restarts"] == "1"
    assert "going on after epoch" in said
    history, metrics = measured(run)
    assert len(history) == 20
    assert (history, metrics) == measured(without_slurm("train", *LONG))


def test_several_processes_train_as_the_same_ones_without_slurm_and_as_one_device(
    slurm: Cluster, jobs: dict[str, Job], without_slurm: Callable[..., Path]
) -> None:
    job = jobs["multi-node"]
    said = job.completed(slurm)
    assert said.count("Test accuracy") == 1
    run = job.results / "train-multi-node"
    history, metrics = measured(run)
    assert (metrics["devices"], metrics["processes"]) == (2, 2)
    by_hand = without_slurm("train", *ASKED, "--strategy", "multinode", processes=2)
    assert (history, metrics) == measured(by_hand)
    assert_same(run, without_slurm("train", *ASKED))


def test_several_devices_train_as_the_same_ones_without_slurm_and_as_one_device(
    slurm: Cluster, jobs: dict[str, Job], without_slurm: Callable[..., Path]
) -> None:
    job = jobs["multi-gpu"]
    job.completed(slurm)
    run = job.results / "train-multi-gpu"
    history, metrics = measured(run)
    assert (metrics["devices"], metrics["processes"]) == (2, 1)
    assert (history, metrics) == measured(without_slurm("train", *ASKED, *ON_TWO))
    assert_same(run, without_slurm("train", *ASKED))


def test_an_array_trains_with_each_seed(
    slurm: Cluster, jobs: dict[str, Job], without_slurm: Callable[..., Path]
) -> None:
    for seed in (3, 4):
        jobs["seeds"].completed(slurm, seed)
        run = jobs["seeds"].results / f"seeds-{seed}"
        assert measured(run) == measured(without_slurm("train", *SEEDLESS, "--seed", str(seed)))


def test_a_class_in_shares_has_the_grades_of_one_machine(
    slurm: Cluster, jobs: dict[str, Job], without_slurm: Callable[..., Path]
) -> None:
    job = jobs["grade"]
    said = job.completed(slurm)
    assert sorted(re.findall(r"Share (./3): 2 notebooks", said)) == ["1/3", "2/3", "3/3"]
    alone = without_slurm("grade", str(job.folder / "class"))
    shared = job.results / "grade"
    assert (shared / "grades.csv").read_bytes() == (alone / "grades.csv").read_bytes()
    assert len((alone / "grades.csv").read_text().splitlines()) == 7


def test_a_job_that_makes_no_progress_does_not_come_back_for_ever(
    slurm: Cluster, tmp_path: Path
) -> None:
    extra = {**settings(tmp_path), "SCRIPTS": str(SCRIPTS), "SLURM_RESTART_COUNT": "21"}
    said = slurm.run(
        "bash", SCRIPTS / "train.sh", cwd=tmp_path, check=False, SLURM_JOB_ID="1", **extra
    )
    assert said.returncode == 2
    assert said.stderr == (
        "train.sh: started 21 times and not done: ask for more time with --time\n"
    )


def test_a_task_whose_partner_fails_ends_with_a_line(slurm: Cluster, tmp_path: Path) -> None:
    out, log = tmp_path / "run", tmp_path / "said.txt"
    command = " ".join([*COMMAND, "train", *ASKED, "--patience", "3s", "--out", str(out)])
    inner = f"if [ $SLURM_PROCID = 1 ]; then exit 1; else {command}; fi"
    one_fails = f"srun bash -c '{inner}'"
    job = slurm.submit("--nodes=2", "--ntasks=2", f"--output={log}", f"--wrap={one_fails}")
    assert slurm.wait(job, limit=300) == "FAILED"
    assert "process 1 of 2 did not come within 3 s" in log.read_text()
    assert not out.exists()
