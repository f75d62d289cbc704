"""The simulation keeps to what is known without it, and to what was measured."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mnist_keras import measured
from mnist_keras.cluster.scaling import Trials, Workload, knee, workload
from mnist_keras.cluster.scaling_figures import speed_ups, trials_an_hour

IDEAL = Workload(0.0, 1e-3, 0.0, 1000, 100.0, 1e9, 0.0, math.inf)


@pytest.fixture
def ideal() -> Workload:
    """Give devices that nothing holds up, and images that allow any batch."""
    return IDEAL


def test_without_anything_to_wait_for_twice_the_devices_are_twice_as_fast(ideal):
    assert ideal.speed_up(64) == pytest.approx(64, rel=0.01)
    assert knee(ideal, 256) == 256


def test_adding_up_is_nothing_for_one_device_and_grows_with_latency(ideal):
    assert ideal.synchronize(1) == 0
    slow = replace(ideal, latency=1e-3)
    assert slow.synchronize(4) == pytest.approx(6e-3)
    assert replace(ideal, bandwidth=1e6).synchronize(4) == pytest.approx(6 * 4000 / 4 / 1e6)


def test_a_batch_beyond_the_critical_one_saves_few_steps(ideal):
    load = replace(ideal, critical_batch=100)
    assert load.steps(100) == pytest.approx(2 * load.least_steps)
    assert load.steps(10**6) == pytest.approx(load.least_steps, rel=0.01)
    assert knee(load) < knee(ideal)


def test_each_hindrance_moves_the_knee_down(ideal):
    load = replace(ideal, critical_batch=1000)
    for worse in (
        replace(load, start=0.05),
        replace(load, latency=1e-2),
        replace(load, read=1e-3),
        replace(load, critical_batch=10),
    ):
        assert knee(worse) < knee(load)


def test_trials_scale_until_the_one_process_that_starts_them_is_busy():
    trials = Trials(training=90, ready=9, launch=1)
    assert trials.knee() == 100
    assert trials.an_hour(10) == pytest.approx(360)
    assert trials.an_hour(100) == trials.an_hour(1000) == 3600


def test_the_measured_workload_gives_back_what_was_measured():
    parts = measured("scaling_parts")
    load = workload(parts)
    for row in parts["compute"]:
        assert load.start + load.image * row["images"] == pytest.approx(row["seconds"], rel=0.6)
    for row in parts["steps"]:
        if row["steps"]:
            assert load.steps(row["batch"]) == pytest.approx(row["steps"], rel=0.6)
    assert load.critical_batch > 0


def test_the_figures_name_the_knee_in_their_alt_text_and_carry_a_title(ideal):
    picture = speed_ups({"ideal": ideal}, "On many devices")
    assert picture.alt.startswith("On many devices. ideal: at most ")
    assert "the knee is at 256 devices" in picture.alt
    trials = trials_an_hour({"short": Trials(10, 5, 1)}, "Trials")
    assert "short: the knee is at 16 devices" in trials.alt
    for each in (picture, trials):
        assert each.figure.axes[0].get_title(loc="left")


def test_each_line_of_trials_is_drawn_beyond_its_knee():
    kinds = {"short": Trials(10, 5, 1), "long": Trials(100_000, 5, 1)}
    (axis,) = trials_an_hour(kinds, "Trials").figure.axes
    lines = {line.get_label(): line.get_xdata() for line in axis.lines}
    for name, trials in kinds.items():
        assert max(lines[name]) > trials.knee()
    assert "knee" in lines
