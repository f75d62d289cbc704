"""Training in several processes, step by step together.

Keras 3's ``fit`` does not work under `MultiWorkerMirroredStrategy` (keras-team/keras#20585). All
that it is made of does: the model's own training step, its optimizer, its metrics and callbacks.
So this is the loop of ``fit``, and nothing else.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnist_keras.cluster.devices import Devices, on_one_device
from mnist_keras.errors import CourseError

STEPS_AT_ONCE = 20  # before a callback is asked
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


def fit_in_lockstep(
    model: keras.Model,
    devices: Devices,
    dataset: tf.data.Dataset,
    steps: int,
    epochs: range,
    validation: tuple[np.ndarray, np.ndarray] | None,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    """Train a network that was made in the devices' scope, in this process and all others.

    The dataset has this process's part of each batch, a piece for each of its devices; a pass is an
    epoch. Epochs count from 0. Process 0 alone measures with the validation images, and callbacks
    should write there only.
    """
    strategy = devices.strategy

    @tf.function
    def take(iterator: Any, number: tf.Tensor) -> None:
        for _ in tf.range(number):
            strategy.run(model.train_step, args=(next(iterator),))

    told = keras.callbacks.CallbackList(
        list(callbacks), model=model, epochs=epochs.stop, steps=steps
    )
    distributed = strategy.distribute_datasets_from_function(lambda _: dataset)
    model.stop_training = False
    try:
        told.on_train_begin()
        for epoch in epochs:
            model.reset_metrics()
            told.on_epoch_begin(epoch)
            iterator = iter(distributed)
            for begun in range(0, steps, STEPS_AT_ONCE):
                ended = min(begun + STEPS_AT_ONCE, steps)
                told.on_train_batch_begin(begun)
                take(iterator, tf.constant(ended - begun))
                told.on_train_batch_end(ended - 1)
            # All processes ask: a metric is summed over all of them.
            logs = {name: float(value) for name, value in model.get_metrics_result().items()}
            if validation and not devices.rank:
                alone = on_one_device(model)
                measured = alone.evaluate(*validation, batch_size=1000, verbose=0, return_dict=True)
                logs |= {f"val_{name}": float(value) for name, value in measured.items()}
            told.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        told.on_train_end()
    except LOST as error:
        told.on_train_end()  # raises a KeyboardInterrupt, if that is what ended all processes
        raise CourseError(
            "another process of this training has ended; the finished epochs are kept: run the "
            "same command with --resume"
        ) from error
