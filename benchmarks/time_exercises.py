"""How long the worked solution of each exercise takes to run, from top to bottom.

The exercises' notebooks quote the result. Run it with ``make benchmark``, or with ``--help`` to see
what can be changed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from machine import machine, write_result

from mnist_keras.authoring import worked_solution

REPOSITORY = Path(__file__).resolve().parents[1]


def run_time(path: str) -> float:
    """Run a solution's notebook in an empty folder by a kernel of its own, in seconds.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(worked_solution(REPOSITORY, path), as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=1800, resources={"metadata": {"path": folder}})
        start = time.perf_counter()
        client.execute()
        return time.perf_counter() - start


def main() -> int:
    """Time the solutions, and write the table and the JSON file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the small subset, to try the script")
    parser.add_argument("--only", help="one solution, such as 01-learning-rate")
    parser.add_argument("--out", type=Path, default=Path("_build/benchmark"))
    options = parser.parse_args()
    os.environ["MNIST_KERAS_QUICK"] = "1" if options.quick else ""

    seconds: dict[str, float] = {}
    for path in sorted((REPOSITORY / "solutions").glob("*.md")):
        if options.only in (None, path.stem):
            seconds[path.stem] = run_time(f"solutions/{path.name}")
            print(f"{path.stem:<30} {seconds[path.stem]:>7.1f} s", flush=True)
    if not seconds:
        print(f"there is no solution {options.only!r}", file=sys.stderr)
        return 2
    path = options.out / "exercises.json"
    write_result(path, {"machine": machine(), "seconds": seconds})
    print(f"Written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
