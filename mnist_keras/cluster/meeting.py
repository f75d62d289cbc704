"""How processes that train one network find each other, or learn within a bound that they cannot.

`srun` starts the same command several times, and tells each process its number in the environment.
Process 0 listens at an address that the others work out too. They tell it where they can be
reached; it answers with everybody's address, or with the reason why nothing is trained. So a
refused folder ends all processes with the same line, and an absent process ends the others.

Without Slurm, the variable ``TF_CONFIG`` says the same, as TensorFlow describes it.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from mnist_keras.errors import CourseError

PATIENCE = 120.0  # seconds that processes wait for each other
TICK = 0.2  # seconds between two calls
LONGER = 30.0  # that the others wait for an answer, since they may have started first
LONGEST_MESSAGE = 65_536
FIRST_PORT, PORTS = 20_000, 12_000  # below those that systems lend to outgoing connections

Message = dict[str, Any]
Met = tuple[socket.socket, Message]  # a line to a process, and what that asks for


@dataclass(frozen=True)
class Place:
    """A process's place among those that train together."""

    rank: int  # its number, from 0, and how many there are
    processes: int
    host: str  # where process 0 listens
    port: int
    key: str  # what only processes of the same step know
    # where this process should be reached while it trains; 0 lets the system choose
    own_port: int = 0


@dataclass(frozen=True)
class Team:
    """Processes that have met."""

    rank: int  # this process's number
    addresses: list[str]  # where each can be reached, as ``host:port``

    def tf_config(self) -> str:
        """Return the team as TensorFlow reads it."""
        task = {"type": "worker", "index": self.rank}
        return json.dumps({"cluster": {"worker": self.addresses}, "task": task})


class DismissedError(Exception):
    """Process 0 has nothing to train: the run is finished."""


def place_in(environ: Mapping[str, str]) -> Place | None:
    """Find this process's place, or None if it is alone."""
    if environ.get("TF_CONFIG"):
        return _place_by_tf_config(environ["TF_CONFIG"])
    if int(environ.get("SLURM_STEP_NUM_TASKS", 1)) > 1:
        return _place_by_slurm(environ)
    return None


def _place_by_tf_config(text: str) -> Place | None:
    try:
        config = json.loads(text)
        workers, rank = list(config["cluster"]["worker"]), int(config["task"]["index"])
        (host, port), own = workers[0].rsplit(":", 1), workers[rank].rsplit(":", 1)[1]
        place = Place(rank, len(workers), host, int(port), text_key(workers), int(own))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CourseError(
            'TF_CONFIG cannot be read; write it like {"cluster": {"worker": ["host0:20000", '
            '"host1:20000"]}, "task": {"type": "worker", "index": 0}}, or unset it'
        ) from error
    return place if len(workers) > 1 else None


def _place_by_slurm(environ: Mapping[str, str]) -> Place:
    job, step = environ["SLURM_JOB_ID"], environ.get("SLURM_STEP_ID", "0")
    if not shutil.which("scontrol"):
        raise CourseError("scontrol is missing, so the nodes of this step cannot be found")
    first = asked_slurm("hostnames", environ["SLURM_STEP_NODELIST"]).split()[0]
    # The name of a node need not be one that the network knows.
    named = re.search(r"(?<!\S)NodeAddr=(\S+)", asked_slurm("node", first, "--oneliner"))
    port = FIRST_PORT + (31 * int(job) + int(step)) % PORTS
    restart = environ.get("SLURM_RESTART_COUNT", "0")
    return Place(
        int(environ["SLURM_PROCID"]),
        int(environ["SLURM_STEP_NUM_TASKS"]),
        named[1] if named else first,
        port,
        text_key([job, step, restart]),
    )


def asked_slurm(*what: str) -> str:
    """Return what ``scontrol show`` says."""
    try:
        done = subprocess.run(
            ["scontrol", "show", *what], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = " ".join((getattr(error, "stderr", None) or str(error)).split())
        raise CourseError(f"scontrol show {' '.join(what)} failed: {said}") from error
    return done.stdout


def text_key(parts: list[str]) -> str:
    """Return what tells one group of processes from another, and its users from others."""
    return "/".join([str(os.getuid() if hasattr(os, "getuid") else ""), *parts])


@dataclass
class Gathering:
    """All processes of a step, while process 0 looks whether there is anything to train."""

    team: Team  # they
    # set when there is nothing to train: then the others end, and all is well
    finished: bool = False


@contextmanager
def gathered(place: Place, asked: Message, patience: float = PATIENCE) -> Iterator[Gathering]:
    """Wait, as process 0, for all others; at the end they go on, or hear why they should not.

    The others should have been asked for the same, and come within ``patience`` seconds. If not,
    all are told, and a CourseError says why.
    """
    met: dict[int, Met] = {}
    try:
        _listen(place, met, patience)
        absent = [rank for rank in range(1, place.processes) if rank not in met]
        if absent:
            raise CourseError(
                f"{_named(absent)} of {place.processes} did not come within {patience:.0f} s; "
                "start as many as there should be, or give them longer with --patience"
            )
        other = [rank for rank, (_, wish) in met.items() if wish["asked"] != asked]
        if other:
            raise CourseError(
                f"{_named(other)} of {place.processes} was started with other settings; "
                "start all with the same command"
            )
        addresses = [f"{place.host}:{place.own_port or free_port()}"]
        for _, (line, wish) in sorted(met.items()):
            addresses.append(f"{line.getpeername()[0]}:{wish['port']}")
        gathering = Gathering(Team(0, addresses))
        yield gathering
        _tell(met, {"finished": True} if gathering.finished else {"addresses": addresses})
    except BaseException as error:
        reason = "it was stopped" if isinstance(error, KeyboardInterrupt) else str(error)
        _tell(met, {"refused": reason})
        raise
    finally:
        for line, _ in met.values():
            with suppress(OSError):
                line.settimeout(5)
                line.recv(1)  # its end closes first, so that this port is free again at once
            line.close()


def _listen(place: Place, met: dict[int, Met], patience: float) -> None:
    """Let others come until all have, or the time is over."""
    until = time.monotonic() + patience
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        server = socket.create_server(("", place.port), family=family)
    except OSError as error:
        raise CourseError(
            f"process 0 cannot listen on port {place.port}: {error.strerror or error}; "
            "submit the job again"
        ) from error
    with closing(server):
        while len(met) < place.processes - 1 and time.monotonic() < until:
            server.settimeout(max(0.01, until - time.monotonic()))
            try:
                line, _ = server.accept()
            except TimeoutError:
                return
            wish = _line_of(line, min(10.0, max(0.1, until - time.monotonic())))
            with suppress(ValueError, KeyError, TypeError):
                said = json.loads(wish)
                if said["key"] == place.key and said["rank"] in range(1, place.processes):
                    met[said["rank"]] = line, said
                    continue
            line.close()  # somebody else


def join(place: Place, asked: Message, patience: float = PATIENCE) -> Team:
    """Call process 0, and wait for what it answers.

    DismissedError says that the run is finished, CourseError why nothing is trained.
    """
    port = place.own_port or free_port()
    wish = {"key": place.key, "rank": place.rank, "port": port, "asked": asked}
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with closing(socket.create_connection((place.host, place.port), timeout=5)) as line:
                line.sendall(json.dumps(wish).encode() + b"\n")
                answer = _line_of(line, until + LONGER - time.monotonic())
        except OSError:  # it does not listen yet
            answer = ""
        if not answer:
            time.sleep(TICK)
            continue
        said = json.loads(answer)
        if "addresses" in said:
            return Team(place.rank, said["addresses"])
        if "finished" in said:
            raise DismissedError
        raise CourseError(f"process 0 ended: {said['refused']}")
    raise CourseError(
        f"process {place.rank} of {place.processes} could not reach process 0 at {place.host}:"
        f"{place.port} within {patience:.0f} s; look at what process 0 says, or give it longer "
        "with --patience"
    )


def free_port() -> int:
    """Return a port that nobody uses now."""
    with closing(socket.socket()) as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
    return port


def _named(ranks: list[int]) -> str:
    listed = ", ".join(map(str, sorted(ranks)))
    return f"process{'es' if len(ranks) > 1 else ''} {listed}"


def _line_of(line: socket.socket, patience: float) -> str:
    """Read one line, or as much as there is in time."""
    content, until = b"", time.monotonic() + patience
    with suppress(OSError):
        while b"\n" not in content and len(content) < LONGEST_MESSAGE:
            line.settimeout(max(0.01, until - time.monotonic()))
            read = line.recv(4096)
            if not read:
                break
            content += read
    return content.decode("utf-8", "replace") if b"\n" in content else ""


def _tell(met: Mapping[int, Met], message: Message) -> None:
    for line, _ in met.values():
        with suppress(OSError):
            line.sendall(json.dumps(message).encode() + b"\n")
