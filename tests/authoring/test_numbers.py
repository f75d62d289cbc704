"""Paragraphs that quote numbers, as cells that say them."""

import ast

import pytest

from authoring.texts import converted, problems, said, seen
from mnist_keras.authoring.cells import say_cell, split_at_numbers, top_level_blocks
from mnist_keras.authoring.markdown import convert_markdown
from mnist_keras.notebook import Numbers


def cells_of(text, page):
    cells = split_at_numbers(convert_markdown(text, 1, page))
    assert page.problems == []
    return cells


def test_only_the_paragraph_with_numbers_becomes_a_cell(page):
    cells = cells_of(
        "# A\nBefore.\n\nRight on {glue:text}`accuracy:.1f` %,\nwrong on {glue:text}`mistakes`.\n"
        "\nAfter.\n\nEnd.",
        page,
    )
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "markdown"]
    assert cells[0]["source"] == "# A\n\nBefore."
    assert cells[2]["source"] == "After.\n\nEnd."
    assert cells[1]["source"].startswith("#@title In words, with your numbers\n")
    assert cells[1]["metadata"] == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert said(cells[1], accuracy=98.34, mistakes=3) == "Right on 98.3 %,\nwrong on 3."


def test_neighbouring_paragraphs_with_numbers_share_a_cell(page):
    cells = cells_of("{glue:text}`accuracy`\n\nwrong: {glue:text}`mistakes`\n\nAfter.", page)
    assert [cell["cell_type"] for cell in cells] == ["code", "markdown"]
    assert said(cells[0], accuracy=98.5, mistakes=3) == "98.5\n\nwrong: 3"


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- {glue:text}`accuracy`\n\n  more\n- c",
        "> a\n>\n> {glue:text}`accuracy`",
        "| a |\n|---|\n| {glue:text}`accuracy` |",
        ":::{note}\na\n\n{glue:text}`accuracy`\n:::",
        ":::{dropdown} T\na\n\n{glue:text}`accuracy`\n:::",
        "- a\n\n  :::{note}\n  {glue:text}`accuracy`\n  :::\n- c",
    ],
)
def test_list_table_or_box_with_numbers_stays_whole(text, page):
    before, cell, after = cells_of(f"Before.\n\n{text}\n\nAfter.", page)
    assert (before["source"], after["source"]) == ("Before.", "After.")
    plain = converted(text.replace("{glue:text}`accuracy`", "98.5"), page)
    assert said(cell, accuracy=98.5) == plain


@pytest.mark.parametrize(
    "text",
    [
        r"math $\frac{1}{n}$ and \n",
        "\"double\" and 'single'",
        '"""',
        '""" with \\ and {x}',
        r'""" with \frac{1}{n}',
        "ends with a backslash \\",
        'ends with "',
        "{braces} and {{more}} {}",
        "`{glue:text}` in code",
        "`` {glue:text}`mistakes` ``",
        "é – … ≈ 🙂",
        "%s %(x)s",
    ],
)
def test_any_text_beside_a_number_is_safe(text, page):
    text = text.replace("{{more}}", "`{{more}}`")
    (cell,) = cells_of(f"{{glue:text}}`accuracy:.1f` {text}", page)
    assert said(cell, accuracy=98.34) == f"98.3 {text}"


@pytest.mark.parametrize("end", [".", ")", ". More."])
@pytest.mark.parametrize("start", ["", "> ", "  "])
def test_number_at_the_start_of_a_line_begins_no_list(start, end, page):
    (cell,) = cells_of(f"{start}It is the\n{start}{{glue:text}}`mistakes`{end}", page)
    ((text, tags),) = seen(said(cell, mistakes=1)).texts
    assert text == f"It is the\n1{end}"
    assert "ol" not in tags


def test_number_in_code_is_no_number(page):
    (cell,) = cells_of("Write `` {glue:text}`accuracy` ``.\n\n```\n{glue:text}`a`\n```", page)
    assert cell["cell_type"] == "markdown"


@pytest.mark.parametrize(
    ("role", "message"),
    [
        (
            "{glue:text}`speed`",
            "1: no cell above keeps 'speed': write numbers.keep(speed=…) in one",
        ),
        ("{glue:text}`doc.md::accuracy`", "1: 'doc.md::accuracy' is not a number's name and"),
        ("{glue:text}`accuracy:nonsense`", "1: 'accuracy:nonsense' is not a number's name and"),
        ("{glue:text}`accuracy:{x}`", "1: 'accuracy:{x}' is not a number's name and"),
    ],
)
def test_number_that_the_lesson_lacks(role, message, page):
    (problem,) = problems(role, page)
    assert problem.startswith(message)


@pytest.mark.parametrize("spec", ["", ":d", ":,", ":.1%", ":.3g", ":>5", ":s", ":05.1f"])
def test_formats_of_python_are_taken(spec, page):
    (cell,) = cells_of(f"{{glue:text}}`accuracy{spec}`", page)
    assert said(cell, accuracy=1234.5) == Numbers(accuracy=1234.5).fill(f"{{accuracy{spec}}}")


def test_outermost_blocks():
    text = "# T\na\nb\n- l\n\n  m\n\n$$\nx\n\ny\n$$\n\n> q"
    assert top_level_blocks(text) == ["# T", "a\nb", "- l\n\n  m", "$$\nx\n\ny\n$$", "> q"]


def test_say_cell_of_plain_text_is_python():
    assert ast.literal_eval(ast.parse(say_cell("x")["source"]).body[0].value.args[0]) == "\nx\n"
