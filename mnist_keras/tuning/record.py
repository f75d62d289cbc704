"""Search folders: what a search leaves on the disk, readable after a kill at any moment.

A search folder holds ``search.json`` (what was asked for), ``space.py`` (the space's code; in
``helpers/`` that of the modules beside it that it imports), ``trials.json`` (the record),
``trials.csv`` (the same as a table), ``tensorboard/`` (the same for TensorBoard) and
``models/NNNN.keras`` for the best few. The record alone says what was done. It is written whole
after each trial, and the model before it, so a kill loses the trial in flight and nothing else:
what Keras Tuner knows is made again from the record, and none of its own files, which are not
written whole, is kept.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from mnist_keras.errors import CourseError
from mnist_keras.files import (
    holds_anything,
    remove_if_empty,
    remove_unfinished,
    utf_8,
    write_text,
    written_whole,
)
from mnist_keras.runs.folder import (
    Epoch,
    read_json,
    reading,
    refuse_newer,
    taken_by_this_release,
    to_json,
)
from mnist_keras.tuning.settings import SearchSettings
from mnist_keras.tuning.space_sources import Space, changed_helpers

SEARCH, SPACE, RECORD, TABLE = "search.json", "space.py", "trials.json", "trials.csv"
OUTPUT, MODELS, REPORT, BOARD = "output.txt", "models", "report", "tensorboard"
HELPERS = "helpers"
HAND_IN = "entry"  # to the challenge
FINISHED, FAILED, TOO_LARGE = "finished", "failed", "too large"
MODELS_KEPT = 3
# What a search writes, beside its networks and its mark.
WRITTEN = (
    *(RECORD, TABLE, SPACE, OUTPUT.replace(".", "*."), f"{BOARD}/[0-9]*/events.out.tfevents.*"),
    *(f"{HELPERS}/**/*.{suffix}" for suffix in ("py", "pyc")),
    *(f"{REPORT}/*.{suffix}" for suffix in ("png", "html", "json")),
    *(f"{HAND_IN}/entry*.{suffix}" for suffix in ("npz", "json")),
)
ASKED = ("space", "function", "source", "digest", "helpers")  # a `Space`, beside the settings
AGAIN = "start the search again with --overwrite"

Values = dict[str, Any]
Layers = list[dict[str, Any]]


@dataclass(frozen=True)
class Started:
    """A trial that has begun."""

    number: int  # counted from 1 in the order in which trials begin
    proposed: Values  # the hyperparameters that the tuner chose
    after: int  # how many trials had ended when it chose them


@dataclass(frozen=True)
class Trial:
    """One network of a search."""

    number: int  # counted from 1 in the order in which trials begin
    status: str  # ``"finished"``, ``"failed"`` or ``"too large"``
    # the hyperparameters that the tuner chose, and all those that the network was built with
    proposed: Values
    values: Values
    architecture: str = ""  # the network in a line
    # its layers: class, what it is in a few words, shape of its output, parameters
    layers: Layers = field(default_factory=list)
    # how many parameters it has, and operations of one image's forward pass
    parameters: int | None = None
    flops: int | None = None
    # validation accuracy after the last epoch, the mean over the executions
    score: float | None = None
    seconds: float = 0.0  # how long the trial took, and when the search was as old as it then was
    elapsed: float = 0.0
    # for each execution what each epoch measured
    history: list[list[Epoch]] = field(default_factory=list)
    error: str | None = None  # why there is no score
    # the hyperparameters that the tuner knows since this trial, if it brought new ones
    space: dict[str, Any] | None = None
    # how many trials had ended when the tuner chose it; None if all before it had
    after: int | None = None

    def hyperparameters(self) -> Values:
        """Return the hyperparameters without those that Keras Tuner adds for itself."""
        return {name: v for name, v in self.values.items() if not name.startswith("tuner/")}


@dataclass(frozen=True)
class Record:
    """What a search has done."""

    # the hyperparameters that the tuner knew before the first trial, as Keras Tuner writes them
    space: dict[str, Any]
    # all trials, in the order in which they ended
    trials: list[Trial] = field(default_factory=list)
    # those under way, if there are several at a time
    started: list[Started] = field(default_factory=list)

    def all_started(self) -> list[Started]:
        """Return all trials, ended or under way, in the order in which they began."""
        ended = [
            Started(t.number, t.proposed, t.number - 1 if t.after is None else t.after)
            for t in self.trials
        ]
        return sorted([*ended, *self.started], key=lambda begun: begun.number)

    def finished(self) -> list[Trial]:
        """Return the trials that have a score."""
        return [trial for trial in self.trials if trial.score is not None]

    def best(self, n: int = MODELS_KEPT) -> list[Trial]:
        """Return the best trials, the first of equals first."""
        return sorted(self.finished(), key=lambda trial: -(trial.score or 0.0))[:n]

    def trained(self) -> int:
        """Count the trials that used up the budget: all but those that were too large."""
        return sum(trial.status != TOO_LARGE for trial in self.trials)

    def elapsed(self) -> float:
        """Return the age of the search, in seconds of all its sessions."""
        return self.trials[-1].elapsed if self.trials else 0.0


@dataclass(frozen=True)
class SearchFolder:
    """One search's place on the disk."""

    path: Path  # the folder

    def begin(self, settings: SearchSettings, space: Space, *, overwrite: bool) -> None:
        """Make the folder ready: empty, or one of the same search, which then goes on.

        The process that goes on to write to it holds it; see `locking.locked`.
        """
        holds_one = (self.path / SEARCH).exists()
        if holds_one and not overwrite:
            self._refuse_another(settings, space)
        elif holds_anything(self.path) and not holds_one:
            raise CourseError(
                f"{self.path} is not empty and holds no search; choose another folder with --out"
            )
        else:
            asked = dict(zip(ASKED, asdict(space).values(), strict=True))
            # A single file is the mark, so that a kill leaves either a search or an empty folder.
            # A disk without room for the new one keeps the old search.
            with written_whole(self.path / SEARCH) as beside:
                beside.write_bytes(utf_8(to_json({**asdict(settings), **asked})))
                if holds_one:
                    self.clear()
        self.tidy()

    def settings(self) -> SearchSettings:
        """Read the settings that the search was started with."""
        asked, file = self._asked(), self.path / SEARCH
        with reading(file, AGAIN), taken_by_this_release(file, AGAIN):
            names = [each.name for each in fields(SearchSettings)]
            return SearchSettings(**{name: asked[name] for name in names})

    def space(self) -> Space:
        """Read the search space that the search was started with."""
        asked = self._asked()
        with reading(self.path / SEARCH, AGAIN):
            helpers = dict(asked.get("helpers", {}))  # older releases did not keep them
            return Space(*[asked[name] for name in ASKED[:-1]] + [helpers])

    def record(self) -> Record | None:
        """Read what was done; None before anything was."""
        file = self.path / RECORD
        if not file.exists():
            return None
        with reading(file, AGAIN):
            content = json.loads(file.read_text(encoding="utf-8"))
            refuse_newer(file, content, Record)
            for kind, rows in ((Trial, content["trials"]), (Started, content.get("started", []))):
                for row in rows:
                    refuse_newer(file, row, kind)
            trials = [Trial(**values) for values in content["trials"]]
            started = [Started(**values) for values in content.get("started", [])]
            record = Record(dict(content["space"]), trials, started)
            begun = record.all_started()
            if [each.number for each in begun] != list(range(1, len(begun) + 1)):
                raise ValueError("its trials are not one after the other")
        return record

    def write(self, record: Record, also_kept: Iterable[int] = ()) -> None:
        """Write the record and its table, then drop the models that are not among the best.

        The models of ``also_kept`` are still needed.
        """
        content = json.dumps(asdict(record), ensure_ascii=False)
        write_text(self.path / RECORD, content + "\n")
        write_text(self.path / TABLE, table(record.trials))
        best = {trial.number for trial in record.best()}
        under_way = {begun.number for begun in record.started}  # may be written just now
        self._drop_models({*best, *under_way, *also_kept})

    def model(self, number: int) -> Path:
        """Name the file of a trial's trained network."""
        return self.path / MODELS / f"{number:04d}.keras"

    def output(self, worker: int) -> Path:
        """Name the file for what the trials of a worker print; workers count from 0."""
        return self.path / (OUTPUT.replace(".", f"-{worker + 1}.") if worker else OUTPUT)

    def tidy(self) -> None:
        """Remove what a killed process left half-written or had yet to remove."""
        for folder in (self.path, self.path / MODELS):
            remove_unfinished(folder)
        space = self.space()
        if not (self.path / SPACE).exists():
            write_text(self.path / SPACE, space.source)
        for name, source in space.helpers.items():
            if not (self.path / HELPERS / name).exists():
                write_text(self.path / HELPERS / name, source)
        record = self.record()
        done = {trial.number for trial in record.trials} if record else set()
        self._drop_models(done)
        remove_if_empty(self.path / MODELS)
        file = self.path / TABLE
        if record and not (file.exists() and file.read_text("utf-8") == table(record.trials)):
            write_text(file, table(record.trials))

    def clear(self) -> None:
        """Remove what a search wrote and nothing else, its mark last."""
        for pattern in WRITTEN:
            for file in self.path.glob(pattern):
                file.unlink(missing_ok=True)
        self._drop_models(set())
        remove_unfinished(self.path / MODELS)
        for name in (HELPERS, MODELS, REPORT, HAND_IN, BOARD):
            for folder in sorted((self.path / name).rglob("*"), reverse=True):
                remove_if_empty(folder)
            remove_if_empty(self.path / name)
        (self.path / SEARCH).unlink(missing_ok=True)

    def _drop_models(self, kept: set[int]) -> None:
        for file in (self.path / MODELS).glob("*.keras"):
            if file.stem.isdigit() and int(file.stem) not in kept:
                file.unlink(missing_ok=True)

    def _asked(self) -> dict[str, Any]:
        file = self.path / SEARCH
        values = read_json(file, f"{self.path} holds no search: it has no {SEARCH}", AGAIN)
        refuse_newer(file, values, SearchSettings, *ASKED)
        return values

    def _refuse_another(self, settings: SearchSettings, space: Space) -> None:
        before, now = asdict(self.settings()), asdict(settings)
        differing = [
            f"{name.replace('_', ' ')} {before[name]} → {now[name]}"
            for name in now
            if before[name] != now[name]
        ]
        old = self.space()
        if old.digest != space.digest:
            differing.append(
                f"the search space {old.name} → {space.name}"
                if old.name != space.name
                else f"the code of the search space {space.name}"
            )
        if "helpers" in self._asked():  # older releases did not keep them
            differing += [
                f"the code of {name}, which the search space imports"
                for name in changed_helpers(old, space)
            ]
        if differing:
            raise CourseError(
                f"the search in {self.path} has other settings ({', '.join(differing)}); go on "
                "with the same, start it again with --overwrite, or choose another folder "
                "with --out"
            )


def source_of(values: Values) -> int | None:
    """Return the number of the trial whose training Hyperband goes on with, if any."""
    earlier = values.get("tuner/trial_id")
    return int(earlier) + 1 if earlier is not None else None


def table(trials: Sequence[Trial]) -> str:
    """Return the trials as CSV: a row a trial, a column a hyperparameter."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.hyperparameters()))
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    measured = ("trial", "status", "score", "parameters", "flops", "seconds", "epochs")
    writer.writerow([*measured, *names, "architecture", "error"])
    for trial in sorted(trials, key=lambda trial: trial.number):
        epochs = sum(len(execution) for execution in trial.history)
        row = [trial.number, trial.status, trial.score, trial.parameters, trial.flops]
        given = [trial.values.get(name) for name in names]
        writer.writerow([*row, trial.seconds, epochs, *given, trial.architecture, trial.error])
    return lines.getvalue()
