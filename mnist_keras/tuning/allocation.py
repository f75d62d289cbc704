"""What a Slurm job was given, and how many trials have room in it at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from mnist_keras.settings import require_whole
from mnist_keras.tuning.settings import MOST_WORKERS


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
