"""Who the learners are: a roster that a learning platform exports or an instructor writes."""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from mnist_keras.errors import CourseError
from mnist_keras.grading.contents import own_text
from mnist_keras.grading.listing import clean_name

COLUMNS = ("learner", "id", "sis_user_id", "sis_login_id", "section", "email")
FIRST, LAST = "first name", "last name"
Roster = Mapping[str, Mapping[str, str]]

# What platforms call the columns, in English and where they translate them.
CALLED = {
    "learner": "student; full name; name; student name; nom complet; nombre completo;"
    "vollständiger name",
    FIRST: "firstname; given name; vorname; prénom; nombre",
    LAST: "lastname; surname; family name; nachname; nom; nom de famille; apellido(s); apellidos",
    "id": "identifier; participant; orgdefinedid; sid; user id; teilnehmer; identifiant",
    "sis_user_id": "sis user id; student id; id number; matrikelnummer; github_id",
    "sis_login_id": "sis login id; username; user name; login; display id; github_username;"
    "anmeldename; nom d'utilisateur",
    "section": "sections; group; class",
    "email": "email address; e-mail; mail; e-mail address; e-mail-adresse; adresse de courriel;"
    "dirección de correo",
}
KNOWN = {each.strip(): column for column, names in CALLED.items() for each in names.split(";")}
KNOWN |= {column: column for column in (*COLUMNS, FIRST, LAST)}
# What Moodle and Brightspace put before a number or an account.
MARK = re.compile(r"^(?:participant |teilnehmer/in ?|#)", re.IGNORECASE)
# Rows of exports that are nobody: what is possible, when it was due, the course's preview.
NOBODY = ("points possible", "student, test", "test student", "date", "points", "average")
HEADER_WITHIN = 5  # rows, because some exports begin with the assignment's name
MAX_NAMED = 3  # learners in a note


class RosterError(CourseError):
    """Says what is wrong with a roster."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"the roster {path} {what}")


def read_roster(path: Path) -> dict[str, dict[str, str]]:
    """Read who the learners are.

    That is what Canvas, Moodle, Brightspace, Blackboard, Google Classroom, Gradescope, Sakai or
    GitHub Classroom export (CSV); a CSV file with the column learner and any of id, sis_user_id,
    sis_login_id, section and email; or a list with a name a line. ``id`` is Canvas's number or
    Moodle's "Participant 123".
    """
    rows = _rows(path)
    place, header = _header(path, rows)
    own = place >= 0 and "learner" in map(str.casefold, rows[place])
    roster: dict[str, dict[str, str]] = {}
    for line, cells in enumerate(rows[place + 1 :], place + 2):
        if not any(cells):
            continue
        if own and len(cells) > len(header):
            raise RosterError(
                path, f"has {len(cells)} cells in row {line}, but {len(header)} columns"
            )
        entry = _entry(header, cells) if header else _listed(cells)
        learner = entry.pop("learner")
        if learner.casefold() in NOBODY:
            continue
        if not learner:
            raise RosterError(path, f"names no learner in row {line}")
        if learner in roster and not own:
            told = next((entry[each] for each in COLUMNS[1:] if entry[each]), "")
            learner = clean_name(f"{learner[:60]} ({told})") if told else learner
        if learner in roster:
            raise RosterError(path, f"names {learner!r} twice, again in row {line}")
        roster[learner] = entry
    return roster


def _rows(path: Path) -> list[list[str]]:
    text = own_text(path, f"the roster {path}")
    top = text.splitlines()[:HEADER_WITHIN]

    def fits(delimiter: str) -> tuple[int, int]:
        """Count the known columns of the best of the first rows, then the columns."""
        found = [[cell.strip('" ').casefold() for cell in row.split(delimiter)] for row in top]
        known = (sum(cell in KNOWN for cell in row) for row in found)
        return max(known, default=0), max(map(len, found), default=0)

    delimiter = max(",;\t", key=fits)
    try:
        rows = csv.reader(io.StringIO(text), strict=True, delimiter=delimiter)
        return [[cell.strip() for cell in row] for row in rows]
    except csv.Error as error:
        raise RosterError(path, f"is no CSV file: {error}") from error


def _header(path: Path, rows: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """Find the row that names the columns, and what each is; no columns where it is a plain list.

    A column that is of no use here has an empty name.
    """
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        called = [cell.casefold() for cell in row]
        header = [KNOWN.get(cell, "") for cell in called]
        if not any(header):
            continue
        if "learner" in called:
            _check_own(path, called)
        elif not {"learner", FIRST, LAST} & set(header):
            if near := difflib.get_close_matches("learner", called, n=1):
                raise RosterError(path, f"has an unknown column {near[0]!r}; did you mean learner?")
            raise RosterError(path, "lacks the column learner")
        return place, header
    if not any(map(any, rows)):
        raise RosterError(path, "lacks the column learner")
    return -1, []


def _check_own(path: Path, header: Sequence[str]) -> None:
    """Check the columns of the course's own form, where each has a meaning."""
    for column in header:
        if column not in COLUMNS:
            near = difflib.get_close_matches(column, COLUMNS, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(COLUMNS)}"
            raise RosterError(path, f"has an unknown column {column!r}{hint}")
        if header.count(column) > 1:
            raise RosterError(path, f"has the column {column} twice")


def _entry(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return a row by its columns; of several columns of one meaning, the first that is filled."""
    entry = dict.fromkeys((*COLUMNS, FIRST, LAST), "")
    for column, cell in zip(header, cells, strict=False):
        if column:
            entry[column] = entry[column] or MARK.sub("", cell)
    name = entry["learner"] or f"{entry[FIRST]} {entry[LAST]}".strip()
    del entry[FIRST], entry[LAST]
    known = (entry[each] for each in ("id", "email", "sis_login_id"))
    name = name or next((each for each in known if re.search(r"[^\W\d]", each)), "")
    return {**entry, "learner": clean_name(name) if name else ""}


def _listed(cells: Sequence[str]) -> dict[str, str]:
    """Return a line of a plain list: a name, perhaps "Last, First", and perhaps an address."""
    names = [cell for cell in cells if cell and "@" not in cell]
    email = next((cell for cell in cells if "@" in cell), "")
    name = ", ".join(names) or email
    return {**dict.fromkeys(COLUMNS, ""), "learner": clean_name(name), "email": email}


@dataclass(frozen=True)
class Match:
    """Who somebody is."""

    learner: str | None  # the learner's name; none where the roster does not tell
    note: str = ""  # how it was told, or why it could not be; empty where that is plain
    by_account: bool = False  # whether a number or an account tells, which nobody else has
    within: bool = False  # whether there is more than the name: it may be somebody else's


@dataclass(frozen=True)
class _Person:
    learner: str
    accounts: frozenset[str]
    endings: tuple[str, ...]
    spellings: frozenset[str]
    words: frozenset[str]

    def is_within(self, words: Sequence[str], pieces: Set[str]) -> bool:
        """Tell whether the whole name, or an address, is among the words of a longer text."""
        addresses = {each for each in self.accounts if "@" in each}
        return bool(addresses & pieces) or (len(self.words) > 1 and self.words.issubset(words))


class Directory:
    """Finds the learners of a roster by what hand-ins say of them."""

    def __init__(self, roster: Roster) -> None:
        self._people = [_person(learner, entry) for learner, entry in roster.items()]

    def match(self, name: str, account: str = "") -> Match:
        """Find a learner; the name may be in any order, an account or an address."""
        words, people, plain = _words(name), self._people, name.casefold()
        own = [each for each in people if account and account.casefold() in each.accounts]
        if len(own) == 1:
            return Match(own[0].learner, by_account=True)
        spelled = "".join(words)
        sure = [each for each in people if plain in each.accounts or spelled in each.spellings]
        # GitHub Classroom calls a repository "exercise-1-account".
        if sure := sure or [each for each in people if plain.endswith(each.endings)]:
            return _one_of(sure, "")
        near = [each for each in people if each.words.issuperset(words)]
        if words and near:
            return _one_of(near, f"taken for {near[0].learner} of the roster: nobody else fits")
        # The folder of a mail: "Re Exercise 1 from Ann Lee", "Homework <ann@school.example>".
        pieces = set(re.split(r"[\s<>()\[\],;]+", plain))
        within = [each for each in people if each.is_within(words, pieces)]
        if within:
            note = f"taken for {within[0].learner} of the roster, named in it"
            return replace(_one_of(within, note), within=True)
        like = difflib.get_close_matches(name, [each.learner for each in people], n=1)
        hint = f"; did they mean {like[0]}?" if like else ""
        return Match(None, f"{name} is not on the roster{hint}")


def _one_of(found: Sequence[_Person], note: str) -> Match:
    if len(found) == 1:
        return Match(found[0].learner, note)
    names = ", ".join(each.learner for each in found[:MAX_NAMED])
    more = ", …" if len(found) > MAX_NAMED else ""
    return Match(None, f"several of the roster fit, so whose this is cannot be told: {names}{more}")


def _person(learner: str, entry: Mapping[str, str]) -> _Person:
    columns = ("id", "sis_user_id", "sis_login_id", "email")
    accounts = {entry[each].casefold() for each in columns if entry.get(each)}
    accounts |= {each.partition("@")[0] for each in accounts if "@" in each}
    endings = tuple(f"-{each}" for each in accounts if re.search(r"[^\W\d_]", each))
    # "Doe, Alice" and "Alice Doe" are one name; Canvas writes it "doealice".
    words = _words(re.sub(r" \([^()]*\)$", "", learner))  # without what tells namesakes apart
    orders = [words[place:] + words[:place] for place in range(len(words))]
    spellings = frozenset(map("".join, orders))
    return _Person(learner, frozenset(accounts), endings, spellings, frozenset(words))


def _words(name: str) -> list[str]:
    """Return the words of a name, without accents and in lower case."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(each for each in letters if not unicodedata.combining(each))
    return re.findall(r"\w+", letters.replace("_", " "))


def alike(one: str, other: str) -> bool:
    """Tell whether two names may be the same learner's.

    A word of one stands in the other, or all words of one are words of the other, however short.
    Umlauts may be written out: "Müller" is "Mueller".
    """
    return any(
        _share_words(_words(ours), _words(theirs))
        for ours in (one, _written_out(one))
        for theirs in (other, _written_out(other))
    )


def _share_words(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    if ours and theirs and (set(ours) <= set(theirs) or set(theirs) <= set(ours)):
        return True
    pairs = [("".join(ours), word) for word in theirs] + [("".join(theirs), word) for word in ours]
    return any(len(word) > 2 and word in whole for whole, word in pairs)


def _written_out(name: str) -> str:
    """Return a name whose umlauts are written with an e, as German does without them."""
    return unicodedata.normalize("NFKD", name.casefold()).replace("\u0308", "e")
