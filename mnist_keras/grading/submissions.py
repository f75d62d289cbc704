"""Which files of a folder are whose, and which exercise they answer; the newest counts.

Whose a file is, is told by what an instructor or a learning platform decided: the folders and names
at the top of what is graded. Nothing below a learner's own folder or archive can make a file
another learner's.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.grading.listing import (
    FileContent,
    Found,
    MemberContent,
    UnreadableError,
    clean_name,
    list_notebooks,
    shown,
)
from mnist_keras.grading.notebooks import NotebookError, exercise_in_name, read_notebook

# "leejohn_12345_678_01-learning-rate-1.ipynb", "leejohn_LATE_12345_678_01-learning-rate.ipynb"
CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d{2,})_\d{2,}_(?P<file>.+)", re.DOTALL)
CANVAS_AGAIN = re.compile(r"-(\d{1,4})\.(?:ipynb|zip)$", re.IGNORECASE)
# "John Lee_123_assignsubmission_file_", with a file's name after it in a flat folder
MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL
)
# What is no learner's name beside an exercise's.
NO_NAME = re.compile(
    r"\(\d+\)|(?<![^\W_])(?:copy(?:[\s_]of)?|kopie(?:[\s_]von)?|copie(?:[\s_]de)?|exercises?)"
    r"(?![^\W_])",
    re.IGNORECASE,
)

# In a clone of the course, learners work in the first; the others hold what is no hand-in.
EXERCISES_FOLDER = "exercises"
COURSE_FOLDERS = frozenset({"_build", "benchmarks", "book", "mnist_keras", "solutions", "tests"})

MAX_LISTED = 5
UNTOLD = "which exercise this is can't be told from its metadata, its name or its cells"


@dataclass(frozen=True)
class Submission:
    """A notebook that a learner handed in.

    Attributes
    ----------
    learner
        A name that can be shown; no two learners have the same one.
    exercise
        The exercise's name; none where it cannot be told.
    file
        Its path below what is graded; archives count as folders.
    modified
        When it was last changed, in seconds since the epoch.
    content
        Reads the file when it is needed; none where `problem` says why.
    digest
        SHA-256 of the content; empty where it cannot be read.
    problem
        Why it cannot be graded, in one line; else empty.
    notes
        A line each: handed in late, older hand-ins, what is odd about the notebook.
    platform_id
        The learner's number on the learning platform; else empty.
    """

    learner: str
    exercise: str | None
    file: str
    modified: float
    content: FileContent | MemberContent | None
    digest: str
    problem: str = ""
    notes: tuple[str, ...] = ()
    platform_id: str = ""


@dataclass(frozen=True)
class Handins:
    """What was handed in.

    Attributes
    ----------
    chosen
        By learner and exercise, one of each: the newest. A notebook whose exercise cannot be told
        stands for itself.
    problems
        Files that are nobody's, a line each.
    """

    chosen: tuple[Submission, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Owner:
    """Whose a file is.

    Attributes
    ----------
    key
        The same for the files of one learner, and for no others.
    name
        The learner's, as it was found.
    place
        What tells learners of the same name apart.
    """

    key: tuple[str, ...]
    name: str
    place: str
    platform_id: str = ""


@dataclass(frozen=True)
class _Handin:
    """A file with its owner; ``parts`` is its path below what is graded or wraps it."""

    owner: _Owner
    found: Found
    parts: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class _PlatformName:
    """What a learning platform's name for a file or folder says."""

    owner: _Owner
    late: bool = False
    again: int = 0  # Canvas counts what is handed in again


def find_submissions(path: Path, *, due: float | None = None) -> Handins:
    """Find what was handed in.

    Parameters
    ----------
    path : Path
        One notebook, the folder of one learner, the folder of a class, what Canvas, Moodle or
        GitHub Classroom export, or a ``.zip`` of any of these.
    due : float, optional
        When it was due, in seconds since the epoch. What came later is noted.

    Returns
    -------
    Handins
        One notebook for each learner and exercise, and what belongs to nobody.

    Raises
    ------
    CourseError
        If there is nothing to grade.
    """
    path = Path(path)
    listing = list_notebooks(path)
    prefix = f"{path.name}/" if path.is_file() and path.suffix.lower() == ".zip" else ""
    problems = [prefix + problem for problem in listing.problems]
    handins = _handins(listing.files, path, prefix, problems)
    if not handins:
        more = f" ({len(problems)} passed over, the first: {problems[0]})" if problems else ""
        raise CourseError(f"there is no notebook to grade in {shown(str(path))}{more}")
    names = _names(each.owner for each in handins)
    groups: dict[tuple[str, str], list[tuple[_Handin, Submission]]] = defaultdict(list)
    for each in handins:
        submission = _read(each, names[each.owner.key], due)
        if submission is not None:
            # Each file of an unknown exercise is an entry of its own.
            group = submission.exercise or f"?{each.file}"
            groups[submission.learner, group].append((each, submission))
    if not groups:
        raise CourseError(f"{shown(str(path))} holds lessons of the course, but no exercise")
    chosen = [_newest(group) for group in groups.values()]
    chosen.sort(key=lambda each: (each.learner, each.exercise or "~", each.file))
    return Handins(tuple(chosen), tuple(sorted(problems)))


def _handins(files: Sequence[Found], path: Path, prefix: str, problems: list[str]) -> list[_Handin]:
    """Tell whose each file is; note those that are nobody's."""
    whole = path.resolve()
    top = whole.stem if prefix else whole.name if whole.is_dir() else whole.parent.name
    start = 0
    if prefix and _is_wrapped([found.parts for found in files], top):
        start, top = 1, files[0].parts[0]
    inside = [(found, found.parts[start:]) for found in files]
    clones = _clones(parts for _, parts in inside)
    inside = [(found, parts) for found, parts in inside if not _is_courses(parts, clones)]
    entries: dict[str, list[tuple[Found, tuple[str, ...]]]] = defaultdict(list)
    for found, parts in inside:
        entries[parts[0]].append((found, parts))
    alone = _Owner(("top",), top, "")
    is_alone = _is_one_learners([parts for _, parts in inside])
    handins = []
    for name, members in entries.items():
        owner = alone if is_alone else _owner(name, [parts for _, parts in members])
        if isinstance(owner, str):
            problems.append(f"{shown(prefix + '/'.join((*files[0].parts[:start], name)))}: {owner}")
            continue
        for found, parts in members:
            file = shown(prefix + "/".join(found.parts))
            handins.append(_Handin(owner, found, parts, file))
    return handins


def _owner(name: str, members: Sequence[tuple[str, ...]]) -> _Owner | str:
    """Tell whose an entry at the top is, or why that cannot be told."""
    if platform := _platform_name(name):
        return platform.owner
    is_file = len(members[0]) == 1
    if not is_file:
        below = {inner.owner for each in members for part in each[1:] if (inner := _inner(part))}
        if len(below) > 1:
            return "is an export of a learning platform, not one learner's: grade it by itself"
    if not is_file and not name.lower().endswith(".zip"):
        if exercise_in_name(name) and not _learner_in_name(name):
            return "is a folder of an exercise, not of a learner: grade it by itself"
        return _Owner(("folder", name), name, "folder")
    learner = _learner_in_name(Path(name).stem)
    if not learner:
        return f"names no learner: call it alice_{name} if it is Alice's, and grade again"
    return _Owner(("file", learner), learner, f"file {name}")


def _inner(name: str) -> _PlatformName | None:
    """Read a platform's name below the top, where only a folder or file of an export has one."""
    found = _platform_name(name)
    return replace(found, owner=replace(found.owner, place="")) if found else None


def learner_of(name: str) -> str:
    """Give the learner whom a file or folder at the top of a class belongs to."""
    platform = _platform_name(name)
    return platform.owner.name if platform else name.removesuffix(".zip")


def platform_file(name: str) -> tuple[str, str] | None:
    """Give the learner and the file's own name, if a learning platform's export named it."""
    match = MOODLE.fullmatch(name) or CANVAS.fullmatch(name)
    if not match or not match["file"]:
        return None
    return match["name"], match["file"]


def _platform_name(name: str) -> _PlatformName | None:
    """Read a name that Canvas or Moodle made; give none where it is no such name."""
    if match := MOODLE.fullmatch(name):
        learner, number = match["name"], match["id"]
        return _PlatformName(_Owner(("moodle", number, learner), learner, number, number))
    if match := CANVAS.fullmatch(name):
        learner, number = match["name"], match["id"]
        again = CANVAS_AGAIN.search(name)
        return _PlatformName(
            _Owner(("canvas", number, learner), learner, number, number),
            late=match["late"] is not None,
            again=int(again[1]) if again else 0,
        )
    return None


def _learner_in_name(stem: str) -> str:
    """Give what a file's name says besides the exercise: ``alice`` of ``alice_01-learning-rate``.

    A name that has no exercise is a learner's altogether.
    """
    exercise = exercise_in_name(stem)
    if exercise is None:
        return stem
    stem = unicodedata.normalize("NFKC", stem)
    words = r"[\W_]+".join(exercise.split("-"))
    before, *after = re.split(rf"(?<!\d){words}(?![^\W\d_])", stem, maxsplit=1, flags=re.I)
    for part in (before, *after):
        learner = NO_NAME.sub(" ", part).strip(" -_.,–")
        # A short number counts copies; a long one may be a learner's.
        if re.search(r"[^\W\d_]|\d{4}", learner):
            return learner
    return ""


def _is_one_learners(paths: Sequence[tuple[str, ...]]) -> bool:
    """Tell a learner's folder from a class: its notebooks are called as the exercises are."""
    below = {parts[0].lower() for parts in paths if len(parts) > 1}
    if EXERCISES_FOLDER in below:
        return True
    stems = [Path(parts[0]).stem for parts in paths]
    return not below and all(
        not _platform_name(parts[0]) and exercise_in_name(stem) and not _learner_in_name(stem)
        for parts, stem in zip(paths, stems, strict=True)
    )


def _is_wrapped(paths: Sequence[tuple[str, ...]], archive: str) -> bool:
    """Tell whether the one folder of an archive stands for the archive, not for a learner."""
    outer = {parts[0] for parts in paths}
    if len(outer) != 1 or any(len(parts) == 1 for parts in paths):
        return False
    (name,) = outer
    if name.lower().endswith(".zip"):
        return False
    entries = {parts[1] for parts in paths}
    folders = {parts[1] for parts in paths if len(parts) > 2} - COURSE_FOLDERS
    if EXERCISES_FOLDER in folders:
        return True
    if any(_platform_name(entry) for entry in entries):
        return True
    if name == archive:
        return len(entries) > 1 or bool(folders)
    return len([each for each in folders if not exercise_in_name(each)]) > 1


def _clones(paths: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Find the folders that are copies of the course: those that have a folder of exercises."""
    return {
        parts[:depth]
        for parts in paths
        for depth, part in enumerate(parts[:-1])
        if part.lower() == EXERCISES_FOLDER
    }


def _is_courses(parts: tuple[str, ...], clones: set[tuple[str, ...]]) -> bool:
    """Tell whether a file is the course's own, in a learner's copy of it."""
    return any(
        part in COURSE_FOLDERS and parts[:depth] in clones for depth, part in enumerate(parts[:-1])
    )


def _names(owners: Iterable[_Owner]) -> dict[tuple[str, ...], str]:
    """Give each learner a name that no other has, not even in capitals."""
    known: dict[tuple[str, ...], _Owner] = {}
    for owner in sorted(owners, key=lambda owner: (owner.key, owner.place)):
        known.setdefault(owner.key, owner)
    count = Counter(clean_name(owner.name).casefold() for owner in known.values())
    names: dict[tuple[str, ...], str] = {}
    taken: set[str] = set()
    for key, owner in known.items():
        name = clean_name(owner.name)
        if count[name.casefold()] > 1:
            name = f"{name[:60]} ({clean_name(owner.place)[:30]})"
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name} #{number}", number + 1
        taken.add(unique.casefold())
        names[key] = unique
    return names


def _read(handin: _Handin, learner: str, due: float | None) -> Submission | None:
    """Read a notebook to tell its exercise; give none for a lesson in a learner's folder."""
    found = handin.found
    exercise, digest, problem, notes = None, "", found.problem, list(_lateness(handin, due))
    lesson = False
    if found.content is not None:
        try:
            content = found.content.read()
            digest = hashlib.sha256(content).hexdigest()
            notebook = read_notebook(content, found.parts[-1])
            exercise = notebook.exercise
            lesson = exercise is None and notebook.generated_from.startswith("book/")
            notes += notebook.notes
        except (UnreadableError, NotebookError) as error:
            problem = str(error)
    if lesson:
        if len(handin.parts) > 1:
            return None
        problem = "the file is a lesson of the course, not an exercise"
    elif exercise is None:
        named = map(exercise_in_name, reversed(found.parts))
        exercise = next((name for name in named if name), None)
        problem = problem or ("" if exercise else UNTOLD)
    return Submission(
        learner=learner,
        exercise=exercise,
        file=handin.file,
        modified=found.modified,
        content=found.content,
        digest=digest,
        problem=problem,
        notes=tuple(notes),
        platform_id=handin.owner.platform_id,
    )


def _lateness(handin: _Handin, due: float | None) -> Iterable[str]:
    platform = _platform_name(handin.parts[0])
    if platform and platform.late:
        yield "handed in late, as Canvas says"
    if due is not None and handin.found.modified > due:
        minutes = int(handin.found.modified - due) // 60
        days, hours = minutes // 1440, minutes // 60 % 24
        yield f"handed in late, by {days} d {hours} h {minutes % 60} min"


def _newest(group: Sequence[tuple[_Handin, Submission]]) -> Submission:
    """Choose what counts, and note the others; what cannot be read counts only by itself."""

    def age(entry: tuple[_Handin, Submission]) -> tuple[bool, int, float, str]:
        handin, submission = entry
        platform = _platform_name(handin.parts[0])
        again = platform.again if platform else 0
        return bool(submission.digest), again, submission.modified, submission.file

    _, chosen = max(group, key=age)
    others = sorted(
        (other for _, other in group if other is not chosen), key=lambda other: other.file
    )
    notes = [
        f"an older hand-in, {other.file}, was not graded"
        if other.digest
        else f"another hand-in, {other.file}, was not graded: {other.problem}"
        for other in others[:MAX_LISTED]
    ]
    if len(others) > MAX_LISTED:
        notes.append(f"{len(others) - MAX_LISTED} more hand-ins were not graded")
    return replace(chosen, notes=(*chosen.notes, *notes))
