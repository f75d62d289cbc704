"""A folder that one command at a time writes to.

The operating system holds the lock, so it ends with its holder, also after ``kill -9``. What is
left then is a hidden file, which the next command in the folder takes over and removes at its end.

The file names its holder, so it is locked here and not by a library: `filelock`, whose versions
differ in whether who asks in vain empties the file, and in whether it is removed at the end, would
need a second file.
"""

import errno
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.files import IN_USE, made, remove_if_empty

PATIENCE = 2.0  # seconds; a killed search's trials end a moment after it
TICK = 0.1  # seconds between two tries
LONGEST_HOLDER = 300
HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES}
# What file systems without locks answer, as some clusters' do. There a folder is not held.
WITHOUT_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL}

if sys.platform == "win32":
    import msvcrt

    def _ask_for(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _ask_for(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if need be; if nothing was written to it, it goes again.

    A CourseError says who holds it; then nothing was touched. An OSError says, before any work is
    done, that nothing can be written there.
    """
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file; choose another folder with --out")
    with made(folder):
        descriptor = _take(folder)
        try:
            yield
        finally:
            _let_go(descriptor, folder / IN_USE)


def abandon(folder: Path) -> None:
    """Leave nothing of a lock that this process holds, and that it has no time to let go."""
    with suppress(OSError):
        (folder / IN_USE).unlink()
    remove_if_empty(folder)


def _take(folder: Path) -> int:
    """Lock the folder's file, write into it who holds it, and return its descriptor."""
    path, until = folder / IN_USE, time.monotonic() + PATIENCE
    while True:
        descriptor = _opened(path)
        try:
            # Its last holder may have removed it since it was opened.
            if _is_free(descriptor) and _is_at(descriptor, path):
                _name_holder(descriptor, path)
                return descriptor
            holder = _holder(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if time.monotonic() > until:
            raise CourseError(
                f"{folder} is in use by {holder}; wait until it has ended, or stop it, "
                "or choose another folder"
            )
        time.sleep(TICK)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)  # its last holder may have removed it
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path.parent)) from error


def _is_free(descriptor: int) -> bool:
    """Whether the lock could be had, which is then held; yes, where there are no locks."""
    try:
        _ask_for(descriptor)
    except OSError as error:
        if error.errno not in (HELD | WITHOUT_LOCKS):
            raise
        return error.errno in WITHOUT_LOCKS
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False


def _name_holder(descriptor: int, path: Path) -> None:
    since = f"{datetime.now():%Y-%m-%d %H:%M}"
    text = f"process {os.getpid()} on {platform.node() or 'this computer'} since {since}"
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        # On Windows, nobody else can read the byte that is locked, the first.
        os.write(descriptor, f" {text}".encode("utf-8", "replace"))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path.parent)) from error


def _holder(descriptor: int) -> str:
    """Read who holds the lock."""
    text = ""
    with suppress(OSError):
        os.lseek(descriptor, 1, os.SEEK_SET)
        text = os.read(descriptor, LONGEST_HOLDER).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text).strip() or "another process"


def _let_go(descriptor: int, path: Path) -> None:
    """Remove the file, while the lock is held where the system allows that, and end the lock."""
    with suppress(OSError):
        if sys.platform == "win32":
            os.close(descriptor)
            path.unlink()
            return
        path.unlink()
    with suppress(OSError):
        os.close(descriptor)
