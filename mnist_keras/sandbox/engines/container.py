"""Shutting a program off in a container, by podman or docker.

The image is one that ``mnist-keras grade --init container`` describes: Python and the packages that
notebooks import. Nothing of the course is in it; what a notebook may see is mounted.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from mnist_keras.sandbox.engines.start import Start, complaint, limited, user_of
from mnist_keras.sandbox.limits import Limits

NAME = "container"
SAID = (
    "a container: each notebook ran in one of its own, without a network and as a user without "
    "rights, behind lists of the system calls that it may make, and limits"
)
IMAGE = "mnist-keras-notebook"
COURSE, HOME = "/course", "/tmp"
PYTHON = "python"
RUNTIMES = ("podman", "docker")
# The container's first process: it waits for the program, and nobody may read or write its memory.
FIRST = """
import ctypes, subprocess, sys
NOT_DUMPABLE = (4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
assert ctypes.CDLL(None).prctl(*NOT_DUMPABLE) == 0
status = subprocess.run(sys.argv[2:], timeout=float(sys.argv[1])).returncode
sys.exit(status if status >= 0 else 128 - status)
"""
LONGEST = 3  # times the time of a notebook: a container ends by itself if its grader is gone


@cache
def runtime_here() -> tuple[str, str]:
    """Return the runtime that has the image, or why there is none."""
    reason = "there is no podman and no docker"
    for name in filter(shutil.which, RUNTIMES):
        reason = complaint([name, "image", "inspect", IMAGE])
        if not reason:
            return name, ""
        reason = f"{name} has no image {IMAGE}: make it, see mnist-keras grade --init container"
    return "", reason


def missing(*, asked: bool) -> str:
    """Say why this engine cannot be used here; nothing if it can."""
    return runtime_here()[1]


def start(
    program: Sequence[str], variables: Mapping[str, str], view: Path, limits: Limits, job: int
) -> Start:
    """Return the command that starts a program in a container, as `bubblewrap.start` does."""
    runtime, name = runtime_here()[0], f"mnist-keras-{os.getpid()}-{job}"
    user = user_of(job)
    own = {k: v for k, v in variables.items() if k != "PATH"}  # that is the image's to say
    own |= {"HOME": HOME, "TMPDIR": HOME}
    command = [runtime, "run", "--rm", "--interactive", "--name", name, "--network", "none"]
    command += ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    command += ["--pids-limit", str(limits.processes), "--memory", str(limits.memory)]
    command += ["--memory-swap", str(limits.memory), "--user", f"{user}:{user}"]
    for limit in ("nofile=256", "core=0", f"nproc={limits.processes}"):
        command += ["--ulimit", f"{limit}:{limit.partition('=')[2]}"]
    # Files there, however empty, count as memory.
    command += ["--tmpfs", f"{HOME}:rw,mode=1777,size={limits.disk_bytes}"]
    command += ["--shm-size", "1m", "--volume", f"{view}:{COURSE}:ro", "--workdir", HOME]
    for each, value in own.items():
        command += ["--env", f"{each}={value}"]
    seconds = f"{LONGEST * limits.seconds + 600:g}"
    command += [IMAGE, PYTHON, "-I", "-S", "-c", FIRST, seconds, *limited(limits), *program]
    end = [[runtime, "kill", name], [runtime, "rm", "--force", name]]
    first = [runtime, "inspect", "--format", "{{.State.Pid}}", name]
    return Start(command, dict(os.environ), end, first=first)
