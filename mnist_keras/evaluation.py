"""What a trained network gets right and wrong.

The model is only asked to predict; everything here is NumPy on what it answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_keras.data import NUMBER_OF_CLASSES, prepare

if TYPE_CHECKING:
    import keras

BATCH_SIZE = 1000
SURE = 0.65  # see `name_digit`


@dataclass(frozen=True)
class Mistake:
    """One image that the network got wrong."""

    index: int  # its place in the test set
    label: int  # the digit that it shows
    predicted: int  # the digit that the network answered
    probability: float  # the probability that the network gave its answer, in [0, 1]


@dataclass(frozen=True)
class Evaluation:
    """A network's answers on n labelled images."""

    labels: np.ndarray  # the right digits, shape (n,)
    probabilities: np.ndarray  # the network's answer, shape (n, 10), each row adding up to 1

    @property
    def predicted(self) -> np.ndarray:
        """The most probable digit of each image, shape (n,)."""
        return self.probabilities.argmax(axis=1)

    @property
    def accuracy(self) -> float:
        """Share of right answers, in [0, 1]."""
        return float(np.mean(self.predicted == self.labels))

    @property
    def loss(self) -> float:
        """Mean cross-entropy in nats, whatever the network was trained with.

        So networks that were trained with different losses can be compared.
        """
        right = self.probabilities[np.arange(len(self.labels)), self.labels]
        return float(-np.log(np.clip(right, 1e-7, 1.0)).mean())

    @property
    def accuracy_per_digit(self) -> np.ndarray:
        """Share of right answers among the images of each digit, shape (10,); NaN where none."""
        confusion = self.confusion
        images = confusion.sum(axis=1)
        right = np.full(NUMBER_OF_CLASSES, np.nan)
        return np.divide(np.diag(confusion), images, out=right, where=images > 0)

    @property
    def confusion(self) -> np.ndarray:
        """Counts, shape (10, 10): row the digit shown, column the digit answered."""
        counts = np.zeros((NUMBER_OF_CLASSES, NUMBER_OF_CLASSES), dtype=int)
        np.add.at(counts, (self.labels, self.predicted), 1)
        return counts

    def worst_mistakes(self, n: int = 25) -> list[Mistake]:
        """Return the n wrong answers that the network was surest of, surest first."""
        predicted, sureness = self.predicted, self.probabilities.max(axis=1)
        wrong = np.flatnonzero(predicted != self.labels)
        return [
            Mistake(int(i), int(self.labels[i]), int(predicted[i]), float(sureness[i]))
            for i in wrong[np.argsort(-sureness[wrong], kind="stable")][:n]
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, as ``mnist-keras evaluate --json`` prints it."""
        return {
            "test_images": len(self.labels),
            "test_accuracy": self.accuracy,
            "test_loss": finite(self.loss),
            "accuracy_per_digit": [finite(share) for share in self.accuracy_per_digit],
            "confusion_matrix": self.confusion.tolist(),
            "worst_mistakes": [
                {**vars(mistake), "probability": finite(mistake.probability)}
                for mistake in self.worst_mistakes()
            ],
        }


def finite(value: float) -> float | None:
    """Return the number, or None where it is not one: JSON has no NaN."""
    return float(value) if np.isfinite(value) else None


def evaluate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Ask a network for every image, shape (n, 28, 28), 0 to 255, and note its answers.

    The network classifies the ten digits; its output may be probabilities, logits or, if it was
    trained with the mean squared error, estimates of the one-hot code. Labels have the shape (n,).
    """
    return Evaluation(np.asarray(labels, dtype=int), predict_probabilities(model, prepare(images)))


def predict_probabilities(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return each image's ten probabilities, whatever a classifier's last layer gives.

    Of images of shape (n, 28, 28, 1), in [0, 1], they have the shape (n, 10), and each row adds up
    to 1.
    """
    if model.input_shape == (None, 28, 28):
        x = x[..., 0]
    outputs = np.asarray(model.predict(x, batch_size=BATCH_SIZE, verbose=0), dtype="float64")
    if not np.isfinite(outputs).all():  # training diverged
        return np.full_like(outputs, np.nan)
    if trained_with_squared_error(model):
        # Where all ten are negative, the largest must stay the largest.
        outputs += np.maximum(0, 2e-7 - outputs.max(axis=1, keepdims=True))
        outputs = np.clip(outputs, 1e-7, None)
        return outputs / outputs.sum(axis=1, keepdims=True)
    if outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        return outputs / outputs.sum(axis=1, keepdims=True)
    exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Verdict:
    """What can be said about one image."""

    digit: int  # the most probable digit
    sure: bool  # whether it is probable enough to be named alone
    # the digit alone, or the two or three that it may be, the most probable first
    candidates: tuple[int, ...]

    def __str__(self) -> str:
        """Say it in words."""
        if self.sure:
            return str(self.digit)
        *others, last = map(str, self.candidates)
        return f"not sure: {', '.join(others)} or {last}"


def name_digit(probabilities: np.ndarray) -> Verdict:
    """Name the digit, or say honestly which ones it may be.

    From which probability on it is sure was calibrated by ``benchmarks/read_photos.py``, for the
    fast network and for sprint, trained on five sixths of the training images, on photos that were
    made from the other sixth. From 0.6 on, at most one photo in a hundred was sure and wrong for
    both. ``SURE`` is the next threshold that was tried, to leave a margin.
    """
    first, second, third = (int(digit) for digit in np.argsort(-probabilities)[:3])
    if probabilities[first] >= SURE:
        return Verdict(first, True, (first,))
    close = probabilities[third] >= 0.5 * probabilities[second]
    return Verdict(first, False, (first, second, third) if close else (first, second))


def trained_with_squared_error(model: keras.Model) -> bool:
    """Whether the model's outputs estimate one-hot codes, so that no softmax belongs on them."""
    loss = getattr(model, "loss", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    return name in ("mse", "mean_squared_error", "MSE", "MeanSquaredError")
