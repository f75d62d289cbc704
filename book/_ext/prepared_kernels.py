"""Kernels forked from a process that has already imported what nearly every page imports.

To a page that is a kernel of its own: none of TensorFlow's operations has run in it, and nothing
has a name. Only the processor time of the imports is spent once, not once a page.
"""

import os
import sys
from collections.abc import Iterable
from multiprocessing import forkserver, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

IMPORTED = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "matplotlib.pyplot",
    "keras",
    "mnist_keras",
)
ARE_POSSIBLE = sys.platform == "linux"  # elsewhere a forked process may not use some libraries


def prepare(imported: Iterable[str], cores: Iterable[int], log: Path) -> None:
    """Start the process that all kernels are forked from.

    It runs on as many cores as a kernel has, since NumPy counts them when it is imported.
    """
    own, shown = os.sched_getaffinity(0), os.dup(2)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it
    os.sched_setaffinity(0, cores)
    try:
        with log.open("w", encoding="utf-8") as messages:
            os.dup2(messages.fileno(), 2)
        forkserver.set_forkserver_preload(["__main__", *imported])
        forkserver.ensure_running()
    finally:
        os.sched_setaffinity(0, own)
        os.dup2(shown, 2)
        os.close(shown)


def processor_seconds(kernel: int) -> float:
    """Return the processor time of a kernel and of the imports that were done for it."""
    process = psutil.Process(kernel)
    imports = process.parent() if ARE_POSSIBLE else None
    return sum(sum(each.cpu_times()[:2]) for each in (process, imports) if each is not None)


def run_kernel(connection: str, folder: str, log: str, cores: Iterable[int], priority: int) -> None:
    """Be a kernel, in a process that was just forked."""
    from ipykernel.kernelapp import IPKernelApp

    os.sched_setaffinity(0, cores)
    os.setpriority(os.PRIO_PROCESS, 0, priority)
    os.chdir(folder)
    messages = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for descriptor in (sys.__stdout__.fileno(), sys.__stderr__.fileno()):  # type: ignore[union-attr]
        os.dup2(messages, descriptor)
    IPKernelApp.launch_instance(argv=["-f", connection])


class Forked:
    """What a provisioner asks of a process, for one that was forked by another."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        process.start()
        assert process.pid is not None
        self.pid = process.pid
        self.poll = lambda: process.exitcode
        self.kill, self.terminate = process.kill, process.terminate
        self._join = process.join

    def wait(self) -> int | None:
        """Wait for its end."""
        self._join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


class ForkedKernel(LocalProvisioner):
    """Forks a kernel with the cores and the priority of the thread that asks for it."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork it."""
        own = sorted(os.sched_getaffinity(0)), os.getpriority(os.PRIO_PROCESS, 0)
        manager: Any = self.parent
        wanted = (manager.connection_file, kwargs["cwd"], kwargs["log"], *own)
        process = get_context("forkserver").Process(target=run_kernel, args=wanted, daemon=True)
        forked: Any = Forked(process)
        self.process, self.pid = forked, forked.pid
        return self.connection_info


class ForkedKernelManager(AsyncKernelManager):
    """Manages a kernel that is forked, not started."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.kernel_id = str(uuid4())
        self.provisioner = ForkedKernel(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
        )
