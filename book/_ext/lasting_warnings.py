"""Make a warning come again on the next build, until its cause is gone."""

from pathlib import Path
from typing import Any

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx


def forget_after_warnings(app: Sphinx, exception: Exception | None) -> None:
    """Forget what was read when a build had warnings.

    Sphinx reads only changed pages, and so would not repeat the warnings of the others: the second
    build of a faulty site would pass. The outputs of cells have their own cache and are kept.
    """
    if exception is not None or app._warncount:
        Path(app.doctreedir, ENV_PICKLE_FILENAME).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", forget_after_warnings, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
