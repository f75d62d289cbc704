"""Each folder says what lies in it, and names nothing that does not."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALIKE = {"commands", "exercises"}  # a module each, of one form: nothing lists them
ROOMS = sorted(
    path.parent
    for path in (ROOT / "mnist_keras").rglob("__init__.py")
    if path.parent.name not in ALIKE
)
FOLDERS = [ROOT / name for name in ("benchmarks", "book", "book/_ext", "tests", "tools")]
LISTED = re.compile(r"(?m)^- (`\w+`(?:, `\w+`)*)")  # the names that begin a line of the list


def lie_in(folder: Path) -> set[str]:
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py")}


def test_each_folder_of_modules_is_a_package_in_the_repository():
    listed = ["git", "ls-files", "mnist_keras/*.py"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(line) for line in files.splitlines()]
    assert {path.parent / "__init__.py" for path in paths} <= set(paths)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_a_room_of_the_package_lists_its_modules_and_no_others(room):
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert lie_in(room) - set(re.findall(r"`(\w+)`", said)) == set()
    listed = {name for names in LISTED.findall(said) for name in re.findall(r"\w+", names)}
    assert listed - lie_in(room) == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_another_folder_has_a_page_that_names_each_file_or_kind(folder):
    said = (folder / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w[\w./*-]*[./*][\w./*-]*)`", said)
    for name in named:
        places = (folder.glob(name.rstrip("/")), ROOT.glob(name.rstrip("/")))
        assert name.startswith("_build") or any(map(any, places)), name
    if folder.name in ("benchmarks", "tools"):
        assert {path.name for path in folder.glob("*.py")} - set(named) == set()
