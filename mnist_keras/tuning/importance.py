"""What mattered in a search: how much of the differences each hyperparameter explains by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from mnist_keras.tuning.record import Trial

FEWEST_TRIALS = 6
GROUPS = 3  # into which the values of a hyperparameter with many values are put
REPEATS = 200
SHARE_LEFT = 0.8  # of the trials, when the uncertainty is estimated
TWO_SIDED = 1.96  # standard errors on either side: 19 times in 20


@dataclass(frozen=True)
class Importance:
    """What one hyperparameter explains."""

    name: str  # the hyperparameter
    # of the variance of the trials' ranks, how much lies between the groups with equal values;
    # corrected for what groups explain without any reason. In [0, 1].
    share: float
    margin: float  # half of a 95 % interval around it
    chance: float  # what one in 20 hyperparameters without any effect would reach


def importances(trials: Sequence[Trial], seed: int = 0) -> list[Importance]:
    """Say what mattered, the most important first.

    Ranks count, not scores: one network that learned nothing would else decide everything.
    Hyperparameters that matter only together with others are not found this way.

    With too few trials to say anything, the list is empty.
    """
    if len(trials) < FEWEST_TRIALS:
        return []
    rng = np.random.default_rng(seed)
    scores = np.array([trial.score or 0.0 for trial in trials])
    ranks = rankdata(scores)
    n = len(trials)
    left = max(4, round(SHARE_LEFT * n))
    found = []
    for name in dict.fromkeys(name for trial in trials for name in trial.hyperparameters()):
        groups = grouped([trial.values.get(name) for trial in trials])
        if len(set(groups)) < 2:
            continue
        subsets = [rng.permutation(n)[:left] for _ in range(REPEATS)]
        # The jackknife that leaves out d of n: the spread over subsets, times sqrt((n - d) / d).
        spread = np.std([explained(groups[kept], ranks[kept]) for kept in subsets])
        error = spread * np.sqrt(left / max(1, n - left))
        shuffled = [explained(groups, rng.permutation(ranks)) for _ in range(REPEATS)]
        share = max(0.0, explained(groups, ranks))
        chance = max(0.0, float(np.quantile(shuffled, 0.95)))
        found.append(Importance(name, share, float(TWO_SIDED * error), chance))
    return sorted(found, key=lambda each: -each.share)


def explained(groups: np.ndarray, values: np.ndarray) -> float:
    """Return the share of variance between groups, less that by chance (epsilon squared)."""
    names = np.unique(groups)
    n, k = len(values), len(names)
    if n <= k or not values.var():
        return 0.0
    within = sum(np.var(own) * len(own) for own in (values[groups == name] for name in names))
    return float(1 - (within / (n - k)) / values.var(ddof=1))


def grouped(values: Sequence[Any]) -> np.ndarray:
    """Return the group of each value: that of its equals, or of neighbours if there are many."""
    kinds = sorted({str(value) for value in values})
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if numbers and len(kinds) > 2 * GROUPS:
        edges = np.quantile(np.array(values, float), np.arange(1, GROUPS) / GROUPS)
        return np.searchsorted(edges, np.array(values, float), side="right")
    return np.array([kinds.index(str(value)) for value in values])
