"""Training in a terminal: a line that renews itself between lines that stay."""

import os
import time
from typing import TextIO

import keras

from mnist_keras.process.durations import duration

RENEW_EVERY = 0.2  # seconds


class RenewingLine:
    """Writes lines that stay and, only on a terminal, one that is renewed in place."""

    def __init__(self, stream: TextIO, *, renewing: bool = True) -> None:
        self._stream, self._shown = stream, 0.0
        self.terminal = renewing and stream.isatty()

    @property
    def width(self) -> int | None:
        """Columns that a line may take; None where there is no terminal."""
        if not self.terminal:
            return None
        return (os.get_terminal_size(self._stream.fileno()).columns or 80) - 1

    def is_due(self) -> bool:
        """Whether the line should be renewed: a few times a second."""
        return self.terminal and time.monotonic() - self._shown >= RENEW_EVERY

    def renew(self, line: str) -> None:
        """Put this in the line's place."""
        self._shown = time.monotonic()
        self._stream.write(f"\r{line[: self.width]}\x1b[K")
        self._stream.flush()

    def keep(self, line: str) -> None:
        """Write a line that stays."""
        self._stream.write("\r\x1b[K" * self.terminal + f"{line}\n")
        self._stream.flush()


class Progress(keras.callbacks.Callback):
    """Show epochs, accuracy and the time left.

    Only on a terminal is a line renewed in place.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._line = RenewingLine(stream)
        self._first_epoch: int | None = None
        self._epoch = 0
        self._begun = self._epoch_begun = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clocks."""
        self._epoch, self._epoch_begun = epoch, time.perf_counter()
        if self._first_epoch is None:
            self._first_epoch, self._begun = epoch, self._epoch_begun

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Renew the line on a terminal, a few times a second."""
        if not self._line.is_due():
            return
        done = (batch + 1) / self.params["steps"]
        bar = "━" * round(20 * done)
        accuracy = (logs or {}).get("accuracy", float("nan"))
        self._line.renew(
            f"epoch {self._epoch + 1}/{self.params['epochs']} {bar:<20} "
            f"accuracy {accuracy:.4f}, {duration(self._left(done))} left"
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's line, which stays."""
        logs = logs or {}
        parts = [f"loss {logs['loss']:.4f}", f"accuracy {logs['accuracy']:.4f}"]
        if "val_accuracy" in logs:
            parts.append(f"validation accuracy {logs['val_accuracy']:.4f}")
        parts.append(f"{time.perf_counter() - self._epoch_begun:.1f} s")
        if epoch + 1 < self.params["epochs"]:
            parts.append(f"{duration(self._left(1.0))} left")
        self._line.keep(f"epoch {epoch + 1}/{self.params['epochs']}: {', '.join(parts)}")

    def _left(self, done: float) -> float:
        behind = self._epoch - (self._first_epoch or 0) + done
        ahead = self.params["epochs"] - self._epoch - done
        return (time.perf_counter() - self._begun) / behind * ahead
