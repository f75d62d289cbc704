"""What a class handed in: a row for each learner and exercise, of which the newest counts.

Nobody vanishes: what cannot be graded, or whose it is cannot be told, is a row with the reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.grading import owners
from mnist_keras.grading.contents import Content
from mnist_keras.grading.handins import Handin, read_handin
from mnist_keras.grading.layouts import PLATFORMS, read_export, version_in
from mnist_keras.grading.listing import clean_name, is_packed, list_hand_ins, shown
from mnist_keras.grading.owners import NOBODY, SIGNED, Owner
from mnist_keras.grading.roster import Directory, Match, Roster, alike

MAX_LISTED = 5  # other hand-ins in the notes of one
ROSTER = "roster"  # begins the key of an owner who is on it
OLDER = "an older hand-in"
Owned = list[tuple[Owner, Handin]]


@dataclass(frozen=True)
class Submission(Handin):
    """A file that a learner handed in; also late and older hand-ins are in its notes."""

    learner: str = ""  # a name that can be shown; no two learners have the same one
    # when it was handed in, in seconds since the epoch: as the platform says, else by the time of
    # the file, or of the archive that the learner handed in
    modified: float = 0.0
    platform_id: str = ""  # the learner's number on the learning platform; else empty

    @property
    def content(self) -> Content | None:
        """Reads the file when it is needed; none where `problem` says why."""
        return self.found.content

    @property
    def age(self) -> tuple[bool, bool, int, float, float, str]:
        """What is higher counts; what cannot be read counts only by itself."""
        export, read = read_export(self.parts[0]), bool(self.digest)
        again = max(export.again if export else 0, version_in(self.parts[1:-1]))
        return read, self.answers, again, self.modified, self.found.dated, self.file


@dataclass(frozen=True)
class Handins:
    """What was handed in."""

    # by learner and exercise, one of each: the newest. What has no exercise stands for itself.
    chosen: tuple[Submission, ...]
    # what is not graded beside these, with the reason in `Submission.problem`
    others: tuple[Submission, ...] = ()
    problems: tuple[str, ...] = ()  # files that are no hand-ins, a line each
    missing: tuple[str, ...] = ()  # learners of the roster of whom nothing was found


def find_submissions(
    path: Path, *, due: float | None = None, roster: Roster | None = None
) -> Handins:
    """Find what was handed in.

    The path is one notebook, the folder of a learner or of a class, what a learning platform
    exports, or a ``.zip`` or ``.tar.gz`` of these. What came after ``due``, in seconds since the
    epoch, is noted as late.
    """
    path = Path(path)
    listing = list_hand_ins(path)
    prefix = f"{path.name}/" if is_packed(path) else ""
    problems = [prefix + problem for problem in listing.problems]
    handins = owners.handed_in([read_handin(found, prefix) for found in listing.files])
    handins, top = owners.class_level(handins, path, problems)
    records = owners.read_records(handins)
    owned = list(owners.tell_owners(handins, top, records, problems))
    owned = _settled(_by_own_time(owned, path) if prefix else owned, roster)
    if not owned:
        more = f" ({len(problems)} passed over, the first: {problems[0]})" if problems else ""
        raise CourseError(f"there is no notebook to grade in {shown(str(path))}{more}")
    names = _names(owner for owner, _ in owned)
    learners: dict[str, list[Submission]] = defaultdict(list)
    for owner, handin in owned:
        submission = _submission(handin, owner, names[owner.key], records, due)
        learners[submission.learner].append(submission)
    chosen, others = [], []
    for mine in learners.values():
        groups, beside = _by_exercise(mine)
        for group in groups:
            newest, rest = _newest(group)
            chosen.append(newest)
            others += rest
        others += beside
    chosen = _of_one_exercise(chosen)
    chosen.sort(key=lambda each: (each.learner, each.exercise or "~", each.file))
    others.sort(key=lambda each: (each.learner, each.file))
    missing = set(roster or ()) - {owner.name for owner, _ in owned if owner.key[0] == ROSTER}
    return Handins(tuple(chosen), tuple(others), tuple(sorted(problems)), tuple(sorted(missing)))


def _by_own_time(owned: Owned, path: Path) -> Owned:
    """Take the time of an archive that is one learner's, who decides its members' dates."""
    known = {owner.key: owner.name for owner, _ in owned}
    if known.keys() != {("top",)} and [*known.values()] != [owners.own_stem(path.name)]:
        return owned
    when = path.stat().st_mtime
    return [
        (owner, replace(each, found=replace(each.found, modified=when, archive=path.name)))
        for owner, each in owned
    ]


def _settled(owned: Owned, roster: Roster | None) -> Owned:
    """Take the learners for those of the roster, as far as it tells."""
    if roster is None:
        return owned
    directory = Directory(roster)
    known = {owner.key: owner for owner, _ in owned if owner.key[0] != NOBODY}
    # A roster written by hand may tell namesakes apart as the grades do.
    names = _names(known.values())
    matches = {
        key: Match(names[key], by_account=True)
        if names[key] in roster and names[key] != clean_name(owner.name)
        else directory.match(owner.name, owner.platform_id)
        for key, owner in known.items()
    }
    fitting = Counter((key[0], match.learner) for key, match in matches.items())
    elsewhere = {match.learner for key, match in matches.items() if key[0] != SIGNED}
    by_name = {match.learner for match in matches.values() if not match.within}
    for key, match in matches.items():
        owner, learner, note = known[key], match.learner, match.note
        fits = learner is not None
        if fits and key[0] == SIGNED and learner in elsewhere:
            # What counts of a learner must not be what somebody else could have written.
            note = f"it says it is {learner}'s, of whom there is another hand-in: whose is it?"
            fits = False
        elif fits and match.within and learner in by_name:
            note = f"{learner} of the roster is named in it and has another hand-in: whose is it?"
            fits = False
        elif fits and key[0] in PLATFORMS and fitting[key[0], learner] > 1 and not match.by_account:
            note = f"{learner} of the roster fits several learners of {key[0]}: whose is it?"
            fits = False
        known[key] = replace(owner, note=note)
        if fits and learner:
            known[key] = replace(known[key], key=(ROSTER, learner), name=learner, place="")
    return [(known.get(owner.key, owner), handin) for owner, handin in owned]


def _names(owners: Iterable[Owner]) -> dict[tuple[str, ...], str]:
    """Return each learner a name that no other has, not even in capitals."""
    known: dict[tuple[str, ...], Owner] = {}
    for owner in sorted(owners, key=lambda owner: (owner.key, owner.place)):
        known.setdefault(owner.key, owner)
    count = Counter(clean_name(owner.name).casefold() for owner in known.values())
    names: dict[tuple[str, ...], str] = {}
    taken: set[str] = set()
    for key, owner in known.items():
        name = clean_name(owner.name)
        if count[name.casefold()] > 1 and owner.place:
            name = f"{name[:60]} ({clean_name(owner.place)[:30]})"
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name} #{number}", number + 1
        taken.add(unique.casefold())
        names[key] = unique
    return names


def _submission(
    handin: Handin, owner: Owner, learner: str, records: owners.Records, due: float | None
) -> Submission:
    found, export = handin.found, read_export(handin.parts[0])
    _, recorded = records.get(handin.parts[0], ("", None))
    when = recorded or (export.when if export else None)
    notes = [owner.note] if owner.note else []
    if handin.signed and owner.key[0] != SIGNED and not alike(handin.signed, learner):
        notes.append(f"the name in the notebook is another one: {clean_name(handin.signed)}")
    if export and export.late:
        notes.append(f"handed in late, as {export.platform} says")
    modified = found.modified if when is None else when
    if due is not None and modified > due:
        minutes = int(modified - due) // 60
        days, hours = minutes // 1440, minutes // 60 % 24
        late = f"handed in late, by {days} d {hours} h {minutes % 60} min"
        clock = "" if when or not found.archive else f" (by the time of {shown(found.archive)})"
        notes.append(late + clock)
    own = vars(handin) | {"notes": (*notes, *handin.notes)}
    return Submission(**own, learner=learner, modified=modified, platform_id=owner.platform_id)


def _of_one_exercise(chosen: list[Submission]) -> list[Submission]:
    """Count what cannot be read for the class's exercise, where that is the only one."""
    told = {each.exercise for each in chosen} - {None}
    if len(told) != 1:
        return chosen
    (exercise,) = told
    count = Counter(each.learner for each in chosen)
    return [
        replace(each, exercise=each.exercise or exercise)
        if not each.digest and count[each.learner] == 1
        else each
        for each in chosen
    ]


def _by_exercise(mine: Sequence[Submission]) -> tuple[list[list[Submission]], list[Submission]]:
    """Sort a learner's files by exercise, and set aside what is about none.

    Each notebook of an unknown exercise is an entry of its own. Of files that are no notebooks all
    are one entry, if there is nothing else.
    """
    groups: dict[str, list[Submission]] = defaultdict(list)
    beside = [each for each in mine if not (each.answers or each.exercise)]
    for each in mine:
        if each.answers or each.exercise:
            groups[each.exercise or f"?{each.file}"].append(each)
    if beside and not groups:
        return [beside], []
    return list(groups.values()), [each for each in beside if each.parts[-1]]


def _newest(group: Sequence[Submission]) -> tuple[Submission, list[Submission]]:
    """Choose what counts, and note the others."""
    *rest, chosen = sorted(group, key=lambda each: each.age)
    rest.sort(key=lambda each: each.file)
    # A web page beside a notebook that can be read is nothing to worry about.
    noted = [each for each in rest if each.answers or not chosen.digest]
    notes = [
        f"an older hand-in, {each.file}, was not graded"
        if each.digest
        else f"another hand-in, {each.file}, was not graded: {each.problem}"
        for each in noted[:MAX_LISTED]
    ]
    if len(noted) > MAX_LISTED:
        notes.append(f"{len(noted) - MAX_LISTED} more hand-ins were not graded")
    others = [replace(each, problem=each.problem or OLDER) for each in rest]
    return replace(chosen, notes=(*chosen.notes, *notes)), others
