"""What compares graders: its tables and what it hands to them. No other grader runs."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing

import grading_attacks
import grading_throughput
import pytest
import rivals
from attack_corpus import WRONG, notebook

TESTS = {"q1": rivals.Test(("answer",), "assert answer == 1")}


def of_a_grader(points=0, ended=True, row=True, harm=(), of=4):
    return {"points": points, "of": of, "ended": ended, "row": row, "harm": list(harm)}


def a_row(attack, **graders):
    empty = dict.fromkeys(grading_attacks.NAMES, of_a_grader())
    return {"attack": attack, "aim": "Cheat.", "graders": {**empty, **graders}}


ROWS = [
    a_row("first", pytest=of_a_grader(4), otter=of_a_grader(2, harm=["left a file"])),
    a_row("second", otter=of_a_grader(ended=False, row=False), nbgrader=None),
]


def test_the_counts_are_those_of_the_rows():
    counted = {row["grader"]: row for row in grading_attacks.summary(ROWS)}
    assert counted["plain pytest"] == {
        "grader": "plain pytest",
        "attacks": 2,
        "earned": 1,
        "full": 1,
        "stopped": 0,
        "without_row": 0,
        "harmed": 0,
    }
    otter = counted["otter-grader"]
    assert (otter["earned"], otter["full"], otter["stopped"], otter["harmed"]) == (1, 0, 1, 1)
    assert counted["nbgrader"]["attacks"] == 1
    assert counted["mnist-keras grade"]["earned"] == 0


def test_the_table_says_what_was_left_out_and_what_stopped():
    lines = grading_attacks.table(ROWS).splitlines()
    first, second = (next(x for x in lines if x.startswith(n)) for n in ("first", "second"))
    assert "4/4" in first
    assert "2/4 harm" in first
    assert "0/4 stopped" in second
    assert "left out" in second


@pytest.mark.parametrize("answers", [list(WRONG), ["x = 1"]])
def test_the_plain_module_gives_wrong_answers_nothing(tmp_path, monkeypatch, answers):
    (tmp_path / f"{rivals.NOTEBOOK}.ipynb").write_text(notebook(answers))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(grading_attacks.plain_module(), names)
    for test in [v for k, v in names.items() if k.startswith("test_")]:
        with pytest.raises((AssertionError, AttributeError, KeyError)):
            test()
    assert len([k for k in names if k.startswith("test_")]) == len(grading_attacks.TESTS)


def test_harm_is_seen(tmp_path):
    instructor, other = tmp_path / "instructor", tmp_path / "other"
    instructor.mkdir()
    (instructor / "canary").write_text("B")
    other.write_text(rivals.OTHER)
    before = rivals.files(instructor)
    assert rivals.harm(instructor, before, other) == []
    (instructor / "canary.touched").touch()
    other.unlink()
    assert len(rivals.harm(instructor, before, other)) == 2
    (instructor / "canary").unlink()
    assert len(rivals.harm(instructor, before, other)) == 3


def test_otter_gets_a_test_for_each_question(tmp_path):
    rivals.otter_archive(tmp_path / "a.zip", TESTS)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        text = archive.read("tests/q1.py").decode()
    assert "def test_it(answer):\n    assert answer == 1\n" in text
    compile(text, "q1.py", "exec")


def test_nbgrader_gets_a_locked_cell_for_each_question():
    (cell,) = rivals.graded_cells(TESTS)
    assert cell["source"] == "assert answer == 1"
    wanted = {"grade": True, "locked": True, "points": 1, "solution": False}
    assert wanted.items() <= cell["metadata"]["nbgrader"].items()
    content = json.loads(rivals.with_cells(notebook(["answer = 1"]), [cell]))
    assert [each["source"] for each in content["cells"]] == ["answer = 1", "assert answer == 1"]


def test_a_python_without_the_graders_is_named_in_a_line(tmp_path):
    with pytest.raises(rivals.MissingError, match="cannot be run"):
        rivals.versions(tmp_path / "python")
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no otter here' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(rivals.MissingError, match=r"no otter here.*pip install otter-grader"):
        rivals.versions(python)


def test_each_learner_s_notebook_is_another_one():
    first, second = (grading_throughput.of_learner(notebook(["x = 1"]), n) for n in "ab")
    assert first != second
    assert [c["source"] for c in json.loads(first)["cells"]][1:] == ["x = 1"]


def test_the_class_is_split_and_nobody_is_lost():
    parts = grading_throughput.in_turn(7, 3)
    assert sorted(map(len, parts)) == [2, 2, 3]
    assert len({name for part in parts for name in part}) == 7
    assert grading_throughput.in_turn(1, 3) == [["learner000"]]


def test_throughput_is_that_of_all_sessions_and_memory_the_highest():
    def session(grader, seconds, memory):
        return {
            "grader": grader,
            "notebooks": 6,
            "seconds": seconds,
            "full_marks": 6,
            "memory": memory,
        }

    rows = grading_throughput.summary(
        [session("nbgrader", 300, 1), session("ours", 30, 2**30), session("ours", 60, 2**31)]
    )
    ours, theirs = rows
    assert ours["a_minute"] == pytest.approx(8)
    assert ours["memory"] == 2**31
    assert theirs["ours_to_its"] == pytest.approx(8 / 1.2)
    assert "2.00 GiB" in grading_throughput.table(rows)


def test_each_exercise_has_a_test_for_each_question():
    from mnist_keras.checks.exercises import EXERCISES

    for exercise in EXERCISES:
        tests = grading_throughput.tests_of(exercise)
        assert len(tests) == len(exercise.questions)
        assert all(test.names for test in tests.values())


def test_points_are_read_of_what_each_grader_leaves(tmp_path):
    assert rivals.points_of("pytest", tmp_path) is None
    (tmp_path / "report.xml").write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase></testsuite></testsuites>"
    )
    assert rivals.points_of("pytest", tmp_path) == [(1, 2)]
    scores = ({}, {"score": 1.0, "max_score": 1.0}, {"score": None, "max_score": 1.0})
    (tmp_path / "results.json").write_text(json.dumps({"tests": scores}))
    assert rivals.points_of("otter", tmp_path) == [(1, 2)]
    (tmp_path / "results.json").write_text('{"tests": 5}')
    assert rivals.points_of("otter", tmp_path) is None
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as base:
        base.execute("create table grade (notebook_id, manual_score, auto_score)")
        rows = [("a", None, 1), ("a", None, 1), ("b", 0, 1), ("b", None, 1)]
        base.executemany("insert into grade values (?, ?, ?)", rows)
        base.commit()
    assert rivals.points_of("nbgrader", tmp_path) is None, "no notebook was graded"
    graded = tmp_path / "autograded" / rivals.LEARNER / rivals.ASSIGNMENT / "exercise.ipynb"
    graded.parent.mkdir(parents=True)
    graded.touch()
    assert rivals.points_of("nbgrader", tmp_path) == [(2, 2), (1, 2)]


def test_a_grader_that_does_not_end_is_ended(tmp_path):
    status, said = rivals.run(["sh", "-c", "echo begun; sleep 1000"], tmp_path, seconds=0.5)
    assert status is None
    assert said == "begun\n"
    assert rivals.run(["sh", "-c", "exit 3"], tmp_path) == (3, "")
