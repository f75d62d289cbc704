"""What a notebook sees of the package is whole: nothing in it imports what is not there."""

import ast
from pathlib import Path

from mnist_keras.checks.exercises import EXERCISES
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


def test_no_hint_and_no_reason_of_an_exercise_is_in_view(tmp_path):
    make_view(tmp_path, str(tmp_path))
    files = [each for each in tmp_path.rglob("*") if each.suffix in (".py", ".json", ".txt")]
    seen = "\n".join(each.read_text(encoding="utf-8") for each in files)
    assert "Answers are judged after the notebook ran." in seen
    for question in (each for exercise in EXERCISES for each in exercise.questions):
        told = [*question.hints, *(each.why for each in question.choices.values() if each.why)]
        assert [each for each in told if each in seen and not question.prediction] == []
    names = {each.relative_to(tmp_path / "mnist_keras").as_posix() for each in files}
    secret = ("checks/exercises", "checks/rules", "checks/unseen", "grading", "authoring")
    assert [each for each in sorted(names) if each.startswith(secret)] == []
