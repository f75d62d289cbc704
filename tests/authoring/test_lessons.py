"""Lessons as notebooks."""

import json
import sys
from pathlib import Path

import pytest

from authoring.texts import FRONT, errors, lesson
from mnist_keras.authoring.lessons import is_text_notebook
from mnist_keras.authoring.notebooks import generate_notebooks


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (FRONT, True),
        ("---\njupytext:\n  text_representation:\n    format_name: myst\n---\n", True),
        ("---\ntitle: x\n---\n", False),
        ("---\n- x\n---\n", False),
        ("---\nunfinished: x\n", False),
        ("# file_format: mystnb\n", False),
    ],
)
def test_front_matter_makes_a_notebook(front, expected):
    assert is_text_notebook(front + "# T\n") is expected


def test_only_text_notebooks_in_the_book_are_converted(root):
    lesson(root, "# T\n", "index.md")
    lesson(root, "# T\n", "book/_ext/x.md")
    lesson(root, "# T\n", "book/.ipynb_checkpoints/x.md")
    lesson(root, "# T\n", "book/scale/cluster.md")
    assert list(generate_notebooks(root)) == [
        Path("book/notebooks/tiny.ipynb"),
        Path("book/notebooks/cluster.ipynb"),
    ]


def test_errors_of_all_lessons_come_together_with_their_lines(root):
    lesson(
        root,
        "# T\n\n{doc}`x`\n\n```{code-cell} ipython3\n:tags: [a]\nx = (\n```\n\n\n\n[a](b.md)\n",
    )
    lesson(root, "# T\n+++\n\n:::{grid}\n:::\n", "book/scale/other.md")
    found = errors(root)
    assert [each.split(" ")[0] for each in found] == [
        "book/lessons/tiny.md:9:",
        "book/lessons/tiny.md:13:",
        "book/lessons/tiny.md:18:",
        "book/scale/other.md:10:",
    ]


def test_number_must_be_kept_above_its_sentence(root):
    lesson(root, "# T\n\n{glue:text}`a`\n\n```{code-cell} ipython3\nnumbers.keep(a=1)\n```\n")
    assert errors(root) == [
        "book/lessons/tiny.md:9: no cell above keeps 'a': write numbers.keep(a=…) in one"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Text first.\n\n# T\n", "tiny.md:7: a lesson starts with its title: # …"),
        (
            "```{code-cell} ipython3\n1\n```\n# T\n",
            "tiny.md:8: a lesson starts with its title: # …",
        ),
        (":::{note}\nx\n:::\n", "tiny.md:7: a lesson starts with its title: # …"),
        ("# T\n\n```{raw-cell}\nx\n```\n", "tiny.md:10: a raw cell is not for lessons"),
        ("# T\n\n```{code-cell} ipython3\n---\na: [\n---\n1\n```\n", "tiny.md:1: Code cell 1"),
        (
            "# T\n\n:::{note}\n```{code-cell} ipython3\n1\n```\n:::\n",
            "tiny.md:9: a box without its end (or with a code cell in it)",
        ),
    ],
)
def test_lessons_that_cannot_be_notebooks(root, text, message):
    lesson(root, text)
    assert errors(root)[0].startswith(f"book/lessons/{message}")


def test_broken_front_matter(root):
    lesson(root, "# T\n", front="---\nfile_format: [\n---\n")
    (error,) = errors(root)
    assert error.startswith("book/lessons/tiny.md:1: front matter: ")


def test_incomplete_front_matter(root):
    lesson(root, "# T\n", front="---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n")
    assert errors(root) == [
        "book/lessons/tiny.md:1: front matter: 'display_name' is a required property"
    ]


def test_two_lessons_cannot_have_one_notebook(root):
    lesson(root, "# T\n", "book/scale/tiny.md")
    assert errors(root) == [
        "book/scale/tiny.md:1: book/lessons/tiny.md has the same name: their notebooks would be one"
    ]


def test_labels_before_the_title_are_dropped(root):
    lesson(root, "(top)=\n# T\nMore.\n")
    (text,) = generate_notebooks(root).values()
    cells = json.loads(text)["cells"]
    assert cells[0]["source"][0] == "# T\n"
    assert cells[2]["source"] == ["More."]


def test_missing_tool_names_what_to_install(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupytext.myst", None)
    (error,) = errors(root)
    assert error.endswith('jupytext is not installed: pip install "mnist-keras[site]"')
