"""What runs in a learner's child: the notebook's cells, then answers to what the grader asks.

The grader trusts nothing of what comes from here. No rule, no right answer and no other learner's
work is in this process.
"""

from __future__ import annotations

import base64
import io
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Call, collect
from mnist_keras.grading.kernel import Kernel, describe
from mnist_keras.grading.protocol import Ended, receive, send
from mnist_keras.grading.stand_ins import StandIn

Namespace = dict[str, Any]


def serve(requests: int, replies: int, isolation: str) -> None:
    """Do step after step what the grader says, until it says no more.

    A step has code of the course's to run ``before``, ``cells`` (pairs of a place and its source)
    and ``asks``. The grader hears of each cell before it runs, of what failed when all have run,
    and then the answers, one by one.

    Parameters
    ----------
    requests, replies
        Descriptors of the pipes from and to the grader.
    isolation
        How far this process is shut off; the grader hears it before anything runs.
    """
    send(replies, {"isolation": isolation})
    kernel = Kernel(receive(requests)["seed"])
    while True:
        try:
            step = receive(requests)
        except Ended:
            return
        failed = [(-1, *failure) for source in step["before"] for failure in kernel.run(source)]
        for place, source in step["cells"]:
            send(replies, {"cell": place})
            failed += [(place, *failure) for failure in kernel.run(source)]
        send(replies, {"ran": failed})
        for request in step["asks"]:
            send(replies, answered(kernel.names, request))


def answered(names: Namespace, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a request asks for, or why there is none."""
    try:
        return {"data": ANSWERS[request["ask"]](names, request)}
    except BaseException as error:  # whatever a learner's object raises
        return {"error": describe(error)}


def variables_and_calls(names: Namespace, request: Mapping[str, Any]) -> dict[str, Data]:
    """Collect the variables and the results of calls that a question needs."""
    for name in request["names"]:
        if isinstance(names.get(name), StandIn):
            raise RuntimeError(f"`{name}` is a {names[name]!r}, which this machine has not")
    calls = [Call(function, tuple(arguments)) for function, arguments in request["calls"]]
    return collect(names, request["names"], calls)


def absent(names: Namespace, request: Mapping[str, Any]) -> list[str]:
    """List the names that have no value."""
    return [name for name in request["names"] if name not in names]


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
    "absent": absent,
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
