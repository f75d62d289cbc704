"""Cells of code, and the ids of cells."""

import re

import pytest

from authoring.texts import cell_id
from mnist_keras.authoring.cells import (
    code_cell,
    convert_code,
    kept_names,
    markdown_cell,
    with_ids,
)


def test_names_that_a_cell_keeps():
    assert kept_names(
        "%matplotlib inline\n!ls\nnumbers.keep(a=1, b=2)\nif x:\n    n.keep(c=3)"
    ) == {
        "a",
        "b",
        "c",
    }
    assert kept_names("# numbers.keep(a=1)\nkeep(b=2)\nprint('numbers.keep(c=3)')") == set()
    assert kept_names("%%bash\nfor x in y; do") == set()
    assert kept_names("%%time\nnumbers.keep(a=1)") == {"a"}


@pytest.mark.parametrize(
    ("tags", "source", "title"),
    [
        (["remove-cell"], "numbers.keep(a=1)", "Keep the numbers for the text"),
        (["remove-cell"], "import os", "Behind the scenes: just run this cell"),
        (["hide-input"], "plot()", "Run this cell to see the result"),
        (["remove-input"], "plot()", "Run this cell to see the result"),
        (["hide-cell"], "plot()", "Run this cell to see the result"),
    ],
)
def test_hidden_code_becomes_a_form(tags, source, title, page):
    cell = convert_code(source, {"tags": [*tags, "mine"], "mystnb": {"x": 1}}, 1, page)
    assert cell["source"] == f"#@title {title}\n{source}"
    assert cell["metadata"] == {
        "cellView": "form",
        "jupyter": {"source_hidden": True},
        "tags": ["mine"],
    }


def test_title_of_a_form_may_be_its_authors(page):
    cell = convert_code("#@title Draw\nplot()", {"tags": ["hide-input"]}, 1, page)
    assert cell["source"] == "#@title Draw\nplot()"


def test_shown_code_loses_only_what_is_for_the_site(page):
    cell = convert_code("1", {"mystnb": {"image": {"alt": "x"}}, "tags": ["hide-output"]}, 1, page)
    assert cell == code_cell("1", {"tags": ["hide-output"]})


def test_code_that_is_not_python(page):
    convert_code("x = 1\ny = (", {}, 10, page)
    (problem,) = page.problems
    assert problem.startswith("book/lessons/tiny.md:11: the cell is not Python:")


def test_code_that_is_wrong_on_purpose(page):
    convert_code("y = (", {"tags": ["raises-exception"]}, 10, page)
    assert page.problems == []


def test_hidden_cell_of_another_language(page):
    convert_code("%%bash\nls", {"tags": ["hide-input"]}, 3, page)
    assert page.problems == ["book/lessons/tiny.md:3: a hidden cell cannot start with a %% command"]


def ids(cells):
    return [cell["id"] for cell in with_ids(cells)]


def test_ids_depend_only_on_content():
    a, b, c = (markdown_cell(text) for text in "abc")
    assert ids([a, b]) == [ids([a])[0], ids([c, b])[1]]
    assert len(set(ids([a, b, c, a, a, code_cell("a")]))) == 6
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", each) for each in ids([a, b, a]))


def test_id_survives_what_colab_does_to_a_cell():
    (cell,) = with_ids([code_cell("x", {"tags": ["answer"]})])
    colab = {
        "cell_type": "code",
        "source": ["x"],
        "metadata": {**cell["metadata"], "executionInfo": {}, "outputId": "f00"},
        "execution_count": 3,
        "outputs": [],
    }
    jupyter = {**colab, "id": "a-new-one"}
    assert cell_id(cell) == cell_id(colab) == cell_id(jupyter) == cell["id"]
    assert cell_id({"id": "only", "metadata": {}}) == "only"
    assert cell_id({"metadata": {}}) is None
