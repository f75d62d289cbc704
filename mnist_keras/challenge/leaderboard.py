"""The leaderboard: ranked entries as JSON, CSV and a page that needs nothing but itself."""

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

from mnist_keras.challenge.measure import LIMITS, Measurer, Standing, find_entries, placed
from mnist_keras.data import load_data
from mnist_keras.entry_rules import GOLF, LEAGUES
from mnist_keras.files import write_all
from mnist_keras.reports.pages import page
from mnist_keras.reports.sheets import sheet, text_cell
from mnist_keras.runs.folder import to_json
from mnist_keras.runs.locking import locked
from mnist_keras.sandbox.engines import LEVELS
from mnist_keras.sandbox.runner import Runner
from mnist_keras.web.display import page_with

RESULT, TABLE, PAGE = "leaderboard.json", "leaderboard.csv", "index.html"
PLAYGROUNDS = "playground"  # each network as a model file, and a page in which to draw for it

Say = Callable[[str], None]


def make_leaderboard(
    path: Path, out: Path, *, quick: bool, sandboxed: bool, say: Say
) -> dict[str, Any]:
    """Measure every entry in a folder and write the leaderboard.

    What stands in an earlier `RESULT` in ``out`` is not measured again. ``say`` is told a line for
    each entry. Returned is what was written to `RESULT`.
    """
    entries, problems = find_entries(path)
    with locked(out):
        _, (images, labels) = load_data(quick=quick)
        known = {each.digest: each for each in standings_in(out / RESULT)}
        standings = []
        with closing(Runner(LIMITS, quick=quick, engine=None if sandboxed else "none")) as runner:
            measurer = Measurer(runner, images, labels, known)
            for number, entry in enumerate(entries, 1):
                standing = measurer.measure(entry)
                standings.append(standing)
                said = standing.problem or f"{100 * standing.accuracy:.2f} % ({standing.league})"
                say(f"{number} of {len(entries)}: {standing.name}: {said}")
            result = as_result(standings, problems, runner)
        models = {each.digest: text for each in standings if (text := model_in(each))}
        pages = {playground_of(digest): page_with(text) for digest, text in models.items()}
        there = {each.relative_to(out).as_posix() for each in (out / PLAYGROUNDS).glob("*.html")}
        files = {
            **pages,
            **{playground_of(each, ".json"): f"{text}\n" for each, text in models.items()},
            RESULT: to_json(result),
            TABLE: csv_of(standings),
            PAGE: page_of(standings, problems, result, there | pages.keys()),
        }
        write_all((out / name, text) for name, text in files.items())
    return result


def playground_of(digest: str, ending: str = ".html") -> str:
    """Return the path of the page in which the network of an entry of this digest is drawn for."""
    return f"{PLAYGROUNDS}/{digest[:16]}{ending}"


def model_in(standing: Standing) -> str:
    """Return the model file of an entry's network; empty if there is none.

    What the child said is taken for text: the page reads it as it reads any stranger's model file.
    """
    try:
        content = json.loads(standing.playground)
        content["name"] = standing.name[:60]
    except (ValueError, TypeError, RecursionError):
        return ""
    return json.dumps(content, separators=(",", ":"))


def as_result(
    standings: Sequence[Standing], problems: Sequence[str], runner: Runner
) -> dict[str, Any]:
    """Gather all that was measured, and with what."""

    def listed(league: str) -> list[dict[str, Any]]:
        return [{"rank": rank, **each.as_dict()} for rank, each in placed(standings, league)]

    return {
        "machine": {"cores": os.cpu_count(), **runner.versions, "isolation": runner.level},
        "leagues": {league: listed(league) for league in LEAGUES},
        "golf": {league: listed(league) for league in GOLF},
        "refused": [each.as_dict() for each in standings if each.problem],
        "problems": list(problems),
    }


def standings_in(path: Path) -> list[Standing]:
    """Read the standings of a result; none where there is no such file, or it cannot be read."""
    names = {each.name for each in fields(Standing)}
    standings = []
    try:
        for league in json.loads(path.read_text(encoding="utf-8"))["leagues"].values():
            for row in league:
                values: dict[str, Any] = {name: row[name] for name in names & row.keys()}
                standings.append(Standing(**{**values, "wrong": tuple(row["wrong"])}))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
    return standings


def csv_of(standings: Sequence[Standing]) -> str:
    """Write the leaderboard as a table."""
    head = ["league", "rank", "name", "accuracy", "margin", "spread", "trainings", "parameters"]
    rows = [[*head, "network"]]
    for league in (*LEAGUES, *GOLF):
        for rank, each in placed(standings, league):
            shares = (each.accuracy, each.margin, each.spread)
            numbers = [*(f"{share:.5f}" for share in shares), str(len(each.wrong))]
            shown = [text_cell(each.name), *numbers, str(each.parameters)]
            rows.append([league, str(rank), *shown, text_cell(each.architecture)])
    for each in standings:
        if each.problem:
            rows.append(["", "", text_cell(each.name), *5 * [""], text_cell(each.problem)])
    return sheet(rows)


def title_of(league: str) -> str:
    """Say what a league is, as the heading of its table."""
    if league in GOLF:
        return f"Golf: the fewest parameters that read {100 * GOLF[league]:.0f} %"
    return f"At most {LEAGUES[league]:,} parameters"


def page_of(
    standings: Sequence[Standing],
    problems: Sequence[str],
    result: Mapping[str, Any],
    playgrounds: Collection[str],
) -> str:
    """Write the page, with a link to each of the playground's pages that there are."""
    machine = result["machine"]
    return page(
        "leaderboard",
        leagues=[(title_of(league), placed(standings, league)) for league in (*LEAGUES, *GOLF)],
        playground_of=playground_of,
        playgrounds=playgrounds,
        refused=[f"{each.name}: {each.problem}" for each in standings if each.problem],
        problems=problems,
        isolation=LEVELS[machine["isolation"]].replace("notebook", "network"),
        versions=", ".join(f"{name} {machine[name]}" for name in ("python", "tensorflow", "keras")),
    )
