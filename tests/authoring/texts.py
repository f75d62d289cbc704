"""The smallest course, and what the tests do with its texts."""

import ast
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from mnist_keras.authoring.markdown import convert_markdown
from mnist_keras.authoring.notebooks import generate_notebooks
from mnist_keras.errors import CourseError
from mnist_keras.notebook import Numbers

SITE = "https://ada.github.io/digits/"

CONFIG = """\
title: Digits  # the title
# Where it lives.
repository:
  url: https://github.com/ada/digits   # changed by a command
  branch: main
launch_buttons:
  url: untouched
"""

FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n"

LESSON = (
    FRONT
    + """\
# Tiny

Some text.

```{code-cell} ipython3
numbers.keep(accuracy=98.3)
```

Right on {glue:text}`accuracy:.1f` %.
"""
)

GLOSSARY = """\
# Glossary

:::{glossary}
epoch
  One pass over the data.

Learning rate
  How far a step goes.
:::
"""

BIBLIOGRAPHY = r"""
@article{lecun, author={LeCun, Yann and Bottou, L{\'e}on and Bengio, Yoshua}, year=1998}
@article{pair, author={van der Berg, An and M{\"u}ller, Bo}, year=2001}
@misc{team, author={{Keras team}}, year=2015}
@misc{nobody, title={No one}}
"""


def converted(text, page):
    """Convert Markdown that must have no errors."""
    result = "\n\n".join(piece.text for piece in convert_markdown(text, 1, page))
    assert page.problems == []
    return result


def problems(text, page, line=1):
    """Convert Markdown and return the errors, without the path."""
    convert_markdown(text, line, page)
    start = "book/lessons/tiny.md:"
    assert all(each.startswith(start) for each in page.problems)
    return [each.removeprefix(start) for each in page.problems]


class _Seen(HTMLParser):
    """What a reader sees: each text with the elements around it; links and images."""

    def __init__(self, html):
        super().__init__()
        self.stack, self.texts, self.links, self.images = [], [], {}, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.stack.append((tag, dict(attrs).get("href")))

    def handle_startendtag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag, "elements overlap"

    def handle_data(self, data):
        if data.strip():
            tags = [tag for tag, _ in self.stack]
            self.texts.append((data.strip(), tags))
            for tag, href in self.stack:
                if tag == "a":
                    self.links[data.strip()] = href

    def around(self, text):
        """Return the elements around the one text that contains `text`."""
        (tags,) = [tags for data, tags in self.texts if text in data]
        return tags


def seen(markdown):
    """Render as the notebooks' readers do: CommonMark with tables and formulas."""
    parser = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    return _Seen(parser.render(markdown))


def said(cell, **values):
    """Return what a cell says when its code runs with these numbers."""
    call = ast.parse(cell["source"]).body[0].value
    assert ast.unparse(call.func) == "numbers.say"
    return Numbers(values).fill(ast.literal_eval(call.args[0]))


def lesson(root, text, name="book/lessons/tiny.md", front=FRONT):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(front + text, encoding="utf-8")


def cell_id(cell):
    """Return the id of a cell, also after Colab or Jupyter saved it again."""
    found = cell.get("metadata", {}).get("id") or cell.get("id")
    return str(found) if found else None


def errors(root):
    with pytest.raises(CourseError) as caught:
        generate_notebooks(root)
    return str(caught.value).splitlines()
