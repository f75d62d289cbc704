"""Random small networks that together hold all layers and activations of the playground."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import layers

from mnist_keras.upright import Upright
from mnist_keras.web.layers import ACTIVATIONS

HOW_MANY = 30
Block = Callable[[object, str, np.random.Generator], object]


def two_ways(combine: layers.Layer) -> Block:
    """Make a block with two convolutions beside each other."""

    def block(x, activation, rng):
        filters = int(rng.integers(2, 5))
        one = layers.Conv2D(filters, 3, padding="same", activation=activation)(x)
        other = layers.Conv2D(filters, 1, padding="same")(x)
        return combine([one, other])

    return block


def on_maps(make: Callable[[str, np.random.Generator], layers.Layer]) -> Block:
    """Make a block of one layer."""
    return lambda x, activation, rng: make(activation, rng)(x)


def groups(x, activation, rng):
    x = layers.Conv2D(4, 1)(x)
    return layers.Conv2D(6, (3, 2), groups=2, padding="same", activation=activation)(x)


def upright(x, activation, rng):
    return Upright()(layers.Conv2D(1, (3, 2), padding="same", activation="sigmoid")(x))


def blocks() -> list[Block]:
    """List a block for each layer that reads feature maps, some with several settings."""
    one, two = (lambda rng: int(rng.integers(1, 4))), (lambda rng: int(rng.integers(1, 3)))
    return [
        on_maps(lambda a, r: layers.Conv2D(4, 3, strides=two(r), padding="same", activation=a)),
        on_maps(lambda a, r: layers.Conv2D(3, (5, 3), strides=(2, 1), activation=a)),
        on_maps(lambda a, r: layers.Conv2D(4, 3, dilation_rate=(2, 3), padding="same")),
        on_maps(lambda a, r: layers.Conv2D(4, 2, dilation_rate=2, use_bias=False, activation=a)),
        groups,
        upright,
        on_maps(lambda a, r: layers.DepthwiseConv2D(3, depth_multiplier=two(r), activation=a)),
        on_maps(lambda a, r: layers.DepthwiseConv2D((2, 3), strides=2, padding="same")),
        on_maps(lambda a, r: layers.SeparableConv2D(4, 3, depth_multiplier=2, padding="same")),
        on_maps(lambda a, r: layers.SeparableConv2D(3, 4, strides=2, activation=a)),
        on_maps(lambda a, r: layers.MaxPooling2D(one(r), strides=two(r), padding="same")),
        on_maps(lambda a, r: layers.MaxPooling2D((2, 3))),
        on_maps(lambda a, r: layers.AveragePooling2D(3, strides=2, padding="same")),
        on_maps(lambda a, r: layers.AveragePooling2D(2)),
        on_maps(lambda a, r: layers.BatchNormalization(scale=bool(r.integers(2)))),
        on_maps(lambda a, r: layers.BatchNormalization(center=False)),
        on_maps(lambda a, r: layers.LayerNormalization()),
        on_maps(lambda a, r: layers.LayerNormalization(axis=[1, 2, 3], scale=False)),
        on_maps(lambda a, r: layers.Dense(4, activation=a)),
        on_maps(lambda a, r: layers.Rescaling(1.5, offset=-0.25)),
        on_maps(lambda a, r: layers.Rescaling([0.5], offset=0.1)),
        on_maps(lambda a, r: layers.ZeroPadding2D(((1, 2), (0, 1)))),
        on_maps(lambda a, r: layers.Cropping2D(((1, 0), (0, 1)))),
        on_maps(lambda a, r: layers.ReLU(max_value=1.0, negative_slope=0.1)),
        on_maps(lambda a, r: layers.ReLU(threshold=0.2)),
        on_maps(lambda a, r: layers.LeakyReLU()),
        on_maps(lambda a, r: layers.ELU(alpha=0.7)),
        on_maps(lambda a, r: layers.Softmax()),
        on_maps(lambda a, r: layers.Activation(a)),
        on_maps(lambda a, r: layers.Dropout(0.3)),
        on_maps(lambda a, r: layers.SpatialDropout2D(0.3)),
        on_maps(lambda a, r: layers.AlphaDropout(0.3)),
        on_maps(lambda a, r: layers.GaussianDropout(0.3)),
        on_maps(lambda a, r: layers.GaussianNoise(0.3)),
        on_maps(lambda a, r: layers.ActivityRegularization(l2=0.1)),
        on_maps(lambda a, r: layers.Identity()),
        on_maps(lambda a, r: layers.RandomTranslation(0.1, 0.1)),
        on_maps(lambda a, r: layers.RandomRotation(0.1)),
        on_maps(lambda a, r: layers.RandomZoom(0.1)),
        two_ways(layers.Add()),
        two_ways(layers.Average()),
        two_ways(layers.Multiply()),
        two_ways(layers.Maximum()),
        two_ways(layers.Minimum()),
        two_ways(layers.Subtract()),
        two_ways(layers.Concatenate()),
        two_ways(layers.Concatenate(axis=1)),
    ]


def head(x, number: int):
    """End a network: in turn with each way from feature maps to ten numbers."""
    ways = [
        lambda x: layers.Flatten()(x),
        lambda x: layers.GlobalAveragePooling2D()(x),
        lambda x: layers.GlobalMaxPooling2D()(x),
        lambda x: layers.Reshape((-1,))(x),
        lambda x: layers.Flatten()(layers.GlobalAveragePooling2D(keepdims=True)(x)),
    ]
    x = ways[number % len(ways)](x)
    return layers.Dense(10, activation="softmax" if number % 2 else None)(x)


def architectures(images: np.ndarray) -> Iterator[keras.Model]:
    """Give the networks, one after another; always the same.

    Their weights are random, and such that the answers differ from image to image.
    """
    rng = np.random.default_rng(seed=0)
    keras.utils.set_random_seed(0)
    kinds = blocks()
    deck = [*kinds, *kinds]
    rng.shuffle(deck)
    names = sorted(ACTIVATIONS - {"softmax"})
    share = -(-len(deck) // HOW_MANY)
    for number in range(HOW_MANY):
        # Every sixth reads images without a channel axis.
        flat = number % 6 == 5
        image = keras.Input((28, 28) if flat else (28, 28, 1))
        x = layers.Reshape((28, 28, 1))(image) if flat else image
        x = layers.Conv2D(3, 3, strides=2)(x)
        for place, block in enumerate(deck[number * share : (number + 1) * share]):
            x = block(x, names[(number + 7 * place) % len(names)], rng)
        x = layers.Activation(names[number % len(names)])(x)
        model = keras.Model(image, head(x, number), name=f"random-{number}")
        shaken(model, rng)
        last = model.layers[-1]
        before = keras.Model(image, last.input)
        kernel, bias = last.get_weights()
        scores = np.asarray(before(images[..., 0] if flat else images)) @ kernel
        louder = min(20, 1 / scores.std(axis=0).mean())
        last.set_weights([kernel * louder, bias - scores.mean(axis=0) * louder])
        yield model


def shaken(model: keras.Model, rng: np.random.Generator) -> None:
    """Give every weight a random value, also those that start as 0 or 1."""
    arrays = []
    for variable in model.weights:
        value = np.asarray(variable)
        noise = rng.normal(scale=0.2, size=value.shape)
        arrays.append(np.abs(value + noise) + 0.1 if "variance" in variable.path else value + noise)
    model.set_weights(arrays)
