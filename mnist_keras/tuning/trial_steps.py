"""Where a trial runs in a Slurm job: as a job step, on whichever node has room.

The process that holds the search starts `srun` for each trial, tells it the trial on its standard
input, and hears of it on its standard output. There is no server and no port. If the step dies, the
pipe ends. If the holder dies, so does `srun`, with its step.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from mnist_keras.startup import keep_memory, quick_start
from mnist_keras.tuning.allocation import Allocation
from mnist_keras.tuning.record import HELPERS, SPACE, SearchFolder
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
    pipe.flush()
    os._exit(0)


def _end_with_the_holder() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
