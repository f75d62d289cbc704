"""Run folders: what a training run leaves on the disk, readable after a kill at any moment.

A run folder holds ``settings.json``, ``history.csv``, ``metrics.json``, ``model.keras`` and
``figures/*.png``. While it trains there is also ``checkpoint/epoch-NNN.keras``, the model and its
optimizer after the last finished epoch. The order of writing makes it safe: first the checkpoint,
then the history that names its epoch, then the old checkpoint goes. ``metrics.json`` comes last of
all and marks the run as finished.
"""

import csv
import json
import zipfile
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mnist_keras import __version__
from mnist_keras.errors import CourseError
from mnist_keras.files import (
    holds_anything,
    remove_if_empty,
    remove_unfinished,
    utf_8,
    write_text,
    written_whole,
)
from mnist_keras.runs.settings import TrainingSettings

SETTINGS, HISTORY, METRICS, MODEL = "settings.json", "history.csv", "metrics.json", "model.keras"
CHECKPOINTS, FIGURES = "checkpoint", "figures"
FIGURE_FILES = (
    "learning-curves.png",
    "confusion-matrix.png",
    "mistakes-per-digit.png",
    "worst-mistakes.png",
)
MEASURED = {"parameters", "epochs", "seconds", "test_accuracy", "test_loss", "test_images"}
AGAIN = "start the run again with --overwrite"

Epoch = dict[str, float]


@dataclass(frozen=True)
class RunFolder:
    """One run's place on the disk."""

    path: Path  # the folder

    def begin(self, settings: TrainingSettings, *, resume: bool, overwrite: bool) -> None:
        """Make the folder ready for these settings, or refuse with what stands in the way.

        The process that goes on to write to it holds it; see `locking.locked`.
        """
        self.refuse(settings, resume=resume, overwrite=overwrite)
        if resume and holds_anything(self.path):
            self._tidy()
            return
        # A disk without room for the new settings keeps the old run.
        with written_whole(self.path / SETTINGS) as beside:
            beside.write_bytes(utf_8(to_json(settings.as_dict())))
            self._clear()
        self._tidy()

    def refuse(self, settings: TrainingSettings, *, resume: bool, overwrite: bool) -> None:
        """Raise what `begin` would raise, and write nothing."""
        taken = holds_anything(self.path)
        if taken and resume:
            self._refuse_other_settings(settings)
        elif taken and not overwrite:
            raise CourseError(
                f"{self.path} is not empty; add --resume to go on with the run in it, "
                "--overwrite to start it again, or choose another folder with --out"
            )

    def settings(self) -> TrainingSettings:
        """Read the settings that the run was started with."""
        file, values = self.path / SETTINGS, self._read_json(SETTINGS)
        refuse_newer(file, values, TrainingSettings)
        try:
            with taken_by_this_release(file, AGAIN):
                return TrainingSettings(**values)
        except TypeError as error:
            raise CourseError(f"{file} does not hold a run's settings; {AGAIN}") from error

    def history(self) -> list[Epoch]:
        """Read what each finished epoch measured, in order; empty before the first."""
        file = self.path / HISTORY
        if not file.exists():
            return []
        with reading(file, AGAIN), file.open(newline="", encoding="utf-8") as lines:
            history: list[Epoch] = [
                {name: float(value) for name, value in row.items()} | {"epoch": int(row["epoch"])}
                for row in csv.DictReader(lines)
            ]
            if [row["epoch"] for row in history] != list(range(1, len(history) + 1)):
                raise ValueError("its epochs are not one after the other")
        return history

    def metrics(self) -> dict[str, Any] | None:
        """Read what the finished run measured on the test set; None while it is unfinished."""
        if not (self.path / METRICS).exists():
            return None
        return self._read_json(METRICS, MEASURED)

    def checkpoint(self, epoch: int) -> Path:
        """Name the file that holds the model as it was after this epoch (counted from 1)."""
        return self.path / CHECKPOINTS / f"epoch-{epoch:03d}.keras"

    def model(self) -> Path:
        """Name the file of the trained model."""
        return self.path / MODEL

    def write_history(self, history: list[Epoch]) -> None:
        """Write the history, which makes its last epoch's checkpoint the valid one."""
        lines = [",".join(history[0])]
        lines += [",".join(repr(value) for value in row.values()) for row in history]
        write_text(self.path / HISTORY, "\n".join(lines) + "\n")
        valid = self.checkpoint(len(history))
        for old in valid.parent.glob("epoch-*.keras"):
            if old != valid:
                old.unlink(missing_ok=True)

    def finish(self, metrics: dict[str, Any]) -> None:
        """Write the metrics, which marks the run as finished, and drop its checkpoint."""
        write_text(self.path / METRICS, to_json(metrics))
        self._drop_checkpoints()

    def _tidy(self) -> None:
        """Remove what a killed process left half-written or had yet to remove."""
        for folder in (self.path, self.path / CHECKPOINTS, self.path / FIGURES):
            remove_unfinished(folder)
        if (self.path / METRICS).exists():
            self._drop_checkpoints()

    def _clear(self) -> None:
        """Remove what a run wrote and nothing else, the mark of a finished run first."""
        for name in (METRICS, SETTINGS, HISTORY, MODEL):
            (self.path / name).unlink(missing_ok=True)
        for name in FIGURE_FILES:
            (self.path / FIGURES / name).unlink(missing_ok=True)
        remove_if_empty(self.path / FIGURES)
        self._drop_checkpoints()

    def _drop_checkpoints(self) -> None:
        for file in (self.path / CHECKPOINTS).glob("epoch-*.keras"):
            file.unlink(missing_ok=True)
        remove_if_empty(self.path / CHECKPOINTS)

    def _refuse_other_settings(self, asked: TrainingSettings) -> None:
        if not (self.path / SETTINGS).exists():
            raise CourseError(f"{self.path} holds no run to resume; choose another folder")
        before, now = self.settings().as_dict(), asked.as_dict()
        differing = [
            f"{name} {before[name]} → {now[name]}" for name in now if before[name] != now[name]
        ]
        if differing:
            raise CourseError(
                f"the run in {self.path} has other settings ({', '.join(differing)}); "
                "resume with the same, or choose another folder with --out"
            )

    def _read_json(self, name: str, needed: Set[str] = frozenset()) -> dict[str, Any]:
        missing = f"{self.path} is not a run folder: it has no {name}"
        return read_json(self.path / name, missing, AGAIN, needed)


@contextmanager
def reading(file: Path, mend: str) -> Iterator[None]:
    """Say of a file that it cannot be read or, of what it turns out to hold, that it is damaged."""
    try:
        yield
    except OSError as error:
        said = error.strerror or error
        raise CourseError(f"{file} cannot be read: {said}; make it readable") from error
    except (AttributeError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise CourseError(f"{file} is damaged; {mend}") from error


@contextmanager
def taken_by_this_release(file: Path, again: str) -> Iterator[None]:
    """Say of settings out of range that another release may know them."""
    try:
        yield
    except CourseError as error:
        raise CourseError(
            f"{file} holds settings that this release of mnist-keras does not take: {error}; "
            f"update mnist-keras, or {again}"
        ) from error


def read_json(
    file: Path, missing: str, mend: str, needed: Set[str] = frozenset()
) -> dict[str, Any]:
    """Read a JSON object that has what is needed; say what is missing or damaged."""
    with reading(file, mend):
        if not file.exists():
            raise CourseError(missing)
        values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not values.keys() >= needed:
            raise KeyError("something that is needed")
    return values


def find_model(path: Path) -> Path:
    """Find the model file that a run folder or a path names, without a need for Keras."""
    if path.is_dir():
        RunFolder(path).settings()
        path = RunFolder(path).model()
        if not path.exists():
            raise CourseError(f"the run in {path.parent} is not finished; go on with --resume")
    if not path.exists():
        raise CourseError(f"there is no run folder or model file {path}")
    if not zipfile.is_zipfile(path):
        raise not_a_model(path)
    return path


def not_a_model(path: Path) -> CourseError:
    """Say that a file is no model."""
    return CourseError(
        f"{path} is not a Keras model that can be read; give a .keras file or a run folder"
    )


def refuse_newer(file: Path, values: Mapping[str, Any], kind: Any, *beside: str) -> None:
    """Refuse a file with fields that only a newer release of the package can have written."""
    known = {*beside, *(each.name for each in fields(kind))}
    unknown = ", ".join(sorted(values.keys() - known))
    if unknown:
        raise CourseError(
            f"{file} was written by a newer release of mnist-keras: {__version__} does not know "
            f"its {unknown}; update mnist-keras, or choose another folder"
        )


def to_json(values: dict[str, Any]) -> str:
    """Return JSON that people can read and that ends its last line."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
