"""Where trials run in a Slurm job: how many have room at once, each as a job step on any node.

The process that holds the search starts `srun` for each trial, tells it the trial on its standard
input, and hears of it on its standard output. There is no server and no port. If the step dies, the
pipe ends. If the holder dies, so does `srun`, with its step.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mnist_keras.process.startup import keep_memory, quick_start
from mnist_keras.runs.settings import require_whole
from mnist_keras.tuning.record import HELPERS, SPACE, SearchFolder
from mnist_keras.tuning.settings import MOST_WORKERS
from mnist_keras.tuning.space_sources import load_build
from mnist_keras.tuning.trial_processes import Running, Tell, die_with, told

BEGUN = "begun"
LATEST_START = 300.0  # seconds, after which a step for which there should be room has failed
TO_END = 30.0  # seconds that `srun` may take to end a step
# What the batch script was started with would be asked for once more by each step.
OF_THE_JOB = (
    "SLURM_NTASKS",
    "SLURM_NPROCS",
    "SLURM_TASKS_PER_NODE",
    "SLURM_CPUS_PER_TASK",
    "SLURM_GPUS",
    "SLURM_MEM_PER",
    "SLURM_TRES_PER",
    "SLURM_DISTRIBUTION",
)


@dataclass(frozen=True)
class Allocation:
    """The room for job steps in a job."""

    steps: int  # how many trials run at once
    processors: int  # for each
    gpus: int = 0  # for each: 1 if the job has any
    memory: int | None = None  # for each, in megabytes; None if Slurm's own rule fits

    def options(self) -> list[str]:
        """Return what `srun` is asked for, for one trial."""
        asked = ["--exact", "--nodes=1", "--ntasks=1", f"--cpus-per-task={self.processors}"]
        asked += [f"--gpus-per-task={self.gpus}"] if self.gpus else []
        asked += [f"--mem={self.memory}M"] if self.memory else []
        return asked


def allocation_in(environ: Mapping[str, str], wanted: int | None = None) -> Allocation | None:
    """Read the job that this process is the batch script of, or None if there is none.

    Without ``wanted``, there are as many trials at once as the job asked for tasks, one for each of
    its GPUs or, if it asked for neither, one for each processor.
    """
    inside_a_step = "SLURM_STEP_ID" in environ  # of which the job's other nodes are no part
    if "SLURM_JOB_ID" not in environ or inside_a_step or not shutil.which("srun"):
        return None
    nodes = int(environ.get("SLURM_JOB_NUM_NODES", 1))
    processors = sum(per_node(environ.get("SLURM_JOB_CPUS_PER_NODE", "1")))
    gpus = number_of_gpus(environ, nodes)
    room = gpus or int(environ.get("SLURM_NTASKS") or processors)
    room = min(room, processors, MOST_WORKERS)
    if wanted is not None:
        require_whole("the number of trials at once in this job", wanted, 1, room)
    steps = wanted or room
    own = int(environ.get("SLURM_CPUS_PER_TASK") or 0)
    fair = max(1, processors // steps)
    memory = None
    if environ.get("SLURM_MEM_PER_NODE", "0") != "0":
        memory = int(environ["SLURM_MEM_PER_NODE"]) // -(-steps // nodes)
    return Allocation(steps, min(own, fair) or fair, int(gpus > 0), memory)


def number_of_gpus(environ: Mapping[str, str], nodes: int) -> int:
    """Count the GPUs of a job."""
    if environ.get("SLURM_GPUS"):
        return last_number(environ["SLURM_GPUS"])
    if environ.get("SLURM_GPUS_PER_NODE"):
        return nodes * last_number(environ["SLURM_GPUS_PER_NODE"])
    if environ.get("SLURM_GPUS_PER_TASK"):
        return int(environ.get("SLURM_NTASKS", 1)) * last_number(environ["SLURM_GPUS_PER_TASK"])
    return nodes * int(environ.get("SLURM_GPUS_ON_NODE") or 0)


def last_number(text: str) -> int:
    """Read how many, in texts such as ``2`` and ``h100:2``."""
    found = re.search(r"(\d+)\D*$", text.rpartition(":")[2])
    return int(found.group(1)) if found else 0


def per_node(text: str) -> list[int]:
    """Read a number for each node, in a text such as ``4(x2),2``."""
    numbers: list[int] = []
    for number, times in re.findall(r"(\d+)(?:\(x(\d+)\))?", text):
        numbers += [int(number)] * int(times or 1)
    return numbers


def start_step(
    allocation: Allocation, task: Any, hear: Tell, output: Path, deadline: float
) -> Running:
    """Start a trial, a `trial_task.Task`, in a job step.

    ``hear`` is called with each message; the file is for what the trial and `srun` print.
    """
    here = [sys.executable, "-m", "mnist_keras.tuning.trial_steps"]
    job = f"--job-name=trial-{task.number}"
    asked = {
        "folder": str(task.folder.path.resolve()),
        "number": task.number,
        "values": task.values,
        "space": task.space,
        "processors": allocation.processors,
        "output": str(output.resolve()),
    }
    parent = os.getpid()
    with output.open("ab") as log:
        srun = subprocess.Popen(
            ["srun", *allocation.options(), job, "--unbuffered", *here],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={k: v for k, v in os.environ.items() if not k.startswith(OF_THE_JOB)},
            # By a signal that it passes on: a step outlives an `srun` that is killed.
            preexec_fn=lambda: die_with(parent, signal.SIGTERM),
            start_new_session=True,  # Ctrl-C is for the holder
        )
    assert srun.stdin is not None
    assert srun.stdout is not None
    with suppress(BrokenPipeError):  # then it has ended, which is heard soon
        srun.stdin.write(json.dumps(asked).encode() + b"\n")
        srun.stdin.flush()
    latest = time.monotonic() + LATEST_START
    return Running(srun.stdout.fileno(), hear, srun.terminate, partial(how_ended, srun), latest)


def how_ended(srun: subprocess.Popen[bytes], overdue: bool) -> str:
    """Wait for the end of a step, within a bound, and say how it ended."""
    for pipe in (srun.stdin, srun.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()
    try:
        status = srun.wait(1.0 if overdue else TO_END)
    except subprocess.TimeoutExpired:
        srun.kill()
        status = srun.wait()
    if overdue:
        return f"its job step did not start within {LATEST_START:.0f} s"
    return f"its job step ended with status {status}"


def main() -> None:
    """Run the trial that standard input describes; tell how it goes on standard output."""
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_holder, daemon=True).start()
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    log = os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    pipe.write(json.dumps({BEGUN: os.getpid()}) + "\n")
    pipe.flush()

    # What a forked process would inherit, now that the holder knows that there was room.
    with quick_start():
        import tensorflow as tf

        from mnist_keras.tuning import trial_task

    tf.config.threading.set_intra_op_parallelism_threads(asked["processors"])
    keep_memory()
    folder = SearchFolder(Path(asked["folder"]))
    settings = folder.settings()
    build = load_build(folder.space(), folder.path / SPACE, folder.path / HELPERS)
    images = trial_task.images_for(settings)
    task = trial_task.Task(folder, settings, asked["number"], asked["values"], asked["space"])
    told(partial(trial_task.run_trial, build, task, *images), pipe)
    for each in (pipe, sys.stdout, sys.stderr):
        each.flush()
    os._exit(0)


def _end_with_the_holder() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
