"""The directives of the challenge's page: its rules from the code, its leaderboard from the result.

``leaderboard`` writes a league's table from the result that came with the course,
``challenge-layers`` the layers and activations that an entry may have.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from computed import ComputedDirective, add_computed, escaped
from docutils import nodes
from sphinx.application import Sphinx

from mnist_keras.challenge import rules
from mnist_keras.challenge.leaderboard import PLAYGROUNDS, page_for, playground_of, standings_in
from mnist_keras.challenge.measure import Standing, placed
from mnist_keras.files import write_text
from mnist_keras.results import FOLDER, measured

NAME = "leaderboard"
ENTRIES = FOLDER / PLAYGROUNDS  # model files that mnist-keras leaderboard wrote
TARGET = "_static/entries"


def league_table(standings: Sequence[Standing], league: str) -> list[str]:
    """Write a league's table in MyST; a network that the playground can show is linked to it."""
    rows = placed(standings, league)
    if not rows:
        return ["No entry yet."]
    heads = ["Test accuracy", "Trainings", "Parameters", "Network"]
    if league in rules.GOLF:  # what decides comes first
        heads = ["Parameters", "Test accuracy", "Trainings", "Network"]
    lines = [f"| Rank | Name | {' | '.join(heads)} |", "|--:|:--|--:|--:|--:|:--|"]
    for rank, each in rows:
        cells = {
            "Test accuracy": f"{100 * each.accuracy:.2f} ± {100 * each.margin:.2f} %",
            "Trainings": f"{len(each.wrong)}",
            "Parameters": f"{each.parameters:,}",
            "Network": escaped(each.architecture),
        }
        lines.append(f"| {rank} | {opened(each)} | {' | '.join(cells[head] for head in heads)} |")
    return lines


def opened(entry: Standing) -> str:
    """Return an entry's name, linked to the page in which one can draw for its network."""
    page = Path(playground_of(entry.digest)).name
    if not (ENTRIES / page).with_suffix(".json").is_file():
        return escaped(entry.name)
    return f'<a href="../{TARGET}/{page}">{html.escape(entry.name).replace("|", "&#124;")}</a>'


def write_playgrounds(app: Sphinx, exception: Exception | None) -> None:
    """Put a page for each entry's network beside the site's pages."""
    if exception is None and app.builder.format == "html":
        for model in ENTRIES.glob("*.json"):
            page = Path(app.outdir) / TARGET / f"{model.stem}.html"
            write_text(page, page_for(model.read_text(encoding="utf-8")))


def measured_with(machine: Mapping[str, Any], standings: Sequence[Standing]) -> str:
    """Say in MyST how the entries were measured."""
    images = max((each.images for each in standings), default=0)
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
        standings, league = standings_in(FOLDER / f"{NAME}.json"), self.arguments[0]
        leagues = [*rules.LEAGUES, *rules.GOLF]
        if league not in leagues:
            raise self.error(f"there is no league {league}; there is {', '.join(leagues)}")
        lines = league_table(standings, league)
        if league == leagues[-1]:
            lines += ["", measured_with(measured(NAME)["machine"], standings)]
        return self.built(lines, [FOLDER / f"{NAME}.json"], "challenge-table")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("leaderboard", Leaderboard)
    add_computed(app, "challenge-layers", allowed_list, lambda: [Path(rules.__file__)])
    app.connect("build-finished", write_playgrounds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
