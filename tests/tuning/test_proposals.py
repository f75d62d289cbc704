"""Which trials a tuner asks for, and that the record brings it back."""

from __future__ import annotations

import random

import pytest
from keras_tuner import HyperParameters

from mnist_keras.errors import CourseError
from mnist_keras.tuning.proposals import Proposals, known_space, still_needed
from mnist_keras.tuning.record import FAILED, FINISHED, Record, Trial, source_of
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
    proposals.replay(record)
    while len(record.trials) < n:
        begun = proposals.next()
        if begun is None:
            break
        end(proposals, record, begun)
    return record


def end(proposals, record, begun):
    """End a trial, without training."""
    values, score = begun.proposed, score_of(begun.proposed)
    status = FAILED if score is None else FINISHED
    trial = Trial(begun.number, status, values, values, score=score, after=begun.after)
    record.trials.append(trial)
    proposals.tell(begun.number, values, None, score)


def searched_by_several(tuner, n, record=None, stop=None):
    """Search with three trials under way at a time, of which a die's throw ends the next."""
    settings = search_settings(tuner=tuner, epochs=9)
    record = record or Record(space())
    proposals = Proposals(settings, record.space, initial_points=INITIAL_POINTS)
    proposals.replay(record)
    waiting = list(record.started)
    running = []
    while len(record.trials) < (stop or n):
        while len(running) < 3 and len(record.trials) + len(running) < n:
            begun = waiting.pop(0) if waiting else proposals.next()
            if begun is None:
                break
            running.append(begun)
            record.started[:] = [*running, *waiting]
        if not running:
            break
        ended = running.pop(random.Random(f"{tuner} {len(record.trials)}").randrange(len(running)))
        record.started[:] = [*running, *waiting]
        end(proposals, record, ended)
    return record


@pytest.mark.parametrize("tuner", TUNERS)
def test_a_resumed_search_asks_for_what_one_that_was_not_stopped_asks_for(tuner):
    n = TRIALS_OF[tuner]
    whole = searched(tuner, n)
    for stop in (1, 5, n - 1):
        resumed = searched(tuner, n, Record(space(), whole.trials[:stop]))
        assert resumed == whole, stop


@pytest.mark.parametrize("tuner", TUNERS)
def test_trials_beside_each_other_are_resumed_too(tuner):
    """Those under way when the session ended come first; nothing runs twice or is forgotten."""
    n = TRIALS_OF[tuner]
    for stop in (2, 5, n - 2):
        half = searched_by_several(tuner, n, stop=stop)
        # A grid may have to wait for the only trial that tells it where to go on.
        assert half.started or tuner == "grid"
        under_way = [begun.number for begun in half.started]
        whole = searched_by_several(tuner, n, Record(space(), half.trials, half.started))
        assert sorted(trial.number for trial in whole.trials) == list(range(1, n + 1))
        assert set(under_way) <= {trial.number for trial in whole.trials[stop:]}
        asked = [tuple(sorted(trial.values.items(), key=str)) for trial in whole.trials]
        assert len(set(asked)) == n
        again = Proposals(search_settings(tuner=tuner, epochs=9), space(), INITIAL_POINTS)
        again.replay(whole)


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
    while (begun := proposals.next()) is not None:
        values = begun.proposed
        tried.append((values["units"], values["normalize"]))
        proposals.tell(begun.number, values, None, 0.5)
    assert sorted(tried) == [(4, False), (4, True), (8, False), (8, True)]


def test_hyperparameters_that_a_trial_brings_are_searched_from_then_on():
    start = HyperParameters()
    start.Choice("layers", [1, 2])
    grown = HyperParameters()
    grown.Choice("layers", [1, 2])
    grown.Choice("units_2", [4, 8])
    record = Record(start.get_config() | {"values": {}})
    proposals = Proposals(search_settings(), record.space)
    values = proposals.next().proposed
    config = grown.get_config() | {"values": {}}
    filled = {**values, "units_2": 4}
    proposals.tell(1, filled, config, 0.5)
    record.trials.append(Trial(1, FINISHED, values, filled, score=0.5, space=config))
    assert known_space(record) == config
    asked = proposals.next()
    assert "units_2" in asked.proposed
    again = Proposals(search_settings(), record.space)
    again.replay(record)
    assert again.next() == asked


def test_a_record_of_another_version_is_refused():
    record = searched("random", 3)
    record.trials[1].proposed["units"] = 5
    with pytest.raises(CourseError, match="other trials"):
        searched("random", record=record)
