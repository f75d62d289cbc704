"""A trial under way: lines that stay, and on a terminal one that renews itself in between."""

import math
import time
from typing import Any, TextIO

from mnist_keras.process.durations import duration
from mnist_keras.process.progress import RenewingLine
from mnist_keras.tuning.record import FAILED, FINISHED, Record, Started, Trial
from mnist_keras.tuning.settings import Budget

WIDTH = 100  # characters, where there is no terminal to ask


class UnderWay:
    """A trial that has begun: what it has told so far, kept and shown.

    Shown are its network, its epochs, the best so far and the time left. Only on a terminal is a
    line renewed in place. Where ``several`` trials run beside each other, each line names its
    trial, and none renews itself.
    """

    def __init__(
        self,
        stream: TextIO,
        budget: Budget,
        executions: int,
        begun: Started,
        slot: int,
        record: Record,
        elapsed: float,
        beside: int,
        *,
        several: bool,
    ) -> None:
        self.begun, self.slot = begun, slot
        self.ended: dict[str, Any] = {"status": FAILED, "score": None, "values": begun.proposed}
        self._about: dict[str, Any] = {}
        self._history: list[list[dict[str, Any]]] = []
        self._line = RenewingLine(stream, renewing=not several)
        self._budget, self._executions, self._several = budget, executions, several
        of = f" of {budget.trials}" if budget.trials else ""
        self._name, self._doing = f"trial {record.trained() + beside + 1}{of}", "building"
        self._since, self._left = time.monotonic(), time_left(record, budget, elapsed)
        self.tick()

    def hear(self, message: dict[str, Any]) -> None:
        """Keep and show what it tells."""
        if "about" in message:
            self._about = message["about"]
            size = f"{self._about['parameters']:,} parameters"
            self.write(f"{self._name}: {self._about['architecture']} ({size})")
            self._doing = "epoch 1"
        elif "epoch" in message:
            row = message["epoch"]
            so_far = sum(each["seconds"] for rows in self._history for each in rows)
            row["seconds"] = round(self._running() - so_far, 3)
            if message["execution"] == len(self._history):
                self._history.append([])
            # JSON holds no infinity, and no number that is none.
            finite = {name: value if math.isfinite(value) else None for name, value in row.items()}
            self._history[-1].append(finite)
            self._show_epoch(row, message)
        elif "end" in message:
            self.ended |= message["end"]

    def result(self, known: dict[str, Any], elapsed: float) -> Trial:
        """Return the trial; ``known`` are the hyperparameters that the tuner knew until now."""
        begun, ended = self.begun, dict(self.ended)
        grown = ended.pop("space", None)
        if grown is not None:
            grown = {**grown, "values": {}}
        return Trial(
            number=begun.number,
            proposed=begun.proposed,
            seconds=round(self._running(), 3),
            elapsed=round(elapsed, 3),
            history=self._history,
            space=grown if grown != known else None,
            after=begun.after if begun.after != begun.number - 1 else None,
            **ended,
            **self._about,
        )

    def _running(self) -> float:
        return time.monotonic() - self._since

    def _show_epoch(self, row: dict[str, Any], message: dict[str, Any]) -> None:
        again = f"{message['execution'] + 1}. training, " if self._executions > 1 else ""
        said = f"{again}epoch {int(row['epoch'])}/{message['epochs']}"
        measured = f"validation accuracy {100 * row.get('val_accuracy', float('nan')):.2f} %"
        if self._line.terminal:
            self._doing = f"{said}: {measured}"
            self._renew()
        else:
            name = f"{self._name}, " if self._several else ""
            self.write(f"  {name}{said}: {measured}, {self._running():.1f} s")

    def tick(self) -> None:
        """Renew the line on a terminal."""
        if self._line.is_due():
            self._renew()

    def _renew(self) -> None:
        running = self._running()
        left = f", {duration(self._left - running)} left" if self._left is not None else ""
        self._line.renew(f"{self._name}: {self._doing}, {running:.0f} s{left}")

    def end(self, trial: Trial, record: Record, elapsed: float) -> None:
        """Tell how a trial ended, the best so far and the time left."""
        if trial.status == FINISHED:
            said = f"{100 * (trial.score or 0):.2f} % in {trial.seconds:.1f} s"
        else:
            said = f"{trial.status}: {trial.error}"
        parts = [f"{self._name}: {said}"]
        best = record.best(1)
        if best:
            which = "this one" if best[0].number == trial.number else f"row {best[0].number}"
            parts.append(f"best so far {100 * (best[0].score or 0):.2f} % ({which})")
        left = time_left(record, self._budget, elapsed)
        if left is not None and left > 0:
            parts.append(f"{duration(left)} left")
        self.write("; ".join(parts), whole=trial.status != FINISHED)

    def write(self, line: str, *, whole: bool = False) -> None:
        """Write a line that stays; unless ``whole``, it is cut where the terminal ends."""
        width = self._line.width or WIDTH
        self._line.keep(line if whole or len(line) <= width else f"{line[: width - 1]}…")


def time_left(record: Record, budget: Budget, elapsed: float) -> float | None:
    """Guess how long a search still takes, in seconds; None before there is anything to go by."""
    guesses = []
    if budget.seconds is not None:
        guesses.append(budget.seconds - elapsed)
    if budget.trials is not None and record.trained():
        # The time of those that were too large is part of what a trial takes.
        guesses.append(elapsed / record.trained() * (budget.trials - record.trained()))
    return max(0.0, min(guesses)) if guesses else None
