"""The directives of the page on grading: its tables, computed from the grader itself.

``grading-limits`` lists the limits of a notebook with their options and defaults,
``isolation-levels`` how far notebooks are shut off, and ``attack-corpus`` the notebooks that try to
cheat, which the tests grade.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from computed import ComputedDirective, escaped
from docutils import nodes
from sphinx.application import Sphinx

from mnist_keras.grading.options import add_options
from mnist_keras.sandbox.engines import LEVELS

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "tests" / "grading" / "attacks"
GRADING = ROOT / "mnist_keras" / "grading"
LIMITS = ("seconds", "cpu_seconds", "memory", "file_size", "disk", "processes")


def limits_table() -> list[str]:
    """Write the limits of a notebook in MyST: the option, what it limits, its default."""
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser.add_argument)
    options = {action.dest: action for action in parser._actions}
    lines = ["| Option | Limits | Default |", "|:--|:--|--:|"]
    for name in LIMITS:
        action = options[name]
        what = str(action.help).partition(" (default")[0].removesuffix(", in MiB")
        unit = {"MIB": " MiB", "S": " s"}.get(str(action.metavar), "")
        lines.append(
            f"| `{action.option_strings[0]} {action.metavar}` | {escaped(what)} "
            f"| {action.default:,g}{unit} |"
        )
    return lines


def levels_table() -> list[str]:
    """Write the levels of isolation in MyST, the strongest first, as the reports word them."""
    lines = ["| Level | What the reports say |", "|:--|:--|"]
    return lines + [f"| {name} | {escaped(said)} |" for name, said in LEVELS.items()]


def aims(folder: Path = ATTACKS) -> dict[str, str]:
    """Return what each notebook of the corpus tries, by its name."""
    return {
        path.stem: path.read_text(encoding="utf-8").partition("\n")[0]
        for path in sorted(folder.glob("*.txt"))
    }


def attacks_list(found: dict[str, str]) -> list[str]:
    """Write how many attacks there are and, folded, what each tries, in MyST."""
    lines = [f"The corpus holds {len(found)} notebooks.", ""]
    lines += [f"::::{{dropdown}} What each of the {len(found)} tries", ""]
    lines += ["| Attack | What it tries |", "|:--|:--|"]
    lines += [
        f"| {escaped(name.replace('_', ' '))} | {escaped(aim)} |" for name, aim in found.items()
    ]
    return [*lines, "::::", ""]


class GradingLimits(ComputedDirective):
    """The limits of a notebook."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        sources = (GRADING / "limits.py", GRADING / "options.py")
        return self.built(limits_table(), sources, "grading-limits")


class IsolationLevels(ComputedDirective):
    """How far notebooks are shut off."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        return self.built(
            levels_table(), sorted((GRADING / "engines").glob("*.py")), "isolation-levels"
        )


class AttackCorpus(ComputedDirective):
    """What the notebooks that cheat try."""

    def run(self) -> list[nodes.Node]:
        """Build the count and the table."""
        # The folder too, so that a new attack is counted.
        sources = (ATTACKS, *sorted(ATTACKS.glob("*.txt")))
        return self.built(attacks_list(aims()), sources, "attack-corpus")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("grading-limits", GradingLimits)
    app.add_directive("isolation-levels", IsolationLevels)
    app.add_directive("attack-corpus", AttackCorpus)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
