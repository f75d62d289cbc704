"""No notebook of the attack corpus earns a point, and none does any harm."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from attack_corpus import IMPORTS, attacks, notebook
from checks.cases_01_learning_rate import NOTEBOOK
from command_line import Result, run_cli

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

# Of each kind of attack some are tried each time; what is left tries the same in other ways.
EACH_TIME = {
    # answers that lie, or never end
    *("forged_answers", "huge_answer", "endless_answer", "equal_to_everything", "strange_texts"),
    # Python's own state, the rules and the course's code
    *("patched_checks", "patched_numpy", "frames_of_the_caller", "transformed_input"),
    *("bytecode_of_the_rules", "check_tries_every_choice", "model_with_code", "pickled_surprise"),
    # ends that are none
    *("exit_in_a_call", "exit_the_session", "endless_loop", "endless_output", "drop_by_drop"),
    # processes, rights and descriptors
    *("daemon", "kill_everything", "fork_bomb", "trace_the_parent", "memory_of_the_parent"),
    *("new_namespaces", "rights_of_others", "closed_descriptors", "secret_by_descriptor"),
    # memory and disks
    *("memory_bomb", "memory_without_a_mapping", "full_disk"),
    # files and networks
    *("another_learners_notebook", "changed_package", "environment_of_others", "secret_file"),
    *("planted_configuration", "solutions_on_the_disk", "claims_another_class"),
    *("network", "sockets_of_the_instructor"),
}
ATTACKS = attacks()
CASES = [
    pytest.param(each, id=each.name, marks=[] if each.name in EACH_TIME else pytest.mark.weekly)
    for each in ATTACKS
]
HONEST = "zoe"
CHILD = "mnist_keras.sandbox.child"
SECONDS = 5  # most of the time of this module is waiting for attacks that never end
# What each may end in, where it is not "graded".
ENDED = (
    "it did not end within",
    "it ended its own process",
    "its process was ended by signal",
    "it used more than",
    "its process did not follow the protocol",
)


@dataclass
class Listener:
    """A server on loopback that counts who comes."""

    marker: str
    canary: Path
    calls: list[object] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)
    port: int = 0

    def start(self) -> None:
        """Listen on TCP, UDP and two Unix sockets."""
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        named, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        named.bind(f"{self.canary}.socket")
        abstract.bind(f"\0{self.marker}")
        named.listen()
        abstract.listen()
        self.sockets = [tcp, udp, named, abstract]
        for each in (tcp, named, abstract):
            threading.Thread(target=self._accept, args=(each,), daemon=True).start()
        threading.Thread(target=lambda: self.calls.append(udp.recv(100)), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                self.calls.append(server.accept())
            except OSError:
                return


@dataclass
class Graded:
    """A class of attackers and one honest learner, after it was graded."""

    done: Result
    out: Path
    learners: dict[str, dict]
    tried: set[str]
    listener: Listener
    secret: str
    token: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    left: list[str]


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module")
def graded(request, tmp_path_factory):
    """Grade a class of those whose attacks this run tests, and an honest learner."""
    specs = (getattr(item, "callspec", None) for item in request.session.items)
    tried = {spec.params["attack"].name for spec in specs if spec and "attack" in spec.params}
    folder = tmp_path_factory.mktemp("attacked")
    hand_ins, out = folder / "class", folder / "grades"
    hand_ins.mkdir()
    marker = str(9_000_000 + uuid.uuid4().int % 900_000)
    canary = folder / "canary"
    secret = f"secret-{uuid.uuid4()}"
    canary.write_text(secret)
    canary.chmod(0o644)
    listener = Listener(marker, canary)
    listener.start()
    token = f"TOKEN_{uuid.uuid4().hex}"
    places = {
        "canary": str(canary),
        "port": str(listener.port),
        "token": token,
        "marker": marker,
        "repository": str(Path(__file__).resolve().parents[2]),
    }
    for attack in ATTACKS:
        if attack.name not in tried:
            continue
        (hand_ins / f"{attack.name}.ipynb").write_text(attack.notebook(places))
    (hand_ins / f"{HONEST}.ipynb").write_text(notebook([IMPORTS, NOTEBOOK]))
    repository = Path(__file__).resolve().parents[2]
    watched = (folder, repository / "mnist_keras", repository / "tests", repository / "solutions")
    before = {k: v for each in watched for k, v in files_in(each).items()}
    temporary = Path(tempfile.mkdtemp(prefix="attacked-"))  # of this session alone
    temporary.chmod(0o755)
    os.environ |= {token: "B", "TMPDIR": str(temporary)}
    try:
        done = run_cli(
            *("grade", hand_ins, "--out", out, "--seconds", SECONDS, "--memory", 1500, "--jobs", 2),
            limit=1700,
        )
    finally:
        del os.environ[token], os.environ["TMPDIR"]
    grades = out / "grades.json"
    rows = json.loads(grades.read_text())["learners"] if grades.exists() else []
    after = {
        k: v
        for each in watched
        for k, v in files_in(each).items()
        if not k.startswith(str(out)) and "__pycache__" not in k
    }
    yield Graded(
        done,
        out,
        {row["learner"]: row for row in rows},
        tried,
        listener,
        secret,
        token,
        {k: v for k, v in before.items() if "__pycache__" not in k},
        after,
        sorted(files_in(temporary)),
    )
    for each in listener.sockets:
        each.close()
    shutil.rmtree(temporary)


def the_notebook(graded, learner):
    (found,) = graded.learners[learner]["notebooks"]
    return found


def test_there_are_enough_attacks_and_each_says_what_it_tries():
    assert len(ATTACKS) >= 80
    assert {attack.name for attack in ATTACKS} >= EACH_TIME
    assert all(attack.aim.endswith(".") for attack in ATTACKS)


def test_the_session_ends_and_has_a_row_for_everyone(graded):
    assert graded.done.returncode == 1, graded.done.stderr[-3000:]
    assert set(graded.learners) == graded.tried | {HONEST}, graded.done.stderr[-3000:]


@pytest.mark.parametrize("attack", CASES)
def test_an_attack_earns_nothing_and_its_row_says_why(graded, attack):
    row = the_notebook(graded, attack.name)
    assert sum(question["earned"] for question in row["questions"]) == 0
    assert row["state"] in ("graded", "could not be graded")
    if row["state"] == "graded":
        assert all(question["message"] for question in row["questions"])
    else:
        assert row["reason"].startswith(ENDED), row["reason"]


def test_the_honest_learner_keeps_every_point(graded):
    row = the_notebook(graded, HONEST)
    assert row["state"] == "graded"
    assert [q["message"] for q in row["questions"] if q["earned"] != q["points"]] == []
    assert row["notes"] == [], "a page that would read otherwise without the attackers"


def test_an_honest_grade_is_the_same_byte_for_byte_without_the_attackers(graded, tmp_path):
    hand_in = tmp_path / f"{HONEST}.ipynb"
    hand_in.write_text(notebook([IMPORTS, NOTEBOOK]))
    run_cli("grade", hand_in, "--out", tmp_path / "grades")
    for name in (f"learners/{HONEST}.html", f"gradescope/{HONEST}.json"):
        assert (tmp_path / "grades" / name).read_bytes() == (graded.out / name).read_bytes(), name


def test_no_secret_is_in_any_report(graded):
    for name, content in files_in(graded.out).items():
        assert graded.secret.encode() not in content, name
        assert graded.token.encode() not in content, name


def test_no_file_is_read_written_or_left(graded):
    assert {k: graded.after.get(k) for k in graded.before} == graded.before
    new = graded.after.keys() - graded.before.keys()
    assert {name for name in new if "/tests/" not in name} == set()
    assert graded.left == []


def test_nobody_came_to_the_servers_of_this_machine(graded):
    assert graded.listener.calls == []


def test_no_process_is_left(graded):
    assert [each for each in psutil.process_iter() if is_left(each, graded.listener.marker)] == []


def is_left(process: psutil.Process, marker: str) -> bool:
    """Whether an attack left it, or a grader that is no more; others may be grading here too."""
    try:
        line = " ".join(process.cmdline())
        lines = [line, *(" ".join(parent.cmdline()) for parent in process.parents())]
    except psutil.Error:  # it has ended meanwhile
        return False
    who_started_it = next((each for each in lines if CHILD not in each), "")
    return marker in line or (CHILD in line and "python" not in who_started_it)


def test_the_table_and_the_pages_hold_no_control_characters(graded):
    for text in (graded.done.stdout, *(p.read_text() for p in graded.out.rglob("*.html"))):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "<script" not in text.lower()
