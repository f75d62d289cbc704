"""Exercise 6: the rules that its notebook shows, and images that the network has not seen."""

import pytest

from grading.hidden import accuracy, expect_trained, hidden_images
from mnist_keras.checks.answers import expect
from mnist_keras.grading.judging import expect_correct

IMAGES, LABELS = hidden_images()

pytestmark = pytest.mark.exercise("06-search-an-architecture")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


@pytest.mark.points("6.8", share=0.5, predict=("final", IMAGES))
def test_the_network_reads_unseen_images_as_well_as_was_said(answers, predicted):
    claimed = answers.number("test_accuracy")
    expect("" in predicted, "`final` should be a network")
    expect_trained(accuracy(predicted[""], LABELS), LABELS, "`final`", claimed)
