"""A notebook's cells, run in a learner's child as in a kernel, statement by statement."""

from __future__ import annotations

import ast
import functools
import random
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from importlib.abc import MetaPathFinder
from typing import Any

from mnist_keras.grading.stand_ins import WATCHING, stand_in

LONGEST_ERROR = 300
LONGEST_STATEMENT = 100

Failure = tuple[str, str]  # a statement and what stopped it


class Kernel:
    """Runs cells in IPython's own shell; a statement that fails ends only itself.

    Parameters
    ----------
    seed
        For all that is drawn at random before the notebook sets seeds of its own.
    """

    def __init__(self, seed: int) -> None:
        import numpy as np
        from IPython.core.interactiveshell import InteractiveShell

        random.seed(seed)
        np.random.seed(seed)
        if "keras" in sys.modules:
            _begin_keras(seed)
        else:
            sys.meta_path.insert(0, _WhenImported(seed))
        main = types.ModuleType("__main__")
        self._shell = InteractiveShell.instance(user_module=main)
        self._shell.ast_node_interactivity = "none"  # nobody sees what is displayed
        self._shell.showtraceback = lambda *_, **__: None  # type: ignore[method-assign]
        sys.modules["__main__"] = main
        stand_in(self._shell)

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's variables."""
        return dict(self._shell.user_ns)

    def run(self, source: str) -> list[Failure]:
        """Run a cell, magics included, and list the statements that failed."""
        failed = []
        for statement in self._statements(source):
            result = self._shell.run_cell(statement, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                failed.append((_first_line(statement), describe(error)))
        return failed

    def _statements(self, source: str) -> list[str]:
        """Take a cell apart; one that is no Python stays whole, for the shell to say so."""
        source = WATCHING.sub("", source, count=1) if source.lstrip()[:2] == "%%" else source
        try:
            body = ast.parse(self._shell.transform_cell(source)).body
            return [ast.unparse(each) for node in body for each in _apart(node)]
        except Exception:  # a transformer of the learner's may raise anything
            return [source]


def _apart(node: ast.stmt) -> Iterator[ast.stmt]:
    """Let each package of an import statement be a statement of its own."""
    if isinstance(node, ast.Import):
        yield from (ast.Import([alias]) for alias in node.names)
    else:
        yield node


def _first_line(statement: str) -> str:
    line = statement.strip().partition("\n")[0]
    return line if len(line) <= LONGEST_STATEMENT else line[: LONGEST_STATEMENT - 1] + "…"


def describe(error: BaseException) -> str:
    """Say what an error is, in a line."""
    try:
        text = " ".join(str(error).split())
    except BaseException:  # an error of a learner's own class
        text = ""
    return f"{type(error).__name__}: {text}"[:LONGEST_ERROR]


class _WhenImported(MetaPathFinder):
    """Makes Keras ready where a notebook imports it that did not seem to need it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def find_spec(self, name: str, *_: Any) -> None:
        """Find nothing; but the first time that Keras is looked for, it is imported here."""
        if name in ("keras", "tensorflow") and self in sys.meta_path:
            sys.meta_path.remove(self)
            _begin_keras(self._seed)


def _begin_keras(seed: int) -> None:
    """Give Keras its seed and leave what else is drawn at random as it is."""
    import keras
    import numpy as np

    drawn, numbers = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed)
    random.setstate(drawn)
    np.random.set_state(numbers)
    _build_optimizers_first()


def _build_optimizers_first() -> None:
    """Let `fit` make the optimizer's variables before its first step, which is then traced once.

    Keras makes them in that step and traces it anew: a third of a small network's first fit.
    """
    import keras

    trainer = next(each for each in keras.Model.__mro__ if "fit" in each.__dict__)
    original = trainer.fit

    @functools.wraps(original)
    def fit(model: Any, *arguments: Any, **named: Any) -> Any:
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None and model.built and not optimizer.built:
            with suppress(Exception):  # what is odd about a model, its own fit shall say
                optimizer.build(model.trainable_variables)
        return original(model, *arguments, **named)

    trainer.fit = fit
