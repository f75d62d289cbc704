"""The hidden images tell a trained network from one that is not."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_keras.checks.answers import NotYetError
from mnist_keras.checks.parts import BY_CHANCE
from mnist_keras.checks.unseen import MARGIN, accuracy, expect_trained, hidden_images, out_of_reach
from mnist_keras.data import load_data


@pytest.fixture(scope="module")
def hidden():
    images, labels = hidden_images()
    return images.reshape(len(images), -1) / 255, labels


def test_no_untrained_network_is_taken_for_a_trained_one(hidden):
    images, labels = hidden
    rng = np.random.default_rng(0)

    def layer(inputs, units):
        limit = np.sqrt(6 / (inputs.shape[1] + units))
        return inputs @ rng.uniform(-limit, limit, (inputs.shape[1], units))

    found = [accuracy(layer(images, 10), labels) for _ in range(200)]
    found += [accuracy(layer(np.maximum(layer(images, 100), 0), 10), labels) for _ in range(100)]
    found += [accuracy(np.tile(np.eye(10)[digit], (len(labels), 1)), labels) for digit in range(10)]
    assert max(found) < min(out_of_reach(labels), BY_CHANCE)
    with pytest.raises(NotYetError, match="was it trained"):
        expect_trained(max(found), labels, "it")


def test_what_has_learned_a_little_from_few_images_is_far_above(hidden):
    images, labels = hidden
    (known, digits), _ = load_data(quick=True)
    means = np.stack([known[digits == digit].mean(axis=0).ravel() / 255 for digit in range(10)])
    found = accuracy(images @ means.T - (means**2).sum(axis=1) / 2, labels)
    expect_trained(found, labels, "it", claimed=found + MARGIN)
    with pytest.raises(NotYetError, match="but the notebook says"):
        expect_trained(found, labels, "it", claimed=found + MARGIN + 0.01)
