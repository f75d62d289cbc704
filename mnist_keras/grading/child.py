"""What runs in a learner's child: the notebook's cells, then answers to what the grader asks.

The grader trusts nothing of what comes from here. No rule, no right answer and no other learner's
work is in this process.
"""

from __future__ import annotations

import base64
import io
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Call, collect
from mnist_keras.grading.protocol import Ended, receive, send

Namespace = dict[str, Any]
LONGEST_ERROR = 300


def serve(requests: int, replies: int, isolation: str) -> None:
    """Run the cells that the first request brings, then answer the others until there are none.

    Parameters
    ----------
    requests, replies
        Descriptors of the pipes from and to the grader.
    isolation
        How far this process is shut off; the grader hears it before anything runs.
    """
    send(replies, {"isolation": isolation})
    order = receive(requests)
    namespace = run_cells(order["cells"], order["seed"], lambda k: send(replies, {"cell": k}))
    send(replies, {"ran": namespace["errors"]})
    while True:
        try:
            request = receive(requests)
        except Ended:
            return
        answer = ANSWERS[request["ask"]]
        try:
            reply = {"data": answer(namespace["names"], request)}
        except BaseException as error:  # whatever a learner's object raises
            reply = {"error": describe(error)}
        send(replies, reply)


def run_cells(cells: Sequence[str], seed: int, begun: Callable[[int], None]) -> dict[str, Any]:
    """Run cells as a notebook does, going on after an error.

    Parameters
    ----------
    cells
        Their source, magics included.
    seed
        For all that is drawn at random before the notebook sets seeds of its own.
    begun
        Told the place of each cell before it runs.

    Returns
    -------
    dict
        ``names``, the notebook's variables, and ``errors``, pairs of a cell's place and what
        stopped it.
    """
    import keras
    from IPython.core.interactiveshell import InteractiveShell

    keras.utils.set_random_seed(seed)
    main = types.ModuleType("__main__")
    shell = InteractiveShell.instance(user_module=main)
    shell.system = shell.system_raw  # type: ignore[method-assign]  # the other needs a terminal
    sys.modules["__main__"] = main
    errors = []
    for place, source in enumerate(cells):
        begun(place)
        result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            errors.append([place, describe(error)])
    return {"names": shell.user_ns, "errors": errors}


def describe(error: BaseException) -> str:
    """Say what an error is, in a line."""
    try:
        text = " ".join(str(error).split())
    except BaseException:  # an error of a learner's own class
        text = ""
    return f"{type(error).__name__}: {text}"[:LONGEST_ERROR]


def variables_and_calls(names: Namespace, request: Mapping[str, Any]) -> dict[str, Data]:
    """Collect the variables and the results of calls that a question needs."""
    calls = [Call(function, tuple(arguments)) for function, arguments in request["calls"]]
    return collect(names, request["names"], calls)


def picture(names: Namespace, request: Mapping[str, Any]) -> str | None:
    """Draw a figure, or the figure of some axes, as a PNG in base64; None for anything else."""
    value = names.get(request["name"])
    figure: Any = value if hasattr(value, "savefig") else getattr(value, "figure", None)
    if not hasattr(figure, "savefig"):
        return None
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return base64.b64encode(buffer.getvalue()).decode()


def predictions(names: Namespace, request: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    """Let each model of a dictionary, or the one model, read images.

    The request's ``images`` are bytes in base64, 28 × 28 an image.
    """
    import numpy as np

    content = base64.b64decode(request["images"])
    images = np.frombuffer(content, np.uint8).reshape(-1, 28, 28, 1).astype("float32") / 255
    value = names.get(request["name"])
    models = value if isinstance(value, Mapping) else {"": value}
    return {
        str(name): np.asarray(model.predict(images, verbose=0), dtype=float).tolist()
        for name, model in list(models.items())[:10]
    }


ANSWERS: Mapping[str, Callable[[Namespace, Mapping[str, Any]], Any]] = {
    "answers": variables_and_calls,
    "picture": picture,
    "predictions": predictions,
}


def forget_the_grader() -> None:
    """Leave no module of the grader's where a notebook's imports would find it.

    What a notebook changes in the modules that it imports is then not what collects its answers.
    """
    for name in list(sys.modules):
        if name.startswith(("mnist_keras.checks.", "mnist_keras.grading")):
            del sys.modules[name]


def silence() -> None:
    """Read nothing, and let everything that is written to the terminal go nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.close(nothing)
