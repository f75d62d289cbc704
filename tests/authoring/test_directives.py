"""Boxes, formulas and figures."""

import pytest

from authoring.texts import SITE, converted, problems, seen
from mnist_keras.authoring.directives import box


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("note", "Note"),
        ("tip", "Tip"),
        ("warning", "Warning"),
        ("important", "Important"),
        ("seealso", "See also"),
        ("predict", "Predict first"),
        ("keypoints", "Key points"),
    ],
)
@pytest.mark.parametrize("fence", [":::", "```", "~~~", ":::::"])
def test_box_is_a_block_quotation_with_a_bold_title(name, title, fence, page):
    shown = seen(converted(f"Before\n{fence}{{{name}}}\nThe body.\n\n- item\n{fence}\nAfter", page))
    assert shown.around(title) == ["blockquote", "p", "strong"]
    assert shown.around("The body.") == ["blockquote", "p"]
    assert shown.around("item") == ["blockquote", "ul", "li"]
    assert shown.around("Before") == ["p"]
    assert shown.around("After") == ["p"]


@pytest.mark.parametrize("name", ["predict", "keypoints", "admonition"])
def test_box_with_its_own_title(name, page):
    shown = seen(converted(f":::{{{name}}} What is {{kbd}}`x`?\n:class: tip\n\nBody\n:::", page))
    assert shown.around("What is") == ["blockquote", "p", "strong"]
    assert shown.around("Body") == ["blockquote", "p"]
    assert not any("class" in text for text, _ in shown.texts)


def test_prediction_is_called_one(page):
    text = converted(":::{predict} How many?\n- **A.** One.\n:::", page)
    assert text == "> **Predict first: How many?**\n>\n> - **A.** One."


def test_text_behind_a_notes_name_begins_its_body(page):
    assert converted(":::{note} One.\nTwo.\n:::", page) == "> **Note**\n>\n> One.\n>\n> Two."


def test_boxes_in_boxes(page):
    text = ":::::{note}\nOuter\n::::{tip}\n:::{warning}\nInner\n:::\n::::\n:::::"
    shown = seen(converted(text, page))
    assert shown.around("Outer") == ["blockquote", "p"]
    assert shown.around("Inner") == ["blockquote", "blockquote", "blockquote", "p"]


def test_code_in_a_box_is_untouched(page):
    text = converted("::::{note}\n```python\nx = a[b](c)\n:::\n\ny\n```\n::::", page)
    assert text == "> **Note**\n>\n> ```python\n> x = a[b](c)\n> :::\n>\n> y\n> ```"


@pytest.mark.parametrize(
    "options", [":before: read [it](../glossary.md)", "---\nbefore: read\n---"]
)
def test_lesson_says_what_it_teaches_and_asks_for(options, page):
    text = converted(f":::{{lesson}}\n{options}\n- count {{term}}`epochs <epoch>`\n:::", page)
    shown = seen(text)
    assert shown.around("In this lesson you will learn to") == ["blockquote", "p", "strong"]
    assert shown.around("count") == ["blockquote", "ul", "li"]
    assert shown.around("epochs")[-1] == "a"
    assert shown.around("Before you start:") == ["blockquote", "p", "strong"]
    assert shown.around("read") == ["blockquote", "p"]


def test_dropdown_opens_on_a_click(page):
    text = converted(
        ":::{dropdown} The `why` & *how*\n:open:\n\nBecause **so**.\n:::\n\nAfter", page
    )
    shown = seen(text)
    assert shown.around("why") == ["details", "summary", "code"]
    assert shown.around("how") == ["details", "summary", "em"]
    assert shown.around("so") == ["details", "p", "strong"]
    assert shown.around("After") == ["p"]


def test_formula(page):
    assert converted("```{math}\n:label: eq\n\\frac{1}{n}\n```", page) == "$$\n\\frac{1}{n}\n$$"
    assert converted("$$\nx\n$$ (eq)\n\n$$ y $$ (eq-2)", page) == "$$\nx\n$$\n\n$$ y $$"


@pytest.mark.parametrize("name", ["figure", "image"])
def test_figure(name, page):
    text = f":::{{{name}}} ../_static/digit.png\n:alt: a digit\n:width: 50%\n:::"
    (image,) = seen(converted(text, page)).images
    assert image == {"src": f"{SITE}_images/digit.png", "alt": "a digit"}
    text = text.replace("a digit", "in ]0, 1]")
    assert converted(text, page) == rf"![in \]0, 1\]]({SITE}_images/digit.png)"


def test_caption_stands_below_its_figure(page):
    text = ":::{figure} ../_static/digit.png\n:name: f\n:alt: a digit\n\nThe {term}`epoch`.\n:::"
    shown = seen(converted(text, page))
    assert len(shown.images) == 1
    assert shown.around("epoch") == ["p", "a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n\n:::{grid}\n:::", "3: unknown directive {grid}"),
        ("```{raw} html\n<b>\n```", "1: unknown directive {raw}"),
        ("- x\n  ```{tableofcontents}\n  ```", "2: unknown directive {tableofcontents}"),
        (":::note\n:::", "1: unknown directive {note}"),
        (":::{note}\n:colour: red\n:::", "1: unknown option 'colour' of the directive {note}"),
        (":::{lesson}\n:after: x\n:::", "1: unknown option 'after' of the directive {lesson}"),
        (":::{lesson}\n:before: x and\n  y.\n\n- z\n:::", "3: an option ends with its line: "),
        (":::{lesson}\n---\nbefore: [\n---\n:::", "2: options between --- must be lines such as "),
        (":::{lesson}\n---\n- x\n---\n:::", "2: options between --- must be lines such as "),
        (":::{admonition}\nBody\n:::", "1: an {admonition} needs a title"),
        ("a\n:::{note}\nBody", "2: a box without its end (or with a code cell in it)"),
        (":::{note}\n:class: x\n\nBody\n{doc}`x`\n:::", "5: the role {doc} is not for lessons: "),
        ("::::{note}\n:::{tip}\n{doc}`x`\n:::\n::::", "3: the role {doc} is not for lessons: "),
        (
            ":::{figure} ../_static/digit.png\n:::",
            "1: the image ../_static/digit.png lacks a text for those who cannot see it",
        ),
    ],
)
def test_errors_of_boxes_name_their_line(text, message, page):
    (problem,) = problems(text, page)
    assert problem.startswith(message)


def test_box_without_a_body():
    assert box("Title", "") == "> **Title**"
