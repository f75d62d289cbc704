"""Other graders: an environment with otter-grader and nbgrader, and what each needs to grade.

They are no part of the course. The environment lies on top of the one that runs this, so that only
they and what they need are installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PLACE = REPOSITORY / "_build" / "rivals"
WANTED = ("otter-grader==7.*", "nbgrader==0.9.*")
HELD = ("tensorflow", "keras", "numpy", "ipykernel", "ipython", "nbclient", "matplotlib")
ASK = """\
import importlib.metadata as m, json
print(json.dumps({name: m.version(name) for name in ("otter-grader", "nbgrader", "pytest")}))
"""
ASSIGNMENT = "class"
CONFIGURATION = """\
c = get_config()
c.CourseDirectory.course_id = "course"
c.ClearSolutions.enforce_metadata = False
c.ExecutePreprocessor.timeout = {seconds}
"""
OTTER_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"


@test_case(points={points})
def test_it({names}):
    {code}
"""


@dataclass(frozen=True)
class Test:
    """A test in a line: the variables that it looks at, and what it asserts."""

    __test__ = False

    names: tuple[str, ...]
    code: str


class MissingError(Exception):
    """Something that the comparison needs is not there; the message says what, in a line."""


def rivals_python(named: Path | None) -> Path:
    """Give the Python that has the other graders; make its environment if none is named.

    Raises
    ------
    MissingError
        If it lacks one of them, or cannot be made.
    """
    python = named or PLACE / "bin" / "python"
    if named is None and not python.exists():
        _make(PLACE)
    versions(python)
    return python.absolute()


def versions(python: Path) -> dict[str, str]:
    """Give the versions of the graders that a Python has.

    Raises
    ------
    MissingError
        If it lacks one.
    """
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


def _make(place: Path) -> None:
    """Make an environment on top of this one."""
    print(f"Setting up {place} with {' and '.join(WANTED)}: 1 to 3 minutes.", flush=True)
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    python = place / "bin" / "python"
    packages = place / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    # `site` also reads the .pth files of a folder that is added so, such as an editable install's.
    line = f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n"
    (packages / "course.pth").write_text(line, encoding="utf-8")
    held = place / "held.txt"
    # Not all of requirements.txt: otter-grader wants an older wrapt.
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    chosen = [each for each in lines if each.partition("==")[0] in HELD]
    held.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--constraint", str(held), *WANTED])
    if done.returncode:
        (place / "bin" / "python").unlink()
        raise MissingError(f"pip could not install {' and '.join(WANTED)} into {place}")


def environment(**more: str) -> dict[str, str]:
    """Give an environment without settings of this session's user."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON", "MNIST"))}
    one_thread = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    return (
        kept
        | dict.fromkeys(one_thread, "1")
        | {
            "CUDA_VISIBLE_DEVICES": "-1",
            "KERAS_BACKEND": "tensorflow",
            "MNIST_KERAS_QUICK": "1",
            "MPLBACKEND": "Agg",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        | more
    )


def environment_of(python: Path, **more: str) -> dict[str, str]:
    """Give the environment for the graders of a Python, which start programs beside it."""
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    return environment(PATH=path, **more)


def otter_archive(path: Path, tests: Mapping[str, Test]) -> None:
    """Write the archive that ``otter run`` grades by: a file for each test, worth a point."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"pdf": False}))
        for name, test in tests.items():
            names = ", ".join(test.names)
            text = OTTER_TEST.format(name=name, names=names, code=test.code, points=1)
            archive.writestr(f"tests/{name}.py", text)


def graded_cells(tests: Mapping[str, Test]) -> list[dict[str, Any]]:
    """Make nbgrader's cells with a test each: locked and worth a point."""
    return [
        code_cell(
            test.code,
            f"graded-{name}",
            nbgrader={
                "grade": True,
                "grade_id": f"graded-{name}",
                "locked": True,
                "points": 1,
                "schema_version": 3,
                "solution": False,
                "task": False,
            },
        )
        for name, test in tests.items()
    ]


def code_cell(source: str, cell_id: str, **metadata: Any) -> dict[str, Any]:
    """Make a code cell."""
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def with_cells(notebook: str, more: Sequence[Mapping[str, Any]]) -> str:
    """Write a notebook with more cells at its end, for the kernel ``python3``."""
    content = json.loads(notebook)
    content["cells"] += list(more)
    content["metadata"]["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return json.dumps(content)


def nbgrader_course(
    python: Path, folder: Path, notebooks: Mapping[str, str], seconds: int
) -> dict[str, list[dict[str, Any]]]:
    """Make a course of nbgrader's with one assignment, released.

    Parameters
    ----------
    python
        The Python that has nbgrader.
    folder
        Where the course comes to lie.
    notebooks
        The instructor's notebooks, by name, with graded cells.
    seconds
        Time for a cell.

    Returns
    -------
    dict
        For each notebook, the graded cells as learners get them.

    Raises
    ------
    MissingError
        If nbgrader cannot make it.
    """
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    configuration = CONFIGURATION.format(seconds=seconds)
    (folder / "nbgrader_config.py").write_text(configuration, encoding="utf-8")
    for name, content in notebooks.items():
        (source / f"{name}.ipynb").write_text(content, encoding="utf-8")
    command = [str(python), "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--create"]
    variables = environment_of(python)
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise MissingError(f"nbgrader could not make the assignment: {done.stderr[-400:]}")
    found = {}
    for name in notebooks:
        text = (folder / "release" / ASSIGNMENT / f"{name}.ipynb").read_text(encoding="utf-8")
        cells = json.loads(text)["cells"]
        found[name] = [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]
    return found


def hand_in(folder: Path, learner: str, name: str, content: str) -> None:
    """Put a learner's notebook where nbgrader finds it."""
    path = folder / "submitted" / learner / ASSIGNMENT / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
