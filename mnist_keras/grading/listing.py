"""The files in a folder or an archive: nothing followed, extracted to disk, or trusted."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.grading.archives import LINK, Member, archive_members, is_archive
from mnist_keras.grading.contents import TOO_LARGE, Content, FileContent, UnreadableError
from mnist_keras.grading.kinds import ASK, is_called_a_notebook, why_not
from mnist_keras.grading.notebooks import MAX_BYTES

MAX_FILES = 100_000
MAX_OTHERS = 20_000  # that are no notebooks
MAX_FOLDERS_DEEP = 20
MAX_ARCHIVES_DEEP = 2

# What systems, tools and learning platforms leave behind.
IGNORED = frozenset(
    {
        *("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"),
        *("Thumbs.db", "desktop.ini", "timestamp.txt"),
    }
)


@dataclass(frozen=True)
class Found:
    """A file that was handed in, or a folder in which nothing lies."""

    # its path below what is listed; an archive counts as a folder. That of an empty folder ends
    # with an empty name.
    parts: tuple[str, ...]
    # when it was handed in as far as the learner does not decide it, in seconds since the epoch. A
    # member of a learner's archive has the time of the archive.
    modified: float
    content: Content | None  # its content; none where `problem` says why
    problem: str = ""  # why it is not read, in one line that starts with "the file"
    dated: float = 0.0  # when it was last changed, as its archive says
    archive: str = ""  # the learner's archive whose time `modified` is; else empty


@dataclass
class Listing:
    """What was found, and a line for each file or folder that was passed over."""

    # told a file's name: nothing where the file is looked for, the reason where it is listed but
    # not read, None where it is passed over. Archives are looked into in any case.
    refusal: Callable[[str], str | None]
    files: list[Found] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: int = 0

    def add(self, found: Found) -> None:
        """Take note of a file."""
        self.files.append(found)
        self.limit(len(self.files) + len(self.problems))

    def add_other(self, parts: tuple[str, ...], modified: float, why: str) -> None:
        """Take note of a file or folder that is not read; of a whole disk of them, not of each."""
        self.others += 1
        if self.others < MAX_OTHERS:
            self.add(Found(parts, modified, None, f"the file {why}" if parts[-1] else why))
        elif self.others == MAX_OTHERS:
            self.skip(parts, f"more than {MAX_OTHERS:,} files are no notebooks: left out from here")

    def skip(self, parts: tuple[str, ...], why: str) -> None:
        """Take note of something that is passed over."""
        self.problems.append(f"{shown('/'.join(parts))}: {why}")
        self.limit(len(self.files) + len(self.problems))

    def limit(self, count: int) -> None:
        """Refuse what is no class but, say, a whole disk."""
        if count > MAX_FILES:
            raise CourseError(f"there are more than {MAX_FILES:,} files: name the class's folder")


def list_hand_ins(path: Path) -> Listing:
    """List all that was handed in: what may be a notebook to be read, the rest with a reason.

    Links are not followed.
    """
    if path.is_file() and is_called_a_notebook(path.name):
        listing = Listing(why_not)
        listing.add(Found((path.name,), path.stat().st_mtime, FileContent(path)))
        return listing
    if path.is_dir() or is_packed(path):
        return list_files(path, why_not)
    what = "is neither a folder nor a .zip or .ipynb" if path.exists() else "does not exist"
    raise CourseError(f"{path} {what}: name what was handed in")


def list_files(path: Path, refusal: Callable[[str], str | None]) -> Listing:
    """List the files in a folder or an archive, except those whose names are refused.

    Links are not followed.
    """
    listing = Listing(refusal)
    if path.is_dir():
        _list_folder(path, (), listing)
    elif is_packed(path):
        _list_archive(FileContent(path), path.name, _Place((), path.stat().st_mtime, 1), listing)
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
    """Return a file's name as it can be printed: without controls, directions and line ends."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(character if character.isprintable() else "?" for character in text)


def is_packed(path: Path) -> bool:
    """Tell whether a path is that of an archive that is looked into."""
    return path.is_file() and is_archive(path.name)


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def _list_folder(folder: Path, parts: tuple[str, ...], listing: Listing) -> None:
    if len(parts) > MAX_FOLDERS_DEEP:
        why = "the folder is left out, as folders nested so deep are"
        return listing.add_other((*parts, ""), 0.0, why)
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        modified = folder.stat().st_mtime
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        if parts:
            return listing.add_other((*parts, ""), 0.0, f"the folder {why}")
        return listing.skip((folder.name,), why)
    listing.limit(len(entries))
    entries = [entry for entry in entries if not _ignored(entry.name)]
    why_empty = listing.refusal("")
    if not entries and parts and why_empty is not None:
        listing.add_other((*parts, ""), modified, why_empty)
    for entry in entries:
        _list_entry(entry, (*parts, entry.name), listing)
    return None


def _list_entry(entry: os.DirEntry[str], parts: tuple[str, ...], listing: Listing) -> None:
    path = Path(entry.path)
    why = "" if is_archive(entry.name) else listing.refusal(entry.name)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        if why is not None:
            listing.add_other(parts, 0.0, f"cannot be read: {error.strerror}")
        return
    if stat.S_ISDIR(status.st_mode):
        _list_folder(path, parts, listing)
    elif stat.S_ISLNK(status.st_mode) and why is None:
        listing.skip(parts, "is a link, which is not followed")
    elif why is not None and not stat.S_ISREG(status.st_mode):
        kind = "a link, which is not followed" if entry.is_symlink() else "no ordinary file"
        problem = f"the file is {kind}: hand in the notebook itself"
        listing.add(Found(parts, status.st_mtime, None, problem))
    elif is_archive(entry.name):
        place = _Place(parts, status.st_mtime, 1, "/".join(parts))
        _list_archive(FileContent(path), entry.name, place, listing)
    elif why:
        listing.add_other(parts, status.st_mtime, why)
    elif why is not None:
        problem = TOO_LARGE if status.st_size > MAX_BYTES else ""
        content = None if problem else FileContent(path)
        listing.add(Found(parts, status.st_mtime, content, problem))


@dataclass(frozen=True)
class _Place:
    """Where an archive lies, how deep in others, when it came, and its name if a learner made it.

    The maker of an archive decides its members' dates. Those of a class come from a platform; those
    of an archive in it come from a learner, and do not tell when anything was handed in.
    """

    parts: tuple[str, ...]
    modified: float
    deep: int
    archive: str = ""

    def found(
        self, inside: tuple[str, ...], dated: float, content: Content | None, problem: str = ""
    ) -> Found:
        """Return a member with the time that counts."""
        modified = self.modified if self.archive else dated
        return Found((*self.parts, *inside), modified, content, problem, dated, self.archive)


def _list_archive(archive: Content, name: str, place: _Place, listing: Listing) -> None:
    """List an archive's members; where it cannot be read, the archive itself with the reason."""
    try:
        if place.deep > MAX_ARCHIVES_DEEP:
            raise UnreadableError(
                "the file is an archive within an archive within an archive: unpack it"
            )
        members = archive_members(archive, name, lambda name: listing.refusal(name) == "")
        names = [_pieces(each.name) for each in members]
        if place.parts and all(any(map(_ignored, each)) and ".." not in each for each in names):
            raise UnreadableError(f"the file is an archive in which nothing lies: {ASK}")
    except UnreadableError as error:
        listing.add(Found(place.parts, place.modified, None, str(error), 0.0, place.archive))
        return
    holding = {
        pieces[:depth]
        for pieces in (_pieces(each.name) for each in members if not each.is_folder)
        if len(pieces) <= MAX_FOLDERS_DEEP and not any(map(_ignored, pieces))
        for depth in range(1, len(pieces))
    }
    for member in members:
        pieces = _pieces(member.name)
        if any(map(_ignored, pieces)) and ".." not in pieces:
            continue
        if not member.is_folder:
            _list_member(member, pieces, place, listing)
        elif _is_plain(member.name) and pieces not in holding:
            why = listing.refusal("")
            if why is not None:
                found = place.found((*pieces, ""), member.dated, None)
                listing.add_other(found.parts, found.modified, why)


def _pieces(name: str) -> tuple[str, ...]:
    # Windows once wrote archives with backslashes.
    return tuple(re.split(r"[/\\]", name.removeprefix("./").rstrip("/\\")))


def _is_plain(name: str) -> bool:
    """Tell whether a member's name is a path below its archive, and no more."""
    pieces = _pieces(name)
    odd = {"", ".", ".."} & set(pieces) or re.search(r"\0|^[A-Za-z]:", name)
    return not odd and len(pieces) <= MAX_FOLDERS_DEEP


def _list_member(member: Member, pieces: tuple[str, ...], place: _Place, listing: Listing) -> None:
    """List a file of an archive, whose name may be anything."""
    packed = is_archive(pieces[-1])
    why = "" if packed else listing.refusal(pieces[-1])
    if not _is_plain(member.name):
        odd = "is refused: its path is not a plain one"
        if place.parts and why is not None:
            return listing.add_other((*place.parts, " ".join(pieces)), place.modified, odd)
        return listing.skip((*place.parts, member.name), odd)
    if why is None:
        if member.problem == LINK:
            listing.skip((*place.parts, *pieces), LINK.removeprefix("the file "))
        return None
    content = None if member.problem else member.content
    found = place.found(pieces, member.dated, content, member.problem)
    if why:
        return listing.add_other(found.parts, found.modified, why)
    if content is None or not packed:
        return listing.add(found)
    inner = place.archive or "/".join(found.parts)
    deeper = _Place(found.parts, found.modified, place.deep + 1, inner)
    return _list_archive(content, pieces[-1], deeper, listing)


def clean_name(text: str) -> str:
    """Return a learner's name as it can be shown, without what could disturb a page or a table."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(
        " " if character.isspace() or character in "/\\" else character
        for character in text
        if character.isprintable() or character.isspace()
    )
    return " ".join(text.split())[:100].strip() or "unnamed"
