"""A search in a Slurm job whose parts are killed; as a program, at random moments, again and again.

Run as ``python killed_steps.py FOLDER RUNS [SEED]``: it starts a Slurm of its own, and prints what
each run met. Each search is killed twice: first something is killed in its job, then the job is
submitted once more and left alone.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))

from command_line import COMMAND
from slurm_cluster import ENDED, Cluster, slurm_cluster

from mnist_keras.tuning.record import SearchFolder

SPACE = Path(__file__).parent / "tuning" / "spaces.py"
TRIALS = 4
WAYS = ("step", "holder", "both", "scancel")
BOUND = 120.0  # seconds in which a job whose parts were killed has ended, on a busy machine


def search(trials: int) -> list[str]:
    """Give what ``mnist-keras`` is asked for, but for the folder."""
    asked = ["--quick", "--epochs", "1", "--seed", "5", "--max-trials", str(trials)]
    return ["tune", "--space", f"{SPACE}:tiny", *asked]


def submit(slurm: Cluster, out: Path, trials: int) -> int:
    """Submit the search to two nodes with room for two trials."""
    room = ["--nodes=2", "--ntasks=2", "--cpus-per-task=1", "--mem-per-cpu=2000"]
    log = out.with_name(f"{out.name}.log")
    said = [f"--output={log}", "--open-mode=append", "--no-requeue"]
    command = " ".join([*COMMAND, *search(trials), "--out", str(out)])
    return slurm.submit(*room, *said, f"--wrap=exec {command}")


def scores(out: Path) -> dict[int, float | None]:
    """Give each trial's score; a trial that is recorded twice is a mistake."""
    record = SearchFolder(out).record()
    trials = record.trials if record else []
    assert len({trial.number for trial in trials}) == len(trials)
    return {trial.number: trial.score for trial in sorted(trials, key=lambda t: t.number)}


def wait_for_trials(slurm: Cluster, job: int, out: Path, number: int, limit: float = 240) -> None:
    """Wait until so many trials have ended, or the job has."""
    until = time.monotonic() + limit
    while (out / "search.json").exists() is False or len(scores(out)) < number:
        assert time.monotonic() < until, f"no {number} trials within {limit} s"
        if slurm.job(job)["JobState"] in ENDED:
            return
        time.sleep(0.2)


def processes(slurm: Cluster, job: int, *, steps: bool) -> Iterator[int]:
    """Find the processes of a job that run trials, or the one that holds the search."""
    ours = {f"SLURM_JOB_ID={job}".encode(), f"SLURM_CONF={slurm.folder}/slurm.conf".encode()}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            environment = {*(place / "environ").read_bytes().split(b"\0")}
        except OSError:  # it has ended
            continue
        if words[0] != sys.executable.encode() or not ours <= environment:
            continue
        if (b"mnist_keras.tuning.trial_steps" in words) == steps:
            yield int(place.name)


def kill(slurm: Cluster, job: int, way: str) -> int:
    """Kill a part of a job as by ``kill -9``, or all of it by ``scancel``; how many were."""
    if way == "scancel":
        slurm.run("scancel", "--signal=KILL", "--full", job, check=False)
        return 1
    found = [*processes(slurm, job, steps=True)][:1] if way in ("step", "both") else []
    found += [*processes(slurm, job, steps=False)] if way in ("holder", "both") else []
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            found = [each for each in found if each != pid]
    return len(found)


@dataclass(frozen=True)
class Killed:
    """What a search met.

    Attributes
    ----------
    way
        What was killed.
    after
        How many trials had ended then.
    killed
        How many processes were there to kill.
    ended
        Seconds until the job had ended by itself.
    state
        In which state.
    lost
        Trials that had ended and are not as they were.
    left
        Processes of the job that outlived it.
    whole
        Whether, submitted once more, all trials were done once, with the same scores.
    """

    way: str
    after: int
    killed: int
    ended: float
    state: str
    lost: int
    left: int
    whole: bool


def killed_once(
    slurm: Cluster, out: Path, way: str, moment: float, right: dict[int, float | None]
) -> Killed:
    """Search, kill after a share of the trials and a moment, submit again; say what was met."""
    job = submit(slurm, out, len(right))
    wait_for_trials(slurm, job, out, int(moment * len(right)))
    time.sleep(moment * len(right) % 1)
    before = scores(out) if (out / "search.json").exists() else {}
    number, since = kill(slurm, job, way), time.monotonic()
    how = slurm.wait(job, limit=300 if way == "step" else BOUND)
    took = time.monotonic() - since
    left = sum(1 for steps in (True, False) for _ in processes(slurm, job, steps=steps))
    kept = scores(out) if (out / "search.json").exists() else {}
    lost = sum(kept.get(trial) != score for trial, score in before.items())
    again = submit(slurm, out, len(right))
    whole = slurm.wait(again) == "COMPLETED" and scores(out) == right
    return Killed(way, len(before), number, round(took, 1), how, lost, left, whole)


def main() -> None:
    """Kill at random moments, and print what was met."""
    base, runs = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    base.mkdir(parents=True, exist_ok=True)
    with slurm_cluster(cpus=1) as slurm:
        plain = base / "plain"
        slurm.run(*COMMAND, *search(TRIALS), "--out", plain, limit=600)
        right = scores(plain)
        for run in range(runs):
            way = WAYS[run % len(WAYS)]
            met = killed_once(slurm, base / f"run-{run}", way, chance.random(), right)
            print(json.dumps(asdict(met)), flush=True)


if __name__ == "__main__":
    main()
