"""How far an image leans, and shearing it, the slow and obvious way."""

from __future__ import annotations

import numpy as np


def slant(image):
    """Say how far the ink moves to the right from one row to the next, in pixels."""
    rows, columns = np.indices(image.shape)
    below = rows - np.average(rows, weights=image)
    beside = columns - np.average(columns, weights=image)
    return np.average(below * beside, weights=image) / np.average(below**2, weights=image)


def sheared(image, by):
    """Move each row about the ink's middle row, with pixels between the grid's interpolated."""
    rows, _ = np.indices(image.shape)
    middle = np.average(rows, weights=image)
    places = np.arange(image.shape[1])
    return np.array(
        [
            np.interp(places + by * (y - middle), places, row, left=0, right=0)
            for y, row in enumerate(image)
        ]
    )
