"""A layer without weights: it takes the slant out of handwriting."""

from typing import Any

import keras
from keras import layers, ops

STEEPEST = 0.7  # columns a row; hardly a digit leans more
LITTLE = 1e-6  # of ink, or of its spread: there is none


@keras.saving.register_keras_serializable("mnist_keras")
class Upright(layers.Layer):
    """Shears each image sideways, so that its ink leans neither left nor right.

    People slant their writing, each in their own way, and the slant says nothing about the digit.
    It is measured by the ink's moments: their covariance of columns and rows, divided by the
    variance of the rows, is how far the ink moves to the right from one row to the next. Each row
    is moved back by as much, about the ink's centre; pixels between the grid's are interpolated.

    It reads and gives images of shape (n, height, width, 1), with background 0.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", 1998, which calls it deslanting.
    """

    def call(self, images: Any) -> Any:
        """Make images upright."""
        if len(images.shape) != 4 or images.shape[-1] != 1:
            raise ValueError(f"Upright reads (n, height, width, 1), not {tuple(images.shape)}")
        images = ops.cast(images, self.compute_dtype)
        ink = images[..., 0]
        rows, columns = (ops.arange(side, dtype=ink.dtype) for side in ink.shape[1:])
        total = ops.maximum(ops.sum(ink, axis=(1, 2)), LITTLE)
        by_row, by_column = ops.sum(ink, axis=2), ops.sum(ink, axis=1)
        row = ops.sum(by_row * rows, axis=1) / total
        column = ops.sum(by_column * columns, axis=1) / total
        below = rows - row[:, None]
        beside = columns - column[:, None]
        variance = ops.sum(by_row * below**2, axis=1) / total
        covariance = ops.sum(ink * below[:, :, None] * beside[:, None, :], axis=(1, 2)) / total
        slant = covariance / ops.maximum(variance, LITTLE)
        slant = ops.clip(slant, -STEEPEST, STEEPEST)
        one, zero = ops.ones_like(slant), ops.zeros_like(slant)
        # Where in the image a pixel of the result comes from: x' = x + slant (y - row), y' = y.
        sheared = ops.stack([one, slant, -slant * row, zero, one, zero, zero, zero], axis=1)
        return ops.image.affine_transform(
            images, sheared, interpolation="bilinear", fill_mode="constant", fill_value=0.0
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape that it reads."""
        return input_shape
