"""``mnist-keras enter``: an entry to the challenge from trained networks."""

import argparse
from pathlib import Path

from mnist_keras.commands.shared import add_options, keras_starting
from mnist_keras.runs.folder import find_model


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras enter``."""
    options = {
        "models RUN_OR_MODEL+": "a run folder or a .keras file; several trainings of one network "
        "count as their mean",
        "--out DIR": "folder to write (default: entry)",
    }
    add_options(parser, options)
    parser.set_defaults(out=Path("entry"))


def run(options: argparse.Namespace) -> int:
    """Write an entry from trained networks."""
    for path in options.models:
        find_model(path)
    with keras_starting():
        from mnist_keras.challenge.entry import save_entry
        from mnist_keras.training import load_model
    league = save_entry([load_model(path) for path in options.models], options.out)
    print(
        f"The entry lies in {options.out}; it competes in the league {league}. Hand in the folder."
    )
    return 0
