"""Hidden tests: the course's own, or those of a folder that an instructor keeps."""

import json

import pytest
from command_line import run_cli

from grading_unit.test_submissions import BATCH, lay, notebook
from mnist_keras.checks.exercises import EXERCISES
from mnist_keras.errors import CourseError
from mnist_keras.grading.hidden import hidden_tests

OWN = """
from mnist_keras.checks.rules import returns

other_steps = returns("{number}", "steps_per_epoch", lambda n, k: -(-n // k), [(9, 4)], share=0.5)
"""


def test_the_courses_own_are_those_of_its_rules():
    found = {(test.question.number, test.name) for test in hidden_tests()}
    assert found == {(each.number, each.name) for e in EXERCISES for each in e.hidden}
    assert ("1.2", "build_hands_on_other_rates") in found
    shares = [test for test in hidden_tests() if test.question.number == "2.2"]
    assert sum(test.share for test in shares) == 0.5


def test_those_of_a_folder_take_their_place(tmp_path):
    (tmp_path / "mine.py").write_text(OWN.format(number="2.2"))
    (test,) = hidden_tests(str(tmp_path))
    assert (test.exercise.name, test.question.number) == ("02-batch-size", "2.2")
    assert (test.name, test.share) == ("other_steps", 0.5)
    assert test.asks[0].request["calls"] == [["steps_per_epoch", [9, 4]]]


def test_a_folder_without_any_and_a_question_that_nobody_asks_are_refused(tmp_path):
    with pytest.raises(CourseError, match="there are no hidden tests in"):
        hidden_tests(str(tmp_path))
    (tmp_path / "mine.py").write_text(OWN.format(number="9.9"))
    with pytest.raises(CourseError, match=r"mine.py has a hidden test of 9\.9, which nobody asks"):
        hidden_tests(tmp_path)


MISTAKEN = """
from mnist_keras.checks.rules import hidden

@hidden("2.2", share=0.5)
def misspelt(answers):
    answers.chose("steps_per_epoch")
"""


def test_a_mistake_in_an_instructors_test_takes_no_points_and_is_told(tmp_path):
    (tmp_path / "mine.py").write_text(MISTAKEN)
    (test,) = hidden_tests(str(tmp_path))
    said = test.run(lambda key: {}, strict=False)
    assert (said.passed, said.share) == (True, 0.5)
    assert said.mistake.startswith("the hidden test misspelt of 2.2 in mine.py failed by itself")
    assert "AttributeError: 'Answers' object has no attribute 'chose'" in said.mistake
    with pytest.raises(AttributeError):
        test.run(lambda key: {}, strict=True)


@pytest.mark.slow
def test_such_a_mistake_is_told_once_for_the_class_and_noted_with_each_learner(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/mine.py").write_text(MISTAKEN.replace("2.2", "2.1"))
    answered = notebook(BATCH, "prediction_2_1 = 'A'")
    lay(tmp_path / "class", {f"{name}/{BATCH}.ipynb": answered for name in ("ann", "bob")})
    done = run_cli("grade", tmp_path / "class", "--tests", tmp_path / "tests", "--json")
    assert done.stderr.count("the hidden test misspelt of 2.1 in mine.py failed by itself") == 1
    learners = json.loads(done.stdout)["learners"]
    assert [each["earned"] > 0 for each in learners] == [True, True]
    notes = [note for each in learners for note in each["notebooks"][0]["notes"]]
    assert sum("failed by itself" in note for note in notes) == 2


@pytest.mark.parametrize("text", ["print('a'", "import no_such_module", "raise SystemExit(0)"])
def test_a_file_that_cannot_be_run_is_one_line(tmp_path, text):
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(
        CourseError, match=r"mine\.py cannot be run: \w+: .*; mend it first"
    ) as said:
        hidden_tests(str(tmp_path))
    assert "\n" not in str(said.value)
