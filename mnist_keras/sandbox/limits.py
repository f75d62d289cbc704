"""How much a learner's notebook may use."""

from dataclasses import dataclass

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one notebook."""

    seconds: float = 300.0  # wall-clock time, from the first cell to the last answer
    cpu_seconds: int = 600  # processor time of one process
    memory: int = 3072 * MEBIBYTE  # memory of all its processes together, in bytes
    file_bytes: int = 64 * MEBIBYTE  # size of one file that it writes
    disk_bytes: int = 256 * MEBIBYTE  # size of all files together
    processes: int = 200  # processes and threads at a time
