"""The search: propose, run, record, until the budget is used up."""

import math
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from mnist_keras.errors import CourseError, unwritten
from mnist_keras.process.progress import RenewingLine
from mnist_keras.process.startup import keep_memory
from mnist_keras.runs.locking import locked
from mnist_keras.runs.settings import require_whole
from mnist_keras.tuning import trial_task
from mnist_keras.tuning.crews import Crew, crew_for
from mnist_keras.tuning.progress import UnderWay
from mnist_keras.tuning.proposals import Proposals, known_space, still_needed
from mnist_keras.tuning.record import (
    FAILED,
    FINISHED,
    TOO_LARGE,
    Record,
    SearchFolder,
    Started,
    Trial,
)
from mnist_keras.tuning.settings import (
    MOST_WORKERS,
    Budget,
    SearchSettings,
    search_budget,
    search_settings,
)
from mnist_keras.tuning.space_sources import Build, load_build, read_space, space_of
from mnist_keras.tuning.tensorboard import write_board
from mnist_keras.tuning.trial_processes import (
    CrashedError,
    OutOfTimeError,
    Running,
    first_ended,
    run,
)

HOPELESS = 10  # so many failures and no success: the space is broken
HOPELESSLY_LARGE = 100
USUAL_SHARE = 0.7  # a trial is not begun when less than this share of a usual one's time is left


@dataclass(frozen=True)
class SearchResult:
    """A search that has ended, or that may go on with a larger budget."""

    folder: SearchFolder  # where it lies
    settings: SearchSettings  # what was asked for
    record: Record  # what was done
    ended: str  # why it ended, in a few words

    @property
    def trials(self) -> list[Trial]:
        """All trials in order."""
        return self.record.trials

    @property
    def best(self) -> Trial | None:
        """The trial with the highest score."""
        return next(iter(self.record.best(1)), None)

    def why_not(self) -> str:
        """Say why there is no score, by the most frequent error and how to mend it."""
        errors = [trial.error for trial in self.trials if trial.error]
        if not errors:
            return "no trial ended in time; raise --time-budget"
        usual = max(errors, key=errors.count)
        if all(trial.status == TOO_LARGE for trial in self.trials):
            return f"{usual}; raise --max-parameters, or make the networks of the space smaller"
        return f"the usual reason: {usual}; mend the search space"

    def as_dict(self) -> dict[str, Any]:
        """Summarize the search in plain values."""
        best = self.best
        statuses = [trial.status for trial in self.trials]
        return {
            "search": str(self.folder.path),
            "tuner": self.settings.tuner,
            "ended": self.ended,
            "finished": statuses.count(FINISHED),
            "failed": statuses.count(FAILED),
            "too_large": statuses.count(TOO_LARGE),
            "seconds": round(self.record.elapsed(), 3),
            "best": None
            if best is None
            else {
                "trial": best.number,
                "score": best.score,
                "parameters": best.parameters,
                "flops": best.flops,
                "hyperparameters": best.hyperparameters(),
                "architecture": best.architecture,
                "model": str(self.folder.model(best.number)),
            },
        }


def search(
    build: Build | str | None = None,
    *,
    out: Path | str = "searches/search",
    max_trials: int | None = None,
    time_budget: str | float | None = None,
    overwrite: bool = False,
    workers: int | None = None,
    quick: bool | None = None,
    stream: TextIO | None = None,
    **settings: Any,
) -> SearchResult:
    """Search for a good network; called again, it goes on where it was.

    Parameters
    ----------
    build
        The search space: a function that builds and compiles a network from ``hp``, the name of a
        file, as in ``"my_space.py:build"``, or None for the course's own.
    out
        Search folder to write.
    max_trials
        How many networks are trained; 20 if there is no time budget either.
    time_budget
        How long the search takes, over all its sessions: ``"10m"``, or a number of seconds.
    overwrite
        Start again although there is a search in ``out``.
    workers
        How many networks are trained beside each other. In a Slurm job, each is a step of the
        job, and by default there are as many as it has room for; elsewhere one.
    quick
        Use the small subset of the data.
    stream
        Where progress is shown; by default what a notebook shows below the cell.
    **settings
        Other fields of `SearchSettings`: ``tuner``, ``epochs``, ``executions``,
        ``validation_split``, ``max_parameters``, ``seed``.

    Returns
    -------
    SearchResult

    Raises
    ------
    CourseError
        If something is asked for that cannot be, or if ``out`` holds another search.
    """
    asked = search_settings(quick=quick, **settings)
    budget = search_budget(max_trials, time_budget, quick=asked.quick)
    if workers is not None:
        require_whole("the number of workers", workers, 1, MOST_WORKERS)
    folder = SearchFolder(Path(out))
    space = space_of(build) if callable(build) else read_space(build)
    with locked(folder.path):
        # A file is run before the folder is begun: a mistake in it leaves nothing behind.
        function = build if callable(build) else load_build(space, Path(space.name))
        folder.begin(asked, space, overwrite=overwrite)
        return run_search(
            function,
            folder,
            asked,
            budget,
            stream or sys.stdout,
            workers,
            of_a_file=not callable(build),
        )


def run_search(
    build: Build,
    folder: SearchFolder,
    settings: SearchSettings,
    budget: Budget,
    stream: TextIO,
    workers: int | None = None,
    *,
    of_a_file: bool = False,
) -> SearchResult:
    """Go on with the search in a folder that was begun, until its budget is used up.

    A search space that is ``of_a_file`` can be read by other processes from the folder. So in a
    Slurm job, each trial can be a step of it.

    If something cannot be written, a trial that was under way is tried again another time.
    """
    keep_memory()  # here, because each trial's process starts as a copy of this one
    train, held = trial_task.images_for(settings)
    try:
        crew = crew_for(build, train, held, workers, of_a_file=of_a_file)
        one = _Search(build, folder, settings, budget, crew, stream)
        return SearchResult(folder, settings, one.record, one.run())
    except OSError as error:
        record = folder.record()
        kept = record.trained() if record else 0
        mend = "make room, and search again with the same settings to go on"
        raise unwritten(error, f"{kept} trials are kept: {mend}") from error


class _Search:
    """One session of a search."""

    def __init__(
        self,
        build: Build,
        folder: SearchFolder,
        settings: SearchSettings,
        budget: Budget,
        crew: Crew,
        stream: TextIO,
    ) -> None:
        self._folder, self._settings, self._budget, self._crew = folder, settings, budget, crew
        self._under_way = partial(
            UnderWay, stream, budget, settings.executions, several=crew.number > 1
        )
        say = RenewingLine(stream).keep
        self._started, self._attempts = time.monotonic(), Counter[int]()
        if crew.note:
            say(crew.note)
        record = folder.record()
        if record is None:
            record = Record(explored(build, folder))
            folder.write(record)
        elif record.trials:
            say(f"Going on after {record.trained()} trials in {folder.path}.")
        self.record, self._before = record, record.elapsed()
        self._proposals = Proposals(settings, record.space)
        self._proposals.replay(record)
        self._waiting = list(record.started)  # they were under way when the last session ended
        write_board(folder, record)

    def run(self) -> str:
        """Run trials until something ends the search, and say what."""
        running: dict[Running, UnderWay] = {}
        try:
            while True:
                over, begun = self._over(len(running)), None
                if over is None and len(running) < self._crew.number:
                    # Those first that an earlier session did not end.
                    begun = self._waiting.pop(0) if self._waiting else self._proposals.next()
                if begun is not None:
                    self._begin(begun, running)
                elif running:
                    tick = next(iter(running.values())).tick
                    ended = first_ended(running, self._deadline(), tick)
                    self._end(running.pop(ended), ended)
                else:
                    return over or "there is nothing left to try"
        except OutOfTimeError:
            return "the time is over"
        finally:
            for each in running:
                each.stop()

    def _begin(self, begun: Started, running: dict[Running, UnderWay]) -> None:
        if self._crew.number > 1 and begun not in self.record.started:
            self.record.started.append(begun)
            self._write()
        slot = min(set(range(self._crew.number)) - {each.slot for each in running.values()})
        trial = self._under_way(begun, slot, self.record, self._elapsed(), len(running))
        space = known_space(self.record)
        task = trial_task.Task(self._folder, self._settings, begun.number, begun.proposed, space)
        self._attempts[begun.number] += 1
        output = self._folder.output(slot)
        one = self._crew.start(task, trial.hear, output, self._deadline())
        if one is None:
            self._end(trial, None)
        else:
            running[one] = trial

    def _end(self, under_way: UnderWay, ran: Running | None) -> None:
        """Record a trial that has ended, or try it again if its process died."""
        try:
            if ran is not None:
                ran.finish()
        except CrashedError as error:
            under_way.ended["error"] = str(error)
            if self._attempts[under_way.begun.number] < self._crew.attempts:
                under_way.write(f"{error}; the trial is tried again", whole=True)
                self._waiting.insert(0, under_way.begun)
                return
        trial = under_way.result(known_space(self.record), self._elapsed())
        self.record.trials.append(trial)
        self.record.started[:] = [s for s in self.record.started if s.number != trial.number]
        self._write()
        write_board(self._folder, self.record)
        self._proposals.tell(trial.number, trial.values, trial.space, trial.score)
        under_way.end(trial, self.record, self._elapsed())

    def _write(self) -> None:
        self._folder.write(self.record, still_needed(self._settings, self.record))

    def _elapsed(self) -> float:
        """Return the age of the search over all its sessions, in seconds."""
        return self._before + time.monotonic() - self._started

    def _deadline(self) -> float:
        """Return when the time budget ends, by `time.monotonic`."""
        return self._started - self._before + (self._budget.seconds or math.inf)

    def _over(self, under_way: int) -> str | None:
        """Say why no further trial begins beside those under way, if none does."""
        record, budget = self.record, self._budget
        if budget.trials is not None and record.trained() + under_way >= budget.trials:
            return "all trials are done"
        took = [trial.seconds for trial in record.finished()] or [0.0]
        left = self._deadline() - time.monotonic()
        if left <= max(0.0, USUAL_SHARE * statistics.median_high(took)):
            return "the time is over"
        if not record.finished():
            if record.trained() >= HOPELESS:
                return f"each of {record.trained()} trials failed"
            if len(record.trials) >= HOPELESSLY_LARGE:
                return f"each of {len(record.trials)} networks was too large or failed"
        return None


def explored(build: Build, folder: SearchFolder) -> dict[str, Any]:
    """Ask a space which hyperparameters it has."""
    found: dict[str, Any] = {}
    try:
        run(partial(trial_task.explore, build), found.update, folder.output(0))
    except CrashedError as error:
        raise CourseError(f"the search space could not be asked: {error}; mend it") from error
    space: dict[str, Any] = found["space"]
    return space
