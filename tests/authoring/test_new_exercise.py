"""`mnist-keras notebooks --new`: from nothing to an exercise that is checked and graded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment

from mnist_keras.authoring import new_exercise
from mnist_keras.errors import CourseError

ROOT = Path(__file__).parents[2]
LEFT_OUT = ("__pycache__", "_ext", "*.webp")
PAGE = "solutions/07-dropout.md"
MADE = {PAGE, "mnist_keras/checks/exercises/dropout.py", "tests/checks/cases_07_dropout.py"}
GENERATED = {
    "exercises/07-dropout.ipynb",
    "mnist_keras/checks/exercises/07-dropout.json",
    "mnist_keras/grading/course/07-dropout.json",
}
CHECKED = """
from mnist_keras.checks import open_exercise

check, hint = open_exercise("07-dropout")
check("7.1")
hint("7.1")
parameters = 78_400
check("7.1")
parameters = (28 * 28 + 1) * 100
check()
"""
CASES = """
import sys

import numpy as np

sys.path.insert(0, "tests")
from checks.cases_07_dropout import CASES
from mnist_keras.checks.exercises import exercise_named

for number, question in CASES.questions.items():
    for listed in (question.right, question.wrong):
        for code in (CASES.notebook, *listed.values()):
            values = {"np": np}
            exec(code, values)
            exercise = exercise_named(CASES.exercise)
            print(*(each.status.value for each in exercise.verdicts(exercise.collect(values))))
"""
GRADED = """
from pathlib import Path

from mnist_keras.authoring import worked_solution
from mnist_keras.checks.exercises import exercise_named
from mnist_keras.grading.scoring import Entry, grade_of
from mnist_keras.grading.judging import judged
from mnist_keras.grading.notebooks import read_notebook
from mnist_keras.grading.submissions import find_submissions
from mnist_keras.sandbox.runner import Outcome

folder = Path("class/alice")
folder.mkdir(parents=True)
(folder / "mine.ipynb").write_text(worked_solution(".", "solutions/07-dropout.md"))
(submission,) = find_submissions(Path("class")).chosen
exercise = exercise_named(submission.exercise)
entry = Entry(submission, exercise, read_notebook(submission.content.read(), submission.file))
values = {}
for cell in entry.notebook.code[1:]:
    exec(cell.source, values)
data = exercise.collect(values)
entry.shown = {each.number: judged(each, data, ()) for each in exercise.questions}
entry.outcome.set_result(Outcome(""))
grade = grade_of(entry)
print(submission.learner, grade.exercise, grade.earned, "of", grade.points)
"""


@pytest.fixture
def course(tmp_path):
    """Copy what of the course an exercise is made from."""
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    for name in ("book", "exercises", "mnist_keras", "solutions"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("_config.yml", "index.md", "tests/checks/cases.py", "tests/checks/slices.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def python(course, *arguments):
    """Run Python with the copy's package."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=course,
        env=environment(PYTHONPATH=str(course)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(course):
    return {path.relative_to(course).as_posix() for path in course.rglob("*") if path.is_file()}


def test_a_new_exercise_is_written_checked_and_graded_without_another_edit(course):
    before = files(course)
    said = python(course, "-m", "mnist_keras", "notebooks", "--new", "07-dropout")
    assert files(course) - before == MADE | GENERATED
    for name in MADE:
        assert f"{name}: " in said

    lines = python(course, "-c", CHECKED).splitlines()
    assert lines[0].startswith("○ 7.1 The parameters of a dense layer: not attempted")
    assert lines[1].startswith("Hint 1 of 2 for 7.1: Begin with a single unit")
    assert "not yet. 78,400 counts the weights; each unit has one number more" in lines[2]
    assert "correct. A weight for each of 784 pixels and a bias" in lines[3]
    assert lines[4] == "core: 1 of 1; 1 of 1 points"

    statuses = python(course, "-c", CASES).splitlines()
    assert statuses == ["correct"] * 6 + ["not yet"] * 6
    assert python(course, "-c", GRADED).splitlines()[-1] == "alice 07-dropout 1 of 1"

    assert python(course, "-m", "mnist_keras", "notebooks", "--check") == ""

    # While it is written, its page may be ahead of its rules.
    page = course / PAGE
    page.write_text(page.read_text().replace("7.1 The", "7.2 The"))
    assert "07-dropout.json" in python(course, "-m", "mnist_keras", "notebooks")
    late = "from mnist_keras.checks import open_exercise; check, hint = open_exercise('7'); "
    caught = f"{late}\ntry:\n    check('7.2')\nexcept Exception as error:\n    print(error)"
    said = "question 7.2 has neither choices nor a rule in dropout.py"
    assert python(course, "-c", caught).strip() == said


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("07-dropout", "solutions/07-dropout.md is there already"),
        ("07-other", "solutions/07-dropout.md is there already"),
        ("08-dropout", "dropout.py is there already"),
        ("dropout", "is no name for an exercise"),
        ("8-dropout", "is no name for an exercise"),
        ("08-Drop", "is no name for an exercise"),
        ("08-../x", "is no name for an exercise"),
        ("08-lambda", "is no name for an exercise"),
    ],
)
def test_nothing_is_overwritten_and_a_name_that_does_not_fit_is_refused(tmp_path, name, problem):
    new_exercise(tmp_path, "07-dropout")
    (tmp_path / PAGE).write_text("mine")
    before = files(tmp_path)
    with pytest.raises(CourseError, match=problem):
        new_exercise(tmp_path, name)
    assert files(tmp_path) == before
    assert (tmp_path / PAGE).read_text() == "mine"
