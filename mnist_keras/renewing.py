"""A line on a terminal that renews itself, between lines that stay; without a need for Keras."""

from __future__ import annotations

import os
import time
from typing import TextIO

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
