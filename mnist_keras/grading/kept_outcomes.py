"""What notebooks did before, kept by their content: a second session runs only what changed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mnist_keras.errors import unwritten
from mnist_keras.files import remove_unfinished, write_text
from mnist_keras.sandbox.conversation import Ask
from mnist_keras.sandbox.runner import Outcome


def key_of(cells: Sequence[str], asks: Sequence[Ask], conditions: Mapping[str, Any]) -> str:
    """Name an outcome by all that it depends on: the conditions are versions, limits and alike."""
    asked = [[ask.key, dict(ask.request)] for ask in asks]
    text = json.dumps([list(cells), asked, dict(conditions)], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Results:
    """A folder of outcomes; with no folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise unwritten(error) from error
            remove_unfinished(folder)

    def get(self, key: str) -> Outcome | None:
        """Return what was kept under a key; None if nothing was, or if the file is damaged."""
        if self._folder is None:
            return None
        try:
            values = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            errors = tuple((int(place), str(a), str(b)) for place, a, b in values.pop("errors"))
            return Outcome(**values | {"errors": errors, "notes": tuple(values["notes"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome, where there is room: it counts in any case, and is run again later."""
        if self._folder:
            with suppress(OSError):
                write_text(self._folder / f"{key}.json", json.dumps(asdict(outcome)))
