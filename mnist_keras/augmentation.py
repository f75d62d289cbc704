"""Augmentation: training images changed a little at random, so that no epoch shows one twice."""

import numpy as np


def shift_images(images: np.ndarray, *, max_shift: int, rng: np.random.Generator) -> np.ndarray:
    """Move each image by its own random number of whole pixels, filling with background.

    Parameters
    ----------
    images
        Shape (n, height, width, channels).
    max_shift
        Largest shift along each axis, in pixels; each from −max_shift to max_shift is equally
        likely.
    rng
        Where the randomness comes from.

    Returns
    -------
    numpy.ndarray
        A new array of the same shape and dtype.
    """
    n, height, width, _ = images.shape
    edge = (max_shift, max_shift)
    padded = np.pad(images, ((0, 0), edge, edge, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    down, right = rng.integers(0, 2 * max_shift + 1, size=(2, n))
    return np.moveaxis(windows[np.arange(n), down, right], 1, -1).copy()


def warp_images(
    images: np.ndarray,
    *,
    rng: np.random.Generator,
    degrees: float,
    stretch: float,
    shear: float,
    shift: float,
) -> np.ndarray:
    """Turn, stretch, slant and move each image by its own random amounts.

    Pixels between the grid's are interpolated; what comes in from outside is background. Each
    amount is uniform between minus and plus what is given.

    Parameters
    ----------
    images
        float32, shape (n, height, width, channels).
    rng
        Where the randomness comes from.
    degrees
        Largest angle.
    stretch
        Natural logarithm of the largest factor; width and height have a factor each.
    shear
        Largest slant, in columns a row.
    shift
        Largest shift along each axis, in pixels.

    Returns
    -------
    numpy.ndarray
        A new array of the same shape and dtype.
    """
    from keras import ops

    n, height, width, _ = images.shape
    angle = np.deg2rad(rng.uniform(-degrees, degrees, n))
    wider, higher = np.exp(rng.uniform(-stretch, stretch, (2, n)))
    slant = rng.uniform(-shear, shear, n)
    right, down = rng.uniform(-shift, shift, (2, n))
    # For each pixel of the result, where in the image it comes from: x' = a x + b y + c, and
    # y' = d x + e y + f, with the image's centre as the fixed point before the shift.
    a, b = np.cos(angle) * wider, slant - np.sin(angle) * higher
    d, e = np.sin(angle) * wider, np.cos(angle) * higher
    x, y = (width - 1) / 2, (height - 1) / 2
    c, f = x - a * x - b * y + right, y - d * x - e * y + down
    zero = np.zeros(n)
    transforms = np.stack([a, b, c, d, e, f, zero, zero], axis=1).astype("float32")
    warped = ops.image.affine_transform(
        images, transforms, interpolation="bilinear", fill_mode="constant", fill_value=0.0
    )
    return ops.convert_to_numpy(warped)
