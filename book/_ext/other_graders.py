"""The directive of the page on other graders: what the attacks achieved, from the measured result.

``attacks-on-graders`` writes a table with a row for each grader and, folded, one with a row for
each attack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from computed import add_computed, escaped
from sphinx.application import Sphinx

from mnist_keras.results import FOLDER, measured

NAME = "grading_attacks"
GRADERS = ("pytest", "otter", "nbgrader", "ours")


def versions_text(result: Mapping[str, Any]) -> str:
    """Say in MyST with what and where it was measured."""
    machine, versions = result["machine"], result["versions"]
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    text = (
        f"Measured with {escaped(listed)} and TensorFlow {machine['tensorflow']}, on "
        f"{machine['cores']} cores."
    )
    left_out = result["left_out"]
    if left_out:
        names = ", ".join(escaped(name.replace("_", " ")) for name in left_out)
        text += (
            f" Not given to the other three, because they mostly burn time or memory: {names}."
            " Each grader's row says how many it got."
        )
    return text


def counts_table(result: Mapping[str, Any]) -> list[str]:
    """Write what the attacks achieved at each grader, in MyST."""
    lines = [
        "| Grader | Attacks | Earned points | Earned all | Broke off the grading | Got no row "
        "| Did harm |",
        "|:--|--:|--:|--:|--:|--:|--:|",
    ]
    keys = ("attacks", "earned", "full", "stopped", "without_row", "harmed")
    for row in result["summary"]:
        lines.append(f"| {row['grader']} | " + " | ".join(str(row[key]) for key in keys) + " |")
    return lines


def rows_table(result: Mapping[str, Any]) -> list[str]:
    """Write what each attack earned at each grader, folded, in MyST."""
    names = [row["grader"] for row in result["summary"]]
    lines = ["::::{dropdown} Attack by attack", "", "| Attack | " + " | ".join(names) + " |"]
    lines.append("|:--|" + ":--|" * len(names))
    for row in result["rows"]:
        cells = [_said(row["graders"][grader]) for grader in GRADERS]
        lines.append(f"| {escaped(row['attack'].replace('_', ' '))} | " + " | ".join(cells) + " |")
    return [*lines, "::::", ""]


def _said(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return "not run"
    parts = [f"{result['points']:g} of {result['of']:g}"]
    if not result["ended"]:
        parts.append("broke off")
    elif not result["row"]:
        parts.append("no row")
    return escaped("; ".join([*parts, *result["harm"]]))


def attacks_on_graders() -> list[str]:
    """Write the tables, and with what they were measured, in MyST."""
    result = measured(NAME)
    return [*counts_table(result), "", versions_text(result), "", *rows_table(result)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    source = FOLDER / f"{NAME}.json"
    add_computed(app, "attacks-on-graders", attacks_on_graders, lambda: [source])
    return {"parallel_read_safe": True, "parallel_write_safe": True}
