"""What to try next: Keras Tuner's oracles, kept in memory and made again from the record.

An oracle's own files are not written whole, and its grid search cannot be read back from them. So
they are not written at all. The same seed and the same answers make an oracle ask for the same
trials: a resumed search tells a new oracle what the record holds, and is where it was.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner import HyperParameters, oracles
from threadpoolctl import threadpool_limits

from mnist_keras.errors import CourseError
from mnist_keras.tuning.record import Record, Started, Trial, Values
from mnist_keras.tuning.settings import SearchSettings

CHANCE = 0.1  # accuracy of guessing
INITIAL_POINTS = 8
FACTOR = 3  # Hyperband keeps the best third of a round, and trains it three times as long
RUNNING = "RUNNING"

Space = dict[str, Any]


class Bayesian(oracles.BayesianOptimizationOracle):
    """A model of the scores says which trial promises most.

    What it draws depends only on the seed, the number of the trial and the trials before. So those
    that are known need not be computed once more.
    """

    known: Values | None = None

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Choose the next trial's values, unless they are known."""
        if self.known is not None:
            return {"status": RUNNING, "values": self.known}
        start = np.random.SeedSequence([self.seed, int(trial_id)]).generate_state(1)[0]
        self._seed_state = int(start)
        self._random_state = np.random.RandomState(start)
        with threadpool_limits(1):  # more threads take three times as long for so little
            chosen: dict[str, Any] = super().populate_space(trial_id)
        if chosen["values"] is not None and self._duplicate(chosen["values"]):
            chosen = self._random_populate_space()  # the model's favourite was tried before
        return chosen


class Proposals:
    """The trials that a tuner asks for, one after the other.

    Bayesian search draws ``initial_points`` trials at random before it models the scores: Keras
    Tuner's own three for each hyperparameter are more than most searches here have.
    """

    def __init__(
        self, settings: SearchSettings, space: Space, initial_points: int = INITIAL_POINTS
    ) -> None:
        options: dict[str, Any] = {
            "objective": keras_tuner.Objective("val_accuracy", "max"),
            "hyperparameters": as_hyperparameters(space),
            "seed": settings.seed + 1,  # Keras Tuner reads 0 as no seed at all
        }
        rounds = {"max_epochs": settings.epochs, "factor": FACTOR, "hyperband_iterations": None}
        kinds: dict[str, Callable[..., Any]] = {
            "random": partial(oracles.RandomSearchOracle, max_trials=None),
            "grid": oracles.GridSearchOracle,
            "bayesian": partial(Bayesian, num_initial_points=initial_points, max_trials=None),
            "hyperband": partial(oracles.HyperbandOracle, **rounds),
        }
        self._oracle = kinds[settings.tuner](**options)
        self._oracle.verbose = 0
        self._oracle.save = self._oracle._save_trial = lambda *_: None  # it writes no files
        self._worst: float | None = None
        self._running: dict[int, Any] = {}
        self._told = 0

    def next(self, known: Values | None = None) -> Started | None:
        """Return the next trial, or None when there is nothing to try until one has ended.

        What is ``known`` are its hyperparameters, when the trial is from the record.
        """
        if isinstance(self._oracle, Bayesian):
            self._oracle.known = copy.deepcopy(known)
        # Each trial is another worker's, for Keras Tuner gives a worker one at a time.
        trial = self._oracle.create_trial(f"worker {len(self._oracle.trials)}")
        if trial.status != RUNNING:
            return None
        number = int(trial.trial_id) + 1
        self._running[number] = trial
        return Started(number, dict(trial.hyperparameters.values), self._told)

    def tell(self, number: int, values: Values, space: Space | None, score: float | None) -> None:
        """Tell how a trial went.

        Without a score the tuner is told that of the worst network so far, so that it looks
        elsewhere. Told of a failure, a Bayesian search would learn nothing, and a round of
        Hyperband would wait for ever.
        """
        if score is None:
            score = CHANCE if self._worst is None else self._worst
        else:
            self._worst = score if self._worst is None else min(score, self._worst)
        trial = self._running.pop(number)
        self._told += 1
        if space is not None:
            trial.hyperparameters = as_hyperparameters(space)
        trial.hyperparameters.values = dict(values)
        self._oracle.update_trial(trial.trial_id, {"val_accuracy": score})
        trial.status = "COMPLETED"
        self._oracle.end_trial(trial)

    def replay(self, record: Record) -> None:
        """Bring a new tuner to where it was after these trials, others being under way."""
        ended = iter(record.trials)
        for begun in record.all_started():
            while self._told < begun.after:
                self._tell_of(next(ended))
            if self.next(begun.proposed) != begun:
                raise CourseError(
                    f"Keras Tuner {keras_tuner.__version__} chooses other trials than the "
                    "version that began this search; choose another folder with --out"
                )
        for trial in ended:
            self._tell_of(trial)

    def _tell_of(self, trial: Trial) -> None:
        self.tell(trial.number, trial.values, trial.space, trial.score)


def as_hyperparameters(space: Space) -> HyperParameters:
    """Read hyperparameters from how Keras Tuner writes them, which its own reader would change."""
    return HyperParameters.from_config(copy.deepcopy(space))


def known_space(record: Record) -> Space:
    """Return the hyperparameters that the tuner knows after the record's last trial."""
    grown = [trial.space for trial in record.trials if trial.space is not None]
    return grown[-1] if grown else record.space


def still_needed(settings: SearchSettings, record: Record) -> set[int]:
    """Name the trials with whose training Hyperband may go on: those of its brackets under way."""
    if settings.tuner != "hyperband":
        return set()
    latest = [*(trial.proposed for trial in record.trials[-1:])]
    latest += [begun.proposed for begun in record.started]
    # The last bracket, 0, has a single round: its trials are as long as any.
    brackets = {proposed.get("tuner/bracket") for proposed in latest} - {0, None}
    needed: set[int] = set()
    for trial in reversed(record.trials):
        if trial.proposed.get("tuner/bracket") not in brackets:
            break
        needed.add(trial.number)
    return needed
