"""A notebook file of any kind gives cells or one line that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from saved_notebooks import by_colab, by_deepnote, by_jupyter, by_kaggle, by_vs_code

from grading_unit.damaged import damaged_notebooks
from mnist_keras.checks.exercises import EXERCISES, exercise_named
from mnist_keras.grading import notebooks
from mnist_keras.grading.notebooks import (
    NotebookError,
    exercise_in_name,
    missing_names,
    read_notebook,
)

EXERCISE_FILES = Path(__file__).parents[2] / "exercises"


def code(source: Any, **members: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **members}


def written(*cells: Any, metadata: Any = None, **members: Any) -> bytes:
    notebook = {"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": metadata, **members}
    return json.dumps(notebook).encode()


def refusal(content: bytes) -> str:
    with pytest.raises(NotebookError) as caught:
        read_notebook(content)
    message = str(caught.value)
    assert message.startswith("the file ")
    assert "\n" not in message
    assert len(message) < 200
    return message


def made_from(name: str) -> dict[str, Any]:
    return {"mnist_keras": {"generated_from": f"solutions/{name}.md"}}


@pytest.mark.parametrize("by", [by_colab, by_deepnote, by_jupyter, by_kaggle, by_vs_code])
def test_whatever_program_saved_it_an_exercise_has_the_same_code(by):
    for exercise in EXERCISES:
        raw = json.loads((EXERCISE_FILES / f"{exercise.name}.ipynb").read_text())
        as_generated = [cell.source for cell in read_notebook(json.dumps(raw).encode()).code]
        notebook = read_notebook(json.dumps(by(raw)).encode(), "mine.ipynb")
        code = [cell.source for cell in notebook.code]
        assert [source for source in code if source in as_generated] == as_generated
        assert len(code) - len(as_generated) <= 1, "a cell of the program's own"
        assert notebook.exercise == exercise.name
        assert missing_names(notebook, exercise) == set()


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_each_exercise_is_read_as_it_was_generated(exercise):
    content = (EXERCISE_FILES / f"{exercise.name}.ipynb").read_bytes()
    notebook = read_notebook(content, "mine.ipynb")
    assert notebook.exercise == exercise.name
    assert notebook.notes == ()
    assert notebook.generated_from == f"solutions/{exercise.name}.md"
    assert missing_names(notebook, exercise) == set()
    raw = json.loads(content)["cells"]
    assert [(cell.id, cell.kind, cell.source) for cell in notebook.cells] == [
        (cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in raw
    ]
    assert all(cell.kind == "code" for cell in notebook.code)


@pytest.mark.parametrize("source", ["a = 1\nb = 2", ["a = 1\n", "b = 2"]])
def test_source_is_a_string_or_a_list_of_lines(source):
    assert read_notebook(written(code(source))).cells[0].source == "a = 1\nb = 2"


def test_ids_come_from_colabs_metadata_first_then_the_cell_then_its_place():
    cells = (
        code("", id="invented", metadata={"id": "ours"}),
        code("", id="own"),
        code(""),
        code("", id=["no"], metadata={"id": "\x1b\u202e\n"}),
    )
    ids = [cell.id for cell in read_notebook(written(*cells)).cells]
    assert ids == ["ours", "own", "cell-3", "cell-4"]


def test_cells_of_an_older_minor_format_and_of_other_savers_are_read():
    colab = code("x = 1", metadata={"colab": {"base_uri": "https://x"}, "executionInfo": {}})
    vscode = {"cell_type": "code", "source": ["x = 1"], "metadata": {"vscode": {}}}
    for minor in (0, 2, 4, 5, 99):
        notebook = read_notebook(written(colab, vscode, nbformat_minor=minor))
        assert [cell.source for cell in notebook.cells] == ["x = 1", "x = 1"]


def test_odd_tags_are_no_fault():
    cell = code("x", metadata={"tags": ["hide-output", 4, None, "\x00"]})
    assert read_notebook(written(cell)).cells[0].source == "x"


def test_a_byte_order_mark_is_no_fault():
    assert read_notebook(b"\xef\xbb\xbf" + written(code("x"))).cells[0].source == "x"


def test_the_same_id_twice_is_noted():
    notebook = read_notebook(written(code("a", id="same"), code("b", id="same")))
    assert notebook.notes == ("two or more cells have the same id",)
    assert [cell.source for cell in notebook.cells] == ["a", "b"]


@pytest.mark.parametrize(
    "odd",
    [None, 4, "x = 1", [], {}, {"cell_type": "heading"}, code(5), code(["a", 1]), code({})],
    ids=str,
)
def test_what_is_no_cell_is_left_out_with_a_note(odd):
    notebook = read_notebook(written(code("a"), odd, code("b")))
    assert [cell.source for cell in notebook.cells] == ["a", "b"]
    assert notebook.notes == ("left out what cannot be read as a cell, number 2 of 3",)


def test_outputs_may_hold_what_jupyter_writes():
    inside = b'[NaN, 1e999, {"a": "\\ud800 ]}"}, ' + b"[" * 500 + b"]" * 500 + b"]"
    content = written(code("x = 1")).replace(b'"outputs": []', b'"outputs": ' + inside)
    assert read_notebook(content).cells[0].source == "x = 1"


def test_code_that_looks_like_outputs_is_code():
    source = '{"outputs": ["'
    assert read_notebook(written(code(source), code("outputs"))).cells[0].source == source


def test_attached_pictures_and_widgets_may_be_large():
    markdown = {"cell_type": "markdown", "source": "!", "attachments": {"a.png": "b" * 2_000_000}}
    content = written(markdown, metadata={"widgets": {"state": "c" * 20_000_000}})
    assert read_notebook(content).cells[0].source == "!"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"print('hello')", "is not JSON"),
        (b"PK\x03\x04...", "is a zip archive"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (written().decode().encode("utf-16"), "is not UTF-8"),
        (written().decode().encode("utf-16-le"), "is not UTF-8"),
        (written(code("\xe9")).replace(b"\\u00e9", b"\xe9"), "is not UTF-8"),
        (written(code("x"))[:-1], "is cut off"),
        (written(code("x"))[:-40], "is cut off"),
        (written(code("x = 1"))[:-60], "is cut off"),
        (b'{"nbformat": 4, "cells": [{"outputs": [', "is cut off"),
        (b"[]", "holds no notebook"),
        (b"null", "holds no notebook"),
        (b'{"cells": []}', "does not say which notebook format"),
        (b'{"nbformat": "4", "cells": []}', "does not say which notebook format"),
        (b'{"nbformat": true, "cells": []}', "does not say which notebook format"),
        (b'{"nbformat": 3, "worksheets": []}', "save it again in Jupyter or Colab as format 4"),
        (b'{"nbformat": 5, "cells": []}', "format 5, not 4"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [], "a": ' + b"[" * 200_000, "nested deeper"),
        (b'{"a":' * 200_000, "nested deeper"),
        (written(code("a\0")), "NUL character in cell 1"),
        (written(code("a"), code("\ud800")), "lone surrogate) in cell 2"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(content, why):
    assert why in refusal(content)


def test_every_limit_is_kept(monkeypatch):
    content = written(code("x = 1"), code("y = 2"))
    assert len(read_notebook(content).cells) == 2
    for limit, value, why in (
        ("MAX_BYTES", 100, "larger than"),
        ("MAX_SOURCE", 9, "characters of code"),
        ("MAX_CELLS", 1, "more than 1 cells"),
        ("MAX_VALUES", 10, "too much for a notebook"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(notebooks, limit, value)
            assert why in refusal(content)
    monkeypatch.setattr(notebooks, "MAX_TEXT", 1)
    assert "characters of text" in refusal(written({"cell_type": "markdown", "source": "!!"}))


def test_a_bomb_of_values_is_refused_before_memory_is_made_for_it():
    assert "too much for a notebook" in refusal(b"[" + b"[]," * 16_000_000)
    assert "too much for a notebook" in refusal('["é'.encode() + b"a" * 25_000_000)


def test_the_text_of_markdown_cannot_spoil_a_notebook():
    markdown = {"cell_type": "markdown", "source": "a\ud800\0"}
    assert read_notebook(written(markdown)).cells[0].source == "a?\0"


@pytest.mark.parametrize(
    ("metadata", "name", "source", "exercise"),
    [
        (made_from("01-learning-rate"), "alice.ipynb", "", "01-learning-rate"),
        (made_from("01-learning-rate"), "", 'open_exercise("03-epochs")', "01-learning-rate"),
        (made_from("99-other"), "03-epochs.ipynb", "", "03-epochs"),
        ({"mnist_keras": 4}, "03-epochs (1).ipynb", "", "03-epochs"),
        (None, "alice.ipynb", 'check, hint = open_exercise("03-epochs")', "03-epochs"),
        (None, "alice.ipynb", "open_exercise( '03-epochs' )", "03-epochs"),
        (None, "", 'open_exercise("03-epochs")\nopen_exercise("02-batch-size")', None),
        (None, "", 'check("4.1")\ncheck("4.2")', "04-add-a-hidden-layer"),
        (None, "", 'check("4.1")\ncheck("3.2")', None),
        (None, "alice.ipynb", "print()", None),
        (["list"], "", "open_exercise(name)", None),
    ],
)
def test_the_exercise_is_told_by_metadata_then_name_then_cells(metadata, name, source, exercise):
    assert read_notebook(written(code(source), metadata=metadata), name).exercise == exercise


def test_a_name_that_disagrees_with_the_metadata_is_noted():
    notebook = read_notebook(written(metadata=made_from("03-epochs")), "02-batch-size.ipynb")
    assert notebook.exercise == "03-epochs"
    assert "named as 02-batch-size, but made from 03-epochs" in notebook.notes[0]


def test_a_second_exercise_in_a_notebook_is_noted():
    both = code('open_exercise("03-epochs")\nopen_exercise("02-batch-size")')
    notebook = read_notebook(written(both, metadata=made_from("03-epochs")))
    assert notebook.exercise == "03-epochs"
    assert notebook.notes == (
        "it answers 02-batch-size too, which was not graded: each exercise should be handed in as "
        "a notebook of its own",
    )
    mentions = code(
        'open_exercise("03-epochs")  # as in open_exercise("02-batch-size")\ncheck("2.1")'
    )
    assert read_notebook(written(mentions, metadata=made_from("03-epochs"))).notes == ()


@pytest.mark.parametrize(
    ("name", "exercise"),
    [
        ("01-learning-rate.ipynb", "01-learning-rate"),
        ("Copy of 01-learning-rate.ipynb", "01-learning-rate"),
        ("Copy_of_01_Learning_Rate (2).ipynb", "01-learning-rate"),
        ("lee_12345_678_01-learning-rate-1.ipynb", "01-learning-rate"),
        ("01-learning-rate_alice.ipynb", "01-learning-rate"),
        ("０１－learning－rate.ipynb", "01-learning-rate"),
        ("101-learning-rate.ipynb", None),
        ("01-learning-rates.ipynb", None),
        ("03-epochs 02-batch-size.ipynb", None),
        ("learning.ipynb", None),
        ("", None),
    ],
)
def test_an_exercise_is_found_in_names_that_people_give(name, exercise):
    assert exercise_in_name(name) == exercise


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("results = [1]", True),
        ("a, results = 1, 2", True),
        ("results, a = 1, 2", True),
        ("(a, results) = 1, 2", True),
        ("results: list = []", True),
        ("print(results := 1)", True),
        ("for results in ():\n    pass", True),
        ("def results():\n    pass", True),
        ("from a import b, results", True),
        ("with a as results:", True),
        ("", False),
        ("print(results)", False),
        ("assert results == 1", False),
        ("results[0] = 1", False),
        ("a.results = 1", False),
        ("my_results = 1", False),
        ("results_2 = 1", False),
    ],
)
def test_a_name_is_missing_unless_code_gives_it_a_value(source, given):
    notebook = read_notebook(written(code(source), {"cell_type": "raw", "source": "results = 1"}))
    missing = missing_names(notebook, exercise_named("01-learning-rate"))
    assert ("results" not in missing) == given


def test_names_of_a_deleted_cell_are_missing_though_later_cells_use_them():
    content = (EXERCISE_FILES / "01-learning-rate.ipynb").read_bytes()
    notebook = json.loads(content)
    notebook["cells"] = [
        cell for cell in notebook["cells"] if "histories = {}" not in "".join(cell["source"])
    ]
    read = read_notebook(json.dumps(notebook).encode())
    assert missing_names(read, exercise_named("01-learning-rate")) == {"histories"}


@pytest.mark.parametrize("piece", ["results ", "as ", "as, ", "\n \t", " ", "for(", "results:"])
def test_looking_for_names_ends_in_odd_code(piece):
    """A search that takes the square of the length would take days; pytest's limit ends it."""
    notebook = read_notebook(written(code((piece * 2_000_000)[: notebooks.MAX_SOURCE])))
    assert missing_names(notebook, exercise_named("01-learning-rate")) >= {"histories"}


def test_a_thousand_damaged_notebooks_are_read_or_refused():
    content = (EXERCISE_FILES / "01-learning-rate.ipynb").read_bytes()
    read = refused = 0
    for name, damaged in damaged_notebooks(1_000, content):
        try:
            notebook = read_notebook(damaged, name)
        except NotebookError as error:
            refused += 1
            message = str(error)
            assert message.startswith("the file "), name
            assert message.isprintable(), name
        else:
            read += 1
            "".join(cell.source + cell.id for cell in notebook.cells).encode()
    assert read + refused == 1_000
    assert read > 100, "harmless damage is no reason to refuse"
    assert refused > 100


def test_damage_is_the_same_for_the_same_seed():
    content = (EXERCISE_FILES / "01-learning-rate.ipynb").read_bytes()
    first, second = (list(damaged_notebooks(40, content, seed=3)) for _ in range(2))
    assert first == second
    assert len({name for name, _ in first}) == 40
    assert first != list(damaged_notebooks(40, content, seed=4))
