"""Ctrl-C while a network trains."""

import signal
from types import FrameType
from typing import Any

import keras


class StopOnInterrupt(keras.callbacks.Callback):
    """Let the first Ctrl-C end training after the step under way.

    By itself, Python raises a KeyboardInterrupt wherever it is at that moment. In a destructor or a
    weak reference's callback, of which training has many, that exception is dropped, and training
    goes on as if nobody had asked. The second Ctrl-C is Python's own again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked = False
        self._before: Any = signal.default_int_handler

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Take over the signal."""
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, self._before)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """End training if that was asked for."""
        if self._asked:
            raise KeyboardInterrupt

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Restore what the signal did before."""
        signal.signal(signal.SIGINT, self._before)
        if self._asked:
            raise KeyboardInterrupt
