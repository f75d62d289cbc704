"""Exercise 1: the rules that its notebook shows, and rates that it does not."""

import pytest

from mnist_keras.checks.exercises.learning_rate import expect_compiled_with
from mnist_keras.checks.questions import Call
from mnist_keras.grading.judging import expect_correct

SLOW, FAST = 0.0007, 0.05

pytestmark = pytest.mark.exercise("01-learning-rate")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


@pytest.mark.points("1.2", share=0.5, calls=[Call("build", (rate,)) for rate in (SLOW, FAST)])
def test_build_hands_on_other_rates(answers):
    for rate in (SLOW, FAST):
        expect_compiled_with(answers.model_from("build", rate), rate)
