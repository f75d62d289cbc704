"""The process that has imported TensorFlow, and from which each learner's child is forked.

It runs no TensorFlow operation, because a fork after one hangs, and it holds no rule, no answer
and no learner's work. It hears from the grader on one socket: lines of JSON, a child's two
descriptors along with the line that asks for it.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

from mnist_keras.startup import quiet_start

LONGEST_LINE = 65_536


def main() -> None:
    """Serve the grader on the socket whose descriptor is the first argument.

    The second is a folder for its children's, which goes with it.
    """
    control = socket.socket(fileno=int(sys.argv[1]))
    os.environ["MPLBACKEND"] = "agg"
    _stand_in_for_the_checks()
    with quiet_start():
        versions = _import_what_notebooks_use()
    from mnist_keras.grading import child

    child.silence()
    _say(control, {"ready": versions, "fresh": not _has_run_an_operation()})
    try:
        _Zygote(control).serve()
    finally:
        shutil.rmtree(sys.argv[2], ignore_errors=True)


def _stand_in_for_the_checks() -> None:
    """Put a package in the place of `mnist_keras.checks` that imports no exercise.

    In a notebook that is graded, ``check()`` and ``hint()`` say nothing: the rules are elsewhere.
    """
    import mnist_keras

    checks: Any = types.ModuleType("mnist_keras.checks")
    checks.__path__ = [str(Path(mnist_keras.__file__).parent / "checks")]
    checks.open_exercise = lambda name: (lambda *_: None, lambda *_: None)
    sys.modules["mnist_keras.checks"] = checks
    mnist_keras.checks = checks


def _import_what_notebooks_use() -> dict[str, str]:
    """Import once what each child would import, and give the versions."""
    import keras
    import tensorflow as tf

    import mnist_keras.augmentation
    import mnist_keras.evaluation
    import mnist_keras.figures
    import mnist_keras.networks
    import mnist_keras.notebook
    import mnist_keras.training

    for name in ("keras_tuner", "pandas"):
        try:
            __import__(name)
        except ImportError:
            continue
    return {
        "python": sys.version.split()[0],
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": sys.modules["numpy"].__version__,
        "mnist-keras": mnist_keras.__version__,
    }


def _has_run_an_operation() -> bool:
    """Whether TensorFlow's threads have started; then a fork would hang."""
    context = sys.modules["tensorflow.python.eager.context"]
    current = getattr(context, "_context", None)
    return bool(getattr(current, "_initialized", False))


def _say(control: socket.socket, message: dict[str, Any]) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


class _Zygote:
    """The loop that starts children and tells of their ends."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, int] = {}  # job by process
        self._line = b""
        self._descriptors: list[int] = []

    def serve(self) -> None:
        """Serve until the grader closes the socket."""
        wake_up, awake = os.pipe()
        os.set_blocking(awake, False)
        signal.set_wakeup_fd(awake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(wake_up, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fd == wake_up:
                        os.read(wake_up, 4096)
                        self._tell_of_the_ended()
                    elif not self._hear():
                        return

    def _hear(self) -> bool:
        """Read from the grader; whether there will be more."""
        content, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_LINE, 2)
        if not content:
            return False
        self._descriptors += descriptors
        *lines, self._line = (self._line + content).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "start" in message:
                self._start(message)
            else:
                self._end(message["end"])
        return True

    def _start(self, message: dict[str, Any]) -> None:
        requests, replies = self._descriptors
        self._descriptors = []
        pid = os.fork()
        if not pid:
            try:
                _become_child(message, requests, replies)
            finally:
                os._exit(1)
        os.close(requests)
        os.close(replies)
        self._children[pid] = message["start"]
        _say(self._control, {"started": message["start"], "process": pid})

    def _end(self, job: int) -> None:
        # Not yet waited for, so that the number cannot be another process's.
        for pid, own in self._children.items():
            if own == job:
                os.kill(pid, signal.SIGTERM)

    def _tell_of_the_ended(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            job = self._children.pop(pid)
            _say(self._control, {"ended": job, "status": os.waitstatus_to_exitcode(status)})


def _become_child(message: dict[str, Any], requests: int, replies: int) -> None:
    """Shut a forked process off, and serve the notebook's grader in it."""
    from mnist_keras.grading import child, sandbox
    from mnist_keras.grading.limits import Limits

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests, replies = os.dup2(requests, 1000), os.dup2(replies, 1001)
    os.closerange(3, 1000)
    requests, replies = os.dup2(requests, 3), os.dup2(replies, 4)
    os.closerange(5, 4096)
    around = sandbox.surroundings(Path(sandbox.__file__).parents[1], message["folder"])
    if message["sandboxed"]:
        level = sandbox.enter(around, Limits(**message["limits"]), message["slot"])
    else:
        level = sandbox.stay_outside(around, Limits(**message["limits"]))
    home = os.getcwd()
    os.environ.update(HOME=home, TMPDIR=home, MPLCONFIGDIR=home, IPYTHONDIR=home)
    child.forget_the_grader()
    child.serve(requests, replies, level)
    os._exit(0)


if __name__ == "__main__":
    main()
