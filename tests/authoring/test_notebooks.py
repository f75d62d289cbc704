"""The committed notebooks."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from authoring.texts import SITE, lesson, said, seen
from mnist_keras.authoring.cells import markdown_cell
from mnist_keras.authoring.notebooks import (
    check_notebooks,
    generate_notebooks,
    notebook_text,
    write_notebooks,
)
from mnist_keras.cli import main
from mnist_keras.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]


def test_generated_notebook(root):
    ((path, text),) = generate_notebooks(root).items()
    assert path == Path("book/notebooks/tiny.ipynb")
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {
        "accelerator": "GPU",
        "colab": {"gpuType": "T4", "provenance": []},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "mnist_keras": {"generated_from": "book/lessons/tiny.md"},
    }
    title, set_up, intro, keep, say = notebook.cells
    shown = seen(title.source)
    assert shown.around("Tiny") == ["h1"]
    assert shown.links == {"the lesson's page": f"{SITE}book/lessons/tiny.html"}
    assert "set_up_report()" in set_up.source
    assert (intro.cell_type, intro.source) == ("markdown", "Some text.")
    assert keep.source == "numbers.keep(accuracy=98.3)"
    assert said(say, accuracy=98.34) == "Right on 98.3 %."
    for cell in notebook.cells:
        assert cell.metadata.id == cell.id
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_file_of_a_notebook_is_the_same_each_time(root):
    (text,) = generate_notebooks(root).values()
    assert generate_notebooks(root) == {Path("book/notebooks/tiny.ipynb"): text}
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def test_letters_are_written_as_they_are():
    assert "é – 🙂" in notebook_text([markdown_cell("é – 🙂")], "x.md")


def test_committed_notebooks_equal_their_sources():
    assert check_notebooks(ROOT) == []


def test_writing_notebooks_writes_only_what_differs(root):
    path = Path("book/notebooks/tiny.ipynb")
    assert check_notebooks(root) == ["book/notebooks/tiny.ipynb: missing"]
    assert write_notebooks(root) == [path]
    assert check_notebooks(root) == []
    before = (root / path).stat()
    assert write_notebooks(root) == []
    assert (root / path).stat().st_mtime_ns == before.st_mtime_ns
    assert [each.name for each in (root / "book/notebooks").iterdir()] == ["tiny.ipynb"]


def test_nothing_is_written_while_a_lesson_has_errors(root):
    lesson(root, "# T\n", "book/scale/good.md")
    lesson(root, "# T\n\n{doc}`x`\n")
    with pytest.raises(CourseError):
        write_notebooks(root)
    assert not (root / "book/notebooks").exists()


def test_only_generated_notebooks_are_stale(root):
    write_notebooks(root)
    folder = root / "book/notebooks"
    (folder / "gone.ipynb").write_text((folder / "tiny.ipynb").read_text())
    (folder / "mine.ipynb").write_text('{"cells": [], "metadata": {}}')
    (folder / "broken.ipynb").write_text("{")
    assert check_notebooks(root) == ["book/notebooks/gone.ipynb: stale, its source is gone"]
    assert write_notebooks(root) == [Path("book/notebooks/gone.ipynb")]
    assert sorted(each.name for each in folder.iterdir()) == [
        "broken.ipynb",
        "mine.ipynb",
        "tiny.ipynb",
    ]


def test_what_a_killed_run_left_is_removed(root):
    write_notebooks(root)
    folder = root / "book/notebooks"
    (folder / "tiny.unfinished-1.ipynb").write_text("{")
    assert write_notebooks(root) == []
    assert [each.name for each in folder.iterdir()] == ["tiny.ipynb"]


def test_command_prints_each_error_in_a_line_of_its_own(root, capsys):
    lesson(root, "# T\n\n{doc}`x`\n\n{abbr}`x`\n")
    for check in ([], ["--check"]):
        assert main(["notebooks", "--root", str(root), *check]) == 2
        assert capsys.readouterr().err.splitlines() == [
            "mnist-keras: book/lessons/tiny.md:9: "
            "the role {doc} is not for lessons: write a Markdown link",
            "mnist-keras: book/lessons/tiny.md:11: unknown role {abbr}",
        ]


def test_importing_the_package_needs_no_tool_and_no_keras():
    script = (
        "import sys, mnist_keras.authoring; "
        "print(sorted({'jupytext', 'keras', 'nbformat', 'tensorflow', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
