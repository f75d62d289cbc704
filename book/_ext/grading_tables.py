"""The directives of the page on grading: its tables, computed from the grader itself.

``grading-limits`` lists the limits of a notebook with their options and defaults,
``isolation-levels`` how far notebooks are shut off, and ``attack-corpus`` the notebooks that try to
cheat, which the tests grade.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from computed import add_computed, escaped
from sphinx.application import Sphinx

from mnist_keras.grading.options import add_options
from mnist_keras.sandbox.engines import LEVELS

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "tests" / "grading" / "attacks"
PACKAGE = ROOT / "mnist_keras"
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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    limits = [PACKAGE / "sandbox" / "limits.py", PACKAGE / "grading" / "options.py"]
    add_computed(app, "grading-limits", limits_table, lambda: limits)
    engines = sorted((PACKAGE / "sandbox" / "engines").glob("*.py"))
    add_computed(app, "isolation-levels", levels_table, lambda: engines)
    # The folder too, so that a new attack is counted.
    add_computed(
        app,
        "attack-corpus",
        lambda: attacks_list(aims()),
        lambda: [ATTACKS, *sorted(ATTACKS.glob("*.txt"))],
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
