"""What runs in a learner's child: the notebook's cells, then answers to what the grader asks.

The grader trusts nothing of what comes from here. No rule, no right answer and no other learner's
work is in this process.
"""

import base64
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mnist_keras.checks.facts import Call, collect
from mnist_keras.checks.plain import Data
from mnist_keras.process.startup import keep_memory, quick_start
from mnist_keras.sandbox import calls
from mnist_keras.sandbox.kernel import Kernel, describe
from mnist_keras.sandbox.protocol import Ended, as_text, receive, send
from mnist_keras.sandbox.stand_ins import StandIn

Namespace = dict[str, Any]


def serve(requests: int, replies: int) -> None:
    """Do step after step what the grader says, until it says no more.

    A step has code of the course's to run ``before``, ``cells`` (pairs of a place and its source)
    and ``asks``. The grader hears of each cell before it runs, of what failed when all have run,
    and then the answers, one by one.
    """
    kernel, cell = Kernel(receive(requests)["seed"]), -1
    while True:
        try:
            step = receive(requests)
        except Ended:
            return
        failed = [(-1, *failure) for source in step["before"] for failure in kernel.run(source)]
        for place, source in step["cells"]:
            send(replies, {"cell": place})
            if place != cell:
                kernel.begin_cell()
            cell = place
            failed += [(place, *failure) for failure in kernel.run(source)]
        send(replies, {"ran": failed})
        for request in step["asks"]:
            send(replies, answered(kernel.names, request))


def answered(names: Namespace, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request asks for, or why there is none."""
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


def predictions(names: Namespace, request: Mapping[str, Any]) -> dict[str, str]:
    """Let each model of a dictionary, or the one model, read images.

    The request's ``images`` are bytes in base64, 28 × 28 an image. What a model says of them are
    too; see `protocol.as_text`.
    """
    import numpy as np

    content = base64.b64decode(request["images"])
    images = np.frombuffer(content, np.uint8).reshape(-1, 28, 28, 1).astype("float32") / 255
    value = names.get(request["name"])
    models = value if isinstance(value, Mapping) else {"": value}
    return {
        str(name): as_text(model.predict(images, verbose=0))
        for name, model in list(models.items())[:10]
    }


ANSWERS: Mapping[str, Callable[[Namespace, Mapping[str, Any]], Any]] = {
    "absent": absent,
    "answers": variables_and_calls,
    "picture": picture,
    "predictions": predictions,
}


def what_holds(secrets: Sequence[str]) -> dict[str, Any]:
    """Say what shuts this process off, and which secret files or folders it can read even so."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {
        "user": os.getuid(),
        "capabilities": status["CapEff"].strip("0") + status["CapBnd"].strip("0"),
        "filtered": status["Seccomp"],
        "no new rights": status["NoNewPrivs"],
        "secrets": [each for each in secrets if os.access(each, os.R_OK)],
    }


def ready(*, keras: bool) -> dict[str, str]:
    """Import what notebooks use, run no operation, and return the versions."""
    keep_memory()
    modules = ["IPython.core.interactiveshell", "matplotlib.pyplot"]
    modules += ["mnist_keras.training"] if keras else []
    with quick_start(keras=keras):
        for name in modules:
            __import__(name)
    versions = {name: version(name) for name in ("tensorflow", "keras", "numpy")}
    own = sys.modules["mnist_keras"].__version__
    return {"python": sys.version.split()[0], **versions, "mnist-keras": own}


def main() -> None:
    """Shut this process off further, get ready, and wait for a notebook on standard input."""
    requests, replies = os.dup(0), os.dup(1)
    greeting = receive(requests)
    if greeting["filtered"]:
        calls.shut()
    held = what_holds(greeting["secrets"]) if greeting["filtered"] else {}
    versions = ready(keras=greeting["keras"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    send(replies, {"versions": versions, "held": held})
    forget_the_grader()
    serve(requests, replies)
    os._exit(0)


def forget_the_grader() -> None:
    """Leave no module of the grader's where a notebook would find, and could change, it."""
    for name in list(sys.modules):
        if name.startswith(("mnist_keras.checks.", "mnist_keras.sandbox")):
            del sys.modules[name]


if __name__ == "__main__":
    main()
