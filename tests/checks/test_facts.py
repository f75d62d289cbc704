"""What is known of a Keras model, whichever way it was written."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from keras import layers

from mnist_keras.checks.answers import Answers
from mnist_keras.checks.facts import collected


def sequential():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1.0),
            layers.Flatten(),
            layers.Dense(30, activation="relu", name="first"),
            layers.Dropout(0.2),
            layers.Dense(10),
        ]
    )


def functional():
    inputs = keras.Input((28, 28, 1))
    x = layers.Activation("relu")(layers.Dense(30)(layers.Flatten()(inputs)))
    return keras.Model(inputs, layers.Dense(10)(x))


def nested():
    body = keras.Sequential([layers.Flatten(), layers.Dense(30), layers.ReLU()])
    return keras.Sequential([keras.Input((28, 28, 1)), body, layers.Dense(10)])


def subclass():
    class Digits(keras.Model):
        def __init__(self):
            super().__init__()
            self.flatten = layers.Flatten()
            self.hidden = layers.Dense(30, activation=keras.activations.relu)
            self.last = layers.Dense(10)

        def call(self, x):
            return self.last(self.hidden(self.flatten(x)))

    model = Digits()
    model(np.zeros((1, 28, 28, 1)))
    return model


@pytest.mark.parametrize("build", [sequential, functional, nested, subclass])
def test_every_way_of_writing_a_model_gives_the_same_steps(build):
    data = collected(build())
    json.dumps(data)
    model = Answers({"model": data}).model("model")
    steps = [(step["class"], step["units"], step["activation"]) for step in model.steps()]
    assert steps == [("Dense", 30, "relu"), ("Dense", 10, "linear")]
    assert model["parameters"] == 785 * 30 + 31 * 10
    assert len(model.hidden()) == 1


def test_a_model_without_input_is_not_built_but_known():
    data = collected(keras.Sequential([layers.Flatten(), layers.Dense(10)]))
    assert not data["built"]
    assert data["parameters"] is None
    assert [layer["class"] for layer in data["layers"]] == ["Flatten", "Dense"]


@pytest.mark.parametrize(
    ("loss", "name", "logits"),
    [
        (
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "sparse_categorical_crossentropy",
            True,
        ),
        ("sparse_categorical_crossentropy", "sparse_categorical_crossentropy", False),
        (keras.losses.categorical_crossentropy, "categorical_crossentropy", False),
        (keras.losses.MeanSquaredError(), "mean_squared_error", False),
    ],
)
def test_the_loss_is_known_however_it_was_given(loss, name, logits):
    model = sequential()
    model.compile(optimizer="sgd", loss=loss)
    data = collected(model)
    assert (data["loss"], data["from_logits"]) == (name, logits)


def test_the_optimizer_its_rate_and_its_schedule_are_known():
    model = sequential()
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse", metrics=["accuracy"])
    data = collected(model)
    assert data["optimizer"]["class"] == "Adam"
    assert data["optimizer"]["learning_rate"] == pytest.approx(0.003)
    assert data["metrics"] == ["accuracy"]
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    data = collected(keras.optimizers.SGD(schedule))
    assert data["learning_rate"] is None
    assert data["schedule"] == "ExponentialDecay"


def test_a_training_that_went_wrong_shows_in_the_weights():
    model = sequential()
    assert collected(model)["finite"]
    model.layers[-1].set_weights([np.full((30, 10), np.nan), np.zeros(10)])
    assert not collected(model)["finite"]


def test_early_stopping_and_histories_are_known():
    callback = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    data = collected(callback)
    assert data["class"] == "EarlyStopping"
    assert (data["monitor"], data["patience"], data["restore_best_weights"]) == (
        "val_loss",
        3,
        True,
    )
    history = keras.callbacks.History()
    history.history = {
        "loss": [np.float32(1.0), 0.5],
        "val_sparse_categorical_accuracy": [0.1, 0.2],
    }
    read = Answers({"history": collected(history)}).history("history")
    assert read == {"loss": [1.0, 0.5], "val_accuracy": [0.1, 0.2]}
