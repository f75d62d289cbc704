"""Hidden tests: the course's own, or those of a folder that an instructor keeps."""

import pytest

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
