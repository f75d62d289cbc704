"""Snapshots of a network while it learns, for the playground's time slider."""

from collections.abc import Sequence
from typing import Any

import keras

from mnist_keras.errors import CourseError
from mnist_keras.web.model_file import Snapshot

STEPS = (0, 10, 50, 100, 500)


class RecordSteps(keras.callbacks.Callback):
    """Keeps a network's weights before training and after chosen steps.

    Give it to ``fit(callbacks=[recorder])``, then show `snapshots` with
    ``playground(model, history=recorder)``. A second ``fit`` goes on counting.

    Parameters
    ----------
    steps
        After which steps; 0 is before the first. Each snapshot takes as much memory as the
        model's weights. Where Keras takes several steps at once (``steps_per_execution``), the
        snapshot is taken at the first chance, and says so.

    Attributes
    ----------
    snapshots
        What was collected, in order.
    """

    def __init__(self, steps: Sequence[int] = STEPS) -> None:
        super().__init__()
        if any(not isinstance(step, int) or step < 0 for step in steps):
            raise CourseError("the steps are whole numbers from 0 on, such as steps=(0, 10, 100)")
        self.snapshots: list[Snapshot] = []
        self._left = sorted(set(steps))
        self._done = self._last = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Keep the weights before the first step."""
        self._keep()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Count the steps of this epoch from 0."""
        self._last = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the weights if a chosen step was reached."""
        self._done += batch - self._last
        self._last = batch
        self._keep()

    def _keep(self) -> None:
        if self._left and self._left[0] <= self._done:
            label = f"after {self._done:,} steps" if self._done else "before training"
            self.snapshots.append(Snapshot(label, self.model.get_weights()))
            self._left = [step for step in self._left if step > self._done]
