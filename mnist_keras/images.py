"""A picture of one digit, as a person draws or photographs it, brought into MNIST's form.

MNIST was made so: the digit fits a box of 20×20 pixels, its proportions kept, and stands in a
28×28 image with its centre of mass in the middle (LeCun et al. 1998). A network that learned from
such images must be asked with such images.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mnist_keras.errors import CourseError

BOX, SIDE = 20, 28
LONGEST_SIDE = 1000  # pixels; a photograph is reduced to it first
LEAST_CONTRAST = 25.0  # of 441 (black against white), between ink and background
MOST_INK = 0.6  # of the picture's area


def read_digit(path: Path | str) -> np.ndarray:
    """Read a picture of one digit and bring it into MNIST's form.

    Parameters
    ----------
    path
        PNG, JPEG or another format that Pillow reads; any size; grey, colour or transparent; dark
        on light or light on dark.

    Returns
    -------
    numpy.ndarray
        uint8, shape (28, 28): background 0, ink up to 255.

    Raises
    ------
    CourseError
        If it cannot be read or shows no digit.
    """
    path = Path(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged file is refused below, in one line
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                colour = eight_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
                colour.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                pixels = np.asarray(colour, dtype="float64")
    except FileNotFoundError as error:
        raise CourseError(f"there is no image {path}") from error
    except IsADirectoryError as error:
        raise CourseError(f"{path} is a folder; give the image files in it") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise CourseError(f"{path} has too many pixels; make it smaller") from error
    except Exception as error:  # Pillow raises many kinds for a file that is damaged
        raise CourseError(f"{path} is not an image that can be read; give a PNG or JPEG") from error
    try:
        return centre(fit_into_box(ink(pixels)))
    except CourseError as error:
        raise CourseError(f"{path}: {error}") from error


def eight_bits(picture: Image.Image) -> Image.Image:
    """Bring 16-bit grey to 8 bits; Pillow would cut off all that is brighter than 255."""
    if not picture.mode.startswith("I"):
        return picture
    grey = np.asarray(picture).astype("float64")
    return Image.fromarray(np.clip(grey / 257, 0, 255).astype("uint8"))


def ink(pixels: np.ndarray) -> np.ndarray:
    """Tell ink from background, whatever their colours.

    The background is what lines the picture's edge; its colour may change slowly from side to
    side, as in a photograph of paper. Ink is what differs from it.

    Parameters
    ----------
    pixels
        RGBA, 0 to 255, shape (height, width, 4).

    Returns
    -------
    numpy.ndarray
        Amount of ink in [0, 1], shape (height, width).

    Raises
    ------
    CourseError
        If the picture has one colour only, or no plain background.
    """
    colour = flatten_transparency(pixels)
    distance = np.linalg.norm(colour - background(colour), axis=-1)
    edge = distance[edge_mask(distance.shape)]
    noise = np.quantile(edge, 0.75)
    # The strongest pixels but for a few specks; a small digit on a large page has few of its own.
    full = np.sort(distance, axis=None)[-1 - min(100, distance.size // 1000)]
    if full - noise < LEAST_CONTRAST:
        raise CourseError("no digit found: the picture has (almost) one colour")
    amount = np.clip((distance - noise) / (0.9 * (full - noise)), 0, 1)
    amount[amount < 0.15] = 0
    if np.mean(amount > 0.5) > MOST_INK:
        raise CourseError("no single digit on a plain background found; cut the picture closer")
    return amount


def flatten_transparency(pixels: np.ndarray) -> np.ndarray:
    """Give the transparent part of a picture a colour.

    Where little is opaque, that is the ink, and goes on black or white, whichever differs more.
    Where most is opaque, as in a screenshot with round corners, the rest gets its usual colour.
    """
    colour, alpha = pixels[..., :3], pixels[..., 3:] / 255
    if alpha.min() == 1:
        return colour
    if alpha.max() == 0:
        raise CourseError("no digit found: the picture is fully transparent")
    opaque = colour[alpha[..., 0] > 0.5]
    if len(opaque) > alpha.size / 2:
        paper = np.median(opaque, axis=0)
    else:
        mean = (colour * alpha).sum(axis=(0, 1)) / alpha.sum()
        paper = np.full(3, 255.0 if mean.mean() < 128 else 0.0)
    return colour * alpha + paper * (1 - alpha)


def background(colour: np.ndarray) -> np.ndarray:
    """Estimate the background's colour everywhere by a plane through the picture's edge.

    Two rounds, so that ink that touches the edge does not count as background.
    """
    height, width, _ = colour.shape
    down, right = (
        np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
        if min(height, width) > 1
        else (np.zeros((2, height, width)))
    )
    plane = np.stack([np.ones_like(down), down, right], axis=-1)
    mask = edge_mask((height, width))
    at_edge, seen = plane[mask], colour[mask]
    typical = np.median(seen, axis=0)
    distance = np.linalg.norm(seen - typical, axis=-1)
    keep = distance <= max(60.0, np.quantile(distance, 0.5))
    coefficients, *_ = np.linalg.lstsq(at_edge[keep], seen[keep], rcond=None)
    return plane @ coefficients


def edge_mask(shape: tuple[int, ...]) -> np.ndarray:
    """Mark the picture's outermost pixels, a fiftieth of its shorter side deep."""
    depth = max(1, min(shape[:2]) // 50)
    mask = np.ones(shape[:2], dtype=bool)
    mask[depth:-depth, depth:-depth] = False
    return mask


def fit_into_box(amount: np.ndarray) -> np.ndarray:
    """Cut out the ink and scale it into MNIST's 20×20 box, its proportions kept.

    Parameters
    ----------
    amount
        Amount of ink in [0, 1], shape (height, width).

    Returns
    -------
    numpy.ndarray
        Ink in [0, 1]; the longer side has 20 pixels.
    """
    inked = amount > 0.3
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    cut = amount[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = cut.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.fromarray((cut * 255).astype("uint8"))
    return (
        np.asarray(
            picture.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
        )
        / 255
    )


def centre(digit: np.ndarray) -> np.ndarray:
    """Place a digit in a 28×28 image so that its centre of mass lies where MNIST's digits have it.

    That is pixel (14, 14), counted from 0: the mean over the test set is (13.98, 14.01).

    Parameters
    ----------
    digit
        Ink in [0, 1], at most 20×20.

    Returns
    -------
    numpy.ndarray
        uint8, shape (28, 28).
    """
    height, width = digit.shape
    mass = digit.sum()
    down = (digit.sum(axis=1) @ np.arange(height)) / mass
    right = (digit.sum(axis=0) @ np.arange(width)) / mass
    top = int(np.clip(round(SIDE / 2 - down), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - right), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE))
    image[top : top + height, left : left + width] = digit
    return np.rint(image * 255).astype("uint8")
