"""Files as they were handed in, read from the disk or from within archives, within limits."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mnist_keras.errors import CourseError
from mnist_keras.grading.notebooks import MAX_BYTES

TOO_LARGE = f"the file is larger than {MAX_BYTES // 1_000_000} MB: clear its outputs"


class UnreadableError(Exception):
    """Why a file cannot be read, in one line that starts with "the file"."""


def own_text(path: Path, called: str) -> str:
    """Read a text file of the instructor's, which messages call so."""
    try:
        content = path.read_bytes()
        # Blackboard writes UTF-16.
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        return content.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CourseError(f"{called} cannot be read: {reason}") from error


@dataclass(frozen=True)
class FileContent:
    """A file on disk, read when it is needed."""

    path: Path

    def read(self) -> bytes:
        """Return all of it; UnreadableError says why it cannot."""
        with self.opened() as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise UnreadableError(TOO_LARGE)
        return content

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it, if it is an ordinary file and no link."""
        # Neither blocks on a FIFO nor follows a link that took the file's place meanwhile.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            with os.fdopen(os.open(self.path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise UnreadableError("the file is no ordinary file")
                yield file
        except OSError as error:
            raise UnreadableError(f"the file cannot be read: {error.strerror}") from None


@dataclass(frozen=True)
class MemberContent:
    """A file in an archive, unpacked in memory when it is needed."""

    archive: Content  # the archive's content
    # reads the member from the archive, and no more of it than so many bytes
    unpack: Callable[[BinaryIO, int], bytes]
    size: int  # its size, as the archive says

    def read(self) -> bytes:
        """Return all of it; UnreadableError says why it cannot."""
        try:
            with self.archive.opened() as file:
                content = self.unpack(file, self.size + 1)
        except UnreadableError:
            raise
        except Exception:  # zipfile and tarfile raise what they like at a damaged archive
            content = b""
        if len(content) != self.size:
            raise UnreadableError("the file is damaged within its archive")
        return content

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Unpack it to memory and open that."""
        yield io.BytesIO(self.read())


Content = FileContent | MemberContent
