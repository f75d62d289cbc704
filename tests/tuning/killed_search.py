"""A search that is killed again and again, and one that is not; prints what each recorded.

Run as ``python killed_search.py TUNER FOLDER``. The sessions are forked from a process that has
imported TensorFlow, so that each is spared its import.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
import time
from functools import partial
from pathlib import Path

from killing import die_at, in_a_fork

from mnist_keras.tuning import proposals, search, trial_task
from mnist_keras.tuning.record import SearchFolder
from mnist_keras.tuning.settings import Budget, search_settings
from mnist_keras.tuning.space_sources import space_of

sys.path.insert(0, str(Path(__file__).parent))
from spaces import tiny

TRIALS = {"random": 4, "grid": 4, "bayesian": 5, "hyperband": 7}
EPOCHS = {"hyperband": 3}
IN_A_TRIAL = "in a trial"


def session(tuner: str, folder: Path, moment: str) -> int:
    """Run a session of the search in a forked process, killed at a moment; give its status."""

    def run() -> None:
        if moment == IN_A_TRIAL:
            die_in_a_trial()
        elif moment:
            when, name = moment.split()
            die_at(when, f"*/{name}")
        settings = search_settings(tuner=tuner, epochs=EPOCHS.get(tuner, 1), quick=True)
        place = SearchFolder(folder)
        place.begin(settings, space_of(tiny), overwrite=False)
        search.run_search(tiny, place, settings, Budget(TRIALS[tuner]), io.StringIO())

    return in_a_fork(run)


def die_in_a_trial() -> None:
    """Let this process be killed when the first of its trials has trained."""
    session_process, fit = os.getpid(), trial_task.fit_network

    def fitting(*arguments: object) -> object:
        history = fit(*arguments)
        os.kill(session_process, signal.SIGKILL)
        time.sleep(10)  # ends with the session
        return history

    trial_task.fit_network = fitting


def moments() -> list[str]:
    """Name the moments, in the order in which a search meets them."""
    return [
        "after search.json",
        "before trials.json",
        IN_A_TRIAL,
        "after trials.json",
        "before trials.csv",
        "before trials.json",
        IN_A_TRIAL,
    ]


def main() -> None:
    """Run both searches, and print what was kept after each kill and at the end."""
    tuner, base = sys.argv[1], Path(sys.argv[2])
    # So that the Gaussian process is met.
    search.Proposals = partial(proposals.Proposals, initial_points=2)  # type: ignore[misc]
    whole, killed = base / "whole", base / "killed"
    assert session(tuner, whole, "") == 0
    kept = []
    for moment in moments():
        status = session(tuner, killed, moment)
        assert status == -signal.SIGKILL, (moment, status)
        record = SearchFolder(killed).record()
        kept.append([moment, [t.number for t in record.trials] if record else []])
    assert session(tuner, killed, "") == 0
    told = {"kept": kept}
    for name, folder in (("whole", whole), ("killed", killed)):
        record = SearchFolder(folder).record()
        assert record is not None
        told[name] = [[t.number, t.values, t.score, t.status] for t in record.trials]
        files = (str(path.relative_to(folder)) for path in folder.rglob("*"))
        told[f"{name} files"] = sorted(re.sub(r"(tfevents)\..*", r"\1", file) for file in files)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
