"""The job scripts on a real Slurm: they find what the same commands find without it."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from checks.test_cases import ALL
from grading_unit.attack_corpus import notebook
from grading_unit.spoiled import right_cells
from slurm_cluster import Cluster

from .jobs import SCRIPTS, SMALL, completed, measured, settings

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(900)]

TINY = Path(__file__).parents[1] / "tuning" / "spaces.py:tiny"
EXERCISE = "02-batch-size"  # its answers need no Keras, which takes long to start
IMPORTS = "import numpy as np\nfrom matplotlib import pyplot as plt"


def test_train_finds_what_it_finds_without_slurm(
    slurm: Cluster, tmp_path: Path, without_slurm: Callable[..., Path]
) -> None:
    command = (*SMALL, "--epochs", "2", "--seed", "0")
    # As a learner does: the script hands itself in.
    said = slurm.run("bash", SCRIPTS / "train.sh", *command, cwd=tmp_path, **settings(tmp_path))
    completed(slurm, int(said.stdout.split()[-1]), tmp_path)
    run = tmp_path / "results" / "train"
    assert measured(run) == measured(without_slurm("train", *command))


def test_an_array_trains_with_each_seed(
    slurm: Cluster, tmp_path: Path, without_slurm: Callable[..., Path]
) -> None:
    command = (*SMALL, "--epochs", "2")
    extra = {**settings(tmp_path), "SCRIPTS": str(SCRIPTS)}
    number = slurm.submit("--array=0-1", SCRIPTS / "seeds.sh", *command, cwd=tmp_path, **extra)
    for seed in "01":
        completed(slurm, f"{number}_{seed}", tmp_path)
        run = tmp_path / "results" / f"seeds-{seed}"
        assert measured(run) == measured(without_slurm("train", *command, "--seed", seed))


@pytest.mark.parametrize(
    ("script", "arguments"),
    [("train_multi_gpu.sh", ("--devices", "2")), ("train_multi_node.sh", ())],
)
def test_several_devices_train_as_one(
    script: str,
    arguments: tuple[str, ...],
    slurm: Cluster,
    tmp_path: Path,
    without_slurm: Callable[..., Path],
) -> None:
    command = (*SMALL, "--epochs", "2")
    extra = {**settings(tmp_path), "SCRIPTS": str(SCRIPTS)}
    number = slurm.submit(SCRIPTS / script, *command, *arguments, cwd=tmp_path, **extra)
    completed(slurm, number, tmp_path)
    run = tmp_path / "results" / script.removesuffix(".sh").replace("_", "-")
    history, metrics = measured(run)
    alone, metrics_alone = measured(without_slurm("train", *command, "--seed", "0"))
    assert [float(row["loss"]) for row in history] == pytest.approx(
        [float(row["loss"]) for row in alone], rel=0.02
    )
    assert metrics["test_accuracy"] == pytest.approx(metrics_alone["test_accuracy"], abs=0.02)


def test_a_search_finds_what_it_finds_without_slurm(
    slurm: Cluster, tmp_path: Path, without_slurm: Callable[..., Path]
) -> None:
    command = ("--quick", "--space", str(TINY), "--max-trials", "3", "--tuner", "random")
    extra = {**settings(tmp_path), "SCRIPTS": str(SCRIPTS)}
    number = slurm.submit("--ntasks=2", SCRIPTS / "tune.sh", *command, cwd=tmp_path, **extra)
    completed(slurm, number, tmp_path)
    assert scores(tmp_path / "results" / "tune") == scores(without_slurm("tune", *command))


def scores(search: Path) -> dict[str, str]:
    with (search / "trials.csv").open() as lines:
        return {row["trial"]: row["score"] for row in csv.DictReader(lines)}


def test_a_job_whose_time_is_nearly_up_is_requeued_and_ends_as_if_undisturbed(
    slurm: Cluster, tmp_path: Path, without_slurm: Callable[..., Path]
) -> None:
    command = (*SMALL, "--epochs", "40")
    extra = {**settings(tmp_path), "SCRIPTS": str(SCRIPTS)}
    number = slurm.submit(SCRIPTS / "train.sh", *command, cwd=tmp_path, **extra)
    run = tmp_path / "results" / "train"
    until = time.monotonic() + 300
    while not (run / "history.csv").exists() and time.monotonic() < until:
        time.sleep(0.05)
    # As Slurm does with --signal=B:USR1@120, but at a moment that no busy machine can move.
    slurm.run("scancel", "--signal=USR1", "--batch", number)
    slurm.wait(number, "PENDING")
    assert not (run / "metrics.json").exists()
    # Its first run must be over, or Slurm takes that one's end for the next one's.
    while {*slurm.run("sinfo", "--noheader", "--format=%t").stdout.split()} != {"idle"}:
        assert time.monotonic() < until
        time.sleep(0.2)
    # Else it waits 2 minutes; in the same second, slurmd takes it for the one that was cancelled.
    slurm.run("scontrol", "update", f"jobid={number}", "StartTime=now+3")
    said = completed(slurm, number, tmp_path)
    assert slurm.job(number)["Restarts"] == "1"
    assert "going on after epoch" in said
    history, metrics = measured(run)
    assert len(history) == 40
    assert (history, metrics) == measured(without_slurm("train", *command))


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


def test_a_class_in_shares_has_the_grades_of_one_machine(
    slurm: Cluster, tmp_path: Path, without_slurm: Callable[..., Path]
) -> None:
    cells = right_cells(next(cases for cases in ALL if cases.exercise == EXERCISE))
    hand_ins = tmp_path / "class"
    for learner in range(12):  # from nothing right to everything
        (hand_ins / f"learner-{learner:02}").mkdir(parents=True)
        text = notebook([IMPORTS, *cells[: len(cells) * learner // 11]], EXERCISE)
        (hand_ins / f"learner-{learner:02}" / f"{EXERCISE}.ipynb").write_text(text)
    extra = {**settings(tmp_path), "SCRIPTS": str(SCRIPTS)}
    number = slurm.submit("--ntasks=3", SCRIPTS / "grade.sh", "class", cwd=tmp_path, **extra)
    said = completed(slurm, number, tmp_path)
    assert [f"Share {k}/3: 4 notebooks" in said for k in (1, 2, 3)] == [True] * 3
    alone = without_slurm("grade", str(hand_ins))
    shared = tmp_path / "results" / "grade"
    assert (shared / "grades.csv").read_bytes() == (alone / "grades.csv").read_bytes()
    assert len((alone / "grades.csv").read_text().splitlines()) == 13
