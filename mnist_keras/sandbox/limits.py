"""How much a learner's notebook may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one notebook.

    Attributes
    ----------
    seconds
        Wall-clock time, from the first cell to the last answer.
    cpu_seconds
        Processor time of one process.
    memory
        Memory of all its processes together, in bytes.
    file_bytes
        Size of one file that it writes.
    disk_bytes
        Size of all files together.
    processes
        Processes and threads at a time.
    """

    seconds: float = 300.0
    cpu_seconds: int = 600
    memory: int = 3072 * MEBIBYTE
    file_bytes: int = 64 * MEBIBYTE
    disk_bytes: int = 256 * MEBIBYTE
    processes: int = 200

    def as_dict(self) -> dict[str, Any]:
        """Give the limits as plain values."""
        return asdict(self)
