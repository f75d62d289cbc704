"""``mnist-keras tune-report``: what a search found, and how good its best is."""

import argparse
import json
import sys

from mnist_keras.commands.shared import JSON, add_options, keras_starting
from mnist_keras.runs.settings import require_whole
from mnist_keras.tuning.record import HAND_IN, SearchFolder


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras tune-report``."""
    options = {
        "search DIR": "a search folder",
        "--retrain": "train the best on all training images, and measure it once on the test set",
        "--seeds N": "how many trainings (default: 3)",
        "--epochs N": "how long each (default: 15; 2 where the search was on the small subset)",
    }
    add_options(parser, options | JSON)
    parser.set_defaults(seeds=3)


def run(options: argparse.Namespace) -> int:
    """Write a search's figures and page, after training its best again if that is asked for."""
    require_whole("the number of seeds", options.seeds, 1, 100)
    if options.epochs is not None:
        require_whole("epochs", options.epochs, 1, 1000)
    folder = SearchFolder(options.search)
    folder.settings()
    if options.retrain:
        with keras_starting():
            from mnist_keras.tuning.retrain import retrain
        retrain(folder, sys.stderr, seeds=options.seeds, epochs=options.epochs)
    with keras_starting():
        from mnist_keras.tuning.report import write_report
        from mnist_keras.tuning.retrain import read_retrained

    page = write_report(folder)
    measured = read_retrained(folder)
    if options.json:
        found = measured.as_dict() if measured else None
        print(json.dumps({"report": str(page), "retrained": found}))
        return 0
    if measured:
        print(
            f"Trial {measured.trial} reads {100 * measured.mean():.2f} ± "
            f"{100 * measured.spread():.2f} % of the test images ({measured.epochs} epochs, "
            f"{len(measured.accuracies)} seeds, {measured.parameters:,} parameters)."
        )
        if (options.search / HAND_IN).is_dir():
            print(f"To hand it in to the challenge: {options.search / HAND_IN}")
    print(f"The report lies in {page}")
    return 0
