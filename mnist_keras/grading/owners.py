"""Whose a file is, told by the names that an instructor or a learning platform gave.

These are the folders and names at the top of what is graded, below whatever wraps a class. Nothing
below a learner's own folder or archive can make a file another learner's.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from mnist_keras.grading.contents import UnreadableError
from mnist_keras.grading.handins import Handin
from mnist_keras.grading.kinds import BESIDE, METADATA, stem_of
from mnist_keras.grading.layouts import read_export, read_metadata
from mnist_keras.grading.listing import is_archive, is_packed
from mnist_keras.grading.naming import archive_of, learner_in_name, names_somebody
from mnist_keras.grading.notebooks import exercise_in_name

# In a clone of the course, learners work in the first; the others hold what is no hand-in.
EXERCISES_FOLDER = "exercises"
COURSE_FOLDERS = frozenset({"_build", "benchmarks", "book", "mnist_keras", "solutions", "tests"})
# Teams keeps what was handed in in the first, and drafts in the second.
SUBMITTED, DRAFTS = "Submitted files", "Working files"
JUPYTER_COPY = re.compile(r"-Copy\d+\.ipynb$")
NOBODY = "nobody"  # begins the key of an owner who cannot be told
WHOSE = (
    "whose this is cannot be told, as its name names nobody: if it is Alice's, put it into a "
    "folder alice or begin its name with alice_, and grade again"
)
SIGNED = "signed"  # begins the key of an owner whom only the notebook itself names
TOLD = "told by the name in the notebook alone, as the file's name names nobody"

# Whose each folder of a Gradescope export is, and when it was handed in.
Records = Mapping[str, tuple[str, float | None]]


@dataclass(frozen=True)
class Owner:
    """Whose a file is."""

    key: tuple[str, ...]  # the same for the files of one learner, and for no others
    name: str  # the learner's, as it was found
    place: str = ""  # what tells learners of the same name apart
    platform_id: str = ""  # the learner's number or account on the learning platform
    note: str = ""  # what the instructor should know of how this was told


def handed_in(handins: Sequence[Handin]) -> list[Handin]:
    """Leave out what lies beside the folder of hand-ins: the course in a copy of it, drafts."""
    beside = {EXERCISES_FOLDER: COURSE_FOLDERS, SUBMITTED.lower(): {DRAFTS}}
    others = {
        (*each.parts[:depth], other)
        for each in handins
        for depth, part in enumerate(each.parts[:-1])
        for other in beside.get(part.lower(), ())
    }
    return [h for h in handins if not any(h.parts[:k] in others for k in range(1, len(h.parts)))]


def _entries(handins: Iterable[Handin]) -> dict[str, list[Handin]]:
    entries: dict[str, list[Handin]] = defaultdict(list)
    for each in handins:
        entries[each.parts[0]].append(each)
    return entries


def _is_kept_beside(handin: Handin) -> bool:
    """Tell whether a file at the top is an instructor's or a platform's, and no hand-in."""
    name = handin.parts[0]
    if handin.in_folder or handin.answers or handin.exercise or read_export(name):
        return False
    return bool(BESIDE.fullmatch(name)) or not learner_in_name(stem_of(name))


def _pass_over(handin: Handin, problems: list[str]) -> None:
    if handin.parts[0] != METADATA:
        problems.append(f"{handin.file}: is no hand-in, as its name names no learner")


def class_level(handins: list[Handin], path: Path, problems: list[str]) -> tuple[list[Handin], str]:
    """Go down through what wraps a class; give the hand-ins, and the name of the last wrapper."""
    whole = path.resolve()
    archive = own_stem(whole.name) if is_packed(path) else None
    top = archive or (whole.name if whole.is_dir() else whole.parent.name)
    while True:
        entries = _entries(each for each in handins if not _is_kept_beside(each))
        members = list(chain(*entries.values()))
        below = [replace(each, parts=each.parts[1:]) for each in members if each.in_folder]
        whole_level = below and len(below) == len(members)
        if not (whole_level and _is_wrapper(list(entries), below, archive)):
            return handins, top
        for each in filter(_is_kept_beside, handins):
            _pass_over(each, problems)
        (name, *others), handins = entries, below
        if not others and _is_somebodys(name):
            top = own_stem(name)


def _is_wrapper(names: Sequence[str], below: Sequence[Handin], archive: str | None) -> bool:
    """Tell whether folders and archives hold a class, and are nobody's.

    An archive is often packed with a folder around it, whatever that is called. In a folder, one
    folder is one learner's, whatever the files in it are called, unless its name names nobody.
    """
    if any(map(read_export, names)):
        return False
    if EXERCISES_FOLDER in map(str.lower, names):
        # Of a copy of the course, unless it is full of learners.
        return len(names) == 1 and len(_named(below)) > 1
    if any(map(_is_somebodys, names)):
        enough = 1 if archive == own_stem(names[0]) else 2
        return archive is not None and len(names) == 1 and len(_named(below)) >= enough
    return len(names) == 1 or bool(_named(below, alone=True))


def own_stem(name: str) -> str:
    """Return the name of a folder or an archive without what was added to it."""
    return archive_of(stem_of(name)) if is_archive(name) else name


def _is_somebodys(name: str) -> bool:
    """Tell whether the name of a folder or an archive may be a learner's."""
    return names_somebody(own_stem(name))


def _named(handins: Sequence[Handin], *, alone: bool = False) -> set[str]:
    """Return the learners whom the names at the top name.

    A notebook's name without an exercise may be any title. It counts as a learner's where two such
    notebooks answer the same exercise; with ``alone``, also by itself.
    """
    entries = _entries(handins)
    while entries and not any(map(_is_somebodys, entries)) and all(h.in_folder for h in handins):
        handins = [replace(each, parts=each.parts[1:]) for each in handins]
        entries = _entries(handins)
    found, titles = set(), []
    for name, members in entries.items():
        learner = learner_in_name(stem_of(name))
        if export := read_export(name):
            found.add("_".join(export.key))
        elif not any(each.answers for each in members):
            continue
        elif members[0].in_folder:
            found |= {name} if _is_somebodys(name) else set()
        elif learner and exercise_in_name(name):
            found.add(learner)
        elif learner:
            titles.append((learner, members[0].exercise))
    count = Counter(exercise for _, exercise in titles)
    return found | {learner for learner, exercise in titles if alone or count[exercise] > 1}


def _is_one_learners(handins: Sequence[Handin]) -> bool:
    """Tell a learner's folder from a class: its names name nobody, and no exercise is twice in it.

    Copies that Jupyter made are made in one place, so they are one learner's.
    """
    if any(h.in_folder and h.parts[0].lower() == EXERCISES_FOLDER for h in handins):
        # The course's own folder may lie beside those of a class.
        beside = {(each.parts[0], each.exercise) for each in handins if each.answers}
        count = Counter(exercise for name, exercise in beside if _is_somebodys(name))
        return max(count.values(), default=0) < 2
    answers = [each for each in handins if each.answers] or list(handins)
    for each in answers:
        name = each.parts[0]
        named = _is_somebodys(name) if each.in_folder else learner_in_name(stem_of(name))
        if named or read_export(name):
            return False
    made = (each.exercise for each in answers if not JUPYTER_COPY.search(each.parts[-1]))
    exercises = [each for each in made if each]
    return len(set(exercises)) == len(exercises)


def tell_owners(
    handins: Sequence[Handin], top: str, records: Records, problems: list[str]
) -> Iterator[tuple[Owner, Handin]]:
    """Tell whose each file is; note those that are no hand-ins."""
    signed = {each.signed.casefold() for each in handins if each.signed}
    whole = _is_one_learners(handins) and (_is_somebodys(top) or not signed)
    alone = Owner(("top",), top) if whole else None
    for name, members in _entries(handins).items():
        if alone is None and _is_kept_beside(members[0]):
            _pass_over(members[0], problems)
            continue
        owner = alone or _owner(name, members, records)
        for each in members:
            yield owner or _by_itself(each), each


def _owner(name: str, members: Sequence[Handin], records: Records) -> Owner | None:
    """Tell whose an entry at the top is; none where that cannot be told."""
    if export := read_export(name):
        learner, _ = records.get(name, (export.learner, None))
        return Owner(export.key, learner, export.id, export.account)
    inner = (read_export(part) for each in members for part in each.parts[1:])
    if len({export.key for export in inner if export}) > 1:
        return None  # an export beside other hand-ins, not one learner's
    if is_archive(name) or not members[0].in_folder:
        learner = learner_in_name(stem_of(name))
        return Owner(("file", learner), learner, f"file {name}") if learner else None
    exercises = [each.exercise for each in members if each.answers]
    twice = len(set(exercises)) < len(exercises)
    if not _is_somebodys(name) and (twice or exercise_in_name(name)):
        return None
    return Owner(("folder", name), name, "folder")


def _by_itself(handin: Handin) -> Owner:
    """Take a notebook for that of the learner whom it names itself; anybody could write that."""
    if handin.signed:
        return Owner((SIGNED, handin.signed.casefold()), handin.signed, "signed", note=TOLD)
    name = "/".join(handin.parts).rstrip("/")
    return Owner((NOBODY, *handin.parts), f"unknown ({name})", note=WHOSE)


def read_records(handins: Sequence[Handin]) -> Records:
    """Read who Gradescope says the learners are."""
    for content in (each.found.content for each in handins if each.parts == (METADATA,)):
        with suppress(UnreadableError):
            return read_metadata(content.read()) if content else {}
    return {}
