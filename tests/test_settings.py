from __future__ import annotations

import json
import math

import numpy as np
import pytest

from mnist_keras import CourseError, TrainingSettings, settings_for


def test_the_workshops_network_keeps_its_published_hyperparameters():
    settings = settings_for("mlp")
    assert (settings.epochs, settings.batch_size, settings.learning_rate) == (25, 32, 0.001)
    assert (settings.validation_split, settings.augment) == (0.0, False)


def test_keras_example_keeps_its_published_hyperparameters():
    settings = settings_for("convnet")
    assert (settings.epochs, settings.batch_size, settings.learning_rate) == (15, 128, 0.001)
    assert (settings.validation_split, settings.augment) == (0.1, False)


def test_changes_replace_defaults_and_none_keeps_them():
    settings = settings_for("mlp", epochs=3, batch_size=None, seed=7)
    assert (settings.epochs, settings.batch_size, settings.seed) == (3, 32, 7)


def test_quick_shortens_to_two_epochs_unless_epochs_are_given(monkeypatch):
    assert settings_for("mlp", quick=True).epochs == 2
    assert settings_for("mlp", quick=True, epochs=5).epochs == 5
    monkeypatch.setenv("MNIST_KERAS_QUICK", "1")
    assert settings_for("mlp").quick
    assert settings_for("mlp").epochs == 2
    assert settings_for("mlp", quick=False).epochs == 25


def test_settings_come_back_from_their_dictionary():
    settings = settings_for("fast", epochs=4, seed=9)
    assert TrainingSettings(**settings.as_dict()) == settings


def test_numbers_of_numpy_are_numbers():
    given = {"epochs": np.int64(3), "seed": np.arange(5)[4], "learning_rate": np.float64(0.5)}
    settings = settings_for("sprint", **given)
    assert (
        json.loads(json.dumps(settings.as_dict()))
        == settings_for("sprint", epochs=3, seed=4, learning_rate=0.5).as_dict()
    )


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("epochs", (0, -1, 1001, 2.5, "3"), "epochs is a whole number from 1 to 1000"),
        ("batch_size", (0, 10_001, 1.5), "batch size is a whole number from 1 to 10000"),
        ("seed", (-1, 2**32, 0.5), "seed is a whole number from 0 to 4294967295"),
        (
            "learning_rate",
            ("0.01", np.arange(2), 0.0, -1.0, 100.1, math.nan, math.inf, -math.inf),
            "learning rate is above 0 and at most 100",
        ),
        (
            "validation_split",
            (-0.1, 0.91, math.nan, math.inf),
            "validation split is a share from 0 to 0.9",
        ),
    ],
)
def test_numbers_out_of_range_are_refused_with_the_range(name, values, said):
    for value in values:
        with pytest.raises(CourseError, match=said):
            settings_for("fast", **{name: value})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("epochs", (1, 1000)),
        ("batch_size", (1, 10_000)),
        ("seed", (0, 2**32 - 1)),
        ("learning_rate", (1e-9, 100)),
        ("validation_split", (0, 0.9)),
    ],
)
def test_the_ends_of_each_range_are_allowed(name, values):
    for value in values:
        assert getattr(settings_for("fast", **{name: value}), name) == value


def test_an_unknown_network_is_refused_with_the_known_ones():
    with pytest.raises(CourseError, match="fast, accurate, tiny, golf-99, golf-98, not 'resnet'"):
        settings_for("resnet")
