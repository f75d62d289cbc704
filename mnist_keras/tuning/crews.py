"""Who runs the trials of a search: this process's forks, the steps of a Slurm job, or itself."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mnist_keras.data import Arrays
from mnist_keras.tuning import trial_task
from mnist_keras.tuning.space_sources import Build
from mnist_keras.tuning.trial_processes import Running, Tell, can_fork, share_processors, started
from mnist_keras.tuning.trial_steps import allocation_in, start_step

ALONE = (
    "One trial at a time: a process that has trained cannot start others. Restart the "
    "session, or search on the command line."
)


@dataclass(frozen=True)
class Crew:
    """Runs trials, several at once."""

    # Starts a trial; None if it has ended already. Each message of the trial is heard by the
    # function, what it prints comes into the file, and the deadline is by `time.monotonic`.
    start: Callable[[trial_task.Task, Tell, Path, float], Running | None]
    number: int = 1  # how many at once
    attempts: int = 1  # how often a trial is begun whose process dies, before it counts as failed
    note: str = ""  # why there are fewer than were asked for


def crew_for(
    build: Build, train: Arrays, held: Arrays, number: int | None, *, of_a_file: bool
) -> Crew:
    """Choose who runs the trials.

    Without a number there are as many as a Slurm job has room for, and one elsewhere. A search
    space ``of_a_file`` can be read from the search's folder, by a process elsewhere.
    """
    allocation = allocation_in(os.environ, number) if of_a_file else None
    if allocation:  # there, a step may die for a reason that is not its network's
        return Crew(partial(start_step, allocation), allocation.steps, attempts=3)
    wanted, number = number or 1, number if number and can_fork() else 1

    def start(task: trial_task.Task, hear: Tell, output: Path, deadline: float) -> Running | None:
        def do(tell: Tell) -> None:
            share_processors(number)
            trial_task.run_trial(build, task, train, held, tell)

        return started(do, hear, output, deadline)

    return Crew(start, number, note=ALONE if number < wanted else "")
