"""Finding entries and measuring them: each is made again in the sandbox and reads the test images.

This process reads the architecture as JSON and nothing else of an entry. The networks are made in a
child of the grader's, which answers with what they say of each image; which answers are right, only
this process knows.
"""

import base64
import hashlib
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mnist_keras import entry_rules as rules
from mnist_keras.data import NUMBER_OF_CLASSES
from mnist_keras.entry_rules import RefusedError
from mnist_keras.errors import CourseError
from mnist_keras.grading.contents import UnreadableError
from mnist_keras.grading.layouts import read_export
from mnist_keras.grading.listing import Found, clean_name, list_files
from mnist_keras.grading.naming import names_somebody
from mnist_keras.sandbox.conversation import Ask
from mnist_keras.sandbox.limits import MEBIBYTE, Limits
from mnist_keras.sandbox.protocol import ProtocolError, from_text
from mnist_keras.sandbox.runner import Outcome, Runner

WANTED = re.compile(r"(?:.*[_ ])?entry(?:-\d{1,4})?\.json|.*\.npz", re.DOTALL)
EDITION = 3  # of the rules: what was measured by older ones is measured again
HANDED_IN_AGAIN = re.compile(r"-\d{1,4}(?=\.\w+$)")  # by Canvas's count
LIMITS = Limits(seconds=180.0, cpu_seconds=300, memory=2048 * MEBIBYTE)
REBUILD = """
import base64
from mnist_keras.challenge.rebuild import rebuild
problem, about, models = rebuild({architecture!r}, {{
    name: base64.b64decode(content) for name, content in {weights!r}.items()
}})
"""


@dataclass(frozen=True)
class Entry:
    """What somebody handed in to the challenge."""

    name: str  # whose it is, as it can be shown
    files: Mapping[str, Found]  # ``entry.json`` and the files beside it, by their names


@dataclass(frozen=True)
class Standing:
    """What came of an entry."""

    name: str  # whose it is
    problem: str = ""  # why it was refused, in a line; empty if it was measured
    league: str = ""  # the smallest that it fits
    parameters: int = 0  # how many its network has, of every kind, constants of its layers too
    architecture: str = ""  # the network in a line
    wrong: tuple[int, ...] = ()  # of the test images, how many each of its trainings got wrong
    images: int = 0  # how many test images there were
    digest: str = ""  # of what was handed in; the same content is not measured twice
    # its first network as a model file for the playground, untrusted; empty if it was measured
    # before, or the playground can't show it
    playground: str = field(default="", repr=False)

    @property
    def accuracy(self) -> float:
        """Mean test accuracy, in [0, 1]."""
        return 1 - statistics.fmean(self.wrong) / self.images

    @property
    def spread(self) -> float:
        """Standard deviation of the test accuracy over the trainings; 0 for one."""
        return statistics.stdev(self.wrong) / self.images if len(self.wrong) > 1 else 0.0

    @property
    def margin(self) -> float:
        """Margin of the mean test accuracy."""
        return margin_of(self.accuracy, self.images)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        names = ("accuracy", "margin", "spread") if self.wrong else ()
        values = asdict(self) | {name: getattr(self, name) for name in names}
        del values["playground"]
        return {**values, "wrong": list(self.wrong)}


@dataclass
class Measurer:
    """Measures entries in processes that are shut off."""

    runner: Runner
    images: np.ndarray  # the test set: uint8, shape (n, 28, 28), and the digits
    labels: np.ndarray
    # standings of before, by their digests
    known: Mapping[str, Standing] = field(default_factory=dict)

    def measure(self, entry: Entry) -> Standing:
        """Measure an entry, or say why it is refused."""
        try:
            claims, weights = contents(entry)
            digest = self._digest(claims, weights)
            if digest in self.known:
                return Standing(**{**vars(self.known[digest]), "name": entry.name})
            return self._measured(entry.name, claims, weights, digest)
        except RefusedError as error:
            return Standing(entry.name, str(error))

    def _digest(self, claims: rules.Claims, weights: Mapping[str, bytes]) -> str:
        parts = hashlib.sha256(f"{EDITION} {claims!r}".encode())
        for content in (*weights.values(), self.images.tobytes()):
            parts.update(hashlib.sha256(content).digest())
        for name, version in sorted(self.runner.versions.items()):
            parts.update(f"{name} {version}\n".encode())
        return parts.hexdigest()

    def _measured(
        self, name: str, claims: rules.Claims, weights: Mapping[str, bytes], digest: str
    ) -> Standing:
        checked = rules.checked_architecture(claims.architecture)
        sent = {each: base64.b64encode(content).decode() for each, content in weights.items()}
        images = base64.b64encode(self.images.tobytes()).decode()
        asks = (
            Ask("found", {"ask": "answers", "names": ["problem", "about"], "calls": []}),
            Ask("read", {"ask": "predictions", "name": "models", "images": images}),
        )
        outcome = self.runner.run([REBUILD.format(architecture=checked, weights=sent)], asks)
        about = told(outcome)
        parameters, said = about.get("parameters"), about.get("architecture")
        if not isinstance(parameters, int) or not isinstance(said, str):
            raise RefusedError("its process did not say what network it is")
        parameters += rules.constants(checked)
        league = rules.league_of(parameters)
        claims.hold(parameters)
        read, drawn = outcome.answers.get("read"), about.get("playground")
        if not isinstance(read, dict) or read.keys() != weights.keys():
            raise RefusedError(outcome.lost.get("read", "its networks read no images"))
        return Standing(
            name,
            league=league,
            parameters=parameters,
            architecture=shown_line(said),
            wrong=tuple(self._wrong(read[each], each) for each in weights),
            images=len(self.labels),
            digest=digest,
            playground=drawn if isinstance(drawn, str) else "",
        )

    def _wrong(self, answers: Any, file: str) -> int:
        """Count the images that a training got wrong."""
        try:
            logits = from_text(answers, NUMBER_OF_CLASSES)
        except ProtocolError as error:
            raise RefusedError(f"the network of {file} answers no numbers") from error
        if logits.shape != (len(self.labels), NUMBER_OF_CLASSES):
            raise RefusedError(f"the network of {file} gives answers of shape {logits.shape}")
        if not np.isfinite(logits).all():
            raise RefusedError(f"the network of {file} answers what is no finite number")
        return int((logits.argmax(axis=1) != self.labels).sum())


def told(outcome: Outcome) -> dict[str, Any]:
    """Take from an outcome what the child says of the network, or say why it says nothing."""
    if outcome.problem:
        raise RefusedError(outcome.problem)
    if outcome.errors:
        raise RefusedError(f"making it failed: {outcome.errors[0][2]}")
    found = outcome.answers.get("found")
    if not isinstance(found, dict):
        raise RefusedError(outcome.lost.get("found", "its process did not say what network it is"))
    if isinstance(found.get("problem"), str) and found["problem"]:
        raise RefusedError(shown_line(found["problem"]))
    about = found.get("about")
    items = about.get("items", []) if isinstance(about, dict) else []
    pairs = [each for each in items if isinstance(each, list) and len(each) == 2]
    return {name: value for name, value in pairs if isinstance(name, str)}


def shown_line(text: str) -> str:
    """Return a child's text as it can be shown."""
    return "".join(c if c.isprintable() else " " for c in text)[:400]


def contents(entry: Entry) -> tuple[rules.Claims, dict[str, bytes]]:
    """Read an entry's files."""
    try:
        claims = rules.read_entry(content_of(entry.files[rules.ENTRY]).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RefusedError(f"{rules.ENTRY} is not text") from error
    read = {}
    for name in claims.weights:
        if name not in entry.files:
            raise RefusedError(f"{rules.shown(name)} is not there, which {rules.ENTRY} names")
        read[name] = content_of(entry.files[name])
        if len(read[name]) > rules.LARGEST_WEIGHTS:
            size, most = rules.LARGEST_WEIGHTS // 10**6, f"{rules.MOST_PARAMETERS:,} parameters"
            raise RefusedError(f"{rules.shown(name)} is larger than {size} MB; {most} are not")
    return claims, read


def content_of(found: Found) -> bytes:
    """Read a file of an entry."""
    if found.content is None:
        raise RefusedError(f"{rules.shown(found.parts[-1])}: {found.problem}")
    try:
        return found.content.read()
    except UnreadableError as error:
        raise RefusedError(f"{rules.shown(found.parts[-1])}: {error}") from error


@dataclass(frozen=True, order=True)
class _Place:
    """A folder of an entry: whose it is, and where in that learner's folder it lies."""

    learner: str  # the learner's name, which others may have, too
    key: tuple[str, ...]  # the same for the files of one learner, and for no others
    id: str  # what tells learners of the same name apart
    inner: tuple[str, ...]  # the folders below the learner's
    # when it was handed in, where a platform says so
    when: float = field(default=0.0, compare=False)


def _placed(files: Iterable[Found], top: str) -> Iterator[tuple[_Place, str, Found]]:
    """Tell whose each file is, and what it is called."""
    inside = [(found.parts, found) for found in files]
    while len({parts[0] for parts, _ in inside}) == 1 and not names_somebody(inside[0][0][0]):
        if any(len(parts) <= 2 for parts, _ in inside):
            break
        inside = [(parts[1:], found) for parts, found in inside]
    for parts, found in inside:
        head, name = parts[0], parts[-1]
        if export := read_export(head):
            whose = (export.learner, export.key, export.id, parts[1:-1])
            place = _Place(*whose, export.when or found.modified)
            yield place, name if len(parts) > 1 else export.file, found
        elif len(parts) == 1:
            yield _Place(top, (), top, ()), name, found
        else:
            yield _Place(head.removesuffix(".zip"), (head,), head, parts[1:-1]), name, found


def find_entries(path: Path) -> tuple[list[Entry], list[str]]:
    """Find the entries in a folder: each ``entry.json``, with the files beside it.

    The path may be one entry, the folder of a learner or of a class, a platform's export, or a
    ``.zip``. Entries come in the order of their names, a learner's second as ``name (folder)``; the
    other list has what was passed over, a line each.
    """
    listing = list_files(path, lambda name: "" if WANTED.fullmatch(name) else None)
    top = path.resolve().stem if path.is_file() else path.resolve().name
    places: dict[_Place, dict[str, Found]] = defaultdict(dict)
    for place, name, found in sorted(_placed(listing.files, top), key=lambda each: each[0].when):
        if place.key and not place.inner:
            places[place].setdefault(HANDED_IN_AGAIN.sub("", name), found)
        places[place][name] = found
    places = {place: files for place, files in places.items() if rules.ENTRY in files}
    if not places:
        raise CourseError(
            f"there is no entry in {path}: an entry is {rules.ENTRY} with its weights beside it, "
            "as exercise 6 and mnist-keras enter write it"
        )
    entries = []
    for place in sorted(places):
        alike = [each for each in places if each.learner == place.learner]
        own = [each for each in alike if each.key == place.key]
        about = [place.id] if len(own) < len(alike) else []
        about += ["/".join(place.inner) or place.id] if len(own) > 1 else []
        name = f"{place.learner} ({', '.join(about)})" if about else place.learner
        entries.append(Entry(clean_name(name), places[place]))
    return entries, list(listing.problems)


def placed(standings: Sequence[Standing], league: str) -> list[tuple[int, Standing]]:
    """List the entries of a league or of a golf league in order, each with its rank.

    In golf, one with fewer parameters is ahead; in a league, see `ranks`.
    """
    own = [each for each in standings if not each.problem]
    if league in rules.GOLF:
        own = [each for each in own if in_golf(each, rules.GOLF[league])]
        own.sort(key=lambda each: (each.parameters, -each.accuracy, each.name))
        sizes = [each.parameters for each in own]
        return [(1 + sizes.index(each.parameters), each) for each in own]
    own = [each for each in own if each.league == league]
    own.sort(key=lambda each: (-each.accuracy, each.parameters, each.name))
    shared = ranks([each.accuracy for each in own], [each.images for each in own])
    return list(zip(shared, own, strict=True))


def in_golf(standing: Standing, least: float) -> bool:
    """Tell whether an entry reads enough of the test images, in the mean of enough trainings."""
    right = len(standing.wrong) * standing.images - sum(standing.wrong)
    enough = least * len(standing.wrong) * standing.images
    return len(standing.wrong) >= rules.FEWEST_TRAININGS and right >= enough


def margin_of(accuracy: float, images: int) -> float:
    """Return the margin of an accuracy: twice its standard error, as in exercise 6."""
    return 2 * math.sqrt(accuracy * (1 - accuracy) / images)


def ranks(accuracies: Sequence[float], images: Sequence[int]) -> list[int]:
    """Return the rank of each entry of a league: one more than how many are clearly better.

    An entry is clearly better than another if it is ahead by more than the margin of its own
    accuracy. Entries that nobody is clearly ahead of share the first rank.
    """
    clear = [a - margin_of(a, n) for a, n in zip(accuracies, images, strict=True)]
    return [1 + sum(one > accuracy for one in clear) for accuracy in accuracies]
