"""How far notebooks are shut off where the kernel allows less, and for users who are not root."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checks.cases_01_learning_rate import NOTEBOOK
from command_line import environment

from grading_unit.attack_corpus import IMPORTS, attacks, notebook
from mnist_keras.grading import sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="sandboxes need Linux"),
]

# Of the corpus: what reaches for files, processes, signals and the network.
CHOSEN = (
    "another_learners_notebook",
    "changed_package",
    "daemon",
    "kill_everything",
    "memory_of_the_parent",
    "network",
    "planted_configuration",
    "secret_file",
    "secret_through_a_link",
    "solutions_on_the_disk",
    "trace_the_parent",
    "unix_sockets",
)
# A process that may not use the system calls named, nor may anything that it starts.
WITHOUT = """\
import os, sys
from mnist_keras.grading import sandbox

calls = {"namespaces": ("unshare",), "landlock": ("landlock_create_ruleset",)}
denied = [call for word in sys.argv[1].split(",") for call in calls[word]]
sandbox.DENIED.update(landlock_create_ruleset=(444, 444))
for name in list(sandbox.DENIED):
    if name not in denied:
        del sandbox.DENIED[name]
sandbox.CLONE = sandbox.CLONE3 = sandbox.PRCTL = sandbox.SOCKET = (9999, 9999)
sandbox._prctl(sandbox.PR_SET_NO_NEW_PRIVS, 1)
sandbox._filter_system_calls(own_signals_only=False)
os.execv(sys.executable, [sys.executable, "-m", "mnist_keras", *sys.argv[2:]])
"""


def grade_without(what, *arguments):
    """Grade in a process that is denied some system calls."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, what, "grade", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=600,
    )


@pytest.fixture
def attacked(tmp_path):
    """Give a class of some attackers and an honest learner, and the file that is not to be read."""
    canary = tmp_path / "canary"
    canary.write_text("a secret")
    canary.chmod(0o644)
    places = {"canary": str(canary), "port": "9", "token": "NOTHING", "marker": "87654321"}
    folder = tmp_path / "class"
    folder.mkdir()
    for attack in attacks():
        if attack.name in CHOSEN:
            (folder / f"{attack.name}.ipynb").write_text(attack.notebook(places))
    (folder / "zoe.ipynb").write_text(notebook([IMPORTS, NOTEBOOK]))
    return folder


def test_without_namespaces_landlock_holds_the_same(attacked, tmp_path):
    done = grade_without("namespaces", attacked, "--out", tmp_path / "grades", "--seconds", 30)
    assert done.returncode in (0, 1), done.stderr
    grades = json.loads((tmp_path / "grades/grades.json").read_text())
    assert grades["isolation"].startswith("each notebook could read Python")
    points = {
        row["learner"]: sum(q["earned"] for q in row["notebooks"][0]["questions"])
        for row in grades["learners"]
    }
    assert points.pop("zoe") == 12
    assert points == dict.fromkeys(CHOSEN, 0)
    left = [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"87654321" in read(p)]
    assert left == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["canary", "class", "grades"]
    assert b"a secret" not in b"".join(
        p.read_bytes() for p in (tmp_path / "grades").rglob("*") if p.is_file()
    )


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_without_any_sandbox_it_refuses_unless_it_is_told(attacked, tmp_path):
    honest = attacked / "zoe.ipynb"
    done = grade_without("namespaces,landlock", honest, "--out", tmp_path / "grades")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("mnist-keras: this machine cannot shut")
    assert "--unsandboxed" in done.stderr
    assert not (tmp_path / "grades/grades.csv").exists()
    done = grade_without(
        "namespaces,landlock", honest, "--out", tmp_path / "grades", "--unsandboxed"
    )
    assert done.returncode == 0, done.stderr
    assert "WITHOUT a sandbox" in done.stdout
    assert "WITHOUT a sandbox" in (tmp_path / "grades/index.html").read_text()


def test_a_user_who_is_not_root_gets_namespaces_too():
    if os.geteuid() != 0:
        pytest.skip("every other test shows it, because this user is not root")
    # Only what the kernel gives is asked, because this Python may be readable by root alone.
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        sandbox._prctl(sandbox.PR_SET_DUMPABLE, 1)  # as a process that never was root is
        separated = sandbox._separate(False)
        owner = os.getuid()
        os._exit(0 if separated and owner == sandbox.NOBODY else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
