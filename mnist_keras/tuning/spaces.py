"""Whose search space: the course's own, a file's, or a function of a notebook."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import sys
import textwrap
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_keras.errors import CourseError

DEFAULT_SPACE = Path(__file__).with_name("space.py")
DEFAULT_NAME = "the course's own"

Build = Callable[[Any], Any]


@dataclass(frozen=True)
class Space:
    """A search space and where it is from.

    Attributes
    ----------
    name
        What to call it.
    function
        The name of the function that builds.
    source
        Its code: the whole file, or the function where it stands in a notebook.
    digest
        Tells one space from another, whatever its layout and comments.
    """

    name: str
    function: str
    source: str
    digest: str


def read_space(where: str | None) -> Space:
    """Read a space's code without running it.

    Parameters
    ----------
    where
        ``FILE.py:FUNCTION``, ``FILE.py`` (then the function is ``build``), or None for the
        course's own.

    Raises
    ------
    CourseError
        If there is no such file or function.
    """
    if where is None:
        return as_space(DEFAULT_NAME, "build", DEFAULT_SPACE.read_text(encoding="utf-8"))
    # The last colon, unless it belongs to a drive letter of Windows.
    path, colon, function = where.rpartition(":")
    if not colon or not function.isidentifier():
        path, function = where, "build"
    try:
        source = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise CourseError(
            f"the search space {path} cannot be read ({reason}); give it as FILE.py:FUNCTION"
        ) from error
    space = as_space(path, function, source)
    defined = {
        node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    } | {
        target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if function not in defined:
        raise CourseError(f"{path} defines no function {function}; give it as FILE.py:FUNCTION")
    return space


def as_space(name: str, function: str, source: str) -> Space:
    """Make a space of its code, refusing what is no Python."""
    try:
        meaning = ast.dump(ast.parse(source))
    except (SyntaxError, ValueError) as error:
        raise CourseError(f"{name} is not valid Python: {error}") from error
    digest = hashlib.sha256(f"{function}\n{meaning}".encode()).hexdigest()[:16]
    return Space(name, function, source, digest)


def space_of(build: Build) -> Space:
    """Describe a function that a program or notebook defines."""
    function = getattr(build, "__name__", "build")
    try:
        source = textwrap.dedent(inspect.getsource(build))
        return as_space(f"the function {function}", function, source)
    except (OSError, TypeError, CourseError):  # typed at a prompt, or no plain function
        return as_space(f"the function {function}", function, "")


def load_build(space: Space, file: Path) -> Build:
    """Run a space's file and give the function that builds.

    Parameters
    ----------
    space
        Whose file it is.
    file
        Where its code stands.

    Raises
    ------
    CourseError
        If running it raises.
    """
    if space.name == DEFAULT_NAME:
        from mnist_keras.tuning.space import build

        return build
    specification = importlib.util.spec_from_file_location("search_space", file)
    if specification is None or specification.loader is None:
        raise CourseError(f"{file} is no Python file; its name is to end in .py")
    module = importlib.util.module_from_spec(specification)
    sys.modules["search_space"] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        with redirect_stdout(sys.stderr):  # standard output is for the result
            specification.loader.exec_module(module)
        function: Build = getattr(module, space.function)
    except (Exception, SystemExit) as error:
        raise CourseError(
            f"{space.name} cannot be run: {type(error).__name__}: {error}; mend it first"
        ) from error
    finally:
        sys.path.pop(0)
    return function
