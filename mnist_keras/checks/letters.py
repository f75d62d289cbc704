"""The letter of a choice, however a learner wrote it down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# What may stand before the letter of a choice, such as "Answer:".
INTRODUCTION = re.compile(
    r"^(?:my |the |la |die |mon |ma |meine )*(?:answer|choice|option|letter|prediction|réponse|"
    r"choix|lettre|antwort|wahl|buchstabe|respuesta)\s*(?:\s*(?:ist|is|est|es|[:=]))*\s*",
    re.IGNORECASE,
)

# Letters that look like A, B, C and E on a Greek or Cyrillic keyboard.
LOOK_ALIKES = str.maketrans("ΑαΒΕАаВвСсЕе", "AaBEAaBbCcEe")


def chosen(text: str, choices: Mapping[str, str]) -> str | None:
    """Find the letter that an answer names; ``None`` where it names none, or several."""
    said = INTRODUCTION.sub("", _bare(text))
    texts = {letter: _bare(each).rstrip(".").lower() for letter, each in choices.items()}
    latin = said[:2].translate(LOOK_ALIKES) + said[2:]  # the letter, perhaps behind a bracket
    match = re.fullmatch(r"[(\[{<]?\s?([A-Za-z])\b\s?([)\]}>.:,;!–—-]*)\s*(.*)", latin)
    letter = match[1].upper() if match else ""
    if match and letter in choices:
        rest = match[3].rstrip(".")
        own = texts[letter].startswith(rest.lower())
        several = any(re.search(rf"\b{each}\b", rest) for each in choices)
        if own or (match[2] and not several):
            return letter
    return next((each for each in choices if texts[each] == said.rstrip(".").lower()), None)


def _bare(text: str) -> str:
    """Leave out quotes, the marks of Markdown's emphasis and all but single spaces."""
    return re.sub(r"[*_`'\"“”«»\s]+", " ", unicodedata.normalize("NFKC", text)).strip()
