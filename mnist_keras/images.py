"""Picture files, as people draw or photograph one digit: read into MNIST's form."""

import os
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from mnist_keras.errors import CourseError
from mnist_keras.photos import LARGEST, to_mnist

BRIGHTEST = (1, 255, 4095, 65535)  # what white may be in a file of more than 8 bits

# How a file in an iPhone's own format begins, after four bytes.
HEIC = tuple(
    b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
)


def read_digit(picture: Path | str | BinaryIO | Image.Image) -> np.ndarray:
    """Read a picture of one digit and bring it into MNIST's form.

    It may be a photo of paper: uneven light, ruled or squared lines, stray marks, noise, and pens
    of any width are dealt with, see `mnist_keras.photos`.

    Parameters
    ----------
    picture
        A file's name, an open file, or what Pillow read. PNG, JPEG or another format that Pillow
        reads; any size; grey, colour or transparent; dark on light or light on dark.

    Returns
    -------
    numpy.ndarray
        uint8, shape (28, 28): background 0, ink up to 255.

    Raises
    ------
    CourseError
        If it cannot be read, or shows no digit or several.
    """
    name = "the picture"
    if isinstance(picture, Path | str):
        picture = Path(os.path.expanduser(picture))  # which leaves an unknown user's "~" alone
        name = str(picture)
    elif not (isinstance(picture, Image.Image) or hasattr(picture, "read")):
        # Colab's upload gives the contents by the names, under which it has saved them.
        named = isinstance(picture, dict) and all(isinstance(v, bytes) for v in picture.values())
        file = next(iter(picture), None) if named else None
        raise CourseError(
            f"read_digit({file or 'my-digit.jpg'!r}) takes the name of a picture's file, or a "
            f"picture of Pillow's; it was given {type(picture).__name__}"
        )
    try:
        colour = read_picture(picture)
    except FileNotFoundError as error:
        raise CourseError(f"there is no image {name}") from error
    except IsADirectoryError as error:
        raise CourseError(f"{name} is a folder; give the image files in it") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise CourseError(f"{name} has too many pixels; make it smaller") from error
    except Exception as error:  # Pillow raises many kinds for a file that is damaged
        how = " (a phone's HEIC: share or export it as JPEG)" if is_heic(picture) else ""
        raise CourseError(
            f"{name} is not an image that can be read; give a PNG or JPEG{how}"
        ) from error
    try:
        return to_mnist(colour)
    except CourseError as error:
        raise CourseError(f"{name}: {error}") from error


def is_heic(picture: Path | BinaryIO | Image.Image) -> bool:
    """Say whether a file is in a phone's own format, whatever its name says."""
    if isinstance(picture, Image.Image):
        return False
    try:
        with picture.open("rb") if isinstance(picture, Path) else nullcontext(picture) as file:
            file.seek(0)
            return file.read(12)[4:] in HEIC
    except (AttributeError, OSError, ValueError):  # it cannot be read, or not from its start
        return False


def read_picture(file: Path | BinaryIO | Image.Image) -> np.ndarray:
    """Read a picture, turned upright, of at most 1,000 pixels a side.

    Returns
    -------
    numpy.ndarray
        RGB, 0 to 255, shape (height, width, 3), float32.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a damaged file is refused by read_digit, in one line
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        opened = nullcontext(file) if isinstance(file, Image.Image) else Image.open(file)
        with opened as picture:
            if picture is not file:  # a picture of one's own stays as it is
                picture.draft("RGB", (LARGEST, LARGEST))
            colour = eight_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
            colour.thumbnail((LARGEST, LARGEST))
            return flatten_transparency(np.asarray(colour, dtype="float32"))


def eight_bits(picture: Image.Image) -> Image.Image:
    """Bring grey of 16 bits or of fractions to 8 bits; Pillow would cut off what is above 255.

    White is the least usual value that no pixel exceeds by much: 1, 255, 4,095 or 65,535.
    """
    if not picture.mode.startswith(("I", "F")):
        return picture
    grey = np.nan_to_num(np.asarray(picture).astype("float64"))
    white = min((limit for limit in BRIGHTEST if 1.1 * limit > grey.max()), default=grey.max())
    return Image.fromarray(np.rint(np.clip(grey / white, 0, 1) * 255).astype("uint8"))


def flatten_transparency(pixels: np.ndarray) -> np.ndarray:
    """Fill the transparent part of a picture with a colour.

    Where little is opaque, that is the ink, and goes on black or white, whichever differs more.
    Where most is opaque, as in a screenshot with round corners, the rest gets its usual colour.
    """
    colour, alpha = pixels[..., :3], pixels[..., 3:] / 255
    if alpha.min() == 1:
        return colour
    if alpha.max() == 0:
        return np.full_like(colour, 255)  # nothing is visible
    opaque = colour[alpha[..., 0] > 0.5]
    if len(opaque) > alpha.size / 2:
        paper = np.median(opaque, axis=0)
    else:
        mean = (colour * alpha).sum(axis=(0, 1)) / alpha.sum()
        paper = np.full(3, 255.0 if mean.mean() < 128 else 0.0)
    return (colour * alpha + paper * (1 - alpha)).astype("float32")
