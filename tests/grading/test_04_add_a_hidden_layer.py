"""Exercise 4: the rules that its notebook shows, and layers of other sizes."""

import pytest

from mnist_keras.checks.answers import close, expect
from mnist_keras.checks.plain import is_number, words
from mnist_keras.checks.questions import Call
from mnist_keras.grading.judging import expect_correct

LAYERS = ((1, 1), (13, 4_096), (3_000, 17))

pytestmark = pytest.mark.exercise("04-add-a-hidden-layer")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


@pytest.mark.points("4.1", share=0.5, calls=[Call("dense_parameters", each) for each in LAYERS])
def test_parameters_of_other_layers(answers):
    for inputs, units in LAYERS:
        found, wanted = answers.result("dense_parameters", inputs, units), (inputs + 1) * units
        expect(
            is_number(found) and close(found, wanted),
            f"`dense_parameters({inputs}, {units})` should return {wanted}; "
            f"it returns {words(found)}",
        )
