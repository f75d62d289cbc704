"""How a committed notebook differs from the generated one, in one line."""

import json
from itertools import zip_longest
from typing import Any


def describe_difference(committed: str, generated: str) -> str:
    """Say in one line how a committed notebook first differs from the generated one."""
    try:
        old = json.loads(committed)
        old_sources = [_source(cell) for cell in old["cells"]]
    except (ValueError, KeyError, TypeError):
        return "not a notebook"
    new = json.loads(generated)
    new_sources = [_source(cell) for cell in new["cells"]]
    for number, (left, right) in enumerate(zip(old_sources, new_sources, strict=False), start=1):
        if left[0] != right[0]:
            return f"cell {number} is {left[0]}, its source says {right[0]}"
        if left[1] != right[1]:
            return f"cell {number}, {_first_difference(left[1], right[1])}"
    if len(old_sources) != len(new_sources):
        return f"{len(old_sources)} cells, its source gives {len(new_sources)}"
    for number, (left, right) in enumerate(zip(old["cells"], new["cells"], strict=True), start=1):
        if left != right:
            return f"cell {number} differs in its {_first_key(left, right)}"
    if old.get("metadata") != new["metadata"]:
        return f"its metadata differ in {_first_key(old.get('metadata') or {}, new['metadata'])!r}"
    return "the same notebook, but not written the same way"


def _source(cell: dict[str, Any]) -> tuple[str, str]:
    return cell["cell_type"], "".join(cell["source"])


def _first_key(left: dict[str, Any], right: dict[str, Any]) -> str:
    return min(key for key in {*left, *right} if left.get(key) != right.get(key))


def _first_difference(committed: str, generated: str) -> str:
    lines = zip_longest(committed.splitlines(), generated.splitlines(), fillvalue="")
    for number, (old, new) in enumerate(lines, start=1):
        if old != new:
            return f"line {number} is {_short(old)}, its source says {_short(new)}"
    return "its line ends differ"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
