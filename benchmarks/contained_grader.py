"""Grade one notebook by another grader, inside a container, and say what came of it.

`grading_attacks.py` starts this where it can do no harm; nothing else should. It runs with the
standard library only and prints its findings in the last line, as JSON. Nothing comes of a run
whose notebook ends every process, this one included.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

ASSIGNMENT, NOTEBOOK, LEARNER = "class", "exercise", "learner"
OTHER = "another learner's work"


def serve(port: int, calls: list[str]) -> None:
    """Answer whoever comes to a port of loopback, as a server of the instructor's would."""
    server = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = server.accept()
        calls.append("tcp")
        with suppress(OSError), connection:
            connection.sendall(b"B")


def run(command: list[str], folder: Path, seconds: float) -> tuple[int | None, str]:
    """Run a grader; its exit status, None if it had to be ended, and the end of what it said."""
    log = Path("/tmp/log")
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 1500))
        return status, file.read().decode(errors="replace")
    return status, "its output is gone"


def by_pytest(folder: Path, seconds: float) -> dict[str, Any]:
    """Let a test module run the notebook's cells in pytest's own process."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--junitxml=report.xml", "test_notebook.py"]
    status, said = run(command, folder, seconds)
    passed, row = 0, False
    with suppress(OSError, ET.ParseError):
        cases = list(ET.parse(folder / "report.xml").getroot().iter("testcase"))
        passed, row = sum(len(case) == 0 for case in cases), True
    # As GitHub Classroom counts: the exit status decides.
    points = len(json.loads(os.environ["TESTS"])) if status == 0 else passed
    return {"points": points, "row": row, "ended": status in (0, 1) and row, "said": said}


def by_otter(folder: Path, seconds: float) -> dict[str, Any]:
    """Let ``otter run`` grade the notebook."""
    command = [sys.executable, "-m", "otter", "run", "-a", "autograder.zip", "-o", "."]
    status, said = run([*command, "--no-logo", f"{NOTEBOOK}.ipynb"], folder, seconds)
    points, row = 0.0, False
    with suppress(OSError, ValueError, TypeError, KeyError):
        tests = json.loads((folder / "results.json").read_text())["tests"]
        points, row = sum(float(test.get("score") or 0) for test in tests), True
    return {"points": points, "row": row, "ended": status is not None and status >= 0, "said": said}


def by_nbgrader(folder: Path, seconds: float) -> dict[str, Any]:
    """Let ``nbgrader autograde`` grade the notebook."""
    command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
    status, said = run(command, folder, seconds)
    row = (folder / "autograded" / LEARNER / ASSIGNMENT / f"{NOTEBOOK}.ipynb").is_file()
    points = 0.0
    query = "select coalesce(manual_score, auto_score, 0) from grade"
    with (
        suppress(sqlite3.Error, OSError),
        closing(sqlite3.connect(folder / "gradebook.db")) as base,
    ):
        points = float(sum(value for (value,) in base.execute(query))) if row else 0.0
    return {"points": points, "row": row, "ended": status is not None and status >= 0, "said": said}


GRADERS = {"pytest": by_pytest, "otter": by_otter, "nbgrader": by_nbgrader}


def processes() -> set[int]:
    """Give the processes of this container."""
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def harm(instructor: Path, before: dict[str, str], other: Path) -> list[str]:
    """Say what was done to files that are not the notebook's."""
    found = []
    after = files(instructor)
    if any(after.get(name) != text for name, text in before.items()):
        found.append("changed or deleted a file of the instructor's")
    if after.keys() - before.keys():
        found.append("left a file with the instructor's")
    if not other.is_file() or other.read_text() != OTHER:
        found.append("changed or deleted another learner's notebook")
    return found


def files(folder: Path) -> dict[str, str]:
    """Give the texts of a folder's files."""
    if not folder.is_dir():
        return {}
    return {p.name: p.read_text(errors="replace") for p in folder.iterdir() if p.is_file()}


def main() -> int:
    """Grade, look around, and say what was found."""
    grader, source, seconds, port = sys.argv[1:5]
    home, folder, instructor = Path("/tmp/home"), Path("/tmp/work"), Path("/tmp/instructor")
    cache = Path(source) / "cache"
    if cache.is_dir():
        shutil.copytree(cache, home / ".cache" / "matplotlib")
    shutil.copytree(Path(source) / grader, folder)
    instructor.mkdir()
    (instructor / "canary").write_text("B")
    other = Path("/tmp/other.ipynb")
    other.write_text(OTHER)
    before = files(instructor)
    calls: list[str] = []
    threading.Thread(target=serve, args=(int(port), calls), daemon=True).start()
    here = processes()
    begun = time.monotonic()
    result = GRADERS[grader](folder, float(seconds))
    result["seconds"] = time.monotonic() - begun
    result["harm"] = harm(instructor, before, other)
    if calls:
        result["harm"].append("reached a server on this machine")
    time.sleep(0.5)
    left = processes() - here
    if left and result["ended"]:
        result["harm"].append("left a process behind")
    print("\n" + json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
