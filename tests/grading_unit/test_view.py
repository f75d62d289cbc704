"""What a notebook sees of the package is whole: nothing in it imports what is not there."""

import ast
from pathlib import Path

from mnist_keras.sandbox.view import make_view

ROOT = Path(__file__).resolve().parents[2]


def imported(path):
    """List what a module of the package imports of the package as it is imported itself."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mnist_keras"):
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def is_there(folder, module):
    place = folder.joinpath(*module.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def test_each_module_in_view_finds_there_what_it_imports(tmp_path):
    make_view(tmp_path, str(tmp_path))
    wanted = {
        (path.relative_to(tmp_path).as_posix(), module)
        for path in tmp_path.rglob("*.py")
        for module in imported(path)
        if is_there(ROOT, module)
    }
    assert ("mnist_keras/training.py", "mnist_keras.cluster.devices") in wanted
    assert {each for each in wanted if not is_there(tmp_path, each[1])} == set()
