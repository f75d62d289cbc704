"""What a job step of a search does: what a forked process would inherit, then the trial."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import tensorflow as tf

from mnist_keras.data import hold_out, load_data
from mnist_keras.startup import keep_memory
from mnist_keras.tuning import trial_task
from mnist_keras.tuning.record import HELPERS, SPACE, SearchFolder
from mnist_keras.tuning.space_sources import load_build
from mnist_keras.tuning.trial_processes import Message, Tell, told


def run(task: Message, pipe: TextIO) -> None:
    """Run a trial that another process described, and tell it how it goes."""
    tf.config.threading.set_intra_op_parallelism_threads(task["processors"])
    keep_memory()
    folder = SearchFolder(Path(task["folder"]))
    settings = folder.settings()
    (x, y), _ = load_data(quick=settings.quick)
    train, held = hold_out(x, y, validation_split=settings.validation_split, seed=settings.seed)
    build = load_build(folder.space(), folder.path / SPACE, folder.path / HELPERS)
    trial = trial_task.Task(
        task["number"],
        task["values"],
        task["space"],
        settings,
        Path(task["model"]),
        Path(task["earlier"]) if task["earlier"] else None,
    )

    def do(tell: Tell) -> None:
        trial_task.run_trial(build, trial, train, held, tell)

    told(do, pipe)
