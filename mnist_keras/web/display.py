"""The playground as one output of a notebook, which needs nothing but itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from mnist_keras.errors import CourseError
from mnist_keras.web.model_file import Snapshot, model_file, neighbours

if TYPE_CHECKING:
    import keras

    from mnist_keras.web.recording import RecordSteps

HEIGHT = 860  # pixels of the output; the page in it scrolls, and its lower edge can be dragged
MARK = 'class="mnist-keras-playground"'  # by which the site finds these outputs


class Playground:
    """What `playground` gives: a notebook shows it, and `page` is it as a file of its own.

    Attributes
    ----------
    page
        HTML that needs nothing but itself.
    """

    def __init__(self, page: str) -> None:
        self.page = page

    def __repr__(self) -> str:
        """Say in a terminal what this is."""
        return "<the playground; a notebook shows it>"

    def _repr_html_(self) -> str:
        """Give the page in a frame of its own, in which it can do nothing to the notebook."""
        inside = self.page.replace("&", "&amp;").replace("'", "&#39;")
        return (
            f"<iframe {MARK} title='Playground: draw a digit and look inside the network' "
            f"sandbox='allow-scripts' loading='lazy' srcdoc='{inside}' style='width:100%;"
            f"height:{HEIGHT}px;border:0;border-radius:12px;resize:vertical;overflow:auto'>"
            "</iframe>"
        )


def playground(
    model: keras.Model | Sequence[keras.Model],
    *,
    history: RecordSteps | Sequence[Snapshot] | None = None,
    name: str | None = None,
) -> Playground:
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
    return Playground(page_with([content], json.dumps(neighbours(), separators=(",", ":"))))


def page_with(models: Sequence[str], near: str) -> str:
    """Fill the page with model files and training images.

    Parameters
    ----------
    models
        Their texts.
    near
        The text of the training images.
    """
    data = f'{{"models":[{",".join(models)}],"neighbours":{near}}}'
    # In a script element, nothing but "</script" and "<!--" means anything.
    return template().replace("PLAYGROUND_DATA", data.replace("<", "\\u003c"))


def template() -> str:
    """Give the page as the package brings it, generated from ``book/_static/playground``."""
    return files("mnist_keras.web").joinpath("playground.html").read_text(encoding="utf-8")
