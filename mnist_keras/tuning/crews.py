"""Who runs the trials of a search: processes of this computer, or steps of a Slurm job."""

from __future__ import annotations

import os
from typing import Protocol

from mnist_keras.data import Arrays
from mnist_keras.tuning import trial_task
from mnist_keras.tuning.allocation import allocation_in
from mnist_keras.tuning.record import SearchFolder
from mnist_keras.tuning.space_sources import Build
from mnist_keras.tuning.trial_processes import (
    Forked,
    Running,
    Tell,
    can_fork,
    run_here,
    share_processors,
)
from mnist_keras.tuning.trial_steps import Steps


class Crew(Protocol):
    """Runs trials, several at once."""

    number: int  # how many at once
    attempts: int  # how often a trial is begun whose process dies, before it counts as failed

    def start(
        self, task: trial_task.Task, slot: int, hear: Tell, deadline: float | None
    ) -> Running | None:
        """Start a trial; None if it has ended already.

        ``hear`` is called with each message of the trial; the deadline is by `time.monotonic`.
        """


class Forks:
    """Processes of this computer; where it cannot have several, this very process."""

    attempts = 1

    def __init__(
        self, build: Build, train: Arrays, held: Arrays, folder: SearchFolder, number: int
    ) -> None:
        self._build, self._train, self._held, self._folder = build, train, held, folder
        self.number = number

    def start(
        self, task: trial_task.Task, slot: int, hear: Tell, deadline: float | None
    ) -> Running | None:
        """Start a trial; where there can be no other process, run it to its end."""

        def do(tell: Tell) -> None:
            share_processors(self.number)
            trial_task.run_trial(self._build, task, self._train, self._held, tell)

        if can_fork():
            return Forked(do, hear, self._folder.output(slot))
        run_here(do, hear, deadline)
        return None


def crew_for(
    build: Build,
    train: Arrays,
    held: Arrays,
    folder: SearchFolder,
    number: int | None,
    *,
    of_a_file: bool,
) -> Crew:
    """Choose who runs the trials.

    Without a number there are as many as a Slurm job has room for, and one elsewhere. A search
    space ``of_a_file`` can be read from the search's folder, by a process elsewhere.
    """
    allocation = allocation_in(os.environ, number) if of_a_file else None
    if allocation:
        return Steps(folder, allocation)
    return Forks(build, train, held, folder, number or 1)
