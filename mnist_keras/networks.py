"""The networks of the course, each a plain Keras model that is not yet compiled.

All read images of shape (n, 28, 28, 1), float32 in [0, 1], and give ten numbers an image, one
for each digit. Which loss and which hyperparameters belong to them stands in `training.RECIPES`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import layers

from mnist_keras.data import IMAGE_SHAPE, NUMBER_OF_CLASSES


def build_mlp(units: Sequence[int] = (100, 200), activation: str = "sigmoid") -> keras.Model:
    """Build the network of the workshop that this course grew from: dense layers only.

    With its defaults it has 100,710 parameters.

    Parameters
    ----------
    units
        Units of each hidden layer; an empty sequence leaves softmax regression.
    activation
        Activation of the hidden layers.

    Returns
    -------
    keras.Model
        Output of shape (n, 10), without an activation.

    References
    ----------
    Research and AI at Scale, "MNIST Example Using Google Colab",
    https://github.com/kwade4/RAISE-DRI
    """
    return keras.Sequential(
        [
            keras.Input(shape=IMAGE_SHAPE),
            layers.Flatten(),
            *(layers.Dense(n, activation=activation) for n in units),
            layers.Dense(NUMBER_OF_CLASSES),
        ],
        name="mlp",
    )


def build_convnet() -> keras.Model:
    """Build the network of Keras's example "Simple MNIST convnet"; 34,826 parameters.

    Returns
    -------
    keras.Model
        Output of shape (n, 10): probabilities.

    References
    ----------
    F. Chollet, "Simple MNIST convnet", https://keras.io/examples/vision/mnist_convnet/
    """
    return keras.Sequential(
        [
            keras.Input(shape=IMAGE_SHAPE),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(NUMBER_OF_CLASSES, activation="softmax"),
        ],
        name="convnet",
    )


def build_fast_cnn(filters: Sequence[int] = (24, 48, 96)) -> keras.Model:
    """Build the course's own network: small, and quick to learn; 61,546 parameters.

    Its first convolution takes every second pixel only, so that all that follows works on images
    of 13×13 and less. Batch normalization after each convolution allows a large learning rate.

    Parameters
    ----------
    filters
        Filters of the three convolutions.

    Returns
    -------
    keras.Model
        Output of shape (n, 10): logits.
    """

    def block(n: int, kernel_size: int, strides: int = 1) -> list[layers.Layer]:
        return [
            layers.Conv2D(n, kernel_size, strides=strides, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ]

    first, second, third = filters
    return keras.Sequential(
        [
            keras.Input(shape=IMAGE_SHAPE),
            *block(first, kernel_size=4, strides=2),
            *block(second, kernel_size=3),
            layers.MaxPooling2D(),
            *block(third, kernel_size=3),
            layers.Flatten(),
            layers.Dense(NUMBER_OF_CLASSES),
        ],
        name="fast",
    )


def flops_per_image(model: keras.Model) -> int:
    """Count the floating-point operations of one forward pass of one image.

    Only convolutions and dense layers count; the others cost next to nothing.

    Parameters
    ----------
    model
        A model that is built.

    Returns
    -------
    int
        A multiplication and an addition counted as two operations.
    """
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            places = layer.output.shape[1] * layer.output.shape[2]
            total += 2 * places * math.prod(layer.kernel.shape)
        elif isinstance(layer, layers.Dense):
            total += 2 * math.prod(layer.kernel.shape)
    return total
