"""The record once more, for TensorBoard: its HParams page compares trials and draws their epochs.

To look at it: ``tensorboard --logdir DIR/tensorboard``. It is written from the record, without a
TensorFlow operation, after which no trial could be forked, and without TensorFlow's files, which
are not written whole.
"""

import io
import time
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api
from tensorboard.summary.writer.record_writer import RecordWriter

from mnist_keras.files import remove_unfinished, write_all
from mnist_keras.tuning.record import BOARD, Record, SearchFolder, Trial

MEASURED = ("loss", "accuracy", "val_loss", "val_accuracy")
EVENTS = "events.out.tfevents.search"  # TensorBoard reads what has "tfevents" in its name


def write_board(folder: SearchFolder, record: Record) -> None:
    """Write what TensorBoard reads of each trial with a score, unless it is there."""
    for trial in record.finished():
        place = folder.path / BOARD / f"{trial.number:04d}"
        remove_unfinished(place)
        if not any(place.glob("events.out.tfevents.*")):
            write_all([(place / EVENTS, events_of(trial))])


def events_of(trial: Trial) -> bytes:
    """Return one trial's hyperparameters, its epochs (of the first execution) and its score."""
    start = time.time() - trial.seconds
    events = [Event(wall_time=start, file_version="brain.Event:2")]

    def add(step: int, summary: Any) -> None:
        events.append(Event(wall_time=start, step=step, summary=summary))

    values = {name: v for name, v in trial.hyperparameters().items() if v is not None}
    add(0, api.hparams_pb(values, trial_id=f"{trial.number:04d}"))
    for row in trial.history[0] if trial.history else []:
        for name in MEASURED:
            if row.get(name) is not None:
                add(int(row["epoch"]), scalar(f"epoch_{name}", row[name]))
    add(0, scalar("score", trial.score or 0.0))
    add(0, scalar("parameters", float(trial.parameters or 0)))
    content = io.BytesIO()
    writer = RecordWriter(content)
    for event in events:
        writer.write(event.SerializeToString())
    return content.getvalue()


def scalar(name: str, value: float) -> Any:
    """Make a summary of one number."""
    return Summary(value=[Summary.Value(tag=name, simple_value=float(value))])
