"""A search in a job: each trial is a step, and whatever is killed, no finished trial is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import killed_steps
import pytest
from killed_steps import ended, kill, processes, scores, search, submit, wait_for_trials
from slurm_cluster import Cluster

pytestmark = [pytest.mark.slurm, pytest.mark.slow]
TRIALS = 5


@pytest.fixture(scope="module")
def plain(slurm: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the search as it goes on one machine, without a job."""
    out = tmp_path_factory.mktemp("plain") / "search"
    slurm.run(*search(out, TRIALS), limit=300)
    return out


def test_steps_do_each_trial_once_with_the_scores_of_one_machine(
    slurm: Cluster, plain: Path, tmp_path: Path
) -> None:
    out = tmp_path / "search"
    job = submit(slurm, out, TRIALS)
    wait_for_trials(slurm, job, out, 1)
    killed = kill(slurm, job, "step")
    assert ended(slurm, job) == "COMPLETED"
    said = (tmp_path / "search.log").read_text()
    assert said.count("is tried again") == killed == 1
    assert scores(out) == scores(plain)
    assert len(scores(out)) == TRIALS


def test_a_job_that_is_killed_ends_and_the_next_one_goes_on(
    slurm: Cluster, plain: Path, tmp_path: Path
) -> None:
    out = tmp_path / "search"
    for done, way in ((1, "holder"), (2, "scancel"), (3, "both")):
        job = submit(slurm, out, TRIALS)
        wait_for_trials(slurm, job, out, done)
        before = scores(out)
        kill(slurm, job, way)
        assert ended(slurm, job, killed_steps.BOUND) != "COMPLETED"
        assert not [pid for steps in (True, False) for pid in processes(slurm, job, steps=steps)]
        assert before.items() <= scores(out).items()
    assert ended(slurm, submit(slurm, out, TRIALS)) == "COMPLETED"
    assert scores(out) == scores(plain)


@pytest.mark.weekly
def test_ten_searches_killed_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    script = [sys.executable, killed_steps.__file__, str(tmp_path), "10"]
    done = subprocess.run(script, capture_output=True, text=True, timeout=3000, check=True)
    met = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(met) == 10
    assert all(each["whole"] and not each["lost"] and not each["left"] for each in met)
