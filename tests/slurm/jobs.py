"""What the tests of jobs share: the scripts, and what runs and searches left behind."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from slurm_cluster import Cluster

SCRIPTS = Path(__file__).resolve().parents[2] / "book" / "scale" / "slurm"
SMALL = ("--quick", "--network", "sprint")


def settings(folder: Path) -> dict[str, str]:
    """Give what stands at the top of a script, for jobs whose results lie in a folder."""
    return {"VENV": sys.prefix, "RESULTS": str(folder / "results"), "CUDA_VISIBLE_DEVICES": "-1"}


def completed(slurm: Cluster, number: int | str, folder: Path) -> str:
    """Wait until a job, or one of an array such as ``7_0``, is done, and give what it said."""
    state = slurm.wait(number)
    said = "".join(
        file.read_text() for file in sorted(folder.glob(f"*-{str(number).replace('_', '-')}.out"))
    )
    assert state == "COMPLETED", said
    return said


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
