"""The tools of the site, which come with ``pip install "mnist-keras[site]"``."""

import importlib
from typing import Any

from mnist_keras.errors import CourseError


def tool(name: str) -> Any:
    """Import a module of a tool when it is used, or say what to install."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        package = name.partition(".")[0]
        raise CourseError(f'{package} is not installed: pip install "mnist-keras[site]"') from None


def one_line(error: Exception) -> str:
    """Return a tool's message, which may be a drawing of several lines, as one line."""
    return " ".join(str(error).split())
