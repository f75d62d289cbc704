"""Search spaces for the tests; each is small, and most are broken."""

from __future__ import annotations

import keras
from keras import layers

SMALLEST, SMALL = 250, 970  # parameters of the tiny space's networks


def tiny(hp):
    """Build a network that trains in a moment."""
    units = hp.Choice("units", [4, 8, 16])
    activation = hp.Choice("activation", ["relu", "tanh"])
    learning_rate = hp.Float("learning_rate", 1e-2, 1e-1, sampling="log")
    return finish(dense(units, activation), keras.optimizers.Adam(learning_rate))


def conditional(hp):
    """Build a network with a hyperparameter that is only there on a condition."""
    kind = hp.Choice("kind", ["plain", "dropped"])
    model = dense(4)
    with hp.conditional_scope("kind", ["dropped"]):
        if kind == "dropped":
            model.add(layers.Dropout(hp.Float("dropout", 0.1, 0.5)))
    return finish(model)


def sometimes(hp):
    """Fail in each way that a learner's space may, and work now and then."""
    how = hp.Choice("how", ["works", "raises", "nothing", "text", "large", "nan", "shape", "bare"])
    if how == "raises":
        raise ValueError("the strides\ncannot be 0")
    if how == "nothing":
        return None
    if how == "text":
        return "a network"
    if how == "bare":
        return dense(4)
    if how == "shape":
        return finish(keras.Sequential([keras.Input((28, 28, 1)), layers.Dense(10)]))
    if how == "large":
        return finish(dense(2_000))
    rate = 1e30 if how == "nan" else 0.05
    return finish(dense(4), keras.optimizers.SGD(rate))


def raises(hp):
    """Fail always, after a hyperparameter."""
    hp.Choice("units", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    raise RuntimeError("no network today")


def unbuilt(hp):
    """Build a Sequential that does not know its input yet."""
    units = hp.Choice("units", [4, 1_000])
    return finish(
        keras.Sequential([layers.AveragePooling2D(4), layers.Flatten(), layers.Dense(units), ten()])
    )


class Own(keras.Model):
    """A network as a class of the learner's."""

    def __init__(self):
        super().__init__()
        self.row = [layers.AveragePooling2D(4), layers.Flatten(), layers.Dense(4), ten()]

    def call(self, images):
        """Answer."""
        for layer in self.row:
            images = layer(images)
        return images


def own_class(hp):
    """Build a network of a class that Keras knows less of."""
    return finish(Own(), optimizer=hp.Choice("optimizer", ["adam", "rmsprop"]))


def one_hot(hp):
    """Compile with a loss that reads one-hot labels, and train as the search is asked to."""
    hp.Choice("batch_size", [50])
    hp.Choice("schedule", ["one cycle"])
    hp.Choice("augmentation", ["warp"])
    hp.Choice("units", [4, 8])
    return finish(dense(8), loss=keras.losses.CategoricalCrossentropy(from_logits=True))


def dense(units, activation="relu"):
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.AveragePooling2D(4),
            layers.Flatten(),
            layers.Dense(units, activation=activation),
            ten(),
        ]
    )


def ten():
    return layers.Dense(10)


def finish(model, optimizer="adam", loss=None):
    model.compile(
        optimizer=optimizer,
        loss=loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model
