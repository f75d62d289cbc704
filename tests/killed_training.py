"""Train twice, once killed at each kind of write; prints what each run folder holds at the end.

Run as ``python killed_training.py NETWORK FOLDER``. The runs are forked from a process that has
imported TensorFlow, so that each is spared its import.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from killing import die_at, in_a_fork

import mnist_keras.training  # noqa: F401
from mnist_keras.cli import main
from mnist_keras.runs.folder import RunFolder

# In the order in which a run meets them.
WRITES = (
    ("after", "*/settings.json"),
    ("before", "*/checkpoint/*"),  # its first
    ("after", "*/checkpoint/*"),  # but before its history
    ("after", "*/history.csv"),
    ("before", "*/model.keras"),
    ("after", "*/model.keras"),
    ("before", "*/confusion-matrix.png"),
    ("before", "*/metrics.json"),
)


def session(network: str, out: Path, moment: tuple[str, str] | None) -> int:
    """Train in a forked process, killed at a moment; give its status."""

    def run() -> None:
        if moment:
            die_at(*moment)
        settings = ("--network", network, "--quick", "--epochs", "3", "--seed", "3")
        os._exit(main(["train", *settings, "--out", str(out), "--resume", "--json"]))

    return in_a_fork(run)


def measured(out: Path) -> dict[str, object]:
    """Give the history and the metrics without the clock, and the names of the files."""
    folder = RunFolder(out)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in folder.history()]
    metrics = {k: v for k, v in (folder.metrics() or {}).items() if k != "seconds"}
    files = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    return {"history": rows, "metrics": metrics, "files": files}


if __name__ == "__main__":
    name, base = sys.argv[1], Path(sys.argv[2])
    sys.stdout.flush()
    assert session(name, base / "whole", None) == 0
    for write in WRITES:
        status = session(name, base / "killed", write)
        assert status == -signal.SIGKILL, (write, status)
        assert RunFolder(base / "killed").metrics() is None, write
        RunFolder(base / "killed").history()  # readable after each
    assert session(name, base / "killed", None) == 0
    told = {each: measured(base / each) for each in ("whole", "killed")}
    (base / "told.json").write_text(json.dumps(told))
