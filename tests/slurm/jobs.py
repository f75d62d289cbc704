"""What the tests of jobs share: the scripts, jobs, and what runs and searches left behind."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slurm_cluster import Cluster

SCRIPTS = Path(__file__).resolve().parents[2] / "book" / "scale" / "slurm"


@dataclass(frozen=True)
class Job:
    """A job that was handed in.

    Attributes
    ----------
    number
        Slurm's.
    folder
        Where it was handed in.
    """

    number: int
    folder: Path

    @property
    def results(self) -> Path:
        """The folder of what it finds."""
        return self.folder / "results"

    def completed(self, slurm: Cluster, task: int | None = None) -> str:
        """Wait until it, or one task of an array, is done, and give what it said."""
        number = str(self.number) if task is None else f"{self.number}_{task}"
        state = slurm.wait(number)
        said = Path(slurm.job(number)["StdOut"]).read_text()
        assert state == "COMPLETED", said
        return said


def hand_in(
    slurm: Cluster, folder: Path, script: str, *arguments: str, options: Sequence[str] = ()
) -> Job:
    """Hand in a script with ``sbatch``.

    Parameters
    ----------
    slurm
        The cluster.
    folder
        Where it is handed in, and where its results lie.
    script
        The script's name.
    arguments
        The script's.
    options
        What ``sbatch`` is asked for beside what the script says.
    """
    extra = {**settings(folder), "SCRIPTS": str(SCRIPTS)}
    number = slurm.submit(*options, SCRIPTS / script, *arguments, cwd=folder, **extra)
    return Job(number, folder)


def settings(folder: Path) -> dict[str, str]:
    """Give what stands at the top of a script, for jobs whose results lie in a folder."""
    return {"VENV": sys.prefix, "RESULTS": str(folder / "results"), "CUDA_VISIBLE_DEVICES": "-1"}


def measured(run: Path) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Give what a run measured in each epoch and in the end, without how long it took."""
    with (run / "history.csv").open() as lines:
        history = [
            {name: value for name, value in row.items() if name != "seconds"}
            for row in csv.DictReader(lines)
        ]
    metrics = json.loads((run / "metrics.json").read_text())
    metrics.pop("seconds")
    return history, metrics


def wait_until(happens: Callable[[], bool], limit: float = 300) -> None:
    """Wait until something happens; the test fails if it does not within some seconds."""
    until = time.monotonic() + limit
    while not happens():
        assert time.monotonic() < until, f"it did not happen within {limit} s"
        time.sleep(0.1)
