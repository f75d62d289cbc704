"""Data that no notebook shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnist_keras.augmentation import shift_images
from mnist_keras.checks.answers import expect
from mnist_keras.data import load_data

FIRST, LAST = 4_000, 4_300  # of the test images, beyond what the small subset holds
SEED = 20_261_124


def hidden_images() -> tuple[np.ndarray, np.ndarray]:
    """Give test images, each moved by up to a pixel, and their labels, which stay here."""
    _, (images, labels) = load_data(quick=False)
    rng = np.random.default_rng(SEED)
    moved = shift_images(images[FIRST:LAST, ..., None], max_shift=1, rng=rng)
    return moved[..., 0], labels[FIRST:LAST].astype(int)


def accuracy(predictions: Any, labels: np.ndarray) -> float:
    """Give the accuracy of a model's answers to the hidden images."""
    scores = np.asarray(predictions, dtype=float)
    expect(scores.shape == (len(labels), 10), "the model is to give ten numbers an image")
    expect(np.isfinite(scores).all(), "the model gives numbers that are not finite")
    return float((scores.argmax(axis=1) == labels).mean())
