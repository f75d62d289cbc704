"""The networks of the course, each a plain Keras model that is not yet compiled.

All read images of shape (n, 28, 28, 1), float32 in [0, 1], and give ten numbers an image, one
for each digit, shape (n, 10): logits, except where something else is said. Which loss and optimizer
belong to them stands in `recipes.RECIPES`, their hyperparameters in `runs.settings.DEFAULTS`.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from mnist_keras.data import IMAGE_SHAPE, NUMBER_OF_CLASSES

PATCH_VARIANCE_FLOOR = 0.1  # keeps components that are mostly noise from growing without bound
KERNELS = ("kernel", "depthwise_kernel", "pointwise_kernel")


def build_mlp(units: Sequence[int] = (100, 200), activation: str = "sigmoid") -> keras.Model:
    """Build the network of the workshop that this course grew from: dense layers only.

    With its defaults it has 100,710 parameters.

    Parameters
    ----------
    units
        Units of each hidden layer; an empty sequence leaves softmax regression.
    activation
        Activation of the hidden layers.

    References
    ----------
    Research and AI at Scale, "MNIST Example Using Google Colab",
    https://github.com/kwade4/RAISE-DRI
    """
    hidden = [layers.Dense(n, activation=activation) for n in units]
    return digit_classifier("mlp", layers.Flatten(), *hidden)


def build_convnet() -> keras.Model:
    """Build the network of Keras's example "Simple MNIST convnet"; 34,826 parameters.

    It gives probabilities.

    References
    ----------
    F. Chollet, "Simple MNIST convnet", https://keras.io/examples/vision/mnist_convnet/
    """
    return digit_classifier(
        "convnet",
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        activation="softmax",
    )


def build_fast_cnn() -> keras.Model:
    """Build the course's own network: small, and quick to learn; 61,290 parameters.

    Its feature maps shrink from 13 × 13 to 6 × 6, to 3 × 3 and to a single place, so that there is
    little left to compute. The first convolution is not trained but set by `set_patch_filters`, so
    that the backward pass ends before it. Batch normalization follows the pooling, not the
    convolution, where it would have four times as many numbers to read.
    """
    return shrinking("fast", [patch_convolution()], 32, 64, 64)


def build_sprint_cnn() -> keras.Model:
    """Build the network for a single epoch; 33,546 parameters.

    It starts like the fast network, but has one convolution less, and no batch normalization, which
    costs more time than it gains in so short a training.
    """
    return digit_classifier(
        "sprint",
        patch_convolution(),
        layers.Conv2D(32, 3, strides=2, use_bias=False, activation="relu"),
        layers.Conv2D(64, 3, use_bias=False, activation="relu"),
        layers.Flatten(),
    )


def digit_classifier(
    name: str, *hidden: layers.Layer, activation: str | None = None
) -> keras.Model:
    """Build a network that ends in a dense layer of ten units."""
    last = layers.Dense(NUMBER_OF_CLASSES, activation=activation)
    return keras.Sequential([keras.Input(shape=IMAGE_SHAPE), *hidden, last], name=name)


def patch_convolution() -> layers.Layer:
    """Return the first layer that is not trained; `set_patch_filters` sets its kernels."""
    return layers.Conv2D(16, 4, strides=2, use_bias=False, activation="relu", trainable=False)


def set_patch_filters(model: keras.Model, images: np.ndarray) -> None:
    """Set the first convolution's kernels to the principal components of small image patches.

    The convolution has no biases; some hundreds of images are enough, as `prepare` gives them.
    Each component comes twice, with both signs, because the ReLU that follows keeps one sign only.
    Components are divided by their standard deviation, so that rare patterns count as much as
    common ones.

    References
    ----------
    K. Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, arXiv:2404.00498; it starts
    from the same kind of layer.
    """
    first = model.layers[0]
    height, width, _, filters = first.kernel.shape
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0], (height, width), axis=(1, 2))
    patches = windows.reshape(-1, height * width)
    variances, components = np.linalg.eigh(patches.T @ patches / len(patches))
    scaled = components / np.sqrt(variances + PATCH_VARIANCE_FLOOR)
    largest = scaled[:, ::-1][:, : filters // 2]
    kernels = np.concatenate([largest, -largest], axis=1)
    first.set_weights([kernels.reshape(height, width, 1, filters)])


def normalized_convolution(
    filters: int, kernel_size: int, *, pool: bool = False, **settings: Any
) -> list[layers.Layer]:
    """Return a convolution, pooling if wanted, batch normalization and a ReLU.

    The layer after the ReLU scales each feature map anyway, so normalization need not.
    """
    return [
        layers.Conv2D(filters, kernel_size, use_bias=False, **settings),
        *([layers.MaxPooling2D()] if pool else []),
        layers.BatchNormalization(momentum=0.9, scale=False),
        layers.ReLU(),
    ]


def shrinking(name: str, first: Sequence[layers.Layer], *filters: int) -> keras.Model:
    """Build a network whose convolutions pool their maps, until the last leaves one place."""
    *pooled, last = filters
    for n in pooled:
        first = [*first, *normalized_convolution(n, 3, padding="same", pool=True)]
    return digit_classifier(name, *first, *normalized_convolution(last, 3), layers.Flatten())


def build_accurate_cnn() -> keras.Model:
    """Build the course's most accurate network under 100,000 parameters; 98,970 parameters.

    It shrinks its feature maps like the fast network, with more filters, and learns its first
    convolution too.
    """
    return shrinking("accurate", normalized_convolution(32, 4, strides=2), 48, 64, 96)


def build_tiny_cnn() -> keras.Model:
    """Build the course's most accurate network under 10,000 parameters; 9,588 parameters.

    It looks closer than the accurate network: two convolutions before its maps shrink, each time.
    """
    return digit_classifier(
        "tiny",
        *normalized_convolution(10, 3),
        *normalized_convolution(14, 3, pool=True),
        *normalized_convolution(16, 3),
        *normalized_convolution(16, 3, pool=True),
        *normalized_convolution(20, 3),
        layers.Flatten(),
    )


def build_golf_98_cnn() -> keras.Model:
    """Build a network for golf at 98 %; 602 parameters, of which `folded` leaves 548."""
    return golf_cnn("golf-98", 6, 6, 7, 8)


def build_golf_99_cnn() -> keras.Model:
    """Build a network for golf at 99 %; 1,118 parameters, of which `folded` leaves 1,030."""
    return golf_cnn("golf-99", 8, 10, 12, 14)


def golf_cnn(name: str, first: int, *filters: int) -> keras.Model:
    """Build a network with as few parameters as can be: separable convolutions, no dense layer.

    A separable convolution filters each map by itself and then mixes the maps place by place, so
    that it needs 9 parameters a map and one a pair of maps, instead of 9 a pair. The last one makes
    a map for each digit, and the map's mean is the digit's logit.
    """
    hidden = [layers.Conv2D(first, 3, padding="same", use_bias=False), layers.MaxPooling2D()]
    for n in filters:
        hidden += [*normalized_leaky(), layers.SeparableConv2D(n, 3, use_bias=False)]
    last = [layers.SeparableConv2D(NUMBER_OF_CLASSES, 3), layers.GlobalAveragePooling2D()]
    return keras.Sequential(
        [keras.Input(IMAGE_SHAPE), *hidden, *normalized_leaky(), *last], name=name
    )


def normalized_leaky() -> list[layers.Layer]:
    """Return batch normalization, and an activation that keeps a fifth of negative numbers."""
    return [layers.BatchNormalization(momentum=0.9, scale=False), layers.LeakyReLU(0.2)]


def folded(model: keras.Model) -> keras.Model:
    """Take batch normalization out of a trained row of layers, and let it answer as before.

    What normalization does to a map is known once training is over: it multiplies by a number and
    adds one. So the convolution before it can do both, with its kernel and a bias. Each map then
    needs one parameter, the bias, instead of three. Between them may only be pooling.

    The result is compiled if the network was, with the same loss and a new optimizer of its kind.
    """
    row: list[layers.Layer] = []
    weights: list[np.ndarray] = []
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            shift, mean, variance = layer.get_weights()
            factor = 1 / np.sqrt(variance + layer.epsilon)
            weights[-1] = weights[-1] * factor
            weights.append(shift - mean * factor)
            continue
        own = layer.get_config()
        row.append(type(layer).from_config(own | {"use_bias": True} if "use_bias" in own else own))
        weights += layer.get_weights()
    plain = keras.Sequential([keras.Input(IMAGE_SHAPE), *row], name=model.name)
    plain.set_weights(weights)
    if model.compiled:
        plain.compile(
            optimizer=type(model.optimizer).from_config(model.optimizer.get_config()),
            loss=model.loss,
            metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        )
    return plain


def averaged_over_shifts(model: keras.Model) -> keras.Model:
    """Let a trained network look at each image nine times, and average what it says.

    Once as the image is, and once moved by one pixel in each of the eight directions. What differs
    between the nine answers is noise; their average makes fewer mistakes. The weights are the
    network's own, so it has as many parameters as before; an answer takes nine times the
    operations. The field calls this test-time augmentation.

    The result is compiled if the network was, with the same loss and optimizer.
    """
    images = keras.Input(shape=IMAGE_SHAPE)
    framed = layers.ZeroPadding2D(1)(images)
    views = [
        layers.Cropping2D(((top, 2 - top), (left, 2 - left)))(framed)
        for top in range(3)
        for left in range(3)
    ]
    # Not the model itself: with its optimizer in it, Keras could not load what is saved.
    look = keras.Model(model.inputs, model.outputs[0], name="look")
    averaged = keras.Model(
        images, layers.Average()([look(view) for view in views]), name=model.name
    )
    if model.compiled:
        averaged.compile(
            optimizer=model.optimizer,
            loss=model.loss,
            metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        )
    return averaged


def leaves(model: keras.Model) -> Iterator[layers.Layer]:
    """Return the layers of a model and of the models in it, in order."""
    for layer in model.layers:
        if getattr(layer, "layers", None):
            yield from leaves(layer)
        else:
            yield layer


def training_flops_per_image(model: keras.Model) -> int:
    """Count the floating-point operations of one image's forward and backward pass.

    A layer that multiplies costs its forward pass once more for the gradient of its kernel, if it
    is trained, and once more for the gradient of what it reads, if a layer before it is trained.
    The other layers cost next to nothing.
    """
    total, trained_before = 0, False
    for layer in layers_that_multiply(model):
        total += flops(layer) * (1 + layer.trainable + trained_before)
        trained_before |= layer.trainable
    return total


def flops_per_image(model: keras.Model) -> int:
    """Count the operations of one image's forward pass: two for each weight and place it is used.

    Only layers that multiply by a kernel count; the others cost next to nothing. A layer that is
    called several times counts once.
    """
    return sum(map(flops, leaves(model)))


def flops(layer: layers.Layer) -> int:
    """Count the operations of one image's forward pass through a layer that multiplies."""
    kernels = [getattr(layer, name, None) for name in KERNELS]
    weights = sum(math.prod(kernel.shape) for kernel in kernels if kernel is not None)
    return 2 * weights * math.prod(n for n in layer.output.shape[1:-1] if n) if weights else 0


def layers_that_multiply(model: keras.Model) -> list[layers.Layer]:
    """Return the convolutions and dense layers of a model."""
    return [layer for layer in leaves(model) if any(hasattr(layer, name) for name in KERNELS)]
