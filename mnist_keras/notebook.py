"""What runs inside a notebook: the report of the set-up cell, and numbers for the text.

A lesson is read in two places. On the site, Sphinx puts a lesson's numbers into its
prose; in Colab, a cell of code says the same sentence with the numbers of that run. Both
take them from `Numbers`. Importing this module imports neither TensorFlow nor Keras.
"""

import os
import platform
import string
import sys
from typing import Any

from mnist_keras.process.startup import quiet_start

# What myst_nb.glue() puts before a MIME type so that a value is stored and not shown.
GLUE_PREFIX = "application/papermill.record/"


class Numbers(dict[str, Any]):
    """The numbers of a lesson that its text quotes.

    Examples
    --------
    >>> numbers = Numbers()
    >>> numbers.keep(accuracy=0.983, mistakes=120)
    >>> numbers.fill("Right on {accuracy:.1%} of the images, wrong on {mistakes}.")
    'Right on 98.3% of the images, wrong on 120.'
    """

    def keep(self, **values: Any) -> None:
        """Store values under their names, for the site's text and for `say`.

        A name that is kept again, as when a cell is run again, takes its new value. NumPy's scalars
        become Python's own, because ``np.float64(0.5)`` is not a number to the site.
        """
        for name, value in values.items():
            self[name] = plain_number(value)
            _emit(name, self[name])

    def fill(self, text: str) -> str:
        """Return `text` with the numbers filled in.

        Where a number is missing, the text becomes a line that says what to run first.
        """
        pieces = list(string.Formatter().parse(text.strip("\n")))
        missing = sorted({name for _, name, _, _ in pieces if name is not None} - {*self})
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            keep = ", ".join(f"{name}=…" for name in missing)
            return (
                f"This sentence still lacks {names}. Run the cells above it first, down to the "
                f"one with `numbers.keep({keep})`, then run this cell again."
            )
        return "".join(
            before + ("" if name is None else format_number(self[name], spec or ""))
            for before, name, spec, _ in pieces
        )

    def claim(self, sentence: str, holds: bool) -> None:
        """Hold what the text says, in short, to what was computed.

        While the site is built (``MNIST_KERAS_CLAIMS=hold``), a false sentence fails the build, by
        an AssertionError. In a learner's notebook, where the run is another one, a line says so and
        the notebook goes on.
        """
        if holds:
            return
        if os.environ.get("MNIST_KERAS_CLAIMS") == "hold":
            raise AssertionError(f"the page says what its figures do not: {sentence}")
        print(f"In your run, the figures do not say what the page says: {sentence}.")

    def say(self, text: str) -> None:
        """Show `text` with the numbers filled in: as Markdown in a notebook, else as text."""
        filled = self.fill(text)
        if _in_ipython():
            from IPython.display import Markdown, display

            display(Markdown(filled))
        else:
            print(filled)


def format_number(value: Any, spec: str) -> str:
    """Format one value as the site's ``{glue:text}`` does.

    An integer format such as ``d`` cuts a float to an integer first, and a float format makes a
    float of an integer or a string.
    """
    if not spec:
        return str(value)
    kinds = {str: "s", int: "bcdoxX", float: "eEfFgGn%"}
    kind = next((kind for kind, letters in kinds.items() if spec[-1] in letters), None)
    return format(kind(value) if kind else value, spec)


def plain_number(value: Any) -> Any:
    """Return NumPy's and TensorFlow's scalars as Python numbers, anything else unchanged."""
    if getattr(value, "shape", None) != ():
        return value
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.item() if hasattr(value, "item") else value


def set_up_report() -> None:
    """Print the versions in use and which GPU there is, then "Ready.".

    TensorFlow is imported here, without its start-up lines. What it logs later is off unless
    TF_CPP_MIN_LOG_LEVEL says otherwise.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet_start():
        import keras
        import numpy as np
        import tensorflow as tf

    print(
        f"Python {platform.python_version()} · TensorFlow {tf.__version__} · "
        f"Keras {keras.__version__} · NumPy {np.__version__}"
    )
    details = tf.config.experimental.get_device_details
    gpus = tf.config.list_physical_devices("GPU")
    names = ", ".join(details(gpu).get("device_name", gpu.name) for gpu in gpus)
    slower = (
        "no GPU: everything here also runs on the processor, only slower. "
        "In Colab: Runtime → Change runtime type → T4 GPU"
    )
    print(f"GPU: {names}" if names else slower)
    print("Ready.")


def _in_ipython() -> bool:
    """Whether this code runs under IPython, found without importing it."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _emit(name: str, value: Any) -> None:
    """Emit the output that ``myst_nb.glue(name, value, display=False)`` would.

    The site's text finds values by these outputs; Colab does not have myst_nb.
    """
    if not _in_ipython():
        return
    from IPython.core.formatters import format_display_data
    from IPython.display import display

    data, metadata = format_display_data(value)
    metadata["scrapbook"] = {"name": name, "mime_prefix": GLUE_PREFIX}
    display({GLUE_PREFIX + mime: each for mime, each in data.items()}, raw=True, metadata=metadata)
