"""Roles, and what else stands within a paragraph."""

import pytest

from authoring.texts import SITE, converted, problems, seen
from mnist_keras.authoring.inline import convert_inline


@pytest.mark.parametrize(
    ("text", "shown", "anchor"),
    [
        ("{term}`epoch`", "epoch", "term-epoch"),
        ("{term}`Epoch`", "Epoch", "term-epoch"),
        ("{term}`epochs <epoch>`", "epochs", "term-epoch"),
        ("{term}`learning rate`", "learning rate", "term-Learning-rate"),
        ("{term}`learning\nrate`", "learning rate", "term-Learning-rate"),
    ],
)
def test_term_leads_to_the_glossary(text, shown, anchor, page):
    links = seen(converted(f"An {text} more.", page)).links
    assert links == {shown: f"{SITE}book/glossary.html#{anchor}"}


def test_term_that_is_not_in_the_glossary(page):
    (problem,) = problems("one\ntwo {term}`entropy`", page, line=7)
    assert problem == "8: 'entropy' is not in the glossary (book/glossary.md)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{cite:p}`lecun`", "LeCun et al., 1998"),
        ("{cite:t}`lecun`", "LeCun et al. (1998)"),
        ("{cite:t}`pair`", "van der Berg and Müller (2001)"),
        ("{cite}`team`", "Keras team, 2015"),
        ("{cite:p}`lecun,team`", "LeCun et al., 1998; Keras team, 2015"),
        ("{cite:p}`nobody`", "nobody, n.d."),
    ],
)
def test_citation_leads_to_the_references(text, shown, page):
    assert seen(converted(text, page)).links == {shown: f"{SITE}book/references.html"}


def test_citation_without_entry(page):
    assert problems("{cite:p}`hinton`", page) == [
        "1: 'hinton' is not in the bibliography (book/references.bib)"
    ]


def test_key_is_shown_as_a_key(page):
    text = converted("Press {kbd}`Ctrl+<`.", page)
    assert text == "Press <kbd>Ctrl+&lt;</kbd>."
    assert seen(text).around("Ctrl+<")[-1] == "kbd"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{doc}`x`", "1: the role {doc} is not for lessons: write a Markdown link"),
        ("{ref}`x`", "1: the role {ref} is not for lessons: write a Markdown link"),
        ("{glue}`x`", "1: the role {glue} is not for lessons: write {glue:text}"),
        ("{glue:md}`x`", "1: the role {glue:md} is not for lessons: write {glue:text}"),
        ("{abbr}`x`", "1: unknown role {abbr}"),
        ("{{ x }}", "1: substitutions are not for lessons: write the text itself"),
        ('a <img src="x.png">', "1: a relative address in HTML: write a Markdown link or image"),
        ("[x]{.red}", "1: attributes such as {.red} work only on the site"),
        ("[x]()", "1: a link without an address"),
        ("[x](doc:y.md)\n[x](path:y.md)", None),
        ("[x]: https://example.org", None),
        ("Word\n\n: What it means.", "3: a definition without its term right above it"),
        ("## {glue:text}`accuracy`", "1: a number in a heading: put it into the text"),
    ],
)
def test_what_a_notebook_cannot_say_is_an_error(text, message, page):
    found = problems(text, page)
    assert len(found) == 1
    assert message is None or found == [message]


@pytest.mark.parametrize(
    "text",
    [
        "`{term}`",
        "`` {term}`x` ``",
        "``[a](b.md)``",
        "```python\n{doc}`x` [a](b.md)\n% kept\n(kept)=\n:::{nonsense}\n```",
        "~~~\n```{nonsense}\n~~~",
        "> ```python\n> x = f(a)[b](c)\n>\n> {doc}`x`\n> ```",
        "1. item\n\n   ```python\n   a[b](c)\n   ```",
        "$f[x](y)$ costs",
        "$$\nf[x](y)\n\n% comment\n$$",
        "$$ f[x](y) $$",
        "\\`{x} \\[a\\](b)",
        "<!-- [a](b.md) -->",
        "[a](https://example.org/x_(y)?z=1#w) and <https://example.org>",
        "[a](mailto:ada@example.org)",
        "Note.[^1]\n\n[^1]: The footnote.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        '<a href="https://example.org">x</a>',
        "| x |\n|---|\n| `{doc}` |",
    ],
)
def test_what_a_notebook_can_say_stays_as_it_is(text, page):
    assert converted(text, page) == text


def test_looks_on_the_site_are_dropped(page):
    text = "{.wide}\n[a](https://example.org){.external} b"
    assert converted(text, page) == "[a](https://example.org) b"


def test_inline_conversion_counts_lines(page):
    convert_inline("a\n`x\ny` {doc}`z`", 5, page)
    assert page.problems[0].startswith("book/lessons/tiny.md:7:")
