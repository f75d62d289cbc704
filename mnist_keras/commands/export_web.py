"""``mnist-keras export-web``: a network for the playground on the site."""

import argparse
from pathlib import Path

from mnist_keras.commands.shared import MODEL, add_options, keras_starting
from mnist_keras.files import require_new
from mnist_keras.runs.folder import find_model


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras export-web``."""
    add_options(parser, MODEL)
    told, own = "file to write (default: my_model.json)", Path("my_model.json")
    parser.add_argument("-o", "--out", type=Path, default=own, metavar="FILE", help=told)


def run(options: argparse.Namespace) -> int:
    """Write a model file for the playground."""
    find_model(options.model)
    require_new(options.out)
    with keras_starting():
        from mnist_keras.training import load_model
        from mnist_keras.web.model_file import save_playground
    save_playground(load_model(options.model), options.out)
    print(f"Written: {options.out}. On the playground's page, choose “Load your model…”.")
    return 0
