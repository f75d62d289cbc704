"""What a network sees in training: the same batches, whether or not the run was interrupted."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from mnist_keras.cluster.plan import WHOLE, Share
from mnist_keras.data import IMAGE_SHAPE, prepare
from mnist_keras.recipes import Augmentation
from mnist_keras.runs.settings import TrainingSettings

STEPS_AT_ONCE = 40  # whose images are prepared together, ahead of the training


@dataclass(eq=False)
class Batches:
    """Training batches whose order and changes depend only on the seed, the epoch and the step.

    So a run that is resumed sees the same batches as one that was never interrupted. Images are
    chosen and changed for many steps at once, and TensorFlow cuts them into batches: a
    `keras.utils.PyDataset` would hold up each step for some Python code.
    """

    images: np.ndarray
    labels: np.ndarray  # may be one-hot
    settings: TrainingSettings
    augmentation: Augmentation
    fading_epochs: int = 0
    share: Share = WHOLE  # the part of each batch that this process reads
    epoch: int = 0  # which the next pass is, from 0

    def __len__(self) -> int:
        """Count the steps of an epoch."""
        return -(-self.share.images(len(self.images)) // self.settings.batch_size)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return the batches of ``epoch``, several at a time.

        Images have shape (steps, batch, 28, 28, 1), in [0, 1]; labels (steps, batch), and 10 if
        one-hot.
        """
        seed, size, share = self.settings.seed, self.settings.batch_size, self.share
        order = np.random.default_rng([seed, self.epoch]).permutation(len(self.images))
        order = order[: share.images(len(order))]
        whole = len(order) // size * size
        cuts = [*range(0, whole, STEPS_AT_ONCE * size), whole, len(order)]
        amount = (self.settings.epochs - self.epoch) / (self.fading_epochs + 1)
        faded = {"amount": amount} if amount < 1 else {}
        for start, end in itertools.pairwise(cuts):
            if start == end:
                continue
            chosen = order[start:end]
            images, labels = prepare(self.images[chosen]), self.labels[chosen]
            if self.settings.augment:
                rng = np.random.default_rng([seed, self.epoch, start])
                images = self.augmentation(images, rng=rng, **faded)
            length = min(size, end - start)
            rows = share.rows(length)
            piece = (rows.stop - rows.start) // share.pieces  # of each device
            yield tuple(  # type: ignore[misc]
                array.reshape(-1, length, *each)[:, rows].reshape(-1, piece, *each)
                for array, each in ((images, IMAGE_SHAPE), (labels, labels.shape[1:]))
            )

    def dataset(self) -> tf.data.Dataset:
        """Return the batches one by one; each pass is that of the ``epoch`` at its start.

        Nothing in it is tuned while it runs. The thread that would tune sleeps for longer and
        longer, and TensorFlow ends it after each epoch: it wakes the thread before it says why.
        On a busy machine the thread goes back to sleep, and the training waits, for as long as the
        epoch took (TensorFlow 2.21, ``CancellationManager::StartCancel``).
        """
        untuned = tf.data.Options()
        untuned.autotune.enabled = False
        images = tf.TensorSpec((None, None, *IMAGE_SHAPE), "float32")
        labels = tf.TensorSpec((None, None, *self.labels.shape[1:]), self.labels.dtype)
        return (
            tf.data.Dataset.from_generator(lambda: iter(self), output_signature=(images, labels))
            .unbatch()
            .apply(tf.data.experimental.assert_cardinality(len(self) * self.share.pieces))
            .prefetch(STEPS_AT_ONCE)
            .with_options(untuned)
        )


class SeedEpochs(keras.callbacks.Callback):
    """Let every random choice of an epoch depend only on the seed and the epoch.

    So a run that is resumed goes on like one that was never interrupted; a model file does not
    hold how far the random numbers of its dropout had come.
    """

    def __init__(self, batches: Batches, seed: int) -> None:
        super().__init__()
        self._batches, self._seed = batches, seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Take the epoch's order and set each layer's random numbers to the epoch's start."""
        self._batches.epoch = epoch
        drawn = [each for each in self.model.variables if each.name == "seed_generator_state"]
        for k, state in enumerate(drawn):
            start = np.random.SeedSequence([self._seed, epoch, k]).generate_state(2)
            state.assign(start.astype(state.dtype))
