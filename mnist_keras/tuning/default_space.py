"""The search space that `mnist-keras tune` searches by default. Copy it and change it.

A search space is a function that builds a network from hyperparameters. It asks ``hp`` for each:
the name comes first, then what it may be. The search calls the function once a trial, with other
answers each time. To search in your own copy: ``mnist-keras tune --space my_space.py:build``.

Three hyperparameters belong to the training and not to the network. Ask for them by these names,
with some of these values, and the search does the rest:

- ``batch_size``: a whole number; without it, 128;
- ``augmentation``: ``"none"``, ``"shift"`` (by up to a pixel) or ``"warp"`` (turned, stretched and
  slanted too);
- ``schedule``: ``"constant"``, or ``"one cycle"``: the learning rate climbs to what the optimizer
  was given, then falls to nothing.
"""

from typing import Any

import keras
from keras import layers


def build(hp: Any) -> keras.Model:
    """Build and compile the convolutional network that these hyperparameters describe.

    It reads images of shape (n, 28, 28, 1) and gives ten logits each.
    """
    blocks = hp.Int("blocks", 2, 4)
    filters = hp.Choice("filters", [8, 12, 16, 24])
    growth = hp.Choice("growth", [1.0, 1.5, 2.0])
    kernel_size = hp.Choice("kernel_size", [3, 5])
    shrink = hp.Choice("shrink", ["pooling", "strides"])
    normalize = hp.Boolean("normalize", default=True)
    activation = hp.Choice("activation", ["relu", "silu"])
    head = hp.Choice("head", ["flatten", "average"])
    units = hp.Choice("dense_units", [0, 32, 64])
    dropout = hp.Choice("dropout", [0.0, 0.2, 0.4])

    model = keras.Sequential([keras.Input(shape=(28, 28, 1))])
    for block in range(blocks):
        model.add(
            layers.Conv2D(
                round(filters * growth**block),
                # The first kernel sees more, and moves two pixels at a time: that saves much time.
                kernel_size=5 if block == 0 else kernel_size,
                strides=2 if block == 0 or shrink == "strides" else 1,
                padding="same",
                use_bias=not normalize,
            )
        )
        if block > 0 and shrink == "pooling":
            model.add(layers.MaxPooling2D(padding="same"))
        if normalize:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.Activation(activation))
    model.add(layers.Flatten() if head == "flatten" else layers.GlobalAveragePooling2D())
    if units:
        model.add(layers.Dense(units, activation=activation))
    if dropout:
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))

    learning_rate = hp.Float("learning_rate", 1e-3, 2e-2, sampling="log")
    if hp.Choice("optimizer", ["adam", "sgd"]) == "adam":
        optimizer = keras.optimizers.Adam(learning_rate)
    else:  # needs steps about ten times as long
        optimizer = keras.optimizers.SGD(10 * learning_rate, momentum=0.9)
    smoothing = hp.Choice("label_smoothing", [0.0, 0.1])

    hp.Choice("batch_size", [64, 128, 256])
    hp.Choice("augmentation", ["none", "shift", "warp"])
    hp.Choice("schedule", ["one cycle", "constant"])

    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing),
        metrics=["accuracy"],
    )
    return model
