"""An instructor's corrections: always win, are marked, and mistakes in the file are one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from class_samples import EXERCISES, class_of, ordinary_class

from mnist_keras.checks.exercises import exercise_named
from mnist_keras.errors import CourseError
from mnist_keras.grading.command import read_given, report
from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State
from mnist_keras.grading.overrides import Override, Overrides, apply_overrides, read_overrides
from mnist_keras.grading.scoring import before_grading, missing

ROOT = Path(__file__).resolve().parents[2]
ONE, TWO = EXERCISES


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "grades.toml"
    path.write_text(text, encoding="utf-8")
    return path


def corrected(*corrections: Override, grades: ClassGrades | None = None) -> ClassGrades:
    return apply_overrides(grades or ordinary_class(), Overrides("grades.toml", corrections))


def notebook(grades: ClassGrades, learner: str, exercise: str) -> NotebookGrade:
    (found,) = [each for each in grades.learners if each.learner == learner]
    (kept,) = [each for each in found.notebooks if each.exercise == exercise]
    return kept


def test_file_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[[override]]\nlearner = "alice"\nquestion = "1.2"\nearned = 1\nwhy = "the\\nplot"\n'
        '[[override]]\nlearner = "bob"\nquestion = "1.1"\nearned = 2.5\n',
    )
    assert read_overrides(path) == Overrides(
        str(path), (Override("alice", "1.2", 1, "the plot"), Override("bob", "1.1", 2.5))
    )


def test_empty_file_corrects_nothing(tmp_path: Path) -> None:
    overrides = read_overrides(written(tmp_path, ""))
    assert apply_overrides(ordinary_class(), overrides) == ordinary_class()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[override]", "no TOML file"),
        ("[[overide]]\nlearner='a'", "under \\[\\[override\\]\\], and nothing else"),
        ("override = 3", "under \\[\\[override\\]\\]"),
        ("[[override]]\nlerner = 'a'", "unknown key 'lerner'; did you mean 'learner'"),
        ("[[override]]\nquestion = '1.1'\nearned = 1", "names no learner"),
        ("[[override]]\nlearner = 'a'\nearned = 1", "names no question"),
        ("[[override]]\nlearner='a'\nexercise='b'\nearned=1", "unknown key 'exercise'"),
        ("[[override]]\nlearner='a'\nquestion=1.1\nearned=1", "question must be text, such as"),
        ("[[override]]\nlearner='a'\nquestion='1.1'", "must say what was earned"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned='1'", "must say what was earned"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=true", "must say what was earned"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=-1", "0 or more, not -1"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=nan", "0 or more, not nan"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=inf", "0 or more, not inf"),
        (
            "[[override]]\nlearner='a'\nquestion='1.1'\nearned=1\n" * 2,
            "corrects 1.1 of 'a' twice",
        ),
    ],
)
def test_mistakes_in_the_file_are_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CourseError, match=message) as caught:
        read_overrides(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        read_overrides(tmp_path / "none.toml")


def test_question_is_set_and_marked() -> None:
    grades = corrected(Override("alice", "1.2", 2, "the plot was right"))
    question = notebook(grades, "alice", ONE).questions[1]
    assert (question.earned, question.status, question.corrected) == (2, "correct", True)
    assert question.message == "as expected. Set by the instructor: the plot was right"
    assert notebook(grades, "alice", ONE).earned == 3.5
    assert notebook(grades, "bob", TWO) == notebook(ordinary_class(), "bob", TWO)


@pytest.mark.parametrize(("earned", "status"), [(0, "not yet"), (0.5, "partly"), (2, "correct")])
def test_status_follows_the_points(earned: float, status: str) -> None:
    grades = corrected(Override("Ada Lovelace", "1.1", earned))
    assert notebook(grades, "Ada Lovelace", ONE).questions[0].status == status


def test_question_of_a_notebook_that_could_not_be_graded() -> None:
    kept = notebook(corrected(Override("bob", "1.1", 2)), "bob", ONE)
    assert (kept.state, kept.earned, kept.reason) == (State.NOT_GRADED, 2, "it took too long")


def test_question_of_a_missing_notebook() -> None:
    kept = notebook(corrected(Override("Nobody", "2.1", 1, "shown in class")), "Nobody", TWO)
    assert (kept.state, kept.earned, kept.points) == (State.GRADED, 1, 2)
    assert kept.notes == ("graded by the instructor; before: not handed in",)


def test_notebook_that_nobody_handed_in_has_the_questions_of_the_course() -> None:
    exercise = exercise_named(ONE)
    rows = LearnerGrades("alice", (missing(exercise),))
    grades = class_of(rows, exercises={ONE: 12})
    kept = notebook(corrected(Override("alice", "1.9", 1), grades=grades), "alice", ONE)
    assert (kept.earned, kept.points, len(kept.questions)) == (1, 12, 9)


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (Override("alise", "1.1", 1), "no learner 'alise'; did you mean 'alice'"),
        (Override("zzz", "1.1", 1), "no learner 'zzz'; there is: 'Ada Lovelace', 'alice'"),
        (Override("alice", "1.3", 1), "no question '1.3'; did you mean '1.[12]'"),
        (Override("alice", "x", 1), "no question 'x'; there is: '1.1', '1.2', '2.1'"),
        (Override("alice", "1.1", 2.5), "1.1 of 'alice' is worth 2, so earned cannot be 2.5"),
    ],
)
def test_what_is_not_there_is_named(correction: Override, message: str) -> None:
    with pytest.raises(CourseError, match=message) as caught:
        corrected(correction)
    assert "\n" not in str(caught.value)


def option(folder: Path, override: str, **others: object) -> SimpleNamespace:
    path = written(folder, override)
    submission = folder / "class"
    (submission / "alice").mkdir(parents=True)
    shutil.copy(ROOT / f"exercises/{ONE}.ipynb", submission / "alice")
    plain = {"roster": None, "due": None, "out": None, "json": False, "core": False}
    return SimpleNamespace(submission=submission, override=path, **plain | others)


@pytest.mark.parametrize(
    ("learner", "question", "message"),
    [
        ("alicia", "1.1", "no learner 'alicia'; did you mean 'alice'"),
        ("alice", "2.1", "no question '2.1'; did you mean"),
        ("alice", "1.1", "earned cannot be 50"),
    ],
)
def test_what_is_not_there_is_named_before_a_notebook_runs(
    tmp_path: Path, learner: str, question: str, message: str
) -> None:
    text = f"[[override]]\nlearner='{learner}'\nquestion='{question}'\nearned=50"
    with pytest.raises(CourseError, match=message):
        read_given(option(tmp_path, text))


def test_with_core_questions_only_the_same_corrections_are_taken(tmp_path: Path) -> None:
    exercise = exercise_named(ONE)
    extra = next(each for each in exercise.questions if each not in exercise.core)
    core = exercise.core[0]
    text = "".join(
        f"[[override]]\nlearner='alice'\nquestion='{each.number}'\nearned=1\n"
        for each in (extra, core)
    )
    for core_alone, earned in ((False, 2), (True, 1)):
        folder = tmp_path / str(core_alone)
        folder.mkdir()
        options = option(folder, text, core=core_alone, json=True)
        given = read_given(options)
        printed, _ = report(before_grading(given.handins), given, options)
        (learner,) = json.loads(printed)["learners"]
        assert sum(row["earned"] for row in learner["notebooks"]) == earned
