"""Exercise 5: the rules that its notebook shows, and images that the networks have not seen."""

import pytest

from grading.hidden import accuracy, hidden_images
from mnist_keras.checks.answers import expect
from mnist_keras.checks.exercises.remove_a_hidden_layer import histories_of
from mnist_keras.grading.judging import expect_correct

IMAGES, LABELS = hidden_images()
MARGIN = 0.15  # a few hundred images, moved a little, are read less well

pytestmark = pytest.mark.exercise("05-remove-a-hidden-layer")


def test_answer(verdict):
    """Hold each answer to the rule that check() applies in the notebook."""
    expect_correct(verdict)


@pytest.mark.points("5.4", share=0.5, predict=("models", IMAGES))
def test_networks_read_unseen_images_as_well_as_their_histories_say(answers, predicted):
    for hidden_layers, history in histories_of(answers).items():
        key = str(hidden_layers)
        expect(key in predicted, f"`models` has no network with {key} hidden layers that answers")
        found, claimed = accuracy(predicted[key], LABELS), history["val_accuracy"][-1]
        expect(
            found >= claimed - MARGIN,
            f"with {key} hidden layers, the network in `models` reads {found:.1%} of other images, "
            f"but its history says {claimed:.1%}: is it the network that was trained?",
        )
