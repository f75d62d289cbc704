"""Exercise 3: the rules that its notebook shows, and loss curves that it does not."""

import pytest

from mnist_keras.checks.answers import expect
from mnist_keras.checks.plain import is_number, words
from mnist_keras.checks.questions import Call
from mnist_keras.grading.judging import expect_correct

CURVES = ([0.7], [0.4, 0.41, 0.42, 0.43], [3.0, 2.0, 1.0, 0.5, 0.25, 0.125, 0.0625], [1e-9, 1e-10])

pytestmark = pytest.mark.exercise("03-epochs")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


@pytest.mark.points("3.4", share=0.5, calls=[Call("find_best_epoch", (each,)) for each in CURVES])
def test_best_epoch_of_other_curves(answers):
    for losses in CURVES:
        found, wanted = answers.result("find_best_epoch", losses), losses.index(min(losses)) + 1
        expect(
            is_number(found) and found == wanted,
            f"`find_best_epoch({losses})` should return {wanted}; it returns {words(found)}",
        )
