"""Each engine that this machine has, for root and for an ordinary user, and none at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path

import pytest
from attack_corpus import IMPORTS, attacks, notebook
from checks.cases_01_learning_rate import NOTEBOOK
from command_line import COMMAND, environment, run_cli

from mnist_keras.sandbox.conversation import Ask
from mnist_keras.sandbox.engines import LEVELS, bubblewrap, container
from mnist_keras.sandbox.limits import Limits
from mnist_keras.sandbox.runner import Runner
from mnist_keras.sandbox.view import SECRETS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap needs Linux"),
]
ROOT = Path(__file__).resolve().parents[2]

# Of the corpus: what reaches for files, processes, signals, memory and the network.
A_DOZEN = frozenset(
    {
        *("daemon", "kill_everything", "memory_of_the_parent", "network", "secret_file"),
        *("bytecode_of_the_rules", "changed_package", "limits_of_others", "memory_by_inodes"),
        *("another_learners_notebook", "rights_of_others", "sockets_of_the_instructor"),
        "solutions_on_the_disk",
    }
)
# Another engine has the same view of files and the same list of calls: what it does by itself.
BY_THE_ENGINE = frozenset({"daemon", "memory_of_the_parent", "network", "secret_file"})
CHOSEN = pytest.mark.parametrize(
    "chosen",
    [BY_THE_ENGINE, pytest.param(A_DOZEN, marks=pytest.mark.weekly)],
    ids=["by the engine", "dozen"],
)
# These look for any file of a kind on the whole disk, which here is not the grader's alone.
OF_THE_DISK = frozenset({"another_learners_notebook"})


def class_of_attackers(tmp_path: Path, chosen: Collection[str]) -> Path:
    """Write a class of some attackers and an honest learner, and what is not to be read."""
    canary = tmp_path / "canary"
    canary.write_text("a secret")
    canary.chmod(0o600)
    places = {"canary": str(canary), "port": "9", "token": "NOTHING", "marker": "87654321"}
    places["repository"] = str(ROOT)
    folder = tmp_path / "class"
    folder.mkdir()
    for attack in attacks():
        if attack.name in chosen:
            (folder / f"{attack.name}.ipynb").write_text(attack.notebook(places))
    (folder / "zoe.ipynb").write_text(notebook([IMPORTS, NOTEBOOK]))
    return folder


def assert_held(tmp_path: Path, engine: str, chosen: Collection[str]) -> None:
    """Hold what came of the class to what must come of it."""
    grades = json.loads((tmp_path / "grades/grades.json").read_text())
    assert grades["isolation"] == LEVELS[engine]
    points = {
        row["learner"]: sum(q["earned"] for q in row["notebooks"][0]["questions"])
        for row in grades["learners"]
    }
    assert points.pop("zoe") == 12
    assert points == dict.fromkeys(chosen, 0)
    left = [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"87654321" in read(p)]
    assert left == []
    assert (tmp_path / "canary").stat().st_mode & 0o777 == 0o600
    reports = (p for p in (tmp_path / "grades").rglob("*") if p.is_file())
    assert not any(b"a secret" in path.read_bytes() for path in reports)


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_bubblewrap_takes_every_right_from_an_ordinary_user_too(monkeypatch):
    """Where root runs the tests, by a shell: root's own Python may be nobody else's to read."""
    view = Path(tempfile.mkdtemp(prefix="view-"))
    view.chmod(0o755)
    before = ["setpriv", "--reuid=61234", "--regid=61234", "--clear-groups"]
    before = before if os.geteuid() == 0 else []
    monkeypatch.setattr(bubblewrap, "is_root", lambda: False)
    for name, value in {"prefix": "/usr", "base_prefix": "/usr", "executable": "/bin/sh"}.items():
        monkeypatch.setattr(sys, name, value)
    monkeypatch.setattr(sys, "path", [])
    script = (
        "grep -E '^(Cap(Eff|Bnd)|NoNewPrivs)' /proc/self/status; id -u; ls /; cat /proc/net/dev;"
        "for p in /x /dev/x /course/x; do touch $p && echo wrote; done; touch /tmp/x && echo works"
    )
    start = bubblewrap.start(["sh", "-c", script], {"PATH": "/usr/bin:/bin"}, view, Limits(), 1)
    done = subprocess.run(
        [*before, *start.command], env=start.environment, capture_output=True, text=True, cwd="/"
    )
    shutil.rmtree(view)
    found = done.stdout.split()
    assert found[:6] == ["CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1"], done.stderr
    assert found[6] == "65534"
    assert not {"home", "work", "root", "eth0:", "wrote"} & set(found)
    assert found[-1] == "works"


@pytest.fixture
def closed_answers():
    """Close the answers of this clone to other users, as the engine asks for, for a while."""
    modes = {Path(each): Path(each).stat().st_mode for each in SECRETS}
    for path, mode in modes.items():
        path.chmod(mode & ~0o077)
    yield
    for path, mode in modes.items():
        path.chmod(mode)


def reaching_python() -> list[str]:
    """Give the beginning of a command in which other users reach a Python in root's own home."""
    parents = [*reversed(Path(sys.base_prefix).resolve().parents)]
    closed = next((each for each in parents if not each.stat().st_mode & 0o001), None)
    if closed is None:
        return []
    shown = [path for path in (Path(sys.base_prefix), ROOT) if path.is_relative_to(closed)]
    command = ["bwrap", "--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", str(closed)]
    for path in shown:
        for folder in [each for each in reversed(path.parents) if each.is_relative_to(closed)][1:]:
            command += ["--perms", "0755", "--dir", str(folder)]
        command += ["--bind", str(path), str(path)]
    return command


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a program as another user")
@CHOSEN
def test_the_other_engine_holds_the_same(tmp_path, closed_answers, chosen):
    """As another user, where root grades; the corpus as a whole is for bubblewrap."""
    chosen -= OF_THE_DISK
    folder = class_of_attackers(tmp_path, chosen)
    command = [*reaching_python(), *COMMAND, "grade", str(folder), "--engine", "user"]
    command += ["--out", str(tmp_path / "grades"), "--seconds", "15"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert done.returncode in (0, 1), done.stderr
    assert_held(tmp_path, "user", chosen)


@pytest.fixture
def image(tmp_path, monkeypatch):
    """Make the engine's image of nothing, in which podman shows this machine's own Python.

    An image with a Python of its own takes minutes, and a registry.
    """
    if not shutil.which("podman"):
        pytest.skip("there is no podman: apt-get install podman runc")
    seen = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache"]
    seen += [sys.prefix, sys.base_prefix]
    volumes = [f"{path}:{path}:ro" for path in dict.fromkeys(seen) if os.path.exists(path)]
    engine = ""
    if not Path("/sys/fs/cgroup/cgroup.controllers").exists():  # where crun refuses to work
        engine = '[engine]\ncgroup_manager = "cgroupfs"\nruntime = "runc"\n'
    settings = tmp_path / "containers.conf"
    settings.write_text(f"[containers]\nvolumes = {json.dumps(volumes)}\n{engine}")
    monkeypatch.setenv("CONTAINERS_CONF", str(settings))
    nothing = tmp_path / "nothing.tar"
    tarfile.open(nothing, "w").close()
    path = f"ENV PATH={sys.prefix}/bin:/usr/bin:/bin"
    podman = ["podman", "import", "--change", path, str(nothing), container.IMAGE]
    done = subprocess.run(podman, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@CHOSEN
def test_containers_hold_the_same(tmp_path, image, chosen):
    container.runtime_here.cache_clear()
    assert container.missing(asked=True) == ""
    folder = class_of_attackers(tmp_path, chosen)
    done = run_cli(
        *("grade", folder, "--out", tmp_path / "grades", "--seconds", 30, "--engine", "container")
    )
    assert done.returncode in (0, 1), done.stderr
    assert_held(tmp_path, "container", chosen)


def without_engines(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Grade where no engine is to be found."""
    path = str(Path(sys.executable).parent)
    return subprocess.run(
        [sys.executable, "-m", "mnist_keras", "grade", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(PATH=path),
        timeout=600,
    )


def test_without_any_engine_it_refuses_in_a_line_unless_it_is_told(tmp_path):
    honest = tmp_path / "zoe.ipynb"
    honest.write_text(notebook([IMPORTS, NOTEBOOK]))
    done = without_engines(honest, "--out", tmp_path / "grades")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("mnist-keras: this machine cannot shut notebooks off")
    assert "apt-get install bubblewrap" in line
    assert "--unsandboxed" in line
    assert not (tmp_path / "grades/grades.csv").exists()
    done = without_engines(honest, "--out", tmp_path / "grades", "--unsandboxed")
    assert done.returncode == 0, done.stderr
    assert "WITHOUT a sandbox" in done.stdout
    assert "WITHOUT a sandbox" in (tmp_path / "grades/index.html").read_text()


LOOK = """
import glob, os, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
rights = [status[name].strip() for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")]
calls = []
for name, call in {
    "socket": socket.socket,
    "memfd": lambda: os.memfd_create("x"),
    "nice": lambda: os.setpriority(0, 0, 5),
    "write": lambda: open("/course/x", "w"),
    "device": lambda: open("/dev/x", "w"),
    "root": lambda: open("/x", "w"),
}.items():
    try:
        call()
        calls.append(name)
    except OSError:
        pass
seen = [path for pattern in PATTERNS for path in glob.glob(pattern, recursive=True)]
variables = sorted(os.environ)
from mnist_keras.checks import open_exercise
import contextlib, io
said = io.StringIO()
with contextlib.redirect_stdout(said):
    check, hint = open_exercise("01-learning-rate")
    check("1.2")
    check()
    hint("1.2")
told = said.getvalue()
"""


def test_what_a_notebook_sees_and_may_do(monkeypatch):
    if why := bubblewrap.missing(asked=True):
        pytest.fail(f"{why}: apt-get install bubblewrap")
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "B")
    patterns = [f"{base}/{name}" for base in ("/course", ROOT, ROOT / "mnist_keras") for name in (
        *("solutions", "tests", "exercises", "book", ".git"),
        *("mnist_keras/checks/exercises*", "mnist_keras/grading/course*"),
        *("**/checks/unseen*", "**/authoring/*"),
        *("**/learning_rate*.py*", "**/questions*.py*"),
    )]  # fmt: skip
    names = ["rights", "calls", "seen", "variables", "told"]
    ask = Ask("look", {"ask": "answers", "names": names, "calls": []})
    runner = Runner(Limits(), engine="bubblewrap")
    try:
        outcome = runner.run([f"PATTERNS = {patterns!r}", LOOK], [ask])
    finally:
        runner.close()
    assert not outcome.errors
    found = outcome.answers["look"]
    assert found["rights"] == ["0" * 16, "0" * 16, "1", "2"]
    assert found["calls"] == []
    assert found["seen"] == []
    assert "SECRET_OF_THE_INSTRUCTOR" not in found["variables"]
    assert found["told"] == "Answers are judged after the notebook ran.\n" * 3


@pytest.mark.parametrize("where", ["beside", "around"])
def test_an_environment_in_the_repositorys_root_shows_no_answer(where, tmp_path, monkeypatch):
    """Whether it lies in the root's `.venv`, or is the root itself."""
    root = tmp_path / "course"
    (root / "solutions").mkdir(parents=True)
    (root / "solutions" / "secret.md").write_text("answer_1_8")
    (root / "mnist_keras").mkdir()
    environment = root if where == "around" else root / ".venv"
    (environment / "bin").mkdir(parents=True, exist_ok=True)
    (environment / "bin" / "tool").touch()
    monkeypatch.setattr(sys, "prefix", str(environment))
    monkeypatch.setattr(bubblewrap, "PACKAGE", root / "mnist_keras")
    (tmp_path / "view").mkdir()
    program = ["sh", "-c", 'ls "$1/bin"; ls -A "$1" "$2"', "sh", str(environment), str(root)]
    start = bubblewrap.start(program, {"PATH": "/usr/bin:/bin"}, tmp_path / "view", Limits(), 1)
    done = subprocess.run(start.command, env=start.environment, capture_output=True, text=True)
    assert "tool" in done.stdout, (done.stdout, done.stderr)
    assert "solutions" not in done.stdout
    assert "mnist_keras" not in done.stdout


def test_a_course_within_a_system_folder_is_hidden(tmp_path, monkeypatch):
    root = tmp_path / "lib" / "course"
    (root / "mnist_keras").mkdir(parents=True)
    (root / "solutions").mkdir()
    monkeypatch.setattr(bubblewrap, "SYSTEM", (*bubblewrap.SYSTEM, str(tmp_path / "lib")))
    monkeypatch.setattr(bubblewrap, "PACKAGE", root / "mnist_keras")
    (tmp_path / "view").mkdir()
    program = ["sh", "-c", 'ls -A "$1"; echo done', "sh", str(root)]
    start = bubblewrap.start(program, {"PATH": "/usr/bin:/bin"}, tmp_path / "view", Limits(), 1)
    done = subprocess.run(start.command, env=start.environment, capture_output=True, text=True)
    assert done.stdout == "done\n", done.stderr
