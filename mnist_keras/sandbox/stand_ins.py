"""What a notebook may import, install or ask of its platform without any bearing on its answers.

Learners import much that they do not need, and write what only Colab or Jupyter understands. In a
learner's child, a package that Colab has and this machine has not is therefore stood in for by one
that accepts everything and does nothing.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.resources import files
from types import FrameType, ModuleType
from typing import Any

from mnist_keras.checks.sources import WATCHING_MAGICS

LISTED = (files("mnist_keras") / "sandbox" / "stand_ins.txt").read_text(encoding="utf-8")
PACKAGES = frozenset(line for line in LISTED.splitlines() if not line.startswith("#"))

# Magics that concern the platform or the look.
QUIET_MAGICS = (
    *("autoreload", "conda", "config", "load_ext", "mamba", "matplotlib", "micromamba", "pip"),
    *("reload_ext", "tensorboard", "tensorflow_version", "unload_ext", "uv"),
)
# Those of cells that only watch what runs; the cell's statements are run without them.
WATCHING = re.compile(rf"\s*%%(?:{'|'.join(sorted(WATCHING_MAGICS))})\b[^\n]*\n?")

# Shell lines that install or fetch: the child has no network to do it with.
FETCHING = re.compile(
    r"\s*(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?"
    r"(?:pip[\d.]*|apt|apt-get|conda|mamba|uv|wget|curl|git|gdown|kaggle|npm|jupyter)\b"
)
PROGRESS = {"tqdm", "trange", "tqdm_notebook", "tnrange", "track", "progress_bar", "master_bar"}
MOUNT = "google.colab.drive.mount"  # makes a folder that notebooks save into


class StandIn:
    """Anything: each attribute, item and result of it is another."""

    def __init__(self, name: str, items: Iterable[Any] = ()) -> None:
        self._name, self._items = name, items

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<stand-in for {self._name}>"

    def __getattr__(self, name: str) -> StandIn:
        """Return an attribute; special ones that are not defined here stay undefined."""
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Return a stand-in, what was decorated, or what a progress bar is to go through."""
        last = self._name.rpartition(".")[2]
        if self._name == MOUNT and arguments:
            with suppress(OSError):
                os.makedirs(f"{arguments[0]}/MyDrive", exist_ok=True)
        if last == "trange":
            return StandIn(self._name, range(*arguments))
        if last in PROGRESS:
            return StandIn(self._name, arguments[0] if arguments else named.get("iterable") or ())
        if len(arguments) == 1 and not named and isinstance(arguments[0], type | Callable):
            return arguments[0]
        return StandIn(f"{self._name}()")

    def __iter__(self) -> Iterator[Any]:
        """Go through the items; there are none but those of a progress bar."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return the number of items, where it is known."""
        return len(self._items) if isinstance(self._items, Sequence) else 0

    def __bool__(self) -> bool:
        """Be true, as most objects are."""
        return True

    def __getitem__(self, key: object) -> StandIn:
        """Return an item."""
        return StandIn(f"{self._name}[…]")

    def __setitem__(self, key: object, value: object) -> None:
        """Forget an item."""

    def __enter__(self) -> StandIn:
        """Be a context."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let errors pass."""

    def __instancecheck__(self, instance: object) -> bool:
        """Have no instances."""
        return False

    def __subclasscheck__(self, subclass: object) -> bool:
        """Have no subclasses."""
        return False

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        """Add nothing to a class that is derived from it."""
        return ()


class StandInFinder(MetaPathFinder, Loader):
    """Finds a stand-in for what a notebook imports and nothing else provides."""

    def __init__(self) -> None:
        self._made: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return the module of a stand-in, or nothing; libraries are told the truth."""
        known = any(name == each or name.startswith(f"{each}.") for each in PACKAGES)
        return ModuleSpec(name, self, is_package=True) if known and _asked_by_notebook() else None

    def exec_module(self, module: ModuleType) -> None:
        """Let every attribute of the module be a stand-in."""
        self._made.append(module.__name__)
        module.__dict__["__getattr__"] = StandIn(module.__name__).__getattr__

    def forget(self) -> None:
        """Take the stand-ins out of the list of modules, in which libraries look for others.

        SciPy, for one, asks each array whether it is PyTorch's, once PyTorch is there.
        """
        while self._made:
            sys.modules.pop(self._made.pop(), None)


def _asked_by_notebook() -> bool:
    """Whether the code that imports is the notebook's own."""
    passing = {"mnist_keras", "importlib", "_frozen_importlib", "_frozen_importlib_external"}
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in passing:
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "__main__"


def stand_in(shell: Any) -> StandInFinder:
    """Let a notebook have what it may ask for: packages, magics, shell lines."""
    finder = StandInFinder()
    sys.meta_path.append(finder)
    for magics in shell.magics_manager.magics.values():
        magics.update(dict.fromkeys(QUIET_MAGICS, lambda line, cell="": None))
    system, getoutput = shell.system_raw, shell.getoutput  # the other system() needs a terminal
    shell.system = lambda line, *rest: None if FETCHING.match(line) else system(line, *rest)
    shell.getoutput = lambda line, *rest, **named: (
        [] if FETCHING.match(line) else getoutput(line, *rest, **named)
    )
    return finder


def give_mnist() -> None:
    """Let ``keras.datasets.mnist.load_data()`` give the package's copy, which needs no network."""
    from keras.src.datasets import mnist

    from mnist_keras.data import load_data

    original = mnist.load_data

    def shipped(path: str = "mnist.npz") -> Any:
        return load_data()

    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get("load_data") is original:
            module.__dict__["load_data"] = shipped
