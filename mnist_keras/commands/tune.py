"""``mnist-keras tune``: search for a good network, or go on with a search."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_keras.commands.shared import (
    JSON,
    StoppedError,
    add_options,
    asked_for,
    keras_starting,
    say,
)
from mnist_keras.data import verified_file
from mnist_keras.errors import CourseError
from mnist_keras.runs.locking import locked
from mnist_keras.runs.settings import require_whole
from mnist_keras.tuning.record import SearchFolder
from mnist_keras.tuning.settings import (
    DEFAULT_TRIALS,
    MOST_WORKERS,
    TUNERS,
    Budget,
    SearchSettings,
    search_budget,
    search_settings,
)
from mnist_keras.tuning.space_sources import Space, load_build, read_space
from mnist_keras.tuning.trial_steps import allocation_in

if TYPE_CHECKING:
    from mnist_keras.tuning.search import SearchResult


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe ``mnist-keras tune``."""
    own = SearchSettings()
    options = {
        "--tuner": f"how the next network is chosen (default: {own.tuner})",
        "--space FILE.py:FUNCTION": "your search space: builds and compiles a network from hp "
        "(default: the course's)",
        "--max-trials N": f"networks to train (default: {DEFAULT_TRIALS}, or no limit with "
        "--time-budget)",
        "--time-budget T": "how long to search in all, such as 10m or 1h30m",
        "--max-parameters N": f"leave out larger networks (default: {own.max_parameters}; 0: none)",
        "--epochs N": f"passes through the data a network (default: {own.epochs})",
        "--executions N": f"how often each network is trained (default: {own.executions})",
        "--validation-split F": f"share set aside for the score (default: {own.validation_split})",
        "--seed N": "start of every random choice (default: 0)",
        "--workers N": "networks trained beside each other (default: 1; in a Slurm job, where each "
        "is a step, as many as it has room for)",
        "--quick": "use 2,000 training images",
        "--out DIR": "search folder (default: searches/TUNER)",
        "--overwrite": "start again although DIR holds a search",
    }
    add_options(parser, options | JSON, tuner=TUNERS)
    parser.set_defaults(tuner=own.tuner, seed=0, quick=None)


def check(options: argparse.Namespace) -> tuple[SearchSettings, Budget, Space]:
    """Refuse what can be told anywhere, before a job waits, and return what is searched how."""
    settings = search_settings(**asked_for(options, SearchSettings))
    budget = search_budget(options.max_trials, options.time_budget, quick=settings.quick)
    if options.workers is not None:
        require_whole("the number of workers", options.workers, 1, MOST_WORKERS)
    return settings, budget, read_space(options.space)


def run(options: argparse.Namespace) -> int:
    """Search, or go on with a search."""
    settings, budget, space = check(options)
    allocation_in(os.environ, options.workers)  # more than there is room for are refused
    out = options.out or Path("searches") / options.tuner
    folder = SearchFolder(out)
    verified_file()
    with locked(out):
        result = searched(folder, space, settings, budget, options)
    answer = result.as_dict()
    best = answer["best"]
    if best is None:
        say(f"mnist-keras: no network could be scored: {result.ended}; {result.why_not()}")
    if options.json:
        print(json.dumps(answer))
    elif best is not None:
        print(
            f"The search ended: {result.ended}. Best of {answer['finished']}: "
            f"{100 * best['score']:.2f} % of the validation images with {best['parameters']:,} "
            f"parameters.\n{best['architecture']}\n"
            f"The network lies in {best['model']}, all trials in {out / 'trials.csv'}. "
            f"Next: mnist-keras tune-report {out}"
        )
    return 0 if best is not None else 1


def searched(
    folder: SearchFolder,
    space: Space,
    settings: SearchSettings,
    budget: Budget,
    options: argparse.Namespace,
) -> SearchResult:
    """Begin a search in a folder or go on with it."""
    with keras_starting(folder.path):
        try:
            from mnist_keras.tuning.search import run_search
        except ImportError as error:
            raise CourseError(
                "searching needs Keras Tuner; install it: "
                "pip install 'keras-tuner[bayesian]' tensorboard"
            ) from error
    # A space is run before the folder is begun: a mistake in it leaves nothing behind.
    build = load_build(space, Path(space.name))
    folder.begin(settings, space, overwrite=options.overwrite)
    try:
        return run_search(
            build, folder, settings, budget, sys.stderr, options.workers, of_a_file=True
        )
    except KeyboardInterrupt as stop:
        record = folder.record()
        done = record.trained() if record else 0
        raise StoppedError(
            f"{done} trials are kept in {folder.path}; run the same command to go on"
        ) from stop
