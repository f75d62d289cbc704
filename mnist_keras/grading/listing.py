"""The files in a folder or an archive: nothing followed, extracted to disk, or trusted."""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast

from mnist_keras.errors import CourseError
from mnist_keras.grading.notebooks import MAX_BYTES

MAX_FILES = 100_000
MAX_FOLDERS_DEEP = 20
MAX_ARCHIVES_DEEP = 2
MAX_MEMBERS = 10_000
MAX_DIRECTORY_BYTES = 4_000_000  # of an archive: its list of members
MAX_ARCHIVE_BYTES = 4_000_000_000  # of all the notebooks in one, unpacked
MAX_RATIO = 200
RATIO_MATTERS_FROM = 1_000_000

IGNORED = frozenset({"__MACOSX", "__pycache__"})
NOTEBOOK, ARCHIVE = ".ipynb", ".zip"


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
            raise UnreadableError(_too_large())
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

    archive: FileContent | MemberContent
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
class Found:
    """A notebook, or an archive that cannot be looked into.

    Attributes
    ----------
    parts
        Its path below what is listed; an archive counts as a folder.
    modified
        When it was last changed, in seconds since the epoch.
    content
        Its content; none where `problem` says why.
    problem
        Why it cannot be read, in one line that starts with "the file".
    """

    parts: tuple[str, ...]
    modified: float
    content: FileContent | MemberContent | None
    problem: str = ""


@dataclass
class Listing:
    """What was found, and a line for each file or folder that was passed over.

    Attributes
    ----------
    wanted
        Whether a file of this name is looked for; archives are looked into in any case.
    """

    wanted: Callable[[str], bool]
    files: list[Found] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Take note of a file.

        Raises
        ------
        CourseError
            If these are more than any class hands in.
        """
        self.files.append(found)
        self.limit(len(self.files) + len(self.problems))

    def skip(self, parts: tuple[str, ...], why: str) -> None:
        """Take note of something that is passed over."""
        self.problems.append(f"{shown('/'.join(parts))}: {why}")
        self.limit(len(self.files) + len(self.problems))

    def limit(self, count: int) -> None:
        """Refuse what is no class but, say, a whole disk."""
        if count > MAX_FILES:
            raise CourseError(f"there are more than {MAX_FILES:,} files: name the class's folder")


def list_notebooks(path: Path) -> Listing:
    """List the notebooks in a folder or an archive, or a notebook by itself.

    Parameters
    ----------
    path : Path
        A folder, a ``.zip`` or an ``.ipynb``. Links below it are not followed.

    Raises
    ------
    CourseError
        If there is no such file, or it is an archive that cannot be read.
    """
    if path.is_file() and path.suffix.lower() == NOTEBOOK:
        listing = Listing(_is_notebook)
        listing.add(Found((path.name,), path.stat().st_mtime, FileContent(path)))
        return listing
    if path.is_dir() or (path.is_file() and path.suffix.lower() == ARCHIVE):
        return list_files(path, _is_notebook)
    what = "is neither a folder nor a .zip or .ipynb" if path.exists() else "does not exist"
    raise CourseError(f"{path} {what}: name what was handed in")


def list_files(path: Path, wanted: Callable[[str], bool]) -> Listing:
    """List the files in a folder or an archive whose names are wanted.

    Parameters
    ----------
    path : Path
        A folder or a ``.zip``. Links below it are not followed.
    wanted
        Told a file's name, whether it is looked for.

    Raises
    ------
    CourseError
        If it is neither, or an archive that cannot be read.
    """
    listing = Listing(wanted)
    if path.is_dir():
        _list_folder(path, (), listing)
    elif path.is_file() and path.suffix.lower() == ARCHIVE:
        _list_archive(FileContent(path), (), path.stat().st_mtime, listing, 1)
        if listing.files and not listing.files[0].parts:
            problem = listing.files[0].problem.removeprefix("the file ")
            raise CourseError(f"{path}: {problem}")
    else:
        what = "is neither a folder nor a .zip" if path.exists() else "does not exist"
        raise CourseError(f"{path} {what}: name what was handed in")
    listing.files.sort(key=lambda found: found.parts)
    listing.problems.sort()
    return listing


def shown(text: str) -> str:
    """Give a file's name as it can be printed: without controls, marks of direction, line ends."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(character if character.isprintable() else "?" for character in text)


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(NOTEBOOK)


def _is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE)


def _too_large() -> str:
    return f"the file is larger than {MAX_BYTES // 1_000_000} MB: clear its outputs"


def _list_folder(folder: Path, parts: tuple[str, ...], listing: Listing) -> None:
    if len(parts) > MAX_FOLDERS_DEEP:
        listing.skip(parts, "is left out, as folders nested so deep are")
        return
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        listing.skip(parts or (folder.name,), f"cannot be read: {error.strerror}")
        return
    listing.limit(len(entries))
    for entry in entries:
        if not _ignored(entry.name):
            _list_entry(entry, (*parts, entry.name), listing)


def _list_entry(entry: os.DirEntry[str], parts: tuple[str, ...], listing: Listing) -> None:
    path = Path(entry.path)
    wanted = listing.wanted(entry.name) or _is_archive(entry.name)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        if wanted:
            listing.skip(parts, f"cannot be read: {error.strerror}")
        return
    if stat.S_ISDIR(status.st_mode):
        _list_folder(path, parts, listing)
    elif stat.S_ISLNK(status.st_mode) and not wanted:
        listing.skip(parts, "is a link, which is not followed")
    elif wanted and not stat.S_ISREG(status.st_mode):
        kind = "a link, which is not followed" if entry.is_symlink() else "no ordinary file"
        problem = f"the file is {kind}: hand in the notebook itself"
        listing.add(Found(parts, status.st_mtime, None, problem))
    elif _is_archive(entry.name):
        _list_archive(FileContent(path), parts, status.st_mtime, listing, 1)
    elif wanted:
        problem = _too_large() if status.st_size > MAX_BYTES else ""
        content = None if problem else FileContent(path)
        listing.add(Found(parts, status.st_mtime, content, problem))


class _ShortReads(io.BufferedIOBase):
    """A file of which only little is read at once, whatever the archive says to be its list."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        content = self._file.read(MAX_DIRECTORY_BYTES + 1 if size is None or size < 0 else size)
        if len(content) > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _list_archive(
    archive: FileContent | MemberContent,
    parts: tuple[str, ...],
    modified: float,
    listing: Listing,
    deep: int,
) -> None:
    """List an archive's notebooks; where it cannot be read, the archive itself with the reason."""

    def refuse(what: str) -> None:
        listing.add(Found(parts, modified, None, f"the file is {what}"))

    if deep > MAX_ARCHIVES_DEEP:
        return refuse("an archive within an archive within an archive: unpack it")
    try:
        with archive.opened() as file:
            short = cast(IO[bytes], _ShortReads(file))
            with zipfile.ZipFile(short) as opened:
                members = opened.infolist()
    except UnreadableError as error:
        listing.add(Found(parts, modified, None, str(error)))
        return None
    except Exception:  # zipfile raises what it likes at a damaged archive
        return refuse("no zip archive that can be read: it may be damaged, so make it again")
    if len(members) > MAX_MEMBERS:
        return refuse(f"an archive of more than {MAX_MEMBERS:,} files: hand in notebooks only")

    def is_wanted(name: str) -> bool:
        return listing.wanted(name.rpartition("/")[2]) or _is_archive(name)

    wanted = [each for each in members if is_wanted(each.filename) or _is_link(each)]
    if sum(each.file_size for each in wanted) > MAX_ARCHIVE_BYTES:
        size = MAX_ARCHIVE_BYTES // 1_000_000_000
        return refuse(f"an archive of more than {size} GB of notebooks: divide it")
    for member in wanted:
        _list_member(archive, member, parts, listing, deep)
    return None


def _list_member(
    archive: FileContent | MemberContent,
    member: zipfile.ZipInfo,
    parts: tuple[str, ...],
    listing: Listing,
    deep: int,
) -> None:
    # As it stands in the archive: zipfile cuts names at NUL and may replace separators.
    name = member.orig_filename
    pieces = name.rstrip("/").split("/")
    inside = (*parts, *pieces)
    unsafe = {"", ".", ".."} & set(pieces) or re.search(r"[\\\0]|^[A-Za-z]:", name)
    if unsafe or len(pieces) > MAX_FOLDERS_DEEP:
        return listing.skip((*parts, name), "is refused: its path is not a plain one")
    if any(_ignored(piece) for piece in pieces) or member.is_dir():
        return None
    modified = _member_time(member)
    content = None
    problem = _member_problem(member)
    if problem and not (listing.wanted(pieces[-1]) or _is_archive(name)):
        return listing.skip(inside, problem.removeprefix("the file "))
    if not problem:
        content = MemberContent(
            archive,
            member.header_offset,
            member.compress_size,
            member.file_size,
            member.CRC,
            member.compress_type == zipfile.ZIP_DEFLATED,
        )
        if _is_archive(name):
            return _list_archive(content, inside, modified, listing, deep + 1)
    return listing.add(Found(inside, modified, content, problem))


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _member_problem(member: zipfile.ZipInfo) -> str:
    """Say why a member cannot be read; nothing if it can."""
    if _is_link(member):
        return "the file is a link, which is not followed: hand in the notebook itself"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        return "the file is no ordinary file: hand in the notebook itself"
    if member.flag_bits & 1:
        return "the file is encrypted: hand it in without a password"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "the file is packed in an unusual way: make an ordinary zip"
    if max(member.file_size, member.compress_size) > MAX_BYTES:
        return _too_large()
    if member.file_size > max(RATIO_MATTERS_FROM, MAX_RATIO * member.compress_size):
        return f"the file unpacks to more than {MAX_RATIO} times its size: clear its outputs"
    return ""


def _member_time(member: zipfile.ZipInfo) -> float:
    """Give when a member was changed: exactly if the archive says so, else by the local clock."""
    extra = member.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 0x5455 and 5 <= length <= len(extra) - 4 and extra[4] & 1:
            return float(struct.unpack_from("<i", extra, 5)[0])
        extra = extra[4 + length :]
    try:
        return time.mktime((*member.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0


def clean_name(text: str) -> str:
    """Give a learner's name as it can be shown, without what could disturb a page or a table."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(
        " " if character.isspace() or character in "/\\" else character
        for character in text
        if character.isprintable() or character.isspace()
    )
    return " ".join(text.split())[:100].strip() or "unnamed"
