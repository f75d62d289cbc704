"""HTML pages from templates. They run nothing and ask for nothing, whatever a learner wrote.

Each text that a template prints is cleaned and escaped there. The pages' own
Content-Security-Policy would stop a script or a request too.
"""

import base64
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mnist_keras.checks.notebook import marked_up, sentence
from mnist_keras.reports.text import clean, name_of, number, percent, plural, worth


def page(template: str, **values: Any) -> str:
    """Fill in a template of ``templates/`` with values."""
    return _environment().get_template(f"{template}.html").render(values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("mnist_keras.reports"),
        autoescape=True,
        finalize=_cleaned,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {
        "base64": lambda data: Markup(base64.b64encode(data).decode("ascii")),
        "cut": clean,
        "name": name_of,
        "number": number,
        "plural": plural,
        "told": told,
    }
    made.globals |= {"part": part, "percent": percent, "worth": worth}
    return made


def told(message: str) -> Markup:
    """Show a message of the rules, with its code and emphasis."""
    return Markup(marked_up(sentence(clean(message))))


def part(earned: float, points: float) -> float:
    """Return the earned part, from 0 to 1."""
    return min(max(earned / points, 0.0), 1.0) if points else 0.0


def _cleaned(value: Any) -> Any:
    return clean(value) if type(value) is str else value
