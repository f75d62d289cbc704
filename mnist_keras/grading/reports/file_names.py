"""Names of files for learners, whose own names may be anything."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

from mnist_keras.reports.text import clean

LENGTH = 60
HASH = 10
PLAIN = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
HASHED = re.compile(rf"-[0-9a-f]{{{HASH}}}$")
# Windows opens a device for these, whatever the suffix.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$")


def file_stems(learners: Sequence[str]) -> Mapping[str, str]:
    """Return a file name for each learner, without suffix, unlike the others in any case.

    A name of lower-case letters and digits stays itself. From any other its letters are taken, and
    a hash of the whole name follows, so that the same learner has the same file in every session.
    """
    stems: dict[str, str] = {}
    for learner in sorted(set(learners)):
        digest = hashlib.sha256(learner.encode("utf-8", "surrogatepass")).hexdigest()
        plain = PLAIN.fullmatch(learner) and len(learner) <= LENGTH
        own = plain and not HASHED.search(learner) and not DEVICES.match(learner)
        stem, length = learner if own else f"{slug(learner)}-{digest[:HASH]}", HASH
        while stem in stems.values():
            length += HASH
            stem = f"{slug(learner)}-{digest[:length]}"
        stems[learner] = stem
    return stems


def slug(learner: str) -> str:
    """Keep a name's letters and digits, without accents, in lower case."""
    letters = unicodedata.normalize("NFKD", clean(learner))
    letters = letters.encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", letters)[:LENGTH].strip("-") or "learner"
