"""The winner once more: trained again with several seeds, then measured once on the test set."""

import json
import statistics
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, TextIO

from mnist_keras.data import load_data, prepare
from mnist_keras.entry_rules import MOST_TRAININGS, RefusedError
from mnist_keras.errors import CourseError
from mnist_keras.files import write_text
from mnist_keras.process.startup import keep_memory
from mnist_keras.runs.folder import reading, refuse_newer, to_json
from mnist_keras.runs.locking import locked
from mnist_keras.tuning.record import HAND_IN, HELPERS, OUTPUT, REPORT, SPACE, SearchFolder
from mnist_keras.tuning.space_sources import Build, load_build

RETRAINED = "retrained.json"
SEEDS, EPOCHS, QUICK_EPOCHS = 3, 15, 2  # as many epochs as Keras's example


@dataclass(frozen=True)
class Retrained:
    """What the best network of a search reached on the test set."""

    trial: int  # its number
    parameters: int  # how many it has
    epochs: int  # how long it was trained
    accuracies: list[float]  # test accuracy of each seed
    seconds: float  # how long all of it took
    # how many there should be; fewer accuracies are those of a retraining that was stopped
    seeds: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return it as a dictionary of plain values."""
        return {**asdict(self), "mean": self.mean(), "spread": self.spread()}

    def mean(self) -> float:
        """Return the mean test accuracy."""
        return statistics.fmean(self.accuracies)

    def spread(self) -> float:
        """Return the standard deviation over the seeds."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else 0.0


def read_retrained(folder: SearchFolder, *, whole: bool = True) -> Retrained | None:
    """Read what was measured, if it was, with all seeds; unless ``whole``, with those so far."""
    file = folder.path / REPORT / RETRAINED
    if not file.exists():
        return None
    with reading(file, "remove it"):
        values = json.loads(file.read_text(encoding="utf-8"))
        refuse_newer(file, values, Retrained)
        found = Retrained(**values)
        return None if whole and len(found.accuracies) < found.seeds else found


def retrain(
    folder: SearchFolder,
    stream: TextIO,
    *,
    build: Build | None = None,
    seeds: int = SEEDS,
    epochs: int | None = None,
) -> Retrained:
    """Train the best network again on all training images, and measure it once on the test set.

    Called again after a kill, it goes on with the seeds that are left. If the network keeps the
    challenge's rules, its trainings are written as an entry too, below the folder.

    What was measured once is not measured again: who looks at the test set, chooses another
    network and looks again has chosen by it.

    Each takes 15 epochs, unless the search was on the small subset. The search space is the
    folder's own, unless ``build`` is a notebook's.
    """
    folder.settings()  # before a folder is made that does not exist
    with locked(folder.path):
        return _retrain(folder, stream, build, seeds, epochs)


def _retrain(
    folder: SearchFolder, stream: TextIO, build: Build | None, seeds: int, epochs: int | None
) -> Retrained:
    from mnist_keras.challenge.entry import checked_training, save_claims, save_training
    from mnist_keras.tuning import trial_task
    from mnist_keras.tuning.proposals import known_space
    from mnist_keras.tuning.trial_processes import CrashedError, Tell, run

    settings, record = folder.settings(), folder.record()
    if record is None or not record.finished():
        raise CourseError(f"no trial in {folder.path} has a score yet; go on with the search")
    best = record.best(1)[0]
    before = read_retrained(folder)
    if before is not None:
        if before.trial != best.number:
            raise CourseError(
                f"trial {before.trial} of this search was measured on the test set before; a "
                "second choice would be a choice by the test set"
            )
        return before
    length = epochs or (QUICK_EPOCHS if settings.quick else EPOCHS)
    function = build or load_build(folder.space(), folder.path / SPACE, folder.path / HELPERS)
    train, (x_test, y_test) = load_data(quick=settings.quick)
    values, entered = best.hyperparameters(), min(seeds, MOST_TRAININGS)

    def train_again(seed: int, tell: Tell) -> None:
        import keras

        keras.utils.set_random_seed(seed)
        hp = trial_task.hyperparameters(known_space(record), values)
        model = trial_task.compiled(trial_task.built(function, hp))
        trial_task.fit_network(model, values, seed, train, None, range(length), tell_epoch=tell)
        answers = model.predict(prepare(x_test), batch_size=1000, verbose=0).argmax(axis=1)
        with suppress(RefusedError):
            checked_training(model)
            if seed <= entered:
                save_training(model, folder.path / HAND_IN, seed, entered)
            if seed == entered:
                save_claims(model, folder.path / HAND_IN, entered)
        tell({"end": float((answers == y_test).mean())})

    def accuracy_of(seed: int) -> float:
        heard: dict[str, Any] = {}

        def hear(message: dict[str, Any]) -> None:
            heard.update(message)
            if "epoch" in message:
                said = f"seed {seed} of {seeds}: epoch {message['epoch']}/{length}"
                stream.write(f"{said}: accuracy {100 * message['accuracy']:.2f} %\n")
                stream.flush()

        try:
            run(partial(train_again, seed), hear, folder.path / OUTPUT)
        except (CrashedError, trial_task.UnfitError) as error:
            raise CourseError(f"trial {best.number} cannot be trained again: {error}") from error
        return float(heard["end"])

    keep_memory()
    result = Retrained(best.number, best.parameters or 0, length, [], 0.0, seeds)
    stopped = read_retrained(folder, whole=False)
    if stopped and replace(stopped, accuracies=[], seconds=0.0) == result:
        result = stopped
    for seed in range(len(result.accuracies) + 1, seeds + 1):
        begun, accuracies = time.monotonic(), [*result.accuracies, accuracy_of(seed)]
        seconds = round(result.seconds + time.monotonic() - begun, 3)
        result = replace(result, accuracies=accuracies, seconds=seconds)
        write_text(folder.path / REPORT / RETRAINED, to_json(asdict(result)))
    return result
