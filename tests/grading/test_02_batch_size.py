"""Exercise 2: the rules that its notebook shows, and other numbers of images and steps."""

import math

import pytest

from mnist_keras.checks.answers import close, expect
from mnist_keras.checks.plain import is_number, words
from mnist_keras.checks.questions import Call
from mnist_keras.grading.judging import expect_correct

STEPS = ((12_345, 67), (1, 512), (60_000, 1))
EPOCHS = ((937, 12_345, 67), (3, 12_345, 5))

pytestmark = pytest.mark.exercise("02-batch-size")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


def expect_number(answers, function, arguments, wanted):
    found = answers.result(function, *arguments)
    expect(
        is_number(found) and close(found, wanted),
        f"`{function}{arguments}` should return {wanted}; it returns {words(found)}",
    )


@pytest.mark.points("2.2", share=0.25, calls=[Call("steps_per_epoch", each) for each in STEPS])
def test_steps_of_other_sizes(answers):
    for images, batch in STEPS:
        expect_number(answers, "steps_per_epoch", (images, batch), math.ceil(images / batch))


@pytest.mark.points("2.2", share=0.25, calls=[Call("epochs_for", each) for each in EPOCHS])
def test_epochs_of_other_sizes(answers):
    for steps, images, batch in EPOCHS:
        wanted = max(1, round(steps / math.ceil(images / batch)))
        expect_number(answers, "epochs_for", (steps, images, batch), wanted)
