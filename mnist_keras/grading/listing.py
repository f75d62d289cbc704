"""The files in a folder or an archive: nothing followed, extracted to disk, or trusted."""

import os
import re
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.grading.archives import LINK, NOT_ORDINARY, archive_members, is_archive
from mnist_keras.grading.contents import TOO_LARGE, Content, FileContent, UnreadableError
from mnist_keras.grading.kinds import ASK, is_called_a_notebook, why_not
from mnist_keras.grading.notebooks import MAX_BYTES

MAX_FILES = 100_000
MAX_OTHERS = 20_000  # that are no notebooks
MAX_FOLDERS_DEEP = 20
MAX_ARCHIVES_DEEP = 2

# What systems, tools and learning platforms leave behind.
IGNORED = frozenset({"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"})
IGNORED |= {"Thumbs.db", "desktop.ini", "timestamp.txt"}


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
    """List all that was handed in: what may be a notebook to be read, the rest with a reason."""
    if path.is_file() and is_called_a_notebook(path.name):
        listing = Listing(why_not)
        listing.add(Found((path.name,), path.stat().st_mtime, FileContent(path)))
        return listing
    return list_files(path, why_not, "a .zip or .ipynb")


def list_files(path: Path, refusal: Callable[[str], str | None], file: str = "a .zip") -> Listing:
    """List the files in a folder or an archive, except those whose names are refused.

    Links are not followed. ``file`` says what might have been named instead of a folder.
    """
    listing = Listing(refusal)
    if path.is_dir():
        _list_folder(path, (), listing)
    elif is_packed(path):
        whole = Found((), path.stat().st_mtime, FileContent(path))
        _list_archive(whole, path.name, 1, listing)
        if listing.files and not listing.files[0].parts:
            problem = listing.files[0].problem.removeprefix("the file ")
            raise CourseError(f"{path}: {problem}")
    else:
        what = f"is neither a folder nor {file}" if path.exists() else "does not exist"
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
    if not entries and parts:
        _take(Found((*parts, ""), modified, None), 0, listing)
    for entry in entries:
        _list_entry(entry, (*parts, entry.name), listing)
    return None


def _list_entry(entry: os.DirEntry[str], parts: tuple[str, ...], listing: Listing) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        problem = f"the file cannot be read: {error.strerror}"
        return _take(Found(parts, 0.0, None, problem), 0, listing)
    if stat.S_ISDIR(status.st_mode):
        return _list_folder(Path(entry.path), parts, listing)
    problem = ""
    if not stat.S_ISREG(status.st_mode):
        problem = LINK if stat.S_ISLNK(status.st_mode) else NOT_ORDINARY
    elif status.st_size > MAX_BYTES and not is_archive(entry.name):
        problem = TOO_LARGE
    content = None if problem else FileContent(Path(entry.path))
    return _take(Found(parts, status.st_mtime, content, problem), 0, listing)


def _take(found: Found, deep: int, listing: Listing) -> None:
    """List a file that lies so many archives deep, look into it, or pass over it, by its name."""
    name = found.parts[-1]
    why = "" if is_archive(name) else listing.refusal(name)
    if why is None:
        if found.problem == LINK:
            listing.skip(found.parts, "is a link, which is not followed")
    elif why and found.problem not in (LINK, NOT_ORDINARY):
        listing.add_other(found.parts, found.modified, why)
    elif is_archive(name) and found.content is not None:
        _list_archive(found, name, deep + 1, listing)
    else:
        listing.add(found)


def _list_archive(whole: Found, name: str, deep: int, listing: Listing) -> None:
    """List an archive's members; where it cannot be read, the archive itself with the reason.

    The maker of an archive decides its members' dates. Those of a class come from a platform; those
    of an archive in it come from a learner, and do not tell when anything was handed in.
    """
    learners = whole.archive or "/".join(whole.parts)
    try:
        if deep > MAX_ARCHIVES_DEEP:
            nested = "an archive within an archive within an archive"
            raise UnreadableError(f"the file is {nested}: unpack it")
        assert whole.content
        members = archive_members(whole.content, name, lambda name: listing.refusal(name) == "")
        named = [(_pieces(each.name), each) for each in members]
        named = [each for each in named if ".." in each[0] or not any(map(_ignored, each[0]))]
        if whole.parts and not named:
            raise UnreadableError(f"the file is an archive in which nothing lies: {ASK}")
    except UnreadableError as error:
        return listing.add(Found(whole.parts, whole.modified, None, str(error), 0.0, learners))
    holding = {
        pieces[:depth]
        for pieces, member in named
        if not member.is_folder and ".." not in pieces and len(pieces) <= MAX_FOLDERS_DEEP
        for depth in range(1, len(pieces))
    }
    for pieces, member in named:
        modified = whole.modified if learners else member.dated
        if _is_plain(member.name):
            parts = (*whole.parts, *pieces)
            if not member.is_folder:
                content = None if member.problem else member.content
                told = content, member.problem, member.dated, learners
                _take(Found(parts, modified, *told), deep, listing)
            elif pieces not in holding:
                _take(Found((*parts, ""), modified, None), deep, listing)
        elif not member.is_folder:
            odd = "is refused: its path is not a plain one"
            of_learner = is_archive(pieces[-1]) or listing.refusal(pieces[-1]) is not None
            if whole.parts and of_learner:
                listing.add_other((*whole.parts, " ".join(pieces)), whole.modified, odd)
            else:
                listing.skip((*whole.parts, member.name), odd)
    return None


def _pieces(name: str) -> tuple[str, ...]:
    # Windows once wrote archives with backslashes.
    return tuple(re.split(r"[/\\]", name.removeprefix("./").rstrip("/\\")))


def _is_plain(name: str) -> bool:
    """Tell whether a member's name is a path below its archive, and no more."""
    pieces = _pieces(name)
    odd = {"", ".", ".."} & set(pieces) or re.search(r"\0|^[A-Za-z]:", name)
    return not odd and len(pieces) <= MAX_FOLDERS_DEEP


def clean_name(text: str) -> str:
    """Return a learner's name as it can be shown, without what could disturb a page or a table."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(
        " " if character.isspace() or character in "/\\" else character
        for character in text
        if character.isprintable() or character.isspace()
    )
    return " ".join(text.split())[:100].strip() or "unnamed"
