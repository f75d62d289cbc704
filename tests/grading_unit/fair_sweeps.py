"""Is the grade what the learner earned? The sweeps that take hours, so that no other run has them.

    pytest tests/grading_unit/fair_sweeps.py                       # all of them
    pytest tests/grading_unit/fair_sweeps.py -k habit --sweep-exercise 01 --sweep-jobs 4

Each habit of the corpus is added to each worked solution and to right answers that need no
training; each right answer of the cases is judged on all data and graded on few; the solutions are
graded time and again, with one job and with two. ``-k solved`` or ``-k untrained`` chooses among
the first, ``-k check`` and ``-k time`` are the others. ``--at-once 10`` adds ten habits to a
solution together, and ``--times 10`` says how often the solutions are graded.
"""

from __future__ import annotations

import json

import pytest
from attack_corpus import IMPORTS, notebook
from checks.listed import ALL

from grading_unit.spoiled import ROOT, habits, right_cells
from grading_unit.test_fair_grades import graded, lost
from mnist_keras.authoring import worked_solution
from mnist_keras.checks.exercises import exercise_named
from mnist_keras.checks.questions import Status
from mnist_keras.checks.sources import typed_names

pytestmark = pytest.mark.timeout(0)

HOURS = 12 * 3600.0


def chosen(config):
    only = config.getoption("--sweep-exercise")
    return [cases for cases in ALL if not only or cases.exercise[:2] in only]


def pytest_generate_tests(metafunc):
    if "cases" in metafunc.fixturenames:
        metafunc.parametrize("cases", chosen(metafunc.config), ids=lambda cases: cases.exercise)
    if "turn" in metafunc.fixturenames:
        metafunc.parametrize("turn", range(metafunc.config.getoption("--times")))


@pytest.fixture
def rows_of(tmp_path, pytestconfig):
    """Give a function that grades notebooks of exercises, by learner and exercise."""
    jobs = pytestconfig.getoption("--sweep-jobs")
    return lambda hand_ins, jobs=jobs: graded(hand_ins, tmp_path, "--jobs", jobs, limit=HOURS)


def solved(cases):
    return worked_solution(ROOT, f"solutions/{cases.exercise}.md")


def untrained(cases):
    return notebook([IMPORTS, *right_cells(cases)], cases.exercise)


def with_habit(text, lines):
    """Put lines before the imports of a solution, in the same cell."""
    found = json.loads(text)
    cell = next(c for c in found["cells"] if "import keras\n" in "".join(c["source"]))
    cell["source"] = [f"{lines}\n", *cell["source"]]
    return json.dumps(found)


@pytest.mark.parametrize("answers", [solved, untrained])
def test_no_habit_costs_a_point(rows_of, pytestconfig, cases, answers):
    every, at_once = list(habits().items()), pytestconfig.getoption("--at-once")
    parts = [dict(every[k : k + at_once]) for k in range(0, len(every), at_once)]
    text = answers(cases)
    hand_ins = {
        (f"habits {k}", cases.exercise): with_habit(text, "\n".join(part.values()))
        for k, part in enumerate(parts)
    }
    # Partly right is right for check(): hidden tests see that the networks never trained.
    fine = ("correct", "partly") if answers is untrained else ("correct",)
    rows = rows_of(hand_ins)
    wrong = [
        (", ".join(part), question["number"], question["message"])
        for k, part in enumerate(parts)
        for question in rows[f"habits {k}"]["questions"]
        if question["status"] not in fine
    ]
    assert wrong == []


def test_a_right_answer_gets_the_same_from_check_and_from_the_grader(rows_of, cases):
    exercise, cells = exercise_named(cases.exercise), right_cells(cases)
    wanted, hand_ins = {}, {}
    for number, question in cases.questions.items():
        for k, (what, code) in enumerate(question.right.items()):
            typed = typed_names([IMPORTS, *cells, code])
            judged = exercise.verdicts(exercise.collect(cases.namespace(code)), typed)
            verdicts = {verdict.number: verdict.status for verdict in judged}
            if used_are_right(exercise, number, verdicts):
                wanted[f"{number} {k}"] = number, what, verdicts[number].value
                text = notebook([IMPORTS, *cells, code], exercise.name)
                hand_ins[f"{number} {k}", exercise.name] = text
    rows, wrong = rows_of(hand_ins), []
    for learner, (number, what, status) in wanted.items():
        found = next(q for q in rows[learner]["questions"] if q["number"] == number)
        # Partly right is right for check(): a hidden test found out an untrained network.
        if ("correct" if found["status"] == "partly" else found["status"]) != status:
            wrong.append((number, what, status, found["status"], found["message"]))
    assert wrong == []


def used_are_right(exercise, number, verdicts):
    """Whether the answers are right that an answer is made of: else the course's are put in."""
    uses = set(exercise.question(number).uses)
    return all(
        verdicts[each.number] is Status.CORRECT
        for each in exercise.questions
        if each.number != number and uses & set(each.names)
    )


def test_a_solution_is_right_each_time(rows_of, pytestconfig, turn):
    hand_ins = {(each.exercise, each.exercise): solved(each) for each in chosen(pytestconfig)}
    rows = rows_of(hand_ins, jobs=1 + turn % 2)
    assert {learner: lost(row) for learner, row in rows.items() if lost(row)} == {}
