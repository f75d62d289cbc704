"""A notebook's process as the grader sees it: started shut off, prepared, watched, ended."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from mnist_keras.sandbox import usage
from mnist_keras.sandbox.engines.start import tried
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.protocol import LOOK_EVERY, Channel, ProtocolError
from mnist_keras.sandbox.view import SECRETS

READY_SECONDS = 180.0  # to import TensorFlow, on a busy machine
END_SECONDS = 10.0
ENDED_BY_SIGNAL = 128  # the exit status of one that a signal ended, less that signal


class NotReadyError(Exception):
    """A process did not get ready for a notebook, or is not shut off; the message says why."""


class NotebookProcess:
    """A process that imports what notebooks use, with ``keras`` Keras too, and waits for one.

    ``view`` is the folder of what it may see of the package, ``job`` a number that no other one has
    at the same time, and ``quick`` says whether `load_data` gives the small subset. ``channel`` are
    the pipes to it, and ``stopped`` says why it was ended from here, if it was.
    """

    def __init__(
        self, engine: ModuleType, view: Path, limits: Limits, job: int, *, quick: bool, keras: bool
    ) -> None:
        self._engine, self._limits = engine, limits
        program = [engine.PYTHON, "-P", "-s", "-m", "mnist_keras.sandbox.child"]
        variables = environment(engine.COURSE or str(view), quick)
        self._start = engine.start(program, variables, view, limits, job)
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self._process = subprocess.Popen(
            self._start.command,
            env=dict(self._start.environment),
            cwd="/",
            start_new_session=True,
            **pipes,
        )
        assert self._process.stdin
        assert self._process.stdout
        self.channel = Channel(self._process.stdin.fileno(), self._process.stdout.fileno())
        self.stopped = ""
        self._first = self._process.pid
        self._versions: Mapping[str, str] = {}
        self._ended = threading.Event()
        self._guard = threading.Thread(target=self._watch, daemon=True)
        self._guard.start()
        filtered = engine.NAME != "none"
        greeting = {"filtered": filtered, "secrets": SECRETS, "keras": keras}
        with suppress(ProtocolError):  # it is gone: `ready` finds out
            self.channel.send(greeting, time.monotonic() + READY_SECONDS)

    def ready(self) -> Mapping[str, str]:
        """Wait until it waits for its notebook, and return the versions of what it has imported.

        NotReadyError says that it does not start, or what the engine should hold and does not.
        """
        if self._versions:
            return self._versions
        try:
            hello = self.channel.receive(time.monotonic() + READY_SECONDS)
        except ProtocolError as error:
            self.close()
            assert self._process.stderr
            os.set_blocking(self._process.stderr.fileno(), False)
            said = (self._process.stderr.read() or b"").decode(errors="replace").strip()
            why = (said.splitlines() or [f"status {self._process.returncode}"])[-1]
            raise NotReadyError(f"its process did not start: {why}") from error
        held = hello["held"]
        wanted = {"capabilities": "", "filtered": "2", "no new rights": "1", "secrets": []}
        for what, value in wanted.items() if self._engine.NAME != "none" else ():
            if held.get(what) != value:
                raise NotReadyError(f"it is not shut off: {what} {held.get(what)!r}")
        if held.get("user") == 0:
            raise NotReadyError("it is not shut off: it is root")
        self._versions = dict(hello["versions"])
        return self._versions

    def status(self) -> int | None:
        """Return its exit status, waiting a little for it."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(END_SECONDS / 2)
            return code if code >= 0 else ENDED_BY_SIGNAL - code
        return None

    def waited(self) -> float | None:
        """Return the seconds that its threads waited for a processor; None if nothing tells."""
        if self._start.first and self._first == self._process.pid:
            return None  # what can be seen is only the engine's own
        return usage.waited_for_processors(self._pids())

    def close(self) -> None:
        """End it, and all that it started or left."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._process.kill()
        nothing: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        for command in self._start.end:
            with suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(command, timeout=END_SECONDS, **nothing)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(OSError):
                pipe.close()
        self._guard.join(END_SECONDS)

    def _watch(self) -> None:
        """End it when it takes more memory, or more of the disk, than it may."""
        user, limits = self._start.user, self._limits
        while not self._ended.wait(LOOK_EVERY):
            # Until it is ready nothing of a learner's is in it.
            if self._start.first and self._versions and self._first == self._process.pid:
                said, _ = tried(self._start.first, self._start.environment, END_SECONDS)
                self._first = int(said) if said.strip().isdigit() else self._first
            pids = self._pids()
            files = usage.in_memory_files(reversed(pids), "/tmp")
            memory = files + usage.memory_of(pids, limits.memory - files)
            disk = usage.on_disk(self._start.folders, user) if user is not None else 0
            for what, used, most in (
                ("memory", memory, limits.memory),
                ("disk", disk, limits.disk_bytes),
            ):
                if used > most:
                    self.stopped = f"it used more than {most // 2**20} MiB of {what}"
                    self._process.kill()
                    for pid in pids if user is not None else ():
                        with suppress(OSError):
                            os.kill(pid, 9)
                    return

    def _pids(self) -> list[int]:
        user = self._start.user
        return usage.processes_of(user) if user else [self._first, *usage.descendants(self._first)]


def environment(place: str, quick: bool) -> dict[str, str]:
    """Return the environment of a notebook's process."""
    one_thread = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    return {
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LOGNAME": "learner",
        **dict.fromkeys((*one_thread, "OPENBLAS_NUM_THREADS"), "1"),
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        "MNIST_KERAS_QUICK": "1" if quick else "",
        "MPLBACKEND": "agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": place,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
