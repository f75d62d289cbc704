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

import rivals
from machine import command_line, finish, write_result
from rivals import REPOSITORY, MissingError, Test, code_cell, with_cells

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

HandIns = Sequence[tuple[str, str, str]]  # a learner, the exercise and the notebook
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


def graded(grader: str, python: Path, folder: Path, *name: str) -> list[tuple[float, int]]:
    """Run a grader; give each notebook's points, and of how many."""
    command = rivals.command_of(grader, python, *name)
    status, said = rivals.run(command, folder, rivals.environment(python))
    if status not in (0, 1):
        raise MissingError(f"{command[2]} ended with {status}: {said[-600:]}")
    return rivals.points_of(grader, folder) or []


def by_ours(python: Path, folder: Path, hand_ins: HandIns, jobs: int) -> Grade:
    """Grade by ``mnist-keras grade``."""
    for learner, name, content in hand_ins:
        rivals.put(folder / "class" / learner / f"{name}.ipynb", content)

    def grade() -> int:
        status, said, grades = rivals.by_ours(folder, "--jobs", jobs)
        if status not in (0, 1):  # it ends with 1 where a notebook could not be graded
            raise MissingError(f"mnist_keras ended with {status}: {said[-600:]}")
        pages = [page["questions"] for row in grades["learners"] for page in row["notebooks"]]
        return sum(bool(p) and all(q["earned"] == q["points"] for q in p) for p in pages)

    return grade


def by_nbgrader(python: Path, folder: Path, hand_ins: HandIns, jobs: int) -> Grade:
    """Grade by ``nbgrader autograde``."""
    released = rivals.nbgrader_course(python, folder, TESTS, CELL_SECONDS)
    for learner, name, content in hand_ins:
        place = folder / "submitted" / learner / rivals.ASSIGNMENT
        rivals.put(place / f"{name}.ipynb", with_cells(content, released[name]))
    return lambda: sum(points == of for points, of in graded("nbgrader", python, folder))


def by_otter(python: Path, folder: Path, hand_ins: HandIns, jobs: int) -> Grade:
    """Grade by ``otter run``, some at a time."""
    places = [(folder / learner / name, name) for learner, name, _ in hand_ins]
    for (place, name), (_, _, content) in zip(places, hand_ins, strict=True):
        rivals.put(place / f"{name}.ipynb", with_cells(content, []))
        rivals.otter_archive(place / "autograder.zip", TESTS[name])

    def grade() -> int:
        with ThreadPoolExecutor(jobs) as pool:
            found = pool.map(lambda each: graded("otter", python, *each), places)
            return sum(points == of > 0 for rows in found for points, of in rows)

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
    found = {"grader": grader, "notebooks": len(hand_ins), "seconds": seconds}
    return found | {"full_marks": full, "memory": max(looks), "load_before": load}


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
    parser = command_line(__doc__, quick=False)
    parser.add_argument("--rivals", type=Path, help="a Python with otter-grader and nbgrader")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    parser.add_argument("--learners", type=int, default=30, help="in the class (default: 30)")
    parser.add_argument("--exercises", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--parts", type=int, default=3, help="turns of each grader (default: 3)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), help="graders")
    options = parser.parse_args()
    if min(options.learners, options.parts, options.jobs) < 1:
        parser.error("--learners, --parts and --jobs are at least 1")
    solutions = {n: worked_solution(REPOSITORY, f"solutions/{n}.md") for n in options.exercises}
    python = rivals.rivals_python(options.rivals)
    sessions: list[dict[str, Any]] = []
    path = options.out / "grading_throughput.json"
    result = {"learners": options.learners, "exercises": len(solutions), "quick": True}
    result |= {"versions": rivals.versions(python), "jobs": options.jobs}
    for k, part in enumerate(in_turn(options.learners, options.parts)):
        own = [(who, n, of_learner(t, who)) for who in part for n, t in solutions.items()]
        # Each begins once, so that none always comes first.
        turn = [*NAMES, *NAMES][k % len(NAMES) :][: len(NAMES)]
        for grader in (each for each in turn if each in options.only):
            sessions.append(session(grader, python, own, options.jobs))
            print(table(summary(sessions[-1:])).splitlines()[-1], flush=True)
            result |= {"sessions": sessions, "summary": summary(sessions)}
            write_result(path, result)
    print(table(summary(sessions)))
    return finish(path, result)


if __name__ == "__main__":
    sys.exit(rivals.status_of(main))
