"""What a notebook's processes use of this machine, seen from outside."""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from glob import glob
from itertools import chain
from pathlib import Path

INODE = 1024  # bytes of the kernel's for a file, however empty
DESCRIPTOR = 64 * 1024  # for what an open pipe may hold


def descendants(ancestor: int) -> list[int]:
    """List the processes below a process, where the machine tells."""
    found = [ancestor]
    for pid in found:
        for file in glob(f"/proc/{pid}/task/*/children"):
            with suppress(OSError):
                found += map(int, Path(file).read_text().split())
    return found[1:]


def processes_of(user: int) -> list[int]:
    """List the processes of a user."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                if os.stat(f"/proc/{entry}").st_uid == user:
                    found.append(int(entry))
    return found


def own_memory(pid: int) -> int:
    """Return a process's memory in bytes, with its part of what it shares; 0 if not seen."""
    return _counted(f"/proc/{pid}/smaps_rollup", "Pss:")


def memory_of(pids: Sequence[int], enough: int) -> int:
    """Return the memory of processes together, in bytes, with tables of pages and pipes.

    What cannot reach ``enough`` is not looked at in more detail, which would take the kernel long.
    """
    tables = 0
    for pid in pids:
        tables += _counted(f"/proc/{pid}/status", "VmPTE:")
        with suppress(OSError):
            tables += DESCRIPTOR * len(os.listdir(f"/proc/{pid}/fd"))
    roughly = tables + sum(_counted(f"/proc/{pid}/status", "VmRSS:") for pid in pids)
    return roughly if roughly < enough else tables + sum(map(own_memory, pids))


def waited_for_processors(pids: Sequence[int]) -> float | None:
    """Return the seconds that threads were ready to run and waited; None where nothing tells."""
    found = []
    for file in chain(*(glob(f"/proc/{pid}/task/*/schedstat") for pid in pids)):
        with suppress(OSError, IndexError, ValueError):
            found.append(int(Path(file).read_text().split()[1]) / 1e9)
    return sum(found) if found else None


def _counted(path: str, name: str) -> int:
    """Return what a line of a file of the kernel's says, in bytes; 0 if it cannot be read."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(path).read_text().partition(f"\n{name}")[2].split()[0]) * 1024
    return 0


def in_memory_files(pids: Iterable[int], folder: str) -> int:
    """Return what a file system in memory takes that processes see at a path; 0 if none does."""
    for pid in pids:
        with suppress(OSError):
            if os.path.samefile(f"/proc/{pid}/root", "/"):
                continue  # it sees the machine's own
            found = os.statvfs(f"/proc/{pid}/root{folder}")
            blocks = (found.f_blocks - found.f_bfree) * found.f_frsize
            return blocks + (found.f_files - found.f_ffree) * INODE
    return 0


def on_disk(folders: Sequence[str], user: int) -> int:
    """Return what files of a user take below folders, in bytes; those without a name count too."""
    total, pending = 0, list(folders)
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    own = found.st_uid == user
                    total += found.st_blocks * 512 + INODE if own else 0
                    # In no other folder can it have made a file.
                    if stat.S_ISDIR(found.st_mode) and (own or found.st_mode & stat.S_IWOTH):
                        pending.append(entry.path)
    for pid in processes_of(user):
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                found = os.stat(f"/proc/{pid}/fd/{name}")
                total += found.st_blocks * 512 if found.st_nlink == 0 else 0
    return total
