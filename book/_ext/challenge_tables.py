"""The directives of the challenge's page: its rules from the code, its leaderboard from the result.

``leaderboard`` writes a league's table from the result that came with the course,
``challenge-layers`` the layers and activations that an entry may have.
"""

from __future__ import annotations

import html
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from computed import ComputedDirective, add_computed, escaped
from docutils import nodes
from sphinx.application import Sphinx

from mnist_keras.challenge import rules
from mnist_keras.challenge.leaderboard import PLAYGROUNDS, playground_of
from mnist_keras.challenge.measure import margin_of, ranks
from mnist_keras.results import FOLDER, measured

NAME = "leaderboard"
ENTRIES = FOLDER / PLAYGROUNDS  # the pages that mnist-keras leaderboard wrote, one a network
TARGET = "_static/entries"


def league_table(result: Mapping[str, Any], league: str) -> list[str]:
    """Write a league's table in MyST; a network that the playground can show is linked to it."""
    rows = result["leagues"][league]
    if not rows:
        return ["No entry yet."]
    lines = ["| Rank | Name | Test accuracy | Trainings | Parameters | Network |"]
    lines.append("|--:|:--|--:|--:|--:|:--|")
    shared = ranks([row["accuracy"] for row in rows], [row["images"] for row in rows])
    for rank, row in zip(shared, rows, strict=True):
        margin = 100 * margin_of(row["accuracy"], row["images"])
        lines.append(
            f"| {rank} | {opened(row)} | {100 * row['accuracy']:.2f} ± {margin:.2f} % "
            f"| {len(row['wrong'])} | {row['parameters']:,} | {escaped(row['architecture'])} |"
        )
    return lines


def opened(row: Mapping[str, Any]) -> str:
    """Return an entry's name, linked to the page in which one can draw for its network."""
    page = Path(playground_of(row["digest"])).name
    if not (ENTRIES / page).is_file():
        return escaped(row["name"])
    return f'<a href="../{TARGET}/{page}">{html.escape(row["name"]).replace("|", "&#124;")}</a>'


def copy_playgrounds(app: Sphinx, exception: Exception | None) -> None:
    """Put the pages of the entries' networks beside the site's pages."""
    if exception is None and app.builder.format == "html" and ENTRIES.is_dir():
        shutil.copytree(ENTRIES, Path(app.outdir) / TARGET, dirs_exist_ok=True)


def measured_with(result: Mapping[str, Any]) -> str:
    """Say in MyST how the entries were measured."""
    machine = result["machine"]
    rows = [row for league in result["leagues"].values() for row in league]
    images = max((row["images"] for row in rows), default=0)
    return (
        f"Measured on {images:,} test images with TensorFlow {machine['tensorflow']} and Keras "
        f"{machine['keras']}. After ±: the margin, twice the standard error. Entries share a rank "
        "unless one is ahead by more than its margin."
    )


def allowed_list() -> list[str]:
    """List in MyST what an entry may be made of."""

    def listed(names: set[str]) -> str:
        return ", ".join(f"`{name}`" for name in sorted(names, key=str.lower))

    return [
        f"- Layers: {listed(rules.LAYERS)}.",
        f"- Activations: {listed(rules.ACTIVATIONS)}.",
    ]


class Leaderboard(ComputedDirective):
    """A league's table; the last one says how all were measured."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build it."""
        result, league = measured(NAME), self.arguments[0]
        if league not in rules.LEAGUES:
            raise self.error(f"there is no league {league}; there is {', '.join(rules.LEAGUES)}")
        lines = league_table(result, league)
        if league == list(rules.LEAGUES)[-1]:
            lines += ["", measured_with(result)]
        return self.built(lines, [FOLDER / f"{NAME}.json"], "challenge-table")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("leaderboard", Leaderboard)
    add_computed(app, "challenge-layers", allowed_list, lambda: [Path(rules.__file__)])
    app.connect("build-finished", copy_playgrounds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
