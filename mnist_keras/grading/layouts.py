"""The names that learning platforms give to what learners handed in, a pattern each.

A class comes as a platform's bulk download, and only its names say whose a file is. Platforms that
keep the learner's own name of a file in a folder of the learner's (Teams, Google Classroom,
nbgrader, GitHub Classroom) need no pattern here.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

NUMBERS = re.compile(r"-(\d{1,4})\.\w+$")  # Canvas counts what is handed in again
# "1159 PM" and "23h59", as Brightspace writes times, because a file's name holds no colon
CLOCK = re.compile(r"\b(\d{1,2})[.h]?(\d\d)(?= ?[AP]\.?M\b|$)", re.IGNORECASE)
TIMES = (
    *("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M %p", "%b %d, %Y %H:%M"),
    *("%d %b, %Y %I:%M %p", "%d %B, %Y %I:%M %p", "%d %b %Y %H:%M", "%d %B %Y %H:%M"),
)
MAX_NAME = 300  # characters: a file system holds 255, an archive of a learner's any number
# Teams keeps each hand-in in a folder of its own.
VERSION = re.compile(r"(?:version|versión|versione|versão|versie|バージョン) ?(\d{1,4})", re.I)


class Layout(NamedTuple):
    """How one platform names a file or folder; ``pattern`` has the groups of `Exported`."""

    platform: str
    example: str
    pattern: str


# The first that fits counts, so the loosest is the last.
LAYOUTS = (
    Layout(
        "Moodle",
        "John Lee_123_assignsubmission_file_/01-learning-rate.ipynb",
        r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    ),
    Layout(
        "Blackboard",
        "Exercise 1_jlee_attempt_2026-11-28-23-59-00_01-learning-rate.ipynb",
        r".+_(?P<name>(?P<id>[^_]+))_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)?",
    ),
    Layout(
        "Brightspace",
        "12345-678 - John Lee - Nov 28, 2026 1159 PM - 01-learning-rate.ipynb",
        r"(?P<id>\d+)-\d+ - (?P<name>.+?) ?- (?P<when>[^-]{0,25}\b\d{4}\b[^-]{0,15}?)"
        r"(?: - (?P<file>.+))?",
    ),
    Layout(
        "Sakai",
        "Lee, John(jlee)/Submission attachment(s)/01-learning-rate.ipynb",
        r"(?P<name>[^()]+,[^()]*[^()\s])\((?P<id>[^()]+)\)"
        r"(?:_Submission attachment\(s\)_(?P<file>.+))?",
    ),
    Layout("Gradescope", "submission_12345/01-learning-rate.ipynb", r"submission_(?P<id>\d+)"),
    Layout(
        "Canvas",
        "leejohn_LATE_12345_678_01-learning-rate-1.ipynb",
        r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d{2,})_\d{2,}_(?P<file>.+)",
    ),
)
PLATFORMS = frozenset(layout.platform for layout in LAYOUTS)
# Those whose rosters have the numbers or accounts that the names have.
WITH_ACCOUNTS = frozenset({"Moodle", "Blackboard", "Sakai", "Canvas"})


@dataclass(frozen=True)
class Exported:
    """What a learning platform's name for a file or folder says."""

    platform: str  # its name
    id: str  # the learner's number or account on it
    learner: str  # the learner's name; where the platform writes none, what it writes instead
    file: str = ""  # the file's own name; empty for a folder
    late: bool = False  # whether the platform says that it came late
    again: int = 0  # which of several hand-ins it is, where the platform counts them
    # when it was handed in, in seconds since the epoch by the local clock, where the name says
    when: float | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The same for one learner, however often he or she handed in."""
        return self.platform, self.id, self.learner

    @property
    def account(self) -> str:
        """The learner's number or account, if the platform's roster has it; else empty."""
        return self.id if self.platform in WITH_ACCOUNTS else ""


def read_export(name: str) -> Exported | None:
    """Read a name that a learning platform made; give none where it is no such name."""
    if len(name) > MAX_NAME:
        return None
    for platform, _, pattern in LAYOUTS:
        if match := re.fullmatch(pattern, name, re.DOTALL):
            found = match.groupdict("")
            again = NUMBERS.search(name) if platform == "Canvas" else None
            learner, file = found.get("name") or name, found.get("file", "")
            times = int(again[1]) if again else 0, _moment(found.get("when", ""))
            return Exported(platform, found["id"], learner, file, bool(found.get("late")), *times)
    return None


def _moment(text: str) -> float | None:
    text = CLOCK.sub(r"\1:\2", " ".join(text.split()))
    for form in TIMES:
        with suppress(ValueError, OverflowError):
            return datetime.strptime(text, form).timestamp()
    return None


def version_in(parts: tuple[str, ...]) -> int:
    """Return which hand-in it is by the folders that Teams makes, such as ``Version 2``; else 0."""
    return max((int(m[1]) for part in parts if (m := VERSION.fullmatch(part))), default=0)


# A line of Gradescope's submission_metadata.yml: a submission, a submitter, its own time.
METADATA = re.compile(
    r"^(?:(?P<folder>submission_\w+):|\s+-?\s*:(?P<key>name|created_at):\s*(?P<value>.*?))\s*$"
)
MAX_METADATA, MAX_LINE = 5_000_000, 1_000


def read_metadata(content: bytes) -> dict[str, tuple[str, float | None]]:
    """Read Gradescope's ``submission_metadata.yml``: who handed in each folder, and when.

    Only the lines that Gradescope writes are read, so that no file can ask for more.
    """
    found: dict[str, tuple[str, float | None]] = {}
    folder = ""
    for line in content[:MAX_METADATA].decode("utf-8", "replace").splitlines():
        match = METADATA.match(line) if len(line) <= MAX_LINE else None
        if match is None:
            continue
        if match["folder"]:
            folder = match["folder"]
        elif folder:
            value = match["value"].strip("'\"")
            names, when = found.get(folder, ("", None))
            if match["key"] == "name":
                # A group hands in together, and is one row.
                names = f"{names}, {value}" if names else value
            else:
                when = None
                with suppress(ValueError, OverflowError):
                    when = datetime.fromisoformat(value.replace(" Z", "+00:00")).timestamp()
            found[folder] = names, when
    return found
