"""Is the grade what the learner earned? The sweeps that are too long for the tests.

    python benchmarks/fair_grades.py habits     # each habit of the corpus, added to each solution
    python benchmarks/fair_grades.py verdicts   # check() on all data, then the grade on few
    python benchmarks/fair_grades.py repeated   # the solutions, with one job and with two

Each prints what differs from what it should be, one line a case, and exits with 1 if anything does.
``--only 01 --only 03`` chooses exercises, ``--times 10`` how often the solutions are graded,
``--at-once 10`` how many habits are added to a solution together, and ``--untrained`` adds them to
right answers that need no training, where the solutions take half a minute each.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from checks.test_cases import ALL  # noqa: E402
from command_line import run_cli  # noqa: E402
from grading_unit.attack_corpus import IMPORTS, notebook  # noqa: E402
from grading_unit.spoiled import habits, right_cells  # noqa: E402

from mnist_keras.authoring import worked_solution  # noqa: E402
from mnist_keras.checks.exercises import exercise_named  # noqa: E402
from mnist_keras.checks.questions import Exercise, Status, Verdict  # noqa: E402
from mnist_keras.checks.sources import typed_names  # noqa: E402

HandIn = tuple[str, str, str]  # a learner's name, the exercise and the notebook's text
HOURS = 12 * 3600.0


def graded(hand_ins: Iterable[HandIn], jobs: int) -> dict[str, dict[str, tuple[str, str]]]:
    """Grade notebooks; each learner's status and message of each question."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for learner, exercise, text in hand_ins:
            place = folder / "class" / learner / f"{exercise}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        out = folder / "grades"
        done = run_cli("grade", folder / "class", "--out", out, "--jobs", jobs, limit=HOURS)
        if not (out / "grades.json").exists():
            raise SystemExit(done.stderr[-3000:])
        learners = json.loads((out / "grades.json").read_text(encoding="utf-8"))["learners"]
    return {
        row["learner"]: {
            q["number"]: (q["status"], q["message"])
            for each in row["notebooks"]
            if each["state"] != "not handed in"
            for q in each["questions"]
        }
        for row in learners
    }


def solutions(only: list[str]) -> Iterator[tuple[str, str]]:
    """Return the exercises with their worked solutions."""
    for cases in ALL:
        if not only or cases.exercise[:2] in only:
            yield cases.exercise, worked_solution(ROOT, f"solutions/{cases.exercise}.md")


def with_habit(text: str, lines: str) -> str:
    """Put lines before the imports of a solution, in the same cell."""
    found = json.loads(text)
    cell = next(c for c in found["cells"] if "import keras\n" in c["source"])
    cell["source"] = [f"{lines}\n", *cell["source"]]
    return json.dumps(found)


def untrained(only: list[str]) -> Iterator[tuple[str, str]]:
    """Return the exercises with right answers that were put together without training."""
    for cases in ALL:
        if not only or cases.exercise[:2] in only:
            yield cases.exercise, notebook([IMPORTS, *right_cells(cases)], cases.exercise)


def habit_sweep(
    notebooks: Iterable[tuple[str, str]], jobs: int, at_once: int, fine: Collection[str]
) -> list[str]:
    """Add each habit to each notebook; name the questions whose status is not fine then."""
    wrong, count = [], 0
    every = list(habits().items())
    for exercise, text in notebooks:
        named = {
            f"habit {k:02d}": (", ".join(names), "\n".join(lines))
            for k in range(0, len(every), at_once)
            for names, lines in [zip(*every[k : k + at_once], strict=True)]
        }
        rows = graded(
            ((name, exercise, with_habit(text, lines)) for name, (_, lines) in named.items()), jobs
        )
        count += len(rows)
        wrong += [
            f"{exercise}, {named[learner][0]}: {number} {message}"
            for learner, row in rows.items()
            for number, (status, message) in row.items()
            if status not in fine
        ]
    print(f"{count} notebooks with {at_once} of {len(every)} habits each", flush=True)
    return wrong


def verdict_sweep(only: list[str], jobs: int) -> list[str]:
    """Judge each right variant of the corpus as check() does, on all data, and then grade it."""
    wrong, count, left_out = [], 0, 0
    for cases in ALL:
        if only and cases.exercise[:2] not in only:
            continue
        exercise, cells = exercise_named(cases.exercise), right_cells(cases)
        wanted, hand_ins = {}, []
        for number, question in cases.questions.items():
            for k, (what, code) in enumerate(question.right.items()):
                typed = typed_names([IMPORTS, *cells, code])
                judged = exercise.verdicts(exercise.collect(cases.namespace(code)), typed)
                verdicts = {verdict.number: verdict for verdict in judged}
                if not used_are_right(exercise, number, verdicts):
                    left_out += 1
                    continue
                learner = f"{number} {k}"
                wanted[learner] = number, what, verdicts[number].status.value
                hand_ins.append(
                    (learner, exercise.name, notebook([IMPORTS, *cells, code], exercise.name))
                )
        rows = graded(hand_ins, jobs)
        count += len(rows)
        for learner, (number, what, status) in wanted.items():
            found, message = rows[learner][number]
            # Partly right is right for check(): a hidden test found out an untrained network.
            if ("correct" if found == "partly" else found) != status:
                wrong.append(f"{number}, {what}: check() says {status}, graded {found}: {message}")
    print(f"{count} right variants; {left_out} left out, which use a wrong answer of their own")
    return wrong


def used_are_right(exercise: Exercise, number: str, verdicts: Mapping[str, Verdict]) -> bool:
    """Whether the answers are right that an answer is made of: else the course's are put in."""
    asked = exercise.question(number)
    assert asked
    return all(
        verdicts[each.number].status is Status.CORRECT
        for each in exercise.questions
        if each.number != number and set(each.names) & set(asked.uses)
    )


def repeated(only: list[str], times: int) -> list[str]:
    """Grade the solutions time and again, with one job and with two."""
    wrong = []
    for turn in range(times):
        jobs = 1 + turn % 2
        hand_ins = (("solved", name, text) for name, text in solutions(only))
        (row,) = graded(hand_ins, jobs).values()
        wrong += [
            f"turn {turn + 1}, {jobs} jobs: {number} {message}"
            for number, (status, message) in row.items()
            if status != "correct"
        ]
        print(f"turn {turn + 1} of {times}, {jobs} jobs: {len(row)} questions")
    return wrong


def main() -> int:
    """Run a sweep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sweep", choices=("habits", "verdicts", "repeated"))
    parser.add_argument("--only", action="append", default=[], metavar="NN")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    if options.sweep == "habits" and options.untrained:
        # Partly right is right for check(): hidden tests see that the networks never trained.
        fine = ("correct", "partly")
        wrong = habit_sweep(untrained(options.only), options.jobs, options.at_once, fine)
    elif options.sweep == "habits":
        wrong = habit_sweep(solutions(options.only), options.jobs, options.at_once, ("correct",))
    elif options.sweep == "verdicts":
        wrong = verdict_sweep(options.only, options.jobs)
    else:
        wrong = repeated(options.only, options.times)
    print("\n".join(wrong) or "nothing differs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
