"""What is known of a Keras model, whichever way it was written."""

from __future__ import annotations

import functools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from mnist_keras.checks.answers import Answers
from mnist_keras.checks.facts import activation_like, collected, model_data


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


def operations():
    inputs = keras.Input((28, 28, 1))
    x = keras.ops.reshape(inputs / 1.0, (-1, 784))
    x = keras.activations.relu(layers.Dense(30)(x))
    return keras.Model(inputs, layers.Dense(10)(x))


def subclass_with_operations():
    class Digits(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(10)
            self.hidden = layers.Dense(30)
            self.flatten = layers.Flatten()

        def call(self, x):
            return self.last(keras.ops.relu(self.hidden(self.flatten(x))))

    model = Digits()
    model(np.zeros((1, 28, 28, 1)))
    return model


def foreign_function():
    bend = tf.nn.relu
    return keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(30, bend), layers.Dense(10)]
    )


def own_function():
    def bend(x):
        return keras.ops.maximum(x, 0)

    inputs = keras.Input((28, 28, 1))
    x = layers.Lambda(bend)(layers.Dense(30)(layers.Flatten()(inputs)))
    return keras.Model(inputs, layers.Dense(10)(x))


@pytest.mark.parametrize(
    "build",
    [
        sequential,
        functional,
        nested,
        subclass,
        operations,
        subclass_with_operations,
        foreign_function,
        own_function,
    ],
)
def test_every_way_of_writing_a_model_gives_the_same_steps(build):
    data = collected(build())
    json.dumps(data)
    model = Answers({"model": data}).model("model")
    steps = [(step["class"], step["units"], step["activation"]) for step in model.steps()]
    assert steps == [("Dense", 30, "relu"), ("Dense", 10, "linear")]
    assert model["parameters"] == 785 * 30 + 31 * 10
    assert len(model.hidden()) == 1


def test_a_layer_that_is_called_twice_runs_twice_and_counts_once():
    bend = layers.ReLU()
    inputs = keras.Input((4,))
    outputs = layers.Dense(2)(bend(layers.Dense(3)(bend(layers.Dense(5)(inputs)))))
    data = collected(keras.Model(inputs, outputs))
    assert [layer["class"] for layer in data["layers"]] == ["Dense", "ReLU", "Dense", "Dense"]
    assert data["order"] == [0, 1, 2, 1, 3]
    steps = Answers({"model": data}).model("model").steps()
    assert [step["activation"] for step in steps] == ["relu", "relu", "linear"]


def test_branches_and_models_within_run_in_the_order_of_their_inputs():
    inputs = keras.Input((4,))
    inside = keras.Sequential([layers.Dense(3), layers.ReLU()])
    one, other = inside(inputs), keras.ops.tanh(layers.Dense(3)(inputs))
    data = collected(keras.Model(inputs, layers.Dense(2)(layers.Concatenate()([one, other]))))
    steps = Answers({"model": data}).model("model").steps()
    assert [(step["class"], step.get("activation")) for step in steps] == [
        ("Dense", "relu"),
        ("Dense", "tanh"),
        ("Concatenate", None),
        ("Dense", "linear"),
    ]


def test_looking_at_a_model_leaves_it_as_it_was():
    hidden = layers.Dense(3, activation=layers.PReLU())
    model = keras.Sequential([layers.Flatten(), hidden])
    collected(model)
    assert not model.built
    assert not hidden.activation.built


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (keras.activations.relu, "relu"),
        (keras.ops.relu, "relu"),
        (tf.nn.softmax, "softmax"),
        (tf.nn.sigmoid, "sigmoid"),
        (tf.tanh, "tanh"),
        (layers.Softmax(), "softmax"),
        (lambda x: x, "linear"),
        (lambda x: 1 / (1 + keras.ops.exp(-x)), "sigmoid"),
        (lambda x: x**3, None),
        (lambda x: x.nothing, None),
        (lambda: 3, None),
    ],
)
def test_an_activation_is_known_by_what_it_does(function, name):
    assert activation_like(function) == name


@pytest.mark.parametrize(
    ("metrics", "names"),
    [
        (None, []),
        (["acc"], ["acc"]),
        ([keras.metrics.Accuracy()], ["Accuracy"]),
        ([keras.metrics.SparseCategoricalAccuracy("acc")], ["SparseCategoricalAccuracy"]),
        ([keras.metrics.sparse_categorical_accuracy], ["sparse_categorical_accuracy"]),
        (("accuracy", "mse"), ["accuracy", "mse"]),
    ],
)
def test_a_metric_that_was_given_as_a_text_is_told_from_an_object(metrics, names):
    model = sequential()
    model.compile(optimizer="sgd", loss="mse", metrics=metrics)
    assert collected(model)["metrics"] == names


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
        (
            lambda y, p: keras.losses.sparse_categorical_crossentropy(y, p, from_logits=True),
            "sparse_categorical_crossentropy",
            True,
        ),
        (
            tf.nn.sparse_softmax_cross_entropy_with_logits,
            "sparse_categorical_crossentropy",
            True,
        ),
        (
            lambda y, p: keras.ops.mean(keras.losses.categorical_crossentropy(y, p)),
            "categorical_crossentropy",
            False,
        ),
        (["sparse_categorical_crossentropy"], "sparse_categorical_crossentropy", False),
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


def test_what_scales_the_loss_of_half_precision_is_not_the_optimizer():
    data = collected(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.003)))
    assert data["class"] == "Adam"
    assert data["learning_rate"] == pytest.approx(0.003)


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


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that Keras cannot write down."""

    def __call__(self, step):
        """Give the learning rate of a step."""
        return 0.1 / (1 + step)


def test_what_keras_cannot_write_down_leaves_the_rest_to_be_seen():
    own = functools.partial(keras.losses.sparse_categorical_crossentropy, from_logits=True)

    def compiled(rate, metrics=("accuracy",)):
        model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)])
        model.compile(keras.optimizers.Adam(rate), own, metrics=list(metrics))
        return model_data(model)

    one, same, other = compiled(0.1), compiled(0.1), compiled(0.2)
    assert (one["loss"], one["metrics"]) == ("sparse_categorical_crossentropy", ["accuracy"])
    assert one["fingerprint"] == same["fingerprint"] != other["fingerprint"]
    assert compiled(Halving())["optimizer"]["schedule"] == "Halving"
    assert compiled(0.1, [functools.partial(keras.metrics.sparse_categorical_accuracy)])["metrics"]
