"""The directives whose text is computed: from the code, from the tests' cases, or from a result.

``accepted-answers`` says which answers the tests hold right, and which wrong: they tell it
themselves, in a process of their own. ``grading-limits`` lists the limits of a notebook with their
options and defaults, ``isolation-levels`` how far notebooks are shut off, ``attack-corpus`` the
notebooks that try to cheat, and ``attacks-on-graders`` what these achieved at each grader.
``leaderboard`` writes a league's table, ``challenge-layers`` and ``playground-layers`` say of what
an entry and a model of the playground may be made.
"""

import argparse
import html
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from mnist_keras import entry_rules as rules
from mnist_keras.challenge.leaderboard import PLAYGROUNDS, playground_of, standings_in
from mnist_keras.challenge.measure import Standing, placed
from mnist_keras.checks.exercises import exercise_named
from mnist_keras.files import write_text
from mnist_keras.grading.options import add_options
from mnist_keras.results import FOLDER, measured
from mnist_keras.sandbox.engines import LEVELS
from mnist_keras.web import layers
from mnist_keras.web.display import page_with

ROOT = Path(__file__).resolve().parents[2]
TESTS, PACKAGE = ROOT / "tests", ROOT / "mnist_keras"
ATTACKS = TESTS / "grading" / "attacks"
ENTRIES = FOLDER / PLAYGROUNDS  # model files that mnist-keras leaderboard wrote
TARGET = "_static/entries"
LIMITS = ("seconds", "cpu_seconds", "memory", "file_size", "disk", "processes")
GRADERS = ("pytest", "otter", "nbgrader", "ours")

Described = Mapping[str, Mapping[str, Any]]  # by question: what is right and what is wrong


def escaped(text: str) -> str:
    """Keep Markdown from reading a text's characters as its own."""
    return re.sub(r"([\\`*_<>\[\]{}|$])", r"\\\1", text)


def spaced(name: str) -> str:
    """Write an attack's name as words."""
    return escaped(name.replace("_", " "))


def table(heads: Mapping[str, str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Write a table in MyST: its heads with how their columns are aligned, and its rows."""
    head, *lines = ["| " + " | ".join(map(str, row)) + " |" for row in ([*heads], *rows)]
    return [head, f"|{'|'.join(heads.values())}|", *lines]


def folded(title: str, lines: Iterable[str]) -> list[str]:
    """Fold some lines of MyST below a title."""
    return [f"::::{{dropdown}} {title}", "", *lines, "::::", ""]


# --- What the checks accept ---


def all_cases() -> dict[str, Described]:
    """Return the descriptions of the cases of every exercise, which are not run."""
    command = [sys.executable, "-m", "checks.listed"]
    done = subprocess.run(command, cwd=TESTS, stdout=subprocess.PIPE, check=True)
    listed: dict[str, Described] = json.loads(done.stdout)
    return listed


def titled(exercise: str, number: str) -> str:
    """Write a question's number and title."""
    asked = exercise_named(exercise).question(number)
    return f"{number} {escaped(asked.title)}" if asked else number


def counts_table(listed: Mapping[str, Described]) -> list[str]:
    """Write how many answers each question is tested with."""
    heads = {"Question": ":--", "Right, written differently": "--:", "Wrong": "--:"}
    rows = (
        (titled(exercise, number), len(cases["right"]), len(cases["wrong"]))
        for exercise, questions in listed.items()
        for number, cases in questions.items()
    )
    return table(heads, rows)


def described(exercise: str, questions: Described) -> list[str]:
    """Write the descriptions of an exercise's answers, folded."""
    lines = []
    for number, cases in questions.items():
        lines += [f"**{titled(exercise, number)}**", ""]
        for kind, part in (("correct", "right"), ("not yet", "wrong")):
            lines.append(f"- **{kind}:** {'; '.join(map(escaped, cases[part]))}.")
        lines.append("")
    title = f"Exercise {int(exercise[:2])}: {escaped(exercise_named(exercise).title)}"
    return folded(title, lines[:-1])


def accepted_answers() -> list[str]:
    """Write the table of counts, and what is counted."""
    listed = all_cases()
    return [*counts_table(listed), "", *(x for each in listed.items() for x in described(*each))]


# --- How notebooks are graded ---


def limits_table() -> list[str]:
    """Write the limits of a notebook: the option, what it limits, its default."""
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser.add_argument)
    options = {action.dest: action for action in parser._actions}
    rows = []
    for action in (options[name] for name in LIMITS):
        what = str(action.help).partition(" (default")[0].removesuffix(", in MiB")
        unit = {"MIB": " MiB", "S": " s"}.get(str(action.metavar), "")
        option = f"`{action.option_strings[0]} {action.metavar}`"
        rows.append((option, escaped(what), f"{action.default:,g}{unit}"))
    return table({"Option": ":--", "Limits": ":--", "Default": "--:"}, rows)


def levels_table() -> list[str]:
    """Write the levels of isolation, the strongest first, as the reports word them."""
    heads = {"Level": ":--", "What the reports say": ":--"}
    return table(heads, ((name, escaped(said)) for name, said in LEVELS.items()))


def aims(folder: Path = ATTACKS) -> dict[str, str]:
    """Return what each notebook of the corpus tries, by its name."""
    return {
        path.stem: path.read_text(encoding="utf-8").partition("\n")[0]
        for path in sorted(folder.glob("*.txt"))
    }


def attacks_list(found: Mapping[str, str]) -> list[str]:
    """Write how many attacks there are and, folded, what each tries."""
    rows = ((spaced(name), escaped(aim)) for name, aim in found.items())
    lines = table({"Attack": ":--", "What it tries": ":--"}, rows)
    title = f"What each of the {len(found)} tries"
    return [f"The corpus holds {len(found)} notebooks.", "", *folded(title, lines)]


# --- What the attacks achieved at other graders ---


def versions_text(result: Mapping[str, Any]) -> str:
    """Say with what and where it was measured."""
    machine, versions = result["machine"], result["versions"]
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    text = f"Measured with {escaped(listed)} and TensorFlow {machine['tensorflow']}, on "
    text += f"{machine['cores']} cores."
    if result["left_out"]:
        text += " Not given to the other three, because they mostly burn time or memory: "
        text += f"{', '.join(map(spaced, result['left_out']))}."
        text += " Each grader's row says how many it got."
    return text


def achieved_table(result: Mapping[str, Any]) -> list[str]:
    """Write what the attacks achieved at each grader."""
    heads = ("Attacks", "Earned points", "Earned all", "Broke off the grading", "Got no row")
    keys = ("grader", "attacks", "earned", "full", "stopped", "without_row", "harmed")
    rows = ([row[key] for key in keys] for row in result["summary"])
    return table({"Grader": ":--"} | dict.fromkeys((*heads, "Did harm"), "--:"), rows)


def rows_table(result: Mapping[str, Any]) -> list[str]:
    """Write what each attack earned at each grader, folded."""
    names = ["Attack", *(row["grader"] for row in result["summary"])]
    rows = (
        [spaced(row["attack"]), *(_said(row["graders"][grader]) for grader in GRADERS)]
        for row in result["rows"]
    )
    return folded("Attack by attack", table(dict.fromkeys(names, ":--"), rows))


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
    """Write the tables, and with what they were measured."""
    result = measured("grading_attacks")
    return [*achieved_table(result), "", versions_text(result), "", *rows_table(result)]


# --- The challenge ---


def league_table(standings: Sequence[Standing], league: str) -> list[str]:
    """Write a league's table; a network that the playground can show is linked to it."""
    heads = ["Test accuracy", "Trainings", "Parameters", "Network"]
    if league in rules.GOLF:  # what decides comes first
        heads = ["Parameters", "Test accuracy", "Trainings", "Network"]
    rows = []
    for rank, each in placed(standings, league):
        cells = {
            "Test accuracy": f"{100 * each.accuracy:.2f} ± {100 * each.margin:.2f} %",
            "Trainings": len(each.wrong),
            "Parameters": f"{each.parameters:,}",
            "Network": escaped(each.architecture),
        }
        rows.append([rank, opened(each), *(cells[head] for head in heads)])
    aligned = {"Rank": "--:", "Name": ":--"} | dict.fromkeys(heads, "--:") | {"Network": ":--"}
    return table(aligned, rows) if rows else ["No entry yet."]


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
            write_text(page, page_with(model.read_text(encoding="utf-8")))


def measured_with(machine: Mapping[str, Any], standings: Sequence[Standing]) -> str:
    """Say how the entries were measured."""
    images = max((each.images for each in standings), default=0)
    return (
        f"Measured on {images:,} test images with TensorFlow {machine['tensorflow']} and Keras "
        f"{machine['keras']}. After ±: the margin, twice the standard error. Entries share a rank "
        "unless one is ahead by more than its margin."
    )


def leaderboard(league: str) -> list[str]:
    """Write a league's table; the last one says how all were measured."""
    standings, leagues = standings_in(FOLDER / "leaderboard.json"), [*rules.LEAGUES, *rules.GOLF]
    if league not in leagues:
        raise ValueError(f"there is no league {league}; there is {', '.join(leagues)}")
    lines = league_table(standings, league)
    if league == leagues[-1]:
        lines += ["", measured_with(measured("leaderboard")["machine"], standings)]
    return lines


def allowed_list() -> Iterator[str]:
    """List what an entry may be made of."""
    for kind, names in (("Layers", rules.LAYERS), ("Activations", rules.ACTIVATIONS)):
        listed = ", ".join(f"`{name}`" for name in sorted(names, key=str.lower))
        yield f"- {kind}: {listed}."


def add_computed(
    app: Sphinx,
    name: str,
    text: Callable[..., Iterable[str]],
    *sources: Path,
    css_class: str | None = None,
    arguments: int = 0,
) -> None:
    """Add a directive which stands for the MyST that a function writes of its arguments."""

    class Computed(SphinxDirective):
        """Stands for it; when one of the sources changes, the page is read again."""

        required_arguments = arguments

        def run(self) -> list[nodes.Node]:
            for path in sources:
                self.env.note_dependency(str(path))
            try:
                lines = StringList([*text(*self.arguments)])
            except ValueError as error:
                raise self.error(str(error)) from None
            holder = nodes.container(classes=[css_class or name])
            self.set_source_info(holder)
            self.state.nested_parse(lines, self.content_offset, holder)
            return [holder]

    app.add_directive(name, Computed)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    cases = sorted(TESTS.glob("checks/cases*.py"))
    add_computed(app, "accepted-answers", accepted_answers, *cases)
    limits = (PACKAGE / "sandbox" / "limits.py", PACKAGE / "grading" / "options.py")
    add_computed(app, "grading-limits", limits_table, *limits)
    engines = (PACKAGE / "sandbox" / "engines").glob("*.py")
    add_computed(app, "isolation-levels", levels_table, *engines)
    # The folder too, so that a new attack is counted.
    corpus = (ATTACKS, *ATTACKS.glob("*.txt"))
    add_computed(app, "attack-corpus", lambda: attacks_list(aims()), *corpus)
    result = FOLDER / "grading_attacks.json"
    add_computed(app, "attacks-on-graders", attacks_on_graders, result)
    result = FOLDER / "leaderboard.json"
    add_computed(app, "leaderboard", leaderboard, result, css_class="challenge-table", arguments=1)
    add_computed(app, "challenge-layers", allowed_list, Path(rules.__file__))
    add_computed(app, "playground-layers", layers.known_layers, Path(layers.__file__))
    app.connect("build-finished", write_playgrounds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
