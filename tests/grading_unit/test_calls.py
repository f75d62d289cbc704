"""The system calls that a notebook's process may make."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the list is for Linux")

TRIES = """
import ctypes, json, os, socket, subprocess, sys, threading
from mnist_keras.sandbox import calls
calls.shut()
libc = ctypes.CDLL(None, use_errno=True)
found = {}
def attempt(name, call):
    try:
        call()
        found[name] = "done"
    except BaseException as error:
        found[name] = type(error).__name__
def raw(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
attempt("thread", lambda: threading.Thread(target=int).start())
attempt("program", lambda: subprocess.run(["true"], check=True))
attempt("pair", socket.socketpair)
attempt("file", lambda: open(sys.argv[1], "w"))
for family in ("AF_UNIX", "AF_INET", "AF_NETLINK"):
    attempt(family, lambda: socket.socket(getattr(socket, family)))
attempt("memory without a file", lambda: os.memfd_create("x"))
attempt("priority", lambda: os.nice(1))
attempt("session", os.setsid)
attempt("of a later kernel", lambda: raw(467, -100, b"/", 1, None, 0))
attempt("not yet a call", lambda: raw(999))
intel = os.uname().machine == "x86_64"
for name, flags in {"users": 0x10000000, "mounts": 0x20000, "times": 0x80}.items():
    attempt(f"unshare {name}", lambda: raw(272 if intel else 97, flags))
    attempt(f"clone {name}", lambda: raw(56 if intel else 220, flags | 17, 0, 0, 0, 0))
attempt("death of the parent", lambda: 1 / (libc.prctl(1, 0, 0, 0, 0) == 0))
lines = open("/proc/self/status").read().splitlines()
found["status"] = [line.split()[1] for line in lines if line.startswith(("NoNewPrivs", "Seccomp:"))]
print(json.dumps(found))
"""


def test_what_is_on_the_list_can_be_done_and_nothing_else(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TRIES, tmp_path / "file"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("status") == ["1", "2"]
    assert {name for name, what in found.items() if what == "done"} == {
        "thread",
        "program",
        "pair",
        "file",
    }
