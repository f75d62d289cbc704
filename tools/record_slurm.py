"""Record what the lessons about Slurm show: real jobs, on a small Slurm on this machine.

Run it after a change of the job scripts: ``.venv/bin/python tools/record_slurm.py [NAME...]``. It
needs Slurm (apt-get install slurm-wlm munge), and takes some minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from slurm_cluster import ACCOUNTS, ONE_ACCOUNT, Cluster, missing, slurm_cluster

from mnist_keras.files import write_text

REPOSITORY = Path(__file__).resolve().parents[1]
SCRIPTS = REPOSITORY / "book" / "scale" / "slurm"
RECORDED = REPOSITORY / "book" / "scale" / "recorded"
PATIENCE = 1200  # seconds for a job, on a busy machine
MOST_LINES = 14
FORMAT = "%.7i %.16j %.9T %.6M %.6D %R"


class Terminal:
    """A learner's terminal in the folder of the scripts: what was typed, and what came back.

    Parameters
    ----------
    cluster
        A running Slurm.
    home
        The learner's folder; shown as ``~``.
    """

    def __init__(self, cluster: Cluster, home: Path) -> None:
        self.cluster = cluster
        self.home = home
        self._lines: list[str] = []

    def type(self, command: str) -> str:
        """Run a command as it is shown, and give what it said."""
        done = self.cluster.run(
            *("bash", "-c", command),
            cwd=self.home,
            check=False,
            limit=PATIENCE,
            PATH=f"{sys.prefix}/bin:{self.cluster.environment['PATH']}",
            HOME=str(self.home),
            VENV=sys.prefix,
            SCRIPTS=str(SCRIPTS),
            SQUEUE_FORMAT=FORMAT,
            CUDA_VISIBLE_DEVICES="-1",
        )
        said = done.stdout + done.stderr
        self._lines += [f"$ {command}", *_shortened(said.splitlines())]
        return said

    def submit(self, command: str) -> int:
        """Hand in a job, and give its number."""
        found = re.search(r"batch job (\d+)", self.type(command))
        assert found, self._lines[-1]
        return int(found[1])

    def wait(self, job: int, *states: str) -> None:
        """Wait until a job is in one of some states, or has ended."""
        self.cluster.wait(job, *states, limit=PATIENCE)

    def wait_for(self, file: str) -> None:
        """Wait until a job has written a file."""
        until = time.monotonic() + PATIENCE
        while not (self.home / file).exists():
            assert time.monotonic() < until, f"{file} was not written"
            time.sleep(0.1)

    def text(self) -> str:
        """Return what the terminal shows, and clear it."""
        lines, self._lines = self._lines, []
        text = "\n".join(line.rstrip() for line in lines) + "\n"
        text = re.sub(r"/\S*/(mnist-keras-results)", r"~/\1", text)
        return text.replace(str(self.home), "~").replace(os.uname().nodename, "login")


def _shortened(lines: list[str]) -> list[str]:
    """Leave out the middle of many epochs."""
    if len(lines) <= MOST_LINES:
        return lines
    epochs = [k for k, line in enumerate(lines) if line.startswith("epoch ")]
    keep = {k for k in epochs if k - 1 not in epochs or k + 1 not in epochs}
    dropped = [k for k in epochs if k not in keep]
    return [
        "…" if k in dropped else line
        for k, line in enumerate(lines)
        if k not in dropped or k - 1 not in dropped
    ]


def first_job(terminal: Terminal) -> None:
    """Hand in a job, look at the queue, read what it said."""
    job = terminal.submit("bash train.sh --quick --network sprint --epochs 3")
    terminal.wait(job, "RUNNING")
    terminal.type("squeue --me")
    terminal.wait(job)
    terminal.type(f"cat train-{job}.out")
    terminal.type("ls mnist-keras-results/train")


def nodes(terminal: Terminal) -> None:
    """Look at the cluster."""
    terminal.type("sinfo")


def waiting(terminal: Terminal) -> None:
    """See why a job waits."""
    for name in ("first", "second", "third"):
        terminal.submit(f"sbatch --job-name={name} --nodes=2 --exclusive --wrap='sleep 600'")
    time.sleep(5)  # until Slurm has looked at each
    terminal.type("squeue --me")
    terminal.type("scancel --me")


def refused(terminal: Terminal) -> None:
    """Ask for what there is not."""
    terminal.type("sbatch --account=def-nobody train.sh")
    terminal.type("mnist-keras slurm train --account def-nobody")
    terminal.type("sbatch --gpus-per-node=h100:1 train.sh")
    terminal.type("mnist-keras slurm train --gpu h100:1")


def requeued(terminal: Terminal) -> None:
    """Let a job meet its time limit."""
    ask = "sbatch --job-name=long --time=3 --signal=B:USR1@60 train.sh"
    job = terminal.submit(f"{ask} --quick --network sprint --epochs 1000")
    terminal.wait(job, "RUNNING")
    terminal.wait(job, "PENDING")
    terminal.type("squeue --me")
    # A learner waits about two minutes, and the job goes on as often as it needs to.
    terminal.cluster.run("scontrol", "update", f"jobid={job}", "StartTime=now+3")
    terminal.wait(job, "RUNNING")
    until = time.monotonic() + PATIENCE
    while (terminal.home / f"long-{job}.out").read_text().count("going on after") < 1:
        assert time.monotonic() < until
        time.sleep(0.2)
    terminal.type(f"cat long-{job}.out")
    terminal.cluster.run("scancel", job)


def array(terminal: Terminal) -> None:
    """Train with several seeds."""
    job = terminal.submit("sbatch --array=0-3%2 seeds.sh --quick --network sprint --epochs 3")
    terminal.wait_for("mnist-keras-results/seeds-0/settings.json")
    terminal.type("squeue --me")
    until = time.monotonic() + PATIENCE
    while terminal.cluster.run("squeue", "--noheader", f"--job={job}", check=False).stdout:
        assert time.monotonic() < until
        time.sleep(0.5)
    terminal.type("grep -H Test seeds-*.out | cut -d, -f1")


def search(terminal: Terminal) -> None:
    """Search over the tasks of a job."""
    job = terminal.submit("sbatch --ntasks=4 tune.sh --quick --max-trials 4 --epochs 2")
    until = time.monotonic() + PATIENCE
    while terminal.cluster.run("squeue", "--steps", "--noheader").stdout.count(f"{job}.") < 5:
        assert time.monotonic() < until
        time.sleep(0.2)
    terminal.type("squeue --me --steps")
    terminal.wait(job)
    terminal.type(f"tail -n 4 tune-{job}.out")


SESSIONS: dict[str, Callable[[Terminal], None]] = {
    "nodes": nodes,
    "first-job": first_job,
    "refused": refused,
    "waiting": waiting,
    "array": array,
    "requeued": requeued,
    "search": search,
}


def main() -> int:
    """Record the sessions that were named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SESSIONS))
    names = parser.parse_args().names or list(SESSIONS)
    lacking = missing()
    if lacking:
        print(f"record_slurm: {lacking}", file=sys.stderr)
        return 2
    with (
        slurm_cluster(cpus=4, memory=16000, more=ACCOUNTS, files=ONE_ACCOUNT) as cluster,
        tempfile.TemporaryDirectory() as home,
    ):
        for script in SCRIPTS.glob("*.sh"):
            (Path(home) / script.name).symlink_to(script)
        for name in names:
            terminal = Terminal(cluster, Path(home))
            SESSIONS[name](terminal)
            write_text(RECORDED / f"{name}.txt", terminal.text())
            print(f"{RECORDED / name}.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
