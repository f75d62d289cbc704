"""Files as they were handed in, read from the disk or from within archives, within limits."""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mnist_keras.grading.notebooks import MAX_BYTES

MAX_RATIO = 200  # of what is unpacked to what is packed
RATIO_MATTERS_FROM = 1_000_000
TOO_LARGE = f"the file is larger than {MAX_BYTES // 1_000_000} MB: clear its outputs"


class UnreadableError(Exception):
    """Why a file cannot be read, in one line that starts with "the file"."""


@dataclass(frozen=True)
class FileContent:
    """A file on disk, read when it is needed."""

    path: Path

    def read(self) -> bytes:
        """Give all of it.

        Raises
        ------
        UnreadableError
            If it cannot be read, is no ordinary file, or is larger than `MAX_BYTES`.
        """
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
    """A file in a zip archive, unpacked in memory when it is needed."""

    archive: Content
    offset: int
    packed: int
    size: int
    crc: int
    deflated: bool

    def read(self) -> bytes:
        """Give all of it.

        Raises
        ------
        UnreadableError
            If the archive cannot be read or the member is damaged.
        """
        damaged = "the file is damaged within its archive"
        try:
            with self.archive.opened() as file:
                file.seek(self.offset)
                header = file.read(30)
                name, extra = struct.unpack("<26xHH", header)
                if not header.startswith(b"PK\x03\x04"):
                    raise UnreadableError(damaged)
                file.seek(name + extra, os.SEEK_CUR)
                content = file.read(self.packed)
            if self.deflated:
                content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, self.size + 1)
        except (zlib.error, struct.error, ValueError, OverflowError):
            raise UnreadableError(damaged) from None
        if len(content) != self.size or zlib.crc32(content) != self.crc:
            raise UnreadableError(damaged)
        return content

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Unpack it to memory and open that."""
        yield io.BytesIO(self.read())


@dataclass(frozen=True)
class TarContent:
    """A file in a tar archive, unpacked in memory when it is needed."""

    archive: Content
    offset: int
    size: int

    def read(self) -> bytes:
        """Give all of it.

        Raises
        ------
        UnreadableError
            If the archive cannot be read or is damaged.
        """
        content = unpacked(self.archive)[self.offset : self.offset + self.size]
        if len(content) != self.size:
            raise UnreadableError("the file is damaged within its archive")
        return content

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Unpack it to memory and open that."""
        yield io.BytesIO(self.read())


Content = FileContent | MemberContent | TarContent


def unpacked(archive: Content) -> bytes:
    """Give a tar archive without its compression, of a size that memory holds.

    Raises
    ------
    UnreadableError
        If it cannot be read or is larger.
    """
    packed = archive.read()
    if not packed.startswith(b"\x1f\x8b"):
        return packed
    damaged = UnreadableError("the file is damaged: make the archive again")
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        content = unpacking.decompress(packed, MAX_BYTES + 1)
    except zlib.error:
        raise damaged from None
    if len(content) > MAX_BYTES:
        size = MAX_BYTES // 1_000_000
        raise UnreadableError(f"the file is an archive of more than {size} MB: hand in less")
    if not unpacking.eof:
        raise damaged
    if len(content) > max(RATIO_MATTERS_FROM, MAX_RATIO * len(packed)):
        raise UnreadableError(f"the file unpacks to more than {MAX_RATIO} times its size")
    return content
