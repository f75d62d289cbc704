"""The record once more, for TensorBoard: its HParams page compares trials and draws their epochs.

To look at it: ``tensorboard --logdir DIR/tensorboard``. It is written from the record, without a
TensorFlow operation, after which no trial could be forked.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from mnist_keras.files import UNFINISHED
from mnist_keras.tuning.record import BOARD, Record, SearchFolder, Trial

MEASURED = {"loss", "accuracy", "val_loss", "val_accuracy"}


def write_board(folder: SearchFolder, record: Record) -> None:
    """Write what TensorBoard reads of each trial with a score, unless it is there."""
    place = folder.path / BOARD
    for trial in record.finished():
        own = place / f"{trial.number:04d}"
        if not own.exists():
            beside = place / f"{trial.number:04d}{UNFINISHED}-{os.getpid()}"
            write_events(beside, trial)
            os.replace(beside, own)
    for leftover in place.glob(f"*{UNFINISHED}-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def write_events(place: Path, trial: Trial) -> None:
    """Write one trial's hyperparameters, its epochs (of the first execution) and its score."""
    writer = EventFileWriter(str(place))
    start = time.time() - trial.seconds
    values = {name: v for name, v in trial.hyperparameters().items() if v is not None}
    add(writer, start, 0, api.hparams_pb(values, trial_id=f"{trial.number:04d}"))
    for row in trial.history[0] if trial.history else []:
        for name in MEASURED & row.keys():
            if row[name] is not None:
                add(writer, start, int(row["epoch"]), scalar(f"epoch_{name}", row[name]))
    add(writer, start, 0, scalar("score", trial.score or 0.0))
    add(writer, start, 0, scalar("parameters", float(trial.parameters or 0)))
    writer.close()


def scalar(name: str, value: float) -> Any:
    """Make a summary of one number."""
    return Summary(value=[Summary.Value(tag=name, simple_value=float(value))])


def add(writer: EventFileWriter, when: float, step: int, summary: Any) -> None:
    """Add a summary to a file of events."""
    writer.add_event(Event(wall_time=when, step=step, summary=summary))
