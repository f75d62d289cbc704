"""How a committed notebook differs."""

import json
from pathlib import Path

import pytest

from authoring.texts import FRONT, LESSON, lesson
from mnist_keras.authoring.differences import describe_difference
from mnist_keras.authoring.notebooks import check_notebooks, write_notebooks
from mnist_keras.authoring.repository import set_repository


def test_changed_source_is_found(root):
    write_notebooks(root)
    lesson(root, LESSON.removeprefix(FRONT).replace("Some text.", "Other text."))
    assert check_notebooks(root) == [
        "book/notebooks/tiny.ipynb: cell 3, line 1 is 'Some text.', its source says 'Other text.'"
    ]


def test_changed_repository_is_found(root):
    write_notebooks(root)
    set_repository(root, "bob/numbers")
    (line,) = check_notebooks(root)
    assert line.startswith("book/notebooks/tiny.ipynb: cell 1, line 3 is ")


def _drop_cell(notebook):
    del notebook["cells"][-1]


def _run_cell(notebook):
    notebook["cells"][3]["execution_count"] = 1


def _change_code(notebook):
    notebook["cells"][1]["source"][4] += "# mine\n"


def _change_type(notebook):
    notebook["cells"][2]["cell_type"] = "raw"


def _change_metadata(notebook):
    notebook["metadata"]["accelerator"] = "TPU"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_drop_cell, "4 cells, its source gives 5"),
        (_run_cell, "cell 4 differs in its execution_count"),
        (_change_code, "cell 2, line 6 is "),
        (_change_type, "cell 3 is raw, its source says markdown"),
        (_change_metadata, "its metadata differ in 'accelerator'"),
        (lambda notebook: None, "the same notebook, but not written the same way"),
        (lambda notebook: notebook.pop("cells"), "not a notebook"),
    ],
)
def test_edited_notebook_is_found_and_mended(root, edit, message):
    write_notebooks(root)
    path = root / "book/notebooks/tiny.ipynb"
    notebook = json.loads(path.read_text())
    edit(notebook)
    path.write_text(json.dumps(notebook))
    (line,) = check_notebooks(root)
    assert line.startswith(f"book/notebooks/tiny.ipynb: {message}")
    assert write_notebooks(root) == [Path("book/notebooks/tiny.ipynb")]
    assert check_notebooks(root) == []


def test_file_that_is_no_notebook_is_described():
    assert describe_difference("<<<<<<< HEAD", "{}") == "not a notebook"
