"""A notebook's cells, run in a learner's child as in a kernel, statement by statement."""

import ast
import builtins
import importlib.util
import random
import sys
import types
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, NoReturn

import numpy as np

from mnist_keras.sandbox.shortcuts import shorten_training
from mnist_keras.sandbox.stand_ins import WATCHING, give_mnist, stand_in

LONGEST_ERROR = 300
LONGEST_STATEMENT = 100

Failure = tuple[str, str]  # a statement and what stopped it


class Kernel:
    """Runs cells in IPython's own shell; a statement that fails ends only itself."""

    def __init__(self, seed: int) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        if "keras" in sys.modules:
            _begin_keras(seed)
        else:
            random.seed(seed)
            np.random.seed(seed)
            sys.meta_path.insert(0, _WhenImported(seed))
        main = types.ModuleType("__main__")
        self._shell = InteractiveShell.instance(user_module=main)
        self._shell.ast_node_interactivity = "none"  # nobody sees what is displayed
        self._shell.showtraceback = lambda *_, **__: None  # type: ignore[method-assign]
        self._shell.ask_exit = lambda: None  # type: ignore[attr-defined]  # what exit() calls
        builtins.input = _nobody_answers
        sys.modules["__main__"] = main
        sys.path.insert(0, "")  # as a kernel has it: a notebook may import what it wrote
        self._stand_ins = stand_in(self._shell)

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's variables."""
        return dict(self._shell.user_ns)

    def begin_cell(self) -> None:
        """Forget the figures of the cell before, which Jupyter shows and closes at its end."""
        plots: Any = sys.modules.get("matplotlib.pyplot")
        if plots:
            plots.close("all")
            plots.show = lambda *_, **__: plots.close("all")

    def run(self, source: str) -> list[Failure]:
        """Run a cell or some of its statements, magics included, and list those that failed."""
        importlib.invalidate_caches()
        failed = []
        for statement in self._statements(source):
            result = self._shell.run_cell(statement, store_history=False)
            self._stand_ins.forget()
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                line = statement.strip().partition("\n")[0]
                if len(line) > LONGEST_STATEMENT:
                    line = f"{line[: LONGEST_STATEMENT - 1]}…"
                failed.append((line, describe(error)))
        return failed

    def _statements(self, source: str) -> list[str]:
        """Take a cell apart; one that is no Python stays whole, for the shell to say so."""
        source = WATCHING.sub("", source, count=1) if source.lstrip()[:2] == "%%" else source
        try:
            statements: list[ast.stmt] = []
            for node in ast.parse(self._shell.transform_cell(source)).body:
                # Each package that is imported is a statement of its own.
                packages = node.names if isinstance(node, ast.Import) else []
                statements += [ast.Import([alias]) for alias in packages] or [node]
            return list(map(ast.unparse, statements))
        except Exception:  # a transformer of the learner's may raise anything
            return [source]


def _nobody_answers(*_: object) -> NoReturn:
    raise EOFError("nobody is there to answer input(): write the value into the cell")


def describe(error: BaseException) -> str:
    """Say what an error is, in a line."""
    try:
        text = " ".join(str(error).split())
    except BaseException:  # an error of a learner's own class
        text = ""
    return f"{type(error).__name__}: {text}"[:LONGEST_ERROR]


class _WhenImported(MetaPathFinder):
    """Makes Keras ready when a notebook imports it that did not seem to need it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        """Find Keras or TensorFlow, whichever comes first, and let more follow its execution."""
        if name not in ("keras", "tensorflow") or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader: Any = spec and spec.loader
        if loader:
            original = loader.exec_module

            def execute(module: types.ModuleType) -> None:
                drawn, numbers = random.getstate(), np.random.get_state()
                original(module)
                _begin_keras(self._seed)
                random.setstate(drawn)
                np.random.set_state(numbers)

            loader.exec_module = execute
        return spec


def _begin_keras(seed: int) -> None:
    """Return Keras its seed, the course's images, and a shorter way through a training."""
    import keras

    keras.utils.set_random_seed(seed)
    give_mnist()
    shorten_training()
