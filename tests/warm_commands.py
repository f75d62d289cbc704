"""The command line, many times, for one start of TensorFlow, which takes longer than the training.

Each command still has a process of its own, forked from one that has imported all and run nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

from command_line import environment, team_of

IMPORTED = ["mnist_keras.cli", "mnist_keras.training", "mnist_keras.tuning.search"]


def run_warm(*arguments: str, said: Path, processes: int = 1, limit: float = 600) -> None:
    """Run ``mnist-keras``; the test fails with what it said, if it does.

    Parameters
    ----------
    arguments
        Of the command.
    said
        A file for what it says.
    processes
        How many train one network together, each started with the same command.
    limit
        Seconds.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    teams = [{"TF_CONFIG": each} for each in team_of(processes)] if processes > 1 else [{}]
    started = [
        context.Process(target=_run, args=(arguments, said, environment(**team))) for team in teams
    ]
    for each in started:
        each.start()
    for each in started:
        each.join(limit)
    ended = [each.exitcode for each in started]
    for each in started:
        each.kill()
    assert ended == [0] * processes, said.read_text()


def _run(arguments: tuple[str, ...], said: Path, variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
    sys.argv[1:] = arguments  # grading starts itself once more, cut off from the user's packages
    log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)

    from mnist_keras.cli import main

    sys.exit(main(arguments))
