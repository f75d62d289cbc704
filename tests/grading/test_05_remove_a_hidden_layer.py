"""Exercise 5: the rules that its notebook shows, and images that the networks have not seen."""

import numpy as np
import pytest

from grading.hidden import accuracy, expect_trained, hidden_images
from mnist_keras.checks.answers import expect
from mnist_keras.checks.exercises.remove_a_hidden_layer import histories_of, parameters_of
from mnist_keras.grading.judging import expect_correct

IMAGES, LABELS = hidden_images()

pytestmark = pytest.mark.exercise("05-remove-a-hidden-layer")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


@pytest.mark.points("5.4", share=0.5, predict=("models", IMAGES))
def test_networks_read_unseen_images_as_well_as_their_histories_say(answers, predicted):
    for hidden_layers, history in histories_of(answers).items():
        keys = {str(hidden_layers), str(float(hidden_layers))}.intersection(predicted)
        what = f"`models[{hidden_layers}]`"
        expect(keys, f"{what} is no network that answers")
        found, claimed = accuracy(predicted[keys.pop()], LABELS), history["val_accuracy"][-1]
        expect_trained(found, LABELS, what, claimed)


@pytest.mark.points("5.7", share=0.5)
def test_weights_read_unseen_images(answers):
    kernel, bias = parameters_of(answers)
    scores = (IMAGES.reshape(len(IMAGES), -1) / 255) @ np.array(kernel) + np.array(bias)
    expect_trained(accuracy(scores, LABELS), LABELS, "the network of `kernel` and `bias`")
