"""The cells of a notebook."""

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from mnist_keras.authoring.inline import NUMBER
from mnist_keras.authoring.markdown import Piece
from mnist_keras.authoring.pages import Page
from mnist_keras.authoring.repository import Repository
from mnist_keras.authoring.tools import tool

Cell = dict[str, Any]

# What the site does not show is, in Colab, a form that shows its title only.
FORM: Mapping[str, Any] = {"cellView": "form", "jupyter": {"source_hidden": True}}

HIDING = frozenset({"remove-cell", "remove-input", "hide-cell", "hide-input"})
EXERCISE_TAGS = frozenset({"start", "solution"})

SET_UP = """\
#@title Set up: run this cell first
import importlib.util, os, subprocess, sys

if importlib.util.find_spec("mnist_keras") is None:
    source = os.environ.get("MNIST_KERAS_SOURCE") or "ARCHIVE_URL"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", source]
    if subprocess.run(pip).returncode:
        from IPython.core.error import UsageError
        raise UsageError(f"could not install the course's package from {source}: check that "
                         "you are online and the address is right, then run this cell again.")
    importlib.invalidate_caches()

from mnist_keras.notebook import Numbers, set_up_report

numbers = Numbers()  # what the text quotes from your own run
set_up_report()"""


def markdown_cell(source: str) -> Cell:
    """Return a cell of Markdown."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code_cell(source: str, metadata: Mapping[str, Any] | None = None) -> Cell:
    """Return a cell of code that has not run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": dict(metadata or {}),
        "outputs": [],
        "source": source,
    }


def set_up_cell(repository: Repository) -> Cell:
    """Return the cell that installs the course's package where it is missing.

    The environment variable ``MNIST_KERAS_SOURCE`` replaces the address, with a path for
    example, in workshops without a network. TensorFlow, Keras and NumPy are not named, so that pip
    leaves Colab's own alone.
    """
    return code_cell(SET_UP.replace("ARCHIVE_URL", repository.archive_url), {"cellView": "form"})


def say_cell(text: str) -> Cell:
    """Return the cell that says some converted Markdown with the numbers of its notebook."""
    # A line must not become an item of a list because its number comes first: "1. And so on".
    text = re.sub(rf"(?m)^([> ]*{NUMBER.pattern})(?=[.)](?:\s|$))", r"\1\\", text)
    template = text.replace("{", "{{").replace("}", "}}")
    template = NUMBER.sub(lambda match: "{" + match[1] + "}", template)
    if '"""' in template:
        prefix, template = "", template.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    else:
        prefix = "r" if "\\" in template else ""
    source = f'#@title In words, with your numbers\nnumbers.say({prefix}"""\n{template}\n""")'
    return code_cell(source, FORM)


def split_at_numbers(pieces: Iterable[Piece]) -> list[Cell]:
    """Return the cells of some converted Markdown: what quotes numbers apart from the rest."""
    blocks: list[str] = []
    for piece in pieces:
        whole = piece.whole or not NUMBER.search(piece.text)
        blocks += [piece.text] if whole else top_level_blocks(piece.text)
    return [
        say_cell("\n\n".join(group)) if numbers else markdown_cell("\n\n".join(group))
        for numbers, group in groupby(blocks, key=lambda text: bool(NUMBER.search(text)))
    ]


def top_level_blocks(text: str) -> list[str]:
    """Return the paragraphs, lists, tables and other outermost blocks of some Markdown."""
    parser = tool("markdown_it").MarkdownIt("commonmark").enable("table")
    parser.use(tool("mdit_py_plugins.dollarmath").dollarmath_plugin)
    lines = text.splitlines()
    tokens = parser.parse(text)
    starts = [token.map[0] for token in tokens if token.level == 0 and token.map and token.block]
    cuts = [0, *sorted(set(starts) - {0}), len(lines)]
    blocks = ["\n".join(lines[a:b]).strip("\n") for a, b in pairwise(cuts)]
    return [block for block in blocks if block]


def kept_names(source: str) -> set[str]:
    """Return the names that a cell of code hands to ``….keep(name=…)``."""
    if re.match(r"\s*%%(?!time|capture)", source):
        return set()
    python = re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", source)
    names: set[str] = set()
    for node in ast.walk(ast.parse(python)):
        match node:
            case ast.Call(func=ast.Attribute(attr="keep"), keywords=keywords):
                names |= {each.arg for each in keywords if each.arg}
    return names


def convert_code(source: str, metadata: Mapping[str, Any], line: int, page: Page) -> Cell:
    """Convert a cell of code: what the site hides becomes a form in Colab.

    Only the tags that are not for the site are kept. Errors and the names of numbers go to the
    page.
    """
    tags = metadata.get("tags") or []
    if EXERCISE_TAGS & set(tags):
        tags = []  # its other tags fold it on the site, or keep the site from running it
    names: set[str] = set()
    try:
        names = kept_names(source)
    except SyntaxError as error:
        if "raises-exception" not in tags:
            page.fail(line + (error.lineno or 1) - 1, f"the cell is not Python: {error.msg}")
    page.kept |= names
    new: dict[str, Any] = {}
    if HIDING & set(tags):
        new.update(FORM)
        if source.startswith("%%"):
            page.fail(line, "a hidden cell cannot start with a %% command")
        if not source.startswith("#@title"):
            source = f"#@title {_form_title(names, tags)}\n{source}"
    others = [tag for tag in tags if tag not in HIDING]
    if others:
        new["tags"] = others
    return code_cell(source, new)


def _form_title(names: set[str], tags: Sequence[str]) -> str:
    if names:
        return "Keep the numbers for the text"
    if "remove-cell" in tags:
        return "Behind the scenes: just run this cell"
    return "Run this cell to see the result"


def with_ids(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells with ids that depend on their content, and on nothing else.

    The id stands in the cell and again in its metadata, where Colab looks for it; Colab may drop
    the first, and Jupyter then invents another.
    """
    seen: dict[str, int] = {}
    result = []
    for cell in cells:
        text = f"{cell['cell_type']}\n{cell['source']}"
        name = hashlib.sha256(text.encode()).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name}-{seen[name]}"
        result.append({**cell, "id": name, "metadata": {**cell["metadata"], "id": name}})
    return result
