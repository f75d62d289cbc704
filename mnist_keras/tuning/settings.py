"""What a search is asked to do: plain data, so that no command needs Keras to read it."""

import re
from dataclasses import dataclass
from typing import Any

from mnist_keras.data import quick_mode
from mnist_keras.entry_rules import MOST_PARAMETERS
from mnist_keras.errors import CourseError
from mnist_keras.runs.settings import is_number, make_plain, require, require_whole

TUNERS = ("random", "grid", "bayesian", "hyperband")
DEFAULT_TRIALS, QUICK_TRIALS = 20, 5
DEFAULT_EPOCHS, QUICK_EPOCHS = 3, 2
MOST_WORKERS = 64
UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class SearchSettings:
    """What makes a search the search that it is; to change any of it is to start another."""

    tuner: str = "random"  # how the next trial is chosen: a name in `TUNERS`
    # passes through the training data a trial; Hyperband's longest trials have as many
    epochs: int = DEFAULT_EPOCHS
    # how often each network is trained, with other random numbers; its score is the mean
    executions: int = 1
    # share of the training data set aside for the score, in (0, 0.9]
    validation_split: float = 0.15
    # larger networks are not trained; None lets every size pass
    max_parameters: int | None = MOST_PARAMETERS
    seed: int = 0  # start of every random choice
    quick: bool = False  # whether to use the small subset of the data

    def __post_init__(self) -> None:
        """Refuse numbers out of range, naming the range."""
        make_plain(self)
        require(self.tuner in TUNERS, f"the tuner is one of {', '.join(TUNERS)}")
        require_whole("epochs", self.epochs, 1, 1000)
        require_whole("executions", self.executions, 1, 100)
        split = self.validation_split
        require(
            is_number(split) and 0 < split <= 0.9, "validation split is above 0 and at most 0.9"
        )
        if self.max_parameters is not None:
            require_whole("the largest number of parameters", self.max_parameters, 1, 10**12)
        require_whole("seed", self.seed, 0, 2**31 - 1)
        require(
            self.tuner != "hyperband" or self.executions == 1,
            "hyperband goes on with a network where its last trial ended, "
            "so it trains each once: leave out --executions",
        )


@dataclass(frozen=True)
class Budget:
    """How long a search goes on; it may be raised when a search is resumed."""

    trials: int | None = DEFAULT_TRIALS  # how many networks are trained at the most, or None
    # how long the search takes at the most, over all its sessions, or None
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse a search without an end, and numbers out of range."""
        make_plain(self)
        if self.trials is not None:
            require_whole("the number of trials", self.trials, 1, 1_000_000)
        if self.seconds is not None:
            require(self.seconds > 0, "the time budget is longer than nothing, such as 10m")
        require(
            not (self.trials is None and self.seconds is None),
            "a search needs an end: a number of trials or a time budget",
        )


def search_settings(*, quick: bool | None = None, **changes: Any) -> SearchSettings:
    """Return a search's settings: the defaults, with the changes that are not None.

    ``quick`` means the small subset and fewer epochs; by default MNIST_KERAS_QUICK decides. With
    ``max_parameters=0``, every size passes.
    """
    quick = quick_mode() if quick is None else quick
    given = {name: value for name, value in changes.items() if value is not None}
    if given.get("max_parameters") == 0:
        given["max_parameters"] = None
    if quick:
        given.setdefault("epochs", QUICK_EPOCHS)
    return SearchSettings(quick=quick, **given)


def search_budget(trials: int | None, time_budget: str | float | None, *, quick: bool) -> Budget:
    """Return a search's budget; without a wish it is a number of trials."""
    seconds = duration_of(time_budget) if time_budget is not None else None
    if trials is None and seconds is None:
        trials = QUICK_TRIALS if quick else DEFAULT_TRIALS
    return Budget(trials, seconds)


def duration_of(text: str | float) -> float:
    """Read a duration such as ``90s``, ``10m``, ``1h30m`` or a number of seconds."""
    text = str(text).strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not re.fullmatch(r"(\d+(\.\d+)?[smh])+", text):
        raise CourseError(f"{text!r} is no duration; write it like 90s, 10m or 1h30m")
    return sum(float(n) * UNITS[unit] for n, _, unit in re.findall(r"(\d+(\.\d+)?)([smh])", text))
