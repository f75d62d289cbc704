"""What a lesson's text refers to: the glossary's terms and the bibliography's entries."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from mnist_keras.authoring.tools import one_line, tool
from mnist_keras.errors import CourseError

GLOSSARY = "book/glossary.md"
REFERENCES = "book/references.md"
BIBLIOGRAPHY = "book/references.bib"


class Reference(NamedTuple):
    """What a citation shows."""

    author: str
    year: str


def glossary_terms(root: Path) -> dict[str, str]:
    """Return the glossary's terms as they are written there, by their lower-case form."""
    path = root / GLOSSARY
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    boxes = re.findall(r"(?ms)^(:{3,}|`{3,})\{glossary\}[^\n]*\n(.*?)(?:^\1|\Z)", text)
    lines = [line for _, box in boxes for line in box.splitlines() if re.match(r"[^\s:]", line)]
    terms = [line.partition(" : ")[0].strip() for line in lines]
    return {term.lower(): term for term in terms}


def glossary_anchor(term: str) -> str:
    """Return the id that Sphinx gives a term of the glossary."""
    return str(tool("sphinx.util.nodes")._make_id(f"term-{term}"))


def bibliography(root: Path) -> dict[str, Reference]:
    """Return author and year of each entry of the bibliography, by key."""
    path = root / BIBLIOGRAPHY
    if not path.is_file():
        return {}
    pybtex = tool("pybtex.database")
    try:
        entries = pybtex.parse_file(str(path), bib_format="bibtex").entries
    except Exception as error:  # pybtex's own errors share no base class but Exception
        raise CourseError(f"{BIBLIOGRAPHY}: {one_line(error)}") from None
    return {key: _reference(key, entry) for key, entry in entries.items()}


def _reference(key: str, entry: Any) -> Reference:
    text = tool("pybtex.richtext").Text
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [
        str(text.from_latex(" ".join(person.prelast_names + person.last_names)))
        for person in people
    ]
    author = f"{names[0]} et al." if len(names) > 2 else " and ".join(names) or key
    return Reference(author, entry.fields.get("year", "n.d."))
