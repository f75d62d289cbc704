"""The command line in a real process, as the tests run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from slurm_cluster import free_ports

COMMAND = (sys.executable, "-m", "mnist_keras")
Result = subprocess.CompletedProcess[str]


def environment(**extra: str) -> dict[str, str]:
    """Give the environment of a learner who has set nothing."""
    kept = {k: v for k, v in os.environ.items() if k != "MNIST_KERAS_QUICK"}
    return {**kept, "CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1", **extra}


def run_cli(*arguments: object, limit: float = 600, **options: object) -> Result:
    """Run ``mnist-keras`` as a learner would and keep what it says, for `limit` seconds at most."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=limit,
        env=environment(),
        **options,  # type: ignore[call-overload]
    )


def start_cli(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start ``mnist-keras`` and go on while it runs."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        **options,  # type: ignore[call-overload]
    )


def team_of(processes: int) -> list[str]:
    """Give each process that trains one network on this computer its ``TF_CONFIG``."""
    workers = [f"127.0.0.1:{port}" for port in free_ports(processes)]
    tasks = [{"type": "worker", "index": index} for index in range(processes)]
    return [json.dumps({"cluster": {"worker": workers}, "task": task}) for task in tasks]


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Give each file's time of change and content."""
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
