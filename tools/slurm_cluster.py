"""A real Slurm on this machine: two nodes over loopback.

Tests, measurements and what the pages show come from it. It has its own `munged`, `slurmctld` and
`slurmd` in a scratch folder, on ports that were free, and nothing of it outlives its use. Any user
may start it; its jobs run as that user.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel")
INSTALL = "apt-get install slurm-wlm munge"
BUSY = 30  # seconds in which it may give no answer
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "DEADLINE")
CONFIGURATION = """\
ClusterName=course
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
MinJobAge=3600
DefMemPerCPU=1000
KillWait=5
SlurmdParameters=config_overrides
{more}
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=7-00:00:00 State=UP
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} {size}"


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def missing() -> str | None:
    """Say what this machine lacks for a Slurm of its own, and how to get it; None: nothing."""
    absent = [program for program in PROGRAMS if shutil.which(program, path=PATH) is None]
    if absent:
        return f"no Slurm here ({', '.join(absent)} not found): {INSTALL}"
    if os.uname().sysname != "Linux":
        return "Slurm runs on Linux"
    return None


@dataclass(frozen=True)
class Cluster:
    """A running Slurm.

    Attributes
    ----------
    folder
        Where its configuration, state and logs lie.
    environment
        What its commands need, `SLURM_CONF` among it.
    """

    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    def run(
        self,
        *command: object,
        cwd: Path | None = None,
        limit: float = 120,
        check: bool = True,
        **extra: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with this Slurm in its environment.

        Parameters
        ----------
        command
            A program and its arguments.
        cwd
            The folder to run it in.
        limit
            Seconds that it may take.
        check
            Whether to fail with what it said if its status is not 0.
        extra
            More variables of the environment.
        """
        done = subprocess.run(
            [*map(str, command)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env={**self.environment, **extra},
            timeout=limit,
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done

    def submit(self, *arguments: object, cwd: Path | None = None, **extra: str) -> int:
        """Submit a job with `sbatch` and give its number."""
        done = self.run("sbatch", "--parsable", *arguments, cwd=cwd, **extra)  # type: ignore[arg-type]
        return int(done.stdout.split(";")[0])

    def job(self, number: int | str) -> dict[str, str]:
        """Return what Slurm knows of a job: `JobState`, `Restarts`, `Reason`, `StdOut` and more.

        On a busy machine, it may not be able to say it the first time.
        """
        ask = ("scontrol", "show", "job", number, "--oneliner")
        until = time.monotonic() + BUSY
        while (said := self.run(*ask, check=False)).returncode:
            assert time.monotonic() < until, said.stderr
            time.sleep(1)
        return dict(part.split("=", 1) for part in said.stdout.split() if "=" in part)

    def wait(self, number: int | str, *states: str, limit: float = 600) -> str:
        """Wait until a job is in one of some states and give that state.

        Parameters
        ----------
        number
            The job's.
        states
            By default those that it cannot leave again.
        limit
            Seconds; then the test fails with what Slurm knows of the job.
        """
        until = time.monotonic() + limit
        while (state := self.job(number)["JobState"]) not in (states or ENDED):
            assert state not in ENDED, f"it is {state}, not {states}: {self.job(number)}"
            assert time.monotonic() < until, f"still {state} after {limit} s: {self.job(number)}"
            time.sleep(0.2)
        return state


@contextmanager
def slurm_cluster(
    nodes: Sequence[str] = ("n1", "n2"),
    cpus: int = 2,
    memory: int = 8000,
    more: str = "",
    files: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """Start a Slurm, and end it with all its jobs.

    Parameters
    ----------
    nodes
        Names of its nodes; each is this machine again.
    cpus
        Processors of a node, whatever the machine has.
    memory
        Memory of a node, in MB.
    more
        Further lines of its configuration.
    files
        What else lies beside its configuration, by name.

    Raises
    ------
    RuntimeError
        If it does not come up within half a minute; it says what the daemons said.
    """
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # short: a socket's path has 107 bytes
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "SBATCH_"))},
        "PATH": PATH,
        "SLURM_CONF": f"{folder}/slurm.conf",
    }
    cluster = Cluster(folder, environment)
    _configure(folder, nodes, cpus, memory, more)
    for name, text in (files or {}).items():
        (folder / name).write_text(text)
    try:
        with ExitStack() as daemons:
            for command in _commands(folder, nodes):
                daemons.enter_context(_daemon(folder, command, environment))
            _wait_until_up(cluster, len(nodes))
            try:
                yield cluster
            finally:
                _end_jobs(cluster)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path, nodes: Sequence[str], cpus: int, memory: int, more: str) -> None:
    """Write what the daemons read."""
    folder.chmod(0o755)  # munged wants a socket that every user can reach
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    host = os.uname().nodename.partition(".")[0]
    ports = free_ports(1 + len(nodes))
    size = f"RealMemory={memory} State=UNKNOWN"
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            host=host,
            ports=ports,
            user=pwd.getpwuid(os.geteuid()).pw_name,
            folder=folder,
            more=more,
            nodes="\n".join(
                NODE.format(name=name, host=host, port=port, cpus=cpus, size=size)
                for name, port in zip(nodes, ports[1:], strict=True)
            ),
        )
    )


def _commands(folder: Path, nodes: Sequence[str]) -> list[list[str]]:
    """Say how the daemons are started, in which order."""
    kinds = {"key-file": "key", "socket": "socket", "log-file": "log", "seed-file": "seed"}
    places = [f"--{option}={folder}/munge.{kind}" for option, kind in kinds.items()]
    return [
        ["munged", "--foreground", "--force", f"--pid-file={folder}/munge.pid", *places],
        ["slurmctld", "-D"],
        *(["slurmd", "-D", "-N", node] for node in nodes),
    ]


@contextmanager
def _daemon(folder: Path, command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Keep a daemon running, and end it by its own id; it also ends with this process."""
    command = ["setpriv", "--pdeathsig", "TERM", *command]
    with open(folder / "daemons.log", "ab") as log:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _wait_until_up(cluster: Cluster, nodes: int) -> None:
    """Wait until each node takes jobs."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        said = cluster.run("sinfo", "--noheader", "--Node", "--format=%T", check=False)
        if said.stdout.split() == ["idle"] * nodes:
            return
        time.sleep(0.1)
    logs = {log.name: log.read_text()[-2000:] for log in cluster.folder.glob("*.log")}
    raise RuntimeError(f"Slurm did not come up: {said.stdout}{said.stderr}\n{logs}")


def _end_jobs(cluster: Cluster) -> None:
    """End what still runs or waits, so that no step outlives its daemon."""
    cluster.run("scancel", "--signal=KILL", "--full", "--state=RUNNING", check=False)
    until = time.monotonic() + 20
    while cluster.run("squeue", "--noheader", check=False).stdout and time.monotonic() < until:
        cluster.run("scancel", "--user", pwd.getpwuid(os.geteuid()).pw_name, check=False)
        time.sleep(0.2)


# A site's own rule, as clusters have them: one account may be used, or none named.
ACCOUNTS = "JobSubmitPlugins=lua"
ONE_ACCOUNT = {
    "job_submit.lua": """
function slurm_job_submit(job, partitions, user)
  if job.account == nil or job.account == "def-course" then
    return slurm.SUCCESS
  end
  return 2045 -- ESLURM_INVALID_ACCOUNT
end
function slurm_job_modify(job, record, partitions, user)
  return slurm.SUCCESS
end
return slurm.SUCCESS
"""
}
