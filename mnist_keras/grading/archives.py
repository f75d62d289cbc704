"""The members of zip and tar archives: nothing extracted to disk, followed, or trusted."""

import gzip
import io
import stat
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from mnist_keras.grading.contents import TOO_LARGE, Content, MemberContent, UnreadableError
from mnist_keras.grading.notebooks import MAX_BYTES

MAX_MEMBERS = 3_000
MAX_DIRECTORY_BYTES = 4_000_000  # of a zip: its list of members
MAX_ARCHIVE_BYTES = 4_000_000_000  # of all the notebooks in a zip, unpacked
MAX_TAR_BYTES = 20_000_000_000  # unpacked to read all notebooks, as each unpacks the whole
MAX_RATIO = 200  # of what is unpacked to what is packed
RATIO_MATTERS_FROM = 1_000_000

ZIP, TARS = ".zip", (".tar", ".tar.gz", ".tgz")
LINK = "the file is a link, which is not followed: hand in the notebook itself"
NOT_ORDINARY = "the file is no ordinary file: hand in the notebook itself"


@dataclass(frozen=True)
class Member:
    """A file or folder in an archive."""

    name: str  # as it stands in the archive, which may be anything
    content: Content  # reads it when it is needed, where `problem` is empty
    dated: float  # when it was last changed, as the archive says, in seconds since the epoch
    problem: str  # why it cannot be read, in one line that starts with "the file"; else empty
    is_folder: bool  # whether it is a folder


def is_archive(name: str) -> bool:
    """Tell whether a name is that of an archive that is looked into."""
    return name.lower().endswith((ZIP, *TARS))


def archive_members(archive: Content, name: str, wanted: Callable[[str], bool]) -> list[Member]:
    """List the members of an archive.

    ``wanted`` is asked by a member's own name, whether it will be read.
    """
    kind, listed = ("zip", _in_zip) if name.lower().endswith(ZIP) else ("tar", _in_tar)
    try:
        with archive.opened() as file:
            return listed(archive, file, lambda path: wanted(path.rpartition("/")[2]))
    except UnreadableError:
        raise
    except Exception:  # zipfile and tarfile raise what they like at a damaged archive
        what = f"no {kind} archive that can be read: it may be damaged, so make it again"
        raise UnreadableError(f"the file is {what}") from None


def _check_number(count: int) -> None:
    if count > MAX_MEMBERS:
        what = f"an archive of more than {MAX_MEMBERS:,} files: hand in notebooks only"
        raise UnreadableError(f"the file is {what}")


class _ShortReads:
    """A file of which only little is read at once, whatever the archive says to be its list."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(MAX_DIRECTORY_BYTES + 1 if size < 0 else size)
        if len(content) > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile
        return content


def _zip(file: BinaryIO) -> zipfile.ZipFile:
    short: Any = _ShortReads(file)
    return zipfile.ZipFile(short)


def _in_zip(archive: Content, file: BinaryIO, wanted: Callable[[str], bool]) -> list[Member]:
    with _zip(file) as opened:
        members = opened.infolist()
    _check_number(len(members))
    if sum(each.file_size for each in members if wanted(each.filename)) > MAX_ARCHIVE_BYTES:
        what = f"an archive of more than {MAX_ARCHIVE_BYTES // 1_000_000_000} GB of notebooks"
        raise UnreadableError(f"the file is {what}: divide it")
    return [_zip_member(archive, each) for each in members]


def _zip_member(archive: Content, member: zipfile.ZipInfo) -> Member:
    def unpack(file: BinaryIO, most: int) -> bytes:
        with _zip(file) as opened, opened.open(member) as content:
            return content.read(most)

    # As it stands in the archive: zipfile cuts names at NUL and may replace separators.
    name, content = member.orig_filename, MemberContent(archive, unpack, member.file_size)
    return Member(name, content, _member_time(member), _member_problem(member), member.is_dir())


def _member_problem(member: zipfile.ZipInfo) -> str:
    """Say why a member cannot be read; nothing if it can."""
    if stat.S_ISLNK(member.external_attr >> 16):
        return LINK
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        return NOT_ORDINARY
    if member.flag_bits & 1:
        return "the file is encrypted: hand it in without a password"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "the file is packed in an unusual way: make an ordinary zip"
    if max(member.file_size, member.compress_size) > MAX_BYTES:
        return TOO_LARGE
    if member.file_size > max(RATIO_MATTERS_FROM, MAX_RATIO * member.compress_size):
        return f"the file unpacks to more than {MAX_RATIO} times its size: clear its outputs"
    return ""


def _member_time(member: zipfile.ZipInfo) -> float:
    """Return when a member was changed: exactly if the archive says so, else by the local clock."""
    extra = member.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 0x5455 and 5 <= length <= len(extra) - 4 and extra[4] & 1:
            return float(struct.unpack_from("<i", extra, 5)[0])
        extra = extra[4 + length :]
    with suppress(ValueError, OverflowError):
        return time.mktime((*member.date_time, 0, 0, -1))
    return 0.0


def _tar(file: BinaryIO) -> tarfile.TarFile:
    """Unpack a tar archive to memory, as far as that holds it, and open it."""
    packed = content = file.read(MAX_BYTES + 1)
    if packed.startswith(b"\x1f\x8b"):
        content = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        size = MAX_BYTES // 1_000_000
        raise UnreadableError(f"the file is an archive of more than {size} MB: hand in less")
    if len(content) > max(RATIO_MATTERS_FROM, MAX_RATIO * len(packed)):
        raise UnreadableError(f"the file unpacks to more than {MAX_RATIO} times its size")
    return tarfile.open(fileobj=io.BytesIO(content), mode="r:")


def _in_tar(archive: Content, file: BinaryIO, wanted: Callable[[str], bool]) -> list[Member]:
    members: list[tarfile.TarInfo] = []
    with _tar(file) as opened:
        while member := opened.next():
            members.append(member)
            _check_number(len(members))
        memory: Any = opened.fileobj
        size = memory.seek(0, io.SEEK_END)
    if not members:
        raise tarfile.ReadError
    if size * sum(wanted(each.name) for each in members) > MAX_TAR_BYTES:
        raise UnreadableError("the file is a tar archive of too much for its kind: make it a .zip")
    # "." is the folder that was packed.
    return [_tar_member(archive, each) for each in members if each.name != "."]


def _tar_member(archive: Content, member: tarfile.TarInfo) -> Member:
    def unpack(file: BinaryIO, most: int) -> bytes:
        with _tar(file) as opened:
            content = opened.extractfile(member)
            return content.read(most) if content else b""

    problem = TOO_LARGE if member.size > MAX_BYTES else ""
    if member.issym() or member.islnk():
        problem = LINK
    elif not member.isreg() or member.issparse() or member.size < 0:
        problem = NOT_ORDINARY
    content = MemberContent(archive, unpack, member.size)
    return Member(member.name, content, float(member.mtime), problem, member.isdir())
