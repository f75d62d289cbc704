"""The playground as one output of a notebook, which needs nothing but itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_keras.data import IMAGE_SHAPE
from mnist_keras.errors import CourseError
from mnist_keras.web.model_file import Snapshot, model_file, neighbours

if TYPE_CHECKING:
    import keras

    from mnist_keras.web.recording import RecordSteps

MARK = 'class="mnist-keras-playground"'  # by which the site finds these outputs
# A program that does not trust a saved notebook leaves out the frame, and the style with it.
UNTRUSTED = (
    "<style>.mnist-keras-playground + p { display: none }</style><p>Here stands something to draw "
    "in, once the notebook is trusted: in JupyterLab, press Ctrl+Shift+C and choose <em>Trust "
    "Notebook</em>; or run the cell again.</p>"
)


@dataclass(frozen=True)
class Shown:
    """What `playground` and `sliding_window` give: a notebook shows it."""

    page: str  # HTML that needs nothing but itself, to be kept as a file too
    title: str  # what it is
    # of the output, in pixels; the page in it scrolls, and its lower edge can be dragged
    height: int

    def __repr__(self) -> str:
        """Say in a terminal what this is."""
        return f"<{self.title}; a notebook shows it>"

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, in which it can do nothing to the notebook."""
        inside = self.page.replace("&", "&amp;").replace("'", "&#39;")
        return (
            f"<iframe {MARK} title='{self.title}' sandbox='allow-scripts' loading='lazy' "
            f"srcdoc='{inside}' style='width:100%;height:{self.height}px;border:0;"
            "border-radius:12px;resize:vertical;overflow:auto'></iframe>"
            f"{UNTRUSTED}"
        )


def playground(
    model: keras.Model | Sequence[keras.Model],
    *,
    history: RecordSteps | Sequence[Snapshot] | None = None,
    name: str | None = None,
) -> Shown:
    """Draw a digit and look inside a network: as the last line of a notebook's cell.

    Everything runs in the browser, and works in a saved notebook too. The weights are rounded to
    half precision, which changes probabilities in their fourth decimal or so.

    Parameters
    ----------
    model
        A trained classifier of the ten digits, `keras.Sequential` or functional. Of a list, each
        is the same network at a later time, for the time slider; the last is what is shown first.
    history
        The callback `RecordSteps` that took part in the training, or its snapshots.
    name
        What the page calls it; the model's own name if None.

    Raises
    ------
    CourseError
        If the playground does not know a layer of the model, or it reads or gives other shapes.

    Examples
    --------
    >>> recorder = RecordSteps()
    >>> model.fit(x, y, callbacks=[recorder])  # doctest: +SKIP
    >>> playground(model, history=recorder)  # doctest: +SKIP
    """
    recorded: Any = history or ()
    snapshots: list[Snapshot] = list(getattr(recorded, "snapshots", recorded))
    if isinstance(model, list | tuple):
        if not model:
            raise CourseError("the list of models is empty")
        if history is not None:
            raise CourseError("give a list of models or a history, not both")
        snapshots = [
            Snapshot(f"network {k} of {len(model)}", each.get_weights())
            for k, each in enumerate(model[:-1], 1)
        ]
        model = model[-1]
    content = model_file(model, history=snapshots, precision="float16", name=name)
    return Shown(page_with(content), "Draw a digit, and look inside", 860)


def sliding_window(image: np.ndarray, kernel: np.ndarray | None = None, *, size: int = 2) -> Shown:
    """Move a window over an image by hand: as the last line of a notebook's cell.

    Parameters
    ----------
    image
        Shape (28, 28), in [0, 1].
    kernel
        The numbers by which the pixels in the window are multiplied, shape (k, k) with k up to 7;
        None for max pooling.
    size
        Of the pooling window.

    Raises
    ------
    CourseError
        If one of them has another shape.
    """
    if np.shape(image) != IMAGE_SHAPE[:2]:
        raise CourseError(f"the image has the shape {np.shape(image)}; it should be (28, 28)")
    shape = (size, size) if kernel is None else np.shape(kernel)
    if len(shape) != 2 or shape[0] != shape[1] or not 1 <= shape[0] <= 7:
        raise CourseError(f"the window has the shape {shape}; it should be a square of 1 to 7")
    data = {
        "image": np.round(np.asarray(image, "float64"), 4).ravel().tolist(),
        "kernel": None if kernel is None else np.asarray(kernel, "float64").tolist(),
        "size": int(size),
    }
    title = "Move a kernel over an image" if kernel is not None else "Move a pooling window"
    return Shown(filled("sliding.html", title, json.dumps(data)), title, 640)


def page_with(model: str) -> str:
    """Fill the page with a model file and training images."""
    near = json.dumps(neighbours(), separators=(",", ":"))
    data = f'{{"models":[{model}],"neighbours":{near}}}'
    return filled("playground.html", "Draw a digit, and look inside", data)


def filled(name: str, title: str, data: str) -> str:
    """Fill a page of the package's, which is generated from ``book/_static/playground``."""
    page = files("mnist_keras.web").joinpath(name).read_text(encoding="utf-8")
    # In a script element, nothing but "</script" and "<!--" means anything.
    data = data.replace("<", "\\u003c")
    return page.replace("PLAYGROUND_TITLE", title).replace("PLAYGROUND_DATA", data)
