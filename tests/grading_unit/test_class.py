"""A class, graded by the command as an instructor would."""

from __future__ import annotations

import csv
import importlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attack_corpus import IMPORTS, WRONG, notebook
from checks.listed import ALL
from command_line import environment, run_cli, start_cli

from grading_unit.damaged import damaged_notebooks
from mnist_keras.authoring import EXERCISES as GENERATED
from mnist_keras.checks.exercises import EXERCISES, exercise_named
from mnist_keras.sandbox.conversation import Ask
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.runner import Runner

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[2]
DAMAGED = 50
CASES = {cases.exercise: cases for cases in ALL}


def grade(hand_ins, out, *options, status=0):
    done = run_cli("grade", hand_ins, "--out", out, *options, limit=1700)
    assert done.returncode == status, done.stderr[-3000:]
    return done


def rows_of(out):
    """Give each learner's notebooks, by the learner's name."""
    learners = json.loads((out / "grades.json").read_text())["learners"]
    return {row["learner"]: row["notebooks"] for row in learners}


def earned(notebook_row):
    return {q["number"]: q["earned"] for q in notebook_row["questions"]}


def points(exercise):
    return {q.number: q.points for q in exercise_named(exercise).questions}


def answered(exercise, *code):
    """Write a notebook that answers every question rightly without training, then runs code."""
    cases = CASES[exercise]
    module = importlib.import_module(f"checks.cases_{exercise.replace('-', '_')}")
    # What the cases share is imported from here, which a learner's child cannot.
    shared = getattr(module, "DEFINITIONS", "") + getattr(module, "SHARED", "")
    shared += "\ndef shared():\n    return dict(globals())\n"
    own = re.sub(r"(?m)^from checks\..*$", "", cases.notebook)
    return notebook([IMPORTS, shared, own, *code], exercise)


def own_row(rows, learner, exercise):
    (found,) = (row for row in rows[learner] if row["exercise"] == exercise)
    return found


EVERY = tuple(exercise.name for exercise in EXERCISES)


@pytest.mark.parametrize(
    "names", [EVERY[:1], pytest.param(EVERY, marks=pytest.mark.weekly)], ids=["one", "every"]
)
def test_the_exercises_as_generated_earn_nothing_and_say_so(names, tmp_path):
    (tmp_path / "alice").mkdir()
    for name in names:
        shutil.copy(ROOT / GENERATED / f"{name}.ipynb", tmp_path / "alice")
    grade(tmp_path / "alice", tmp_path / "grades")
    (rows,) = rows_of(tmp_path / "grades").values()
    graded = [row for row in rows if row["state"] == "graded"]
    assert tuple(row["exercise"] for row in graded) == names
    for row in graded:
        assert {q["status"] for q in row["questions"]} == {"not attempted"}
        assert set(earned(row).values()) == {0}
        assert row["notes"] == [], "a cell failed"


NAME = "01-learning-rate"


def test_each_of_many_damaged_notebooks_has_a_row_and_no_grade(tmp_path):
    """Some of the thousand that `test_notebooks` reads."""
    folder = tmp_path / "class"
    folder.mkdir()
    source = notebook(WRONG).encode()
    for number, (kind, content) in enumerate(damaged_notebooks(DAMAGED, source)):
        name = re.sub(r"\W+", "-", kind)
        (folder / f"learner{number:04d}-{name}.ipynb").write_bytes(content)
    done = run_cli("grade", folder, "--out", tmp_path / "grades", "--seconds", 60, limit=1700)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    with (tmp_path / "grades/grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == DAMAGED
    for learner, notebooks in rows_of(tmp_path / "grades").items():
        for row in notebooks:
            assert sum(earned(row).values()) == 0, learner
            assert row["state"] != "could not be graded" or row["reason"]


def small_class(folder):
    """Write a class of two learners, one with two exercises."""
    for k, exercise in ((0, NAME), (1, NAME), (1, "03-epochs")):
        place = folder / f"learner{k}" / f"{exercise}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(answered(exercise, f"mark = {k}"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    small_class(folder / "class")
    grade(folder / "class", folder / "grades")
    return folder


# In the order in which a session meets them.
WRITES = (
    ("before", "*/.outcomes/*"),
    ("after", "*/.outcomes/*"),
    ("before", "*/index.html"),
    ("after", "*/gradescope/learner1.json"),
)
TEN = (
    *WRITES[:2],
    ("before", "*/index.html"),
    ("after", "*/index.html"),
    ("before", "*/grades.csv"),
    ("after", "*/grades.json"),
    ("before", "*/moodle.csv"),
    ("before", "*/learners/learner0.html"),
    ("after", "*/learners/learner1.html"),
    ("before", "*/gradescope/learner1.json"),
)
KILLED = Path(__file__).with_name("killed_grading.py")


@pytest.mark.parametrize(
    "writes", [WRITES, pytest.param(TEN, marks=pytest.mark.weekly)], ids=["kinds", "ten"]
)
def test_a_session_killed_at_each_kind_of_write_ends_with_the_same_bytes(
    undisturbed, tmp_path, writes
):
    out = tmp_path / "killed"
    grade_it = ("grade", undisturbed / "class", "--out", out)
    for when, pattern in writes:
        done = subprocess.run(
            [sys.executable, "-P", KILLED, when, pattern, *grade_it],
            capture_output=True,
            text=True,
            env=environment(),
            timeout=600,
        )
        assert done.returncode == -signal.SIGKILL, (when, pattern, done.stderr[-2000:])
    assert len(list((out / ".outcomes").glob("*.json"))) == 3
    assert_like(undisturbed / "grades", out, undisturbed / "class")


@pytest.mark.weekly
def test_a_session_killed_by_the_clock_ends_with_the_same_bytes(undisturbed, tmp_path):
    out = tmp_path / "killed"
    for seconds in (6,):
        process = start_cli("grade", undisturbed / "class", "--out", out, start_new_session=True)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert_like(undisturbed / "grades", out, undisturbed / "class")


def assert_like(whole, killed, hand_ins):
    """Grade to the end in a killed session's folder, and compare it with one that was not."""
    grade(hand_ins, killed)
    names = {path.relative_to(whole) for path in whole.rglob("*") if path.is_file()}
    assert {path.relative_to(killed) for path in killed.rglob("*") if path.is_file()} == names
    assert (killed / "grades.csv").read_bytes() == (whole / "grades.csv").read_bytes()
    assert list(killed.rglob("*unfinished*")) == []


TURNS = 2  # alone, and beside others
TRAINING = """
import keras, numpy as np
from mnist_keras import load_data, prepare
(images, labels), _ = load_data()
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss, metrics=["accuracy"])
history = model.fit(prepare(images[:500]), labels[:500], verbose=0).history
drawn = np.random.rand(3)
"""


def test_the_same_work_gives_the_same_answers_in_any_order_alone_or_beside_others():
    ask = Ask("work", {"ask": "answers", "names": ["history", "drawn", "mark"], "calls": []})
    runner = Runner(Limits())
    try:
        found = []
        for turn in range(TURNS):
            marks = random.Random(turn).sample(range(2), 2)
            with ThreadPoolExecutor(1 + turn % 2) as pool:
                outcomes = pool.map(
                    lambda mark: runner.run([TRAINING, f"mark = {mark}"], [ask]), marks
                )
                found.append({o.answers["work"]["mark"]: o.answers["work"] for o in outcomes})
    finally:
        runner.close()
    assert set(found[0]) == {0, 1}
    assert all(len(each["history"]["items"]) == 2 for each in found[0].values())
    assert found == [found[0]] * TURNS


def test_one_job_or_two_give_the_same_bytes(undisturbed, tmp_path):
    grade(undisturbed / "class", tmp_path, "--jobs", 1)
    wanted = (undisturbed / "grades/grades.csv").read_bytes()
    assert (tmp_path / "grades.csv").read_bytes() == wanted


def test_a_second_session_runs_only_what_changed(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "copy")
    place = tmp_path / "copy/class/learner1" / f"{NAME}.ipynb"
    place.write_text(answered(NAME, "best_learning_rate = 5.0"))
    kept = set((tmp_path / "copy/grades/.outcomes").iterdir())
    grade(tmp_path / "copy/class", tmp_path / "copy/grades")
    assert len(set((tmp_path / "copy/grades/.outcomes").iterdir()) - kept) == 1
    row = own_row(rows_of(tmp_path / "copy/grades"), "learner1", NAME)
    assert earned(row)["1.6"] == 0
