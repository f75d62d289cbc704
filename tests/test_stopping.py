from __future__ import annotations

import signal

import keras
import pytest

from mnist_keras import settings_for, train
from mnist_keras.process.stopping import StopOnInterrupt

epochs: list[int] = []


class InterruptedInDestructor(keras.callbacks.Callback):
    """Send the signal where Python drops the exception that it raises."""

    def on_epoch_end(self, epoch, logs=None):  # noqa: D102
        class Gone:
            def __del__(self):
                signal.raise_signal(signal.SIGINT)

        epochs.append(epoch)
        if epoch == 1:
            Gone()


def test_an_interrupt_in_a_destructor_ends_training_and_the_signal_is_given_back():
    epochs.clear()
    before = signal.getsignal(signal.SIGINT)
    callbacks = [InterruptedInDestructor(), StopOnInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        train(settings_for("mlp", quick=True, epochs=4), callbacks=callbacks)
    assert epochs == [0, 1]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_after_the_last_step_is_not_lost():
    epochs.clear()
    with pytest.raises(KeyboardInterrupt):
        train(
            settings_for("mlp", quick=True, epochs=2),
            callbacks=[InterruptedInDestructor(), StopOnInterrupt()],
        )
    assert epochs == [0, 1]
