"""A search in a job: whatever is killed, no finished trial is lost, and the next job goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import killed_steps
import pytest
from killed_steps import BOUND, TRIALS, kill, processes, scores, search, wait_for_trials
from slurm_cluster import Cluster

from .jobs import Job, hand_in, wait_until

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(3000)]


def test_a_search_that_is_killed_again_and_again_finds_what_it_finds_without_slurm(
    slurm: Cluster, tmp_path: Path, without_slurm: Callable[..., Path]
) -> None:
    command, out = search(TRIALS), tmp_path / "results" / "tune"

    def job() -> Job:
        room = ("--nodes=2", "--ntasks=2")
        return hand_in(slurm, tmp_path, "tune.sh", *command[1:], options=room)

    for done, way in ((1, "holder"), (2, "scancel")):
        number = job().number
        wait_for_trials(slurm, number, out, done)
        before = scores(out)
        kill(slurm, number, way)
        assert slurm.wait(number, limit=BOUND) != "COMPLETED"
        assert not [pid for steps in (True, False) for pid in processes(slurm, number, steps=steps)]
        assert before.items() <= scores(out).items()

    last = job()
    wait_until(lambda: bool([*processes(slurm, last.number, steps=True)]))
    assert kill(slurm, last.number, "step") == 1
    assert last.completed(slurm).count("is tried again") == 1
    assert scores(out) == scores(without_slurm(*command))


@pytest.mark.weekly
def test_ten_searches_killed_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    script = [sys.executable, killed_steps.__file__, str(tmp_path), "10"]
    done = subprocess.run(script, capture_output=True, text=True, timeout=3000, check=True)
    met = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(met) == 10
    assert all(each["whole"] and not each["lost"] and not each["left"] for each in met)
