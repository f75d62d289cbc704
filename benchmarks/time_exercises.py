"""How long the worked solution of each exercise takes to run, from top to bottom.

The exercises' notebooks quote the result. Run it with ``make benchmark``, or with ``--help`` to see
what can be changed.
"""

import os
import sys
import tempfile
import time

from machine import REPOSITORY, command_line, finish

from mnist_keras.authoring import worked_solution


def run_time(path: str) -> float:
    """Run a solution's notebook in an empty folder by a kernel of its own, in seconds."""
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
    parser = command_line(__doc__)
    parser.add_argument("--only", help="one solution, such as 01-learning-rate")
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
    return finish(options.out / "exercises.json", {"seconds": seconds})


if __name__ == "__main__":
    sys.exit(main())
