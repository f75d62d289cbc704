"""How many notebooks a minute three graders grade, and how much memory that takes.

A class hands in the worked solutions of all six exercises, each with a line of the learner's own so
that no notebook equals another. All graders get the same notebooks, on the small subset:

- ``mnist-keras grade``, by all rules of the course,
- ``nbgrader autograde``, its batch command, which grades a notebook at a time,
- ``otter run``, as many at a time as there are cores. Otter's batch command ``otter grade`` does
  the same in Docker containers, whose start this leaves out.

The other two only ask, in a cell or a test for each question, whether its variables are there.
The graders take turns, a part of the class each, so that what else the machine does hits all. The
memory is the highest sum of the proportional set sizes of a grader's processes, looked at twice a
second. otter-grader and nbgrader are no part of the course: their environment is made below
``_build/rivals``, or named with ``--rivals PYTHON``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from machine import machine, write_result
from rivals import (
    ASSIGNMENT,
    MissingError,
    Test,
    code_cell,
    environment,
    environment_of,
    graded_cells,
    hand_in,
    nbgrader_course,
    otter_archive,
    rivals_python,
    versions,
    with_cells,
)

from mnist_keras.authoring import worked_solution
from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.sandbox.usage import descendants, own_memory

REPOSITORY = Path(__file__).resolve().parents[1]
NAMES = {
    "ours": "mnist-keras grade",
    "nbgrader": "nbgrader autograde",
    "otter": "otter run",
}
EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
LOOK = 0.5  # seconds between two looks at the memory
CELL_SECONDS = 300  # nbgrader's limit for a cell; its own default of 30 is too short here


def tests_of(exercise: Any) -> dict[str, Test]:
    """Make a test for each question: its variables are there."""
    found = {}
    for question in exercise.questions:
        names = tuple(question.names)
        code = "assert " + " and ".join(f"{name} is not None" for name in names)
        found["q" + question.number.replace(".", "_")] = Test(names, code)
    return found


def of_learner(solution: str, learner: str) -> str:
    """Write a learner's notebook: the worked solution and a line that is theirs alone."""
    content = json.loads(solution)
    line = f'learner = "{learner}"  # nobody else hands this in'
    content["cells"].insert(0, code_cell(line, f"of-{learner}"))
    return json.dumps(content)


def in_turn(learners: int, parts: int) -> list[list[str]]:
    """Split the class into parts of about the same size."""
    names = [f"learner{k:03}" for k in range(learners)]
    return [part for part in (names[k::parts] for k in range(parts)) if part]


class Memory:
    """Looks at the memory of this process's descendants while something runs."""

    def __init__(self) -> None:
        self.highest = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._done.wait(LOOK):
            total = sum(own_memory(pid) for pid in descendants(os.getpid()))
            self.highest = max(self.highest, total)

    def __enter__(self) -> Memory:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()


def run(command: Sequence[object], folder: Path, variables: Mapping[str, str]) -> None:
    """Run a grader.

    Raises
    ------
    MissingError
        If it fails.
    """
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    # Ours ends with 1 where some points were lost.
    if done.returncode not in (0, 1):
        raise MissingError(f"{command[2]} ended with {done.returncode}: {done.stderr[-600:]}")


def by_ours(folder: Path, hand_ins: Mapping[str, Mapping[str, str]], jobs: int) -> int:
    """Grade by ``mnist-keras grade``; how many notebooks got full marks."""
    for learner, notebooks in hand_ins.items():
        (folder / "class" / learner).mkdir(parents=True)
        for name, content in notebooks.items():
            (folder / "class" / learner / f"{name}.ipynb").write_text(content, encoding="utf-8")
    out = folder / "grades"
    command = [sys.executable, "-m", "mnist_keras", "grade", folder / "class", "--out", out]
    run([*command, "--jobs", jobs], folder, environment())
    rows = json.loads((out / "grades.json").read_text(encoding="utf-8"))["learners"]
    pages = [each for row in rows for each in row["notebooks"]]
    return sum(
        bool(page["questions"]) and all(q["earned"] == q["points"] for q in page["questions"])
        for page in pages
    )


def by_nbgrader(
    python: Path, folder: Path, hand_ins: Mapping[str, Mapping[str, str]]
) -> Callable[[], int]:
    """Make a course of nbgrader's; what grades it, and says how many got full marks."""
    instructor = {
        e.name: with_cells(json.dumps(EMPTY), [code_cell("", "work"), *graded_cells(tests_of(e))])
        for e in EXERCISES
    }
    released = nbgrader_course(python, folder, instructor, CELL_SECONDS)
    for learner, notebooks in hand_ins.items():
        for name, content in notebooks.items():
            hand_in(folder, learner, name, with_cells(content, released[name]))

    def grade() -> int:
        import sqlite3
        from contextlib import closing

        command = [python, "-m", "nbgrader", "autograde", ASSIGNMENT]
        run(command, folder, environment_of(python))
        query = "select sum(auto_score), count(*) from grade group by notebook_id"
        with closing(sqlite3.connect(folder / "gradebook.db")) as base:
            return sum(points == count for points, count in base.execute(query))

    return grade


def by_otter(
    python: Path, folder: Path, hand_ins: Mapping[str, Mapping[str, str]], jobs: int
) -> int:
    """Grade by ``otter run``, some at a time; how many notebooks got full marks."""
    tests = {exercise.name: tests_of(exercise) for exercise in EXERCISES}
    for name, each in tests.items():
        otter_archive(folder / f"{name}.zip", each)

    def one(learner: str, name: str, content: str) -> bool:
        place = folder / learner / name
        place.mkdir(parents=True)
        (place / f"{name}.ipynb").write_text(with_cells(content, []), encoding="utf-8")
        command = [python, "-m", "otter", "run", "-a", folder / f"{name}.zip", "-o", "."]
        run([*command, "--no-logo", f"{name}.ipynb"], place, environment_of(python))
        with suppress(OSError, ValueError, KeyError):
            results = json.loads((place / "results.json").read_text(encoding="utf-8"))["tests"]
            return sum(test.get("score", 0) for test in results) == len(tests[name])
        return False

    work = [(who, name, text) for who, each in hand_ins.items() for name, text in each.items()]
    with ThreadPoolExecutor(jobs) as pool:
        return sum(pool.map(lambda each: one(*each), work))


def summary(sessions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add up each grader's sessions.

    Parameters
    ----------
    sessions
        For each, the grader, how many notebooks, in how many seconds, how many of them got full
        marks, and the highest memory in bytes.
    """
    found: list[dict[str, Any]] = []
    for grader, name in NAMES.items():
        own = [each for each in sessions if each["grader"] == grader]
        if own:
            notebooks = sum(each["notebooks"] for each in own)
            found.append(
                {
                    "grader": name,
                    "notebooks": notebooks,
                    "full_marks": sum(each["full_marks"] for each in own),
                    "a_minute": 60 * notebooks / sum(each["seconds"] for each in own),
                    "memory": max(each["memory"] for each in own),
                }
            )
    first = found[0]["a_minute"] if found else 0.0
    return [each | {"ours_to_its": first / each["a_minute"]} for each in found]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write the summary, a line for each grader."""
    head = f"{'grader':<20}{'notebooks':>10}{'full marks':>11}{'a minute':>10}{'ours/its':>10}"
    lines = [head + f"{'memory':>11}"]
    for row in rows:
        lines.append(
            f"{row['grader']:<20}{row['notebooks']:>10}{row['full_marks']:>11}"
            f"{row['a_minute']:>10.2f}{row['ours_to_its']:>10.2f}"
            f"{row['memory'] / 2**30:>7.2f} GiB"
        )
    return "\n".join(lines)


def main() -> int:
    """Grade a class by each grader in turn, and write the table and the JSON file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rivals", type=Path, help="a Python with otter-grader and nbgrader")
    parser.add_argument("--learners", type=int, default=30, help="in the class (default: 30)")
    parser.add_argument("--exercises", nargs="+", help="some, such as 01-learning-rate")
    parser.add_argument("--parts", type=int, default=3, help="turns of each grader (default: 3)")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), help="graders")
    parser.add_argument("--out", type=Path, default=Path("_build/benchmark"))
    options = parser.parse_args()
    if options.learners < 1 or options.parts < 1 or options.jobs < 1:
        print("--learners, --parts and --jobs are at least 1", file=sys.stderr)
        return 2
    chosen = options.exercises or [e.name for e in EXERCISES]
    solutions = {
        e.name: worked_solution(REPOSITORY, f"solutions/{e.name}.md")
        for e in EXERCISES
        if e.name in chosen
    }
    if len(solutions) != len(chosen):
        print(f"the exercises are {', '.join(e.name for e in EXERCISES)}", file=sys.stderr)
        return 2
    sessions: list[dict[str, Any]] = []
    path = options.out / "grading_throughput.json"
    try:
        python = rivals_python(options.rivals)
        for k, part in enumerate(in_turn(options.learners, options.parts)):
            hand_ins = {
                who: {name: of_learner(text, who) for name, text in solutions.items()}
                for who in part
            }
            # Each begins once, so that none always comes first.
            turn = list(NAMES)[k % len(NAMES) :] + list(NAMES)[: k % len(NAMES)]
            for grader in (each for each in turn if each in options.only):
                sessions.append(_session(grader, python, hand_ins, options.jobs))
                print(table(summary([sessions[-1]])).splitlines()[-1], flush=True)
                write_result(
                    path,
                    {
                        "machine": machine(),
                        "versions": versions(python),
                        "learners": options.learners,
                        "exercises": len(solutions),
                        "quick": True,
                        "jobs": options.jobs,
                        "sessions": sessions,
                        "summary": summary(sessions),
                    },
                )
    except MissingError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(summary(sessions)))
    print(f"Written: {path}")
    return 0


def _session(
    grader: str, python: Path, hand_ins: Mapping[str, Mapping[str, str]], jobs: int
) -> dict[str, Any]:
    """Let a grader grade a part of the class."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # What an instructor prepares once does not count.
        grade: dict[str, Callable[[], int]] = {
            "ours": lambda: by_ours(folder, hand_ins, jobs),
            "otter": lambda: by_otter(python, folder, hand_ins, jobs),
        }
        if grader == "nbgrader":
            grade["nbgrader"] = by_nbgrader(python, folder, hand_ins)
        load = os.getloadavg()[0]
        with Memory() as memory:
            begun = time.monotonic()
            full = grade[grader]()
            seconds = time.monotonic() - begun
    return {
        "grader": grader,
        "notebooks": sum(len(each) for each in hand_ins.values()),
        "seconds": seconds,
        "full_marks": full,
        "memory": memory.highest,
        "load_before": load,
    }


if __name__ == "__main__":
    sys.exit(main())
