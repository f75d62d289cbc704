"""Whose search space: the course's own, a file's, or a function of a notebook."""

import ast
import hashlib
import importlib.util
import inspect
import itertools
import symtable
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mnist_keras.errors import CourseError, raised

DEFAULT_SPACE = Path(__file__).with_name("default_space.py")
DEFAULT_NAME = "the course's own"
ENCODING = "utf-8-sig"  # editors on Windows may put a mark before the text

Build = Callable[[Any], Any]


@dataclass(frozen=True)
class Space:
    """A search space and where it is from."""

    name: str  # what to call it
    function: str  # the name of the function that builds
    source: str  # its code: the whole file, or the function where it stands in a notebook
    digest: str  # tells one space from another, whatever its layout and comments
    # the code of the modules beside a file that it imports, and of those that they import, by their
    # path from the file's folder
    helpers: dict[str, str] = field(default_factory=dict)


def read_space(where: str | None) -> Space:
    """Read a space's code without running it.

    ``FILE.py`` alone means its function ``build``; None the course's own space.
    """
    if where is None:
        return as_space(DEFAULT_NAME, "build", DEFAULT_SPACE.read_text(encoding="utf-8"))
    # The last colon, unless it belongs to a drive letter of Windows.
    path, colon, function = where.rpartition(":")
    if not colon or not function.isidentifier():
        path, function = where, "build"
    try:
        source = Path(path).read_text(encoding=ENCODING)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise CourseError(
            f"the search space {path} cannot be read ({reason}); give it as FILE.py:FUNCTION"
        ) from error
    space = as_space(path, function, source)
    names = symtable.symtable(source, path, "exec").get_symbols()
    defined = {each.get_name() for each in names if each.is_assigned() or each.is_imported()}
    if function not in defined:
        raise CourseError(f"{path} defines no function {function}; give it as FILE.py:FUNCTION")
    return replace(space, helpers=helpers_of(Path(path)))


def helpers_of(file: Path) -> dict[str, str]:
    """Read the modules beside a file that it imports, without running any.

    The course's own package is none of them, also where it lies beside the file.
    """
    folder = file.resolve().parent
    found: dict[str, str] = {}
    waiting: list[tuple[str, list[str]]] = [(file.read_text(encoding=ENCODING), [])]
    while waiting:
        source, package = waiting.pop()
        for name in imported(source, package):
            for inner in itertools.accumulate(name.split("."), lambda a, b: f"{a}/{b}"):
                as_package = folder / inner / "__init__.py"
                path = as_package if as_package.is_file() else folder / f"{inner}.py"
                key = path.relative_to(folder).as_posix()
                if not path.is_file() or key in found or name.split(".")[0] == "mnist_keras":
                    continue
                found[key] = helper_source(path)
                own = inner.split("/") if path is as_package else inner.split("/")[:-1]
                waiting.append((found[key], own))
    return dict(sorted(found.items()))


def imported(source: str, package: list[str]) -> Iterator[str]:
    """Name what code in a package imports; some of the names may be no modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            within = [*base, *(node.module or "").split(".")]
            yield from (".".join(filter(None, [*within, each.name])) for each in node.names)


def helper_source(path: Path) -> str:
    """Read a module that a search space imports."""
    try:
        source = path.read_text(encoding=ENCODING)
        meaning(source)
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror or error}") from error
    except (SyntaxError, ValueError) as error:
        raise CourseError(f"{path}, which is imported, is not valid Python: {error}") from error
    return source


def changed_helpers(before: Space, now: Space) -> list[str]:
    """Name the helpers whose code differs, whatever its layout and comments."""
    return [
        name
        for name in sorted(before.helpers.keys() | now.helpers.keys())
        if meaning(before.helpers.get(name, "")) != meaning(now.helpers.get(name, ""))
    ]


def meaning(source: str) -> str:
    """Return what code says without its layout and comments."""
    return ast.dump(ast.parse(source))


def as_space(name: str, function: str, source: str) -> Space:
    """Make a space of its code, refusing what is no Python."""
    try:
        said = meaning(source)
    except (SyntaxError, ValueError) as error:
        raise CourseError(f"{name} is not valid Python: {error}") from error
    digest = hashlib.sha256(f"{function}\n{said}".encode()).hexdigest()[:16]
    return Space(name, function, source, digest)


def space_of(build: Build) -> Space:
    """Describe a function that a program or notebook defines."""
    function = getattr(build, "__name__", "build")
    try:
        source = textwrap.dedent(inspect.getsource(build))
        return as_space(f"the function {function}", function, source)
    except (OSError, TypeError, CourseError):  # typed at a prompt, or no plain function
        return as_space(f"the function {function}", function, "")


def load_build(space: Space, file: Path, helpers: Path | None = None) -> Build:
    """Run a space's file and return the function that builds.

    The modules that it imports lie at ``helpers``, by default beside it.
    """
    if space.name == DEFAULT_NAME:
        from mnist_keras.tuning.default_space import build

        return build
    specification = importlib.util.spec_from_file_location("search_space", file)
    if specification is None or specification.loader is None:
        raise CourseError(f"{file} is no Python file; its name should end in .py")
    module = importlib.util.module_from_spec(specification)
    sys.modules["search_space"] = module
    for path in space.helpers:  # a notebook may have imported them before they were edited
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        sys.modules.pop(name, None)
    place = str((helpers or file.parent).resolve())
    if place not in sys.path:
        sys.path.insert(0, place)  # it stays, for what is imported when a network is built
    try:
        with redirect_stdout(sys.stderr):  # standard output is for the result
            specification.loader.exec_module(module)
        function: Build = getattr(module, space.function)
    except (Exception, SystemExit) as error:
        raise CourseError(f"{space.name} cannot be run: {raised(error)}; mend it first") from error
    return function
