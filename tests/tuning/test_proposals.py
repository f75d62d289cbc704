"""Which trials a tuner asks for, and that the record brings it back."""

from __future__ import annotations

import pytest
from keras_tuner import HyperParameters

from mnist_keras.errors import CourseError
from mnist_keras.tuning.proposals import Proposals, known_space, source_of, still_needed
from mnist_keras.tuning.record import FAILED, FINISHED, Record, Trial
from mnist_keras.tuning.settings import TUNERS, search_settings

TRIALS, INITIAL_POINTS = 12, 6
TRIALS_OF = {tuner: INITIAL_POINTS + 2 if tuner == "bayesian" else TRIALS for tuner in TUNERS}


def space():
    hp = HyperParameters()
    hp.Choice("units", [4, 8, 16])
    hp.Choice("activation", ["relu", "tanh"])
    hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")
    return hp.get_config() | {"values": {}}


def score_of(values):
    """Score a network as if it had been trained; every so often it failed."""
    number = values["units"] / 20 + values["learning_rate"]
    return None if values["activation"] == "tanh" and values["units"] == 8 else number


def searched(tuner, n=TRIALS, record=None):
    """Run a search without training, or go on with one."""
    settings = search_settings(tuner=tuner, epochs=9)
    record = record or Record(space())
    proposals = Proposals(settings, record.space, initial_points=INITIAL_POINTS)
    proposals.replay(record.trials)
    while len(record.trials) < n:
        values = proposals.next()
        if values is None:
            break
        score = score_of(values)
        status = FAILED if score is None else FINISHED
        number = len(record.trials) + 1
        record.trials.append(Trial(number, status, values, values, score=score))
        proposals.tell(values, None, score)
    return record


@pytest.mark.parametrize("tuner", TUNERS)
def test_a_resumed_search_asks_for_what_one_that_was_not_stopped_asks_for(tuner):
    n = TRIALS_OF[tuner]
    whole = searched(tuner, n)
    for stop in (1, 5, n - 1):
        resumed = searched(tuner, n, Record(space(), whole.trials[:stop]))
        assert resumed == whole, stop


@pytest.mark.parametrize("tuner", TUNERS)
def test_no_trial_runs_twice(tuner):
    trials = searched(tuner, TRIALS_OF[tuner]).trials
    asked = [tuple(sorted(trial.values.items(), key=str)) for trial in trials]
    assert len(set(asked)) == len(asked) == TRIALS_OF[tuner]


def test_hyperband_goes_on_with_the_best_third():
    trials = searched("hyperband", 11).trials
    first = [trial for trial in trials if source_of(trial.values) is None]
    later = [trial for trial in trials if source_of(trial.values) is not None]
    assert later, "no trial went on"
    best = max(first, key=lambda trial: trial.score or 0)
    assert source_of(later[0].values) == best.number
    assert later[0].values["tuner/initial_epoch"] == first[0].values["tuner/epochs"]
    settings = search_settings(tuner="hyperband", epochs=9)
    assert best.number in still_needed(settings, Record(space(), trials))


def test_a_grid_ends_when_everything_was_tried():
    hp = HyperParameters()
    hp.Choice("units", [4, 8])
    hp.Boolean("normalize")
    proposals = Proposals(search_settings(tuner="grid"), hp.get_config() | {"values": {}})
    tried = []
    while (values := proposals.next()) is not None:
        tried.append((values["units"], values["normalize"]))
        proposals.tell(values, None, 0.5)
    assert sorted(tried) == [(4, False), (4, True), (8, False), (8, True)]


def test_hyperparameters_that_a_trial_brings_are_searched_from_then_on():
    start = HyperParameters()
    start.Choice("layers", [1, 2])
    grown = HyperParameters()
    grown.Choice("layers", [1, 2])
    grown.Choice("units_2", [4, 8])
    record = Record(start.get_config() | {"values": {}})
    proposals = Proposals(search_settings(), record.space)
    values = proposals.next()
    config = grown.get_config() | {"values": {}}
    filled = {**values, "units_2": 4}
    proposals.tell(filled, config, 0.5)
    record.trials.append(Trial(1, FINISHED, values, filled, score=0.5, space=config))
    assert known_space(record) == config
    asked = proposals.next()
    assert "units_2" in asked
    again = Proposals(search_settings(), record.space)
    again.replay(record.trials)
    assert again.next() == asked


def test_a_record_of_another_version_is_refused():
    record = searched("random", 3)
    record.trials[1].proposed["units"] = 5
    with pytest.raises(CourseError, match="other trials"):
        searched("random", record=record)
