"""Other graders: an environment that has them, what each needs to grade, and what it made of it.

They are no part of the course. Their environment lies on top of the one that runs this, so that
only they and what they need are installed. Run as a script, this grades one notebook by one of them
and prints what came of it: `grading_attacks.py` starts it in a container, where it can do no harm.
"""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[1]
PLACE = REPOSITORY / "_build" / "rivals"
PURELIB = sysconfig.get_paths()["purelib"]
WANTED = ("otter-grader==7.*", "nbgrader==0.9.*")
HELD = ("tensorflow", "keras", "numpy", "ipykernel", "ipython", "nbclient", "matplotlib")
ASK = """\
import importlib.metadata as m, json
print(json.dumps({name: m.version(name) for name in ("otter-grader", "nbgrader", "pytest")}))
"""
ASSIGNMENT, NOTEBOOK, LEARNER = "class", "exercise", "learner"
CONFIGURATION = """\
c = get_config()
c.CourseDirectory.course_id = "course"
c.ClearSolutions.enforce_metadata = False
c.ExecutePreprocessor.timeout = {seconds}
c.ExecutePreprocessor.iopub_timeout = {seconds}
"""
OTTER_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"


@test_case(points=1)
def test_it({names}):
    {code}
"""
FONTS = Path.home() / ".cache" / "matplotlib"  # seconds a notebook, where they are searched anew
OTHER = "another learner's work"


class Test(NamedTuple):
    """A test in a line: the variables that it looks at, and what it asserts."""

    names: tuple[str, ...]
    code: str


class MissingError(Exception):
    """Something that the comparison needs is not there; the message says what, in a line."""


def status_of(main: Callable[[], int]) -> int:
    """Run a comparison; its exit status, which is 2 where something is missing."""
    try:
        return main()
    except MissingError as error:
        print(error, file=sys.stderr)
        return 2


def rivals_python(named: Path | None) -> Path:
    """Return the Python that has the other graders; make its environment if none is named."""
    python = named or PLACE / "bin" / "python"
    if named is None and not python.exists():
        _make(python)
    versions(python)
    return python.absolute()


def versions(python: Path) -> dict[str, str]:
    """Return the versions of the graders that a Python has."""
    try:
        done = subprocess.run([python, "-c", ASK], capture_output=True, text=True)
    except OSError as error:
        raise MissingError(f"{python} cannot be run: {error.strerror}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        wanted = " ".join(WANTED)
        raise MissingError(f"{python} lacks a grader ({last}): pip install {wanted} there")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _make(python: Path) -> None:
    print(f"Setting up {PLACE} with {' and '.join(WANTED)}: 1 to 3 minutes.", flush=True)
    subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
    (packages,) = PLACE.glob("lib/python3*/site-packages")
    # `site` also reads the .pth files of a folder that is added so, such as an editable install's.
    put(packages / "course.pth", f"import site; site.addsitedir({PURELIB!r})\n")
    # Not all of requirements.txt: otter-grader wants an older wrapt.
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    held = [f"{each}\n" for each in lines if each.partition("==")[0] in HELD]
    command = f"-m pip install --quiet --disable-pip-version-check {' '.join(WANTED)} --constraint"
    if subprocess.run(
        [python, *command.split(), put(PLACE / "held.txt", "".join(held))]
    ).returncode:
        python.unlink()
        raise MissingError(f"pip could not install {' and '.join(WANTED)} into {PLACE}")


def environment(python: Path | None = None, **more: str) -> dict[str, str]:
    """Return an environment without settings of this session's user, for a Python's graders."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON", "MNIST"))}
    if python:
        kept["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    threads = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    return {
        **kept,
        **dict.fromkeys(threads, "1"),
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_BACKEND": "tensorflow",
        "MNIST_KERAS_QUICK": "1",
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **more,
    }


def otter_archive(path: Path, tests: Mapping[str, Test]) -> None:
    """Write the archive that ``otter run`` grades by: a file for each test, worth a point."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"pdf": False}))
        for name, test in tests.items():
            text = OTTER_TEST.format(name=name, names=", ".join(test.names), code=test.code)
            archive.writestr(f"tests/{name}.py", text)


def graded_cells(tests: Mapping[str, Test]) -> list[dict[str, Any]]:
    """Make nbgrader's cells with a test each: locked and worth a point."""
    usual = {"grade": True, "locked": True, "points": 1, "schema_version": 3}
    usual |= {"solution": False, "task": False}
    return [
        code_cell(test.code, f"graded-{name}", nbgrader={**usual, "grade_id": f"graded-{name}"})
        for name, test in tests.items()
    ]


def code_cell(source: str, cell_id: str, **metadata: Any) -> dict[str, Any]:
    """Make a code cell."""
    cell = {"cell_type": "code", "id": cell_id, "metadata": metadata, "source": source}
    return cell | {"outputs": [], "execution_count": None}


def with_cells(notebook: str, more: Sequence[Mapping[str, Any]]) -> str:
    """Write a notebook with more cells at its end, for the kernel ``python3``."""
    content = json.loads(notebook)
    content["cells"] += list(more)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content["metadata"]["kernelspec"] = kernel
    return json.dumps(content)


def nbgrader_course(
    python: Path, folder: Path, tests: Mapping[str, Mapping[str, Test]], seconds: int
) -> dict[str, list[dict[str, Any]]]:
    """Make a course of nbgrader's with one assignment, released.

    For each notebook, it gives the graded cells as learners get them.
    """
    put(folder / "nbgrader_config.py", CONFIGURATION.format(seconds=seconds))
    empty = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    for name, own in tests.items():
        text = with_cells(empty, [code_cell("# Your work", "work"), *graded_cells(own)])
        put(folder / "source" / ASSIGNMENT / f"{name}.ipynb", text)
    command = [python, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--create"]
    status, said = run(command, folder, environment(python))
    if status:
        raise MissingError(f"nbgrader could not make the assignment: {said[-400:]}")
    found = {}
    for name in tests:
        released = folder / "release" / ASSIGNMENT / f"{name}.ipynb"
        cells = json.loads(released.read_text(encoding="utf-8"))["cells"]
        found[name] = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]
    return found


def put(path: Path, content: str) -> Path:
    """Write a file, and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def command_of(grader: str, python: object, name: str = NOTEBOOK) -> list[str]:
    """Return the command that grades what lies in the folder in which it is started."""
    options = {
        "pytest": "pytest -q -p no:cacheprovider --junitxml=report.xml test_notebook.py",
        "otter": f"otter run -a autograder.zip -o . --no-logo {name}.ipynb",
        "nbgrader": f"nbgrader autograde {ASSIGNMENT}",
    }
    return [str(python), "-m", *options[grader].split()]


def by_ours(
    folder: Path, *options: object, **variables: str
) -> tuple[int | None, str, dict[str, Any]]:
    """Grade a folder's ``class``; status, the end of what was said, and what is made of it."""
    out = folder / "grades"
    command = [sys.executable, "-m", "mnist_keras", "grade", folder / "class", "--out", out]
    status, said = run([*command, *options], folder, environment() | variables)
    file = out / "grades.json"
    return status, said, json.loads(file.read_text()) if file.exists() else {"learners": []}


def run(
    command: Sequence[object],
    folder: Path,
    variables: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> tuple[int | None, str]:
    """Run a grader; its exit status, None if it had to be ended, and the end of what it said."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*map(str, command)],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status: int | None = None
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its leader is not waited for yet: it exists
            process.wait()
        log.seek(max(0, log.seek(0, os.SEEK_END) - 1500))
        return status, log.read().decode(errors="replace")


def points_of(grader: str, folder: Path) -> list[tuple[float, int]] | None:
    """Read what a grader left: each notebook's points, and of how many; None if nothing is left."""
    found: list[tuple[float, int]] | None = None
    with suppress(OSError, ValueError, TypeError, KeyError, ET.ParseError, sqlite3.Error):
        if grader == "pytest":
            cases = list(ET.parse(folder / "report.xml").getroot().iter("testcase"))
            found = [(sum(len(case) == 0 for case in cases), len(cases))]
        elif grader == "otter":
            tests = json.loads((folder / "results.json").read_text(encoding="utf-8"))["tests"]
            tests = [test for test in tests if "max_score" in test]  # the first is a heading
            found = [(sum(float(test.get("score") or 0) for test in tests), len(tests))]
        elif any((folder / "autograded").glob(f"*/{ASSIGNMENT}/*.ipynb")):
            found = []
            query = "select sum(coalesce(manual_score, auto_score, 0)), count(*) from grade"
            with closing(sqlite3.connect(folder / "gradebook.db")) as base:
                found = list(base.execute(f"{query} group by notebook_id"))
    return found


def listen(port: int) -> list[str]:
    """Answer whoever comes to a port of loopback, as a server of the instructor's; list them."""
    calls: list[str] = []
    server = socket.create_server(("127.0.0.1", port))

    def accept() -> None:
        while True:
            with suppress(OSError), server.accept()[0] as connection:
                calls.append("reached a server on this machine")
                connection.sendall(b"B")

    threading.Thread(target=accept, daemon=True).start()
    return calls


def files(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's files."""
    found = folder.iterdir() if folder.is_dir() else ()
    return {path.name: path.read_text(errors="replace") for path in found if path.is_file()}


def harm(instructor: Path, before: Mapping[str, str], other: Path) -> list[str]:
    """Say what was done to files that are not the notebook's."""
    found, after = [], files(instructor)
    if any(after.get(name) != text for name, text in before.items()):
        found.append("changed or deleted a file of the instructor's")
    if after.keys() - before.keys():
        found.append("left a file with the instructor's")
    if not other.is_file() or other.read_text() != OTHER:
        found.append("changed or deleted another learner's notebook")
    return found


def _processes() -> set[str]:
    return {name for name in os.listdir("/proc") if name.isdigit()}


def graded_here(grader: str, source: Path, seconds: float, port: int, of: int) -> dict[str, Any]:
    """Grade the notebook of a folder in this container, and look around afterwards.

    Nothing comes of it where the notebook ends every process, this one included.
    """
    folder, instructor, other = Path("/tmp/work"), Path("/tmp/instructor"), Path("/tmp/other.ipynb")
    shutil.copytree(source, folder)
    if (fonts := Path(os.environ["FONTS"])).is_dir():
        shutil.copytree(fonts, Path.home() / ".cache" / "matplotlib")
    put(instructor / "canary", "B")
    put(other, OTHER)
    before, calls, here = files(instructor), listen(port), _processes()
    status, _ = run(command_of(grader, sys.executable), folder, seconds=seconds)
    rows, ended = points_of(grader, folder), status is not None and status >= 0
    points = sum(each for each, _ in rows or ())
    if grader == "pytest":  # the exit status decides, as GitHub Classroom counts
        points, ended = of if status == 0 else points, status in (0, 1) and rows is not None
    done = harm(instructor, before, other) + calls[:1]
    time.sleep(0.5)
    done += ["left a process behind"] * bool(ended and _processes() - here)
    return {"points": points, "row": rows is not None, "ended": ended, "harm": done}


if __name__ == "__main__":
    grader, source, seconds, port, of = sys.argv[1:]
    found = graded_here(grader, Path(source), float(seconds), int(port), int(of))
    print("\n" + json.dumps(found), flush=True)
