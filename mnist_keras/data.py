"""The data: MNIST from the copy in this package, brought into the form that networks read.

Nothing here needs Keras, and nothing is downloaded. The images are the real MNIST, 60,000 for
training and 10,000 for testing (LeCun, Cortes and Burges, CC BY-SA 3.0; see MNIST-LICENSE.md).
"""

import hashlib
import io
import os
from pathlib import Path

import numpy as np

from mnist_keras.errors import CourseError

MNIST_FILE = Path(__file__).with_name("mnist.npz")
MNIST_SHA256 = "88eaf78b3cf8a302b5c253212171853934f34bb083759fe893a3554a84c56f0a"

IMAGE_SHAPE = (28, 28, 1)
NUMBER_OF_CLASSES = 10

QUICK_TRAINING_IMAGES = 2_000
QUICK_TEST_IMAGES = 500

YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")

Arrays = tuple[np.ndarray, np.ndarray]


def quick_mode() -> bool:
    """Whether ``MNIST_KERAS_QUICK`` asks for a small subset, as tests and graders do."""
    asked = os.environ.get("MNIST_KERAS_QUICK", "").strip().lower()
    if asked not in (*YES, *NO):
        raise CourseError(
            f"the environment variable MNIST_KERAS_QUICK is {asked!r}; "
            "set it to 1 for the small subset of the data, or to 0 for all images"
        )
    return asked in YES


def load_data(*, quick: bool | None = None) -> tuple[Arrays, Arrays]:
    """Load MNIST from the copy that the package ships.

    The same arrays as ``keras.datasets.mnist.load_data()`` gives, without a download.

    Parameters
    ----------
    quick
        Give only the first 2,000 training and 500 test images. By default the environment
        variable ``MNIST_KERAS_QUICK`` decides.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images, uint8 in 0–255, shapes (60000, 28, 28) and (10000, 28, 28); labels, uint8 in
        0–9, shapes (60000,) and (10000,).

    Raises
    ------
    CourseError
        If the file is missing, damaged or replaced.
    """
    with np.load(io.BytesIO(verified_file()), allow_pickle=False) as arrays:
        train = arrays["x_train"], arrays["y_train"]
        test = arrays["x_test"], arrays["y_test"]
    if quick_mode() if quick is None else quick:
        n, m = QUICK_TRAINING_IMAGES, QUICK_TEST_IMAGES
        return (train[0][:n], train[1][:n]), (test[0][:m], test[1][:m])
    return train, test


def verified_file() -> bytes:
    """Return the content of the data file after checking its digest."""
    mend = "install mnist_keras again to mend it"
    try:
        content = MNIST_FILE.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise CourseError(
            f"the data file {MNIST_FILE} cannot be read ({reason}); {mend}"
        ) from error
    if hashlib.sha256(content).hexdigest() != MNIST_SHA256:
        raise CourseError(f"the data file {MNIST_FILE} is not the MNIST that was shipped; {mend}")
    return content


def prepare(images: np.ndarray) -> np.ndarray:
    """Bring images into the form that the networks read.

    Parameters
    ----------
    images
        Pixels from 0 (background) to 255 (ink), shape (n, 28, 28) or (n, 28, 28, 1).

    Returns
    -------
    numpy.ndarray
        float32 in [0, 1], shape (n, 28, 28, 1).

    Raises
    ------
    ValueError
        If the shape is another one, or if the pixels were scaled before.
    """
    images = np.asarray(images)
    if images.shape[1:] not in ((28, 28), IMAGE_SHAPE):
        raise ValueError(f"expected images of shape (n, 28, 28), got {images.shape}")
    if np.issubdtype(images.dtype, np.floating) and images.size and images.max() <= 1.0:
        raise ValueError("these pixels run from 0 to 1 already; prepare() expects 0 to 255")
    return images.reshape(-1, *IMAGE_SHAPE).astype("float32") / 255.0


def hold_out(
    x: np.ndarray, y: np.ndarray, *, validation_split: float, seed: int
) -> tuple[Arrays, Arrays]:
    """Set a random part of the training data aside for validation.

    Keras's own ``validation_split`` takes the *last* part; a random one does not depend on the
    order in which the images were collected.

    Parameters
    ----------
    x, y
        Images and labels, n of each.
    validation_split
        Share that is set aside, in [0, 1).
    seed
        The same seed sets the same images aside.

    Returns
    -------
    (x_train, y_train), (x_validation, y_validation)
    """
    if not 0.0 <= validation_split < 1.0:
        raise ValueError(f"validation_split must lie in [0, 1), got {validation_split}")
    n_validation = round(len(x) * validation_split)
    if n_validation == 0:
        return (x, y), (x[:0], y[:0])
    order = np.random.default_rng(seed).permutation(len(x))
    aside, kept = np.sort(order[:n_validation]), np.sort(order[n_validation:])
    return (x[kept], y[kept]), (x[aside], y[aside])
