"""An instructor's corrections: always win, are marked, and mistakes in the file are one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from class_samples import EXERCISES, class_of, ordinary_class

from mnist_keras.errors import CourseError
from mnist_keras.grading.grades import ClassGrades, LearnerGrades, NotebookGrade, State
from mnist_keras.grading.overrides import Override, Overrides, apply_overrides, read_overrides
from mnist_keras.grading.reports.sums import total

ONE, TWO = EXERCISES


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "grades.toml"
    path.write_text(text, encoding="utf-8")
    return path


def corrected(*corrections: Override, grades: ClassGrades | None = None) -> ClassGrades:
    return apply_overrides(grades or ordinary_class(), Overrides("grades.toml", corrections))


def of_question(learner: str, question: str, earned: float, why: str = "") -> Override:
    return Override(learner, question, "", earned, why)


def of_exercise(learner: str, exercise: str, earned: float, why: str = "") -> Override:
    return Override(learner, "", exercise, earned, why)


def notebook(grades: ClassGrades, learner: str, exercise: str) -> NotebookGrade:
    (found,) = [each for each in grades.learners if each.learner == learner]
    (kept,) = [each for each in found.notebooks if each.exercise == exercise]
    return kept


def test_file_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[[override]]\nlearner = "alice"\nquestion = "1.2"\nearned = 1\nwhy = "the\\nplot"\n'
        f'[[override]]\nlearner = "bob"\nexercise = "{ONE}"\nearned = 2.5\n',
    )
    assert read_overrides(path) == Overrides(
        str(path), (of_question("alice", "1.2", 1, "the plot"), of_exercise("bob", ONE, 2.5))
    )


def test_empty_file_corrects_nothing(tmp_path: Path) -> None:
    overrides = read_overrides(written(tmp_path, ""))
    assert apply_overrides(ordinary_class(), overrides) == ordinary_class()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[override]", "no TOML file"),
        ("[[overide]]\nlearner='a'", "only \\[\\[override\\]\\]"),
        ("override = 3", "under \\[\\[override\\]\\]"),
        ("[[override]]\nlerner = 'a'", "unknown key 'lerner'; did you mean 'learner'"),
        ("[[override]]\nquestion = '1.1'\nearned = 1", "names no learner"),
        ("[[override]]\nlearner = 'a'\nearned = 1", "either a question or an exercise"),
        (
            "[[override]]\nlearner='a'\nquestion='1.1'\nexercise='b'\nearned=1",
            "either a question or an exercise",
        ),
        ("[[override]]\nlearner='a'\nquestion=1.1\nearned=1", "question must be text, such as"),
        ("[[override]]\nlearner='a'\nquestion='1.1'", "must say what was earned"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned='1'", "must say what was earned"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=true", "must say what was earned"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=-1", "0 or more, not -1"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=nan", "0 or more, not nan"),
        ("[[override]]\nlearner='a'\nquestion='1.1'\nearned=inf", "0 or more, not inf"),
        (
            "[[override]]\nlearner='a'\nquestion='1.1'\nearned=1\n" * 2,
            "corrects 1.1 of 'a' twice: in corrections 1 and 2",
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
    grades = corrected(of_question("alice", "1.2", 2, "the plot was right"))
    question = notebook(grades, "alice", ONE).questions[1]
    assert (question.earned, question.status, question.corrected) == (2, "correct", True)
    assert question.message == "as expected. Set by the instructor: the plot was right"
    assert notebook(grades, "alice", ONE).earned == 3.5
    assert notebook(grades, "bob", TWO) == notebook(ordinary_class(), "bob", TWO)


@pytest.mark.parametrize(("earned", "status"), [(0, "not yet"), (0.5, "partly"), (2, "correct")])
def test_status_follows_the_points(earned: float, status: str) -> None:
    grades = corrected(of_question("Ada Lovelace", "1.1", earned))
    assert notebook(grades, "Ada Lovelace", ONE).questions[0].status == status


def test_question_of_a_notebook_that_could_not_be_graded() -> None:
    kept = notebook(corrected(of_question("bob", "1.1", 2)), "bob", ONE)
    assert (kept.state, kept.earned, kept.reason) == (State.NOT_GRADED, 2, "it took too long")


def test_question_of_a_missing_notebook() -> None:
    kept = notebook(corrected(of_question("Nobody", "2.1", 1, "shown in class")), "Nobody", TWO)
    assert (kept.state, kept.earned, kept.points) == (State.GRADED, 1, 2)
    assert kept.notes == ("graded by the instructor; before: not handed in",)


def test_notebook_that_nobody_handed_in_has_the_questions_of_the_course() -> None:
    grades = class_of(LearnerGrades("alice", ()), exercises={"01-learning-rate": 12})
    kept = notebook(corrected(of_question("alice", "1.9", 1), grades=grades), "alice", ONE)
    assert (kept.earned, kept.points, len(kept.questions)) == (1, 12, 9)


@pytest.mark.parametrize("learner", ["Ada Lovelace", "alice", "bob", "Nobody"])
def test_whole_notebook_is_set(learner: str) -> None:
    grades = corrected(of_exercise(learner, ONE, 3, "agreed in the office hour"))
    kept = notebook(grades, learner, ONE)
    assert (kept.state, kept.earned, kept.points, kept.reason) == (State.GRADED, 3, 4, "")
    line = kept.questions[-1]
    assert (line.corrected, line.points) == (True, 0)
    assert line.message == "Set by the instructor: agreed in the office hour"
    before = notebook(ordinary_class(), learner, ONE)
    assert kept.questions[: len(before.questions)] == before.questions


def test_whole_notebook_counts_once_where_a_question_is_set_too() -> None:
    first, second = of_exercise("alice", ONE, 3), of_question("alice", "1.1", 2)
    for order in ((first, second), (second, first)):
        assert notebook(corrected(*order), "alice", ONE).earned == 3


def test_exercise_whose_questions_nobody_knows() -> None:
    grades = class_of(LearnerGrades("alice", ()), exercises={"07-new": 5})
    after = corrected(of_exercise("alice", "07-new", 4), grades=grades)
    assert (total(after, after.learners[0]), notebook(after, "alice", "07-new").points) == (4, 5)


def test_notebooks_stay_in_the_order_of_the_exercises() -> None:
    grades = class_of(LearnerGrades("alice", (NotebookGrade(TWO, "", State.MISSING),)))
    after = corrected(of_exercise("alice", ONE, 1), grades=grades)
    assert [each.exercise for each in after.learners[0].notebooks] == [ONE, TWO]


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (of_question("alise", "1.1", 1), "no learner 'alise'; did you mean 'alice'"),
        (of_question("zzz", "1.1", 1), "no learner 'zzz'; there is: 'Ada Lovelace', 'alice'"),
        (of_question("alice", "1.3", 1), "no question '1.3'; did you mean '1.[12]'"),
        (of_question("alice", "x", 1), "no question 'x'; there is: '1.1', '1.2', '2.1'"),
        (of_exercise("alice", "01-learning-rat", 1), f"did you mean '{ONE}'"),
        (of_question("alice", "1.1", 2.5), "1.1 of 'alice' is worth 2, so earned cannot be 2.5"),
        (of_exercise("alice", ONE, 5), f"{ONE} of 'alice' is worth 4, so earned cannot be 5"),
    ],
)
def test_what_is_not_there_is_named(correction: Override, message: str) -> None:
    with pytest.raises(CourseError, match=message) as caught:
        corrected(correction)
    assert "\n" not in str(caught.value)
