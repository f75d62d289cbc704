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
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import machine, write_result
from rivals import (
    REPOSITORY,
    MissingError,
    Test,
    code_cell,
    command_of,
    environment,
    hand_in,
    nbgrader_course,
    otter_archive,
    points_of,
    rivals_python,
    run,
    versions,
    with_cells,
)

from mnist_keras.authoring import worked_solution
from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.sandbox.usage import descendants, own_memory

NAMES = {
    "ours": "mnist-keras grade",
    "nbgrader": "nbgrader autograde",
    "otter": "otter run",
}
LOOK = 0.5  # seconds between two looks at the memory
CELL_SECONDS = 300  # nbgrader's limit for a cell; its own default of 30 is too short here

HandIns = Mapping[str, Mapping[str, str]]  # by learner and exercise
Grade = Callable[[], int]  # grades what was handed in, and counts the notebooks with full marks


def tests_of(exercise: Any) -> dict[str, Test]:
    """Make a test for each question: its variables are there."""
    found = {}
    for question in exercise.questions:
        names = tuple(question.names)
        code = "assert " + " and ".join(f"{name} is not None" for name in names)
        found["q" + question.number.replace(".", "_")] = Test(names, code)
    return found


TESTS = {exercise.name: tests_of(exercise) for exercise in EXERCISES}


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


@contextmanager
def memory() -> Iterator[list[int]]:
    """Look at the memory of this process's descendants while something runs; give all looks."""
    looks, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(LOOK):
            looks.append(sum(own_memory(pid) for pid in descendants(os.getpid())))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield looks
    done.set()
    thread.join()


def graded(command: Sequence[object], folder: Path, python: Path | None = None) -> None:
    """Run a grader."""
    status, said = run(command, folder, environment(python))
    if status not in (0, 1):  # ours ends with 1 where a notebook could not be graded
        raise MissingError(f"{command[2]} ended with {status}: {said[-600:]}")


def by_ours(python: Path, folder: Path, hand_ins: HandIns, jobs: int) -> Grade:
    """Grade by ``mnist-keras grade``."""
    for learner, notebooks in hand_ins.items():
        (folder / "class" / learner).mkdir(parents=True)
        for name, content in notebooks.items():
            (folder / "class" / learner / f"{name}.ipynb").write_text(content, encoding="utf-8")

    def grade() -> int:
        out = folder / "grades"
        command = [sys.executable, "-m", "mnist_keras", "grade", folder / "class", "--out", out]
        graded([*command, "--jobs", jobs], folder)
        learners = json.loads((out / "grades.json").read_text(encoding="utf-8"))["learners"]
        pages = [page["questions"] for row in learners for page in row["notebooks"]]
        return sum(bool(p) and all(q["earned"] == q["points"] for q in p) for p in pages)

    return grade


def by_nbgrader(python: Path, folder: Path, hand_ins: HandIns, jobs: int) -> Grade:
    """Grade by ``nbgrader autograde``."""
    released = nbgrader_course(python, folder, TESTS, CELL_SECONDS)
    for learner, notebooks in hand_ins.items():
        for name, content in notebooks.items():
            hand_in(folder, learner, name, with_cells(content, released[name]))

    def grade() -> int:
        graded(command_of("nbgrader", python), folder, python)
        return sum(points == of for points, of in points_of("nbgrader", folder) or ())

    return grade


def by_otter(python: Path, folder: Path, hand_ins: HandIns, jobs: int) -> Grade:
    """Grade by ``otter run``, some at a time."""
    places = {}
    for learner, notebooks in hand_ins.items():
        for name, content in notebooks.items():
            place = folder / learner / name
            place.mkdir(parents=True)
            (place / f"{name}.ipynb").write_text(with_cells(content, []), encoding="utf-8")
            otter_archive(place / "autograder.zip", TESTS[name])
            places[place] = name

    def one(place: Path) -> bool:
        graded(command_of("otter", python, places[place]), place, python)
        return any(points == of > 0 for points, of in points_of("otter", place) or ())

    def grade() -> int:
        with ThreadPoolExecutor(jobs) as pool:
            return sum(pool.map(one, places))

    return grade


GRADERS = {"ours": by_ours, "nbgrader": by_nbgrader, "otter": by_otter}


def session(grader: str, python: Path, hand_ins: HandIns, jobs: int) -> dict[str, Any]:
    """Let a grader grade a part of the class; what an instructor prepares once does not count."""
    with tempfile.TemporaryDirectory() as name:
        grade, load = GRADERS[grader](python, Path(name), hand_ins, jobs), os.getloadavg()[0]
        with memory() as looks:
            begun = time.monotonic()
            full = grade()
            seconds = time.monotonic() - begun
    notebooks = sum(map(len, hand_ins.values()))
    return {
        "grader": grader,
        "notebooks": notebooks,
        "seconds": seconds,
        "full_marks": full,
        "memory": max(looks),
        "load_before": load,
    }


def summary(sessions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add up each grader's sessions."""
    found: list[dict[str, Any]] = []
    for grader, name in NAMES.items():
        own = [each for each in sessions if each["grader"] == grader]
        if own:
            row = {each: sum(s[each] for s in own) for each in ("notebooks", "full_marks")}
            row["a_minute"] = 60 * row["notebooks"] / sum(each["seconds"] for each in own)
            found.append({"grader": name, **row, "memory": max(each["memory"] for each in own)})
    return [each | {"ours_to_its": found[0]["a_minute"] / each["a_minute"]} for each in found]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write the summary, a line for each grader."""
    head = f"{'grader':<20}{'notebooks':>10}{'full marks':>11}{'a minute':>10}{'ours/its':>10}"
    lines = [head + f"{'memory':>11}"]
    for row in rows:
        lines.append(
            f"{row['grader']:<20}{row['notebooks']:>10}{row['full_marks']:>11}"
            f"{row['a_minute']:>10.2f}{row['ours_to_its']:>10.2f}{row['memory'] / 2**30:>7.2f} GiB"
        )
    return "\n".join(lines)


def main() -> int:
    """Grade a class by each grader in turn, and write the table and the JSON file."""
    names = [exercise.name for exercise in EXERCISES]
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rivals", type=Path, help="a Python with otter-grader and nbgrader")
    parser.add_argument("--learners", type=int, default=30, help="in the class (default: 30)")
    parser.add_argument("--exercises", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--parts", type=int, default=3, help="turns of each grader (default: 3)")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), help="graders")
    parser.add_argument("--out", type=Path, default=Path("_build/benchmark"))
    options = parser.parse_args()
    if min(options.learners, options.parts, options.jobs) < 1:
        parser.error("--learners, --parts and --jobs are at least 1")
    solutions = {n: worked_solution(REPOSITORY, f"solutions/{n}.md") for n in options.exercises}
    sessions: list[dict[str, Any]] = []
    path = options.out / "grading_throughput.json"
    result = {"learners": options.learners, "exercises": len(solutions), "quick": True}
    try:
        python = rivals_python(options.rivals)
        result |= {"machine": machine(), "versions": versions(python), "jobs": options.jobs}
        for k, part in enumerate(in_turn(options.learners, options.parts)):
            own = {who: {n: of_learner(t, who) for n, t in solutions.items()} for who in part}
            # Each begins once, so that none always comes first.
            turn = [*NAMES, *NAMES][k % len(NAMES) :][: len(NAMES)]
            for grader in (each for each in turn if each in options.only):
                sessions.append(session(grader, python, own, options.jobs))
                print(table(summary(sessions[-1:])).splitlines()[-1], flush=True)
                write_result(path, result | {"sessions": sessions, "summary": summary(sessions)})
    except MissingError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(summary(sessions)))
    print(f"Written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
