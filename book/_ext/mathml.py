r"""Turn TeX formulas into MathML when the site is built, so that pages need no script for them."""

import re
from html import escape
from typing import Any
from xml.etree import ElementTree

import latex2mathml.converter
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
OF_TWO = ("mfrac", "mroot", "msub", "msup", "munder", "mover")
PARTS = {**dict.fromkeys(OF_TWO, 2), "msubsup": 3, "munderover": 3}

logger = logging.getLogger(__name__)


class FormulaError(ValueError):
    """A formula that cannot be turned into MathML, with the reason."""


def fault_of(mathml: str) -> str | None:
    """Look for what the converter lets pass although the TeX behind it is wrong."""
    try:
        tree = ElementTree.fromstring(mathml)
    except ElementTree.ParseError:
        return "an & outside of an alignment, or an environment that is not supported"
    for element in tree.iter():
        name = element.tag.removeprefix(NAMESPACE)
        if name != "mtext" and (element.text or "").startswith("\\"):
            return f"the command {element.text} is not known"
        if len(element) != PARTS.get(name, len(element)):
            return "a part is missing (look for a brace that is not closed)"
        if name == "mspace" and element.get("linebreak"):
            return r"a line break; use \begin{align*} … \end{align*}"
    return None


def to_mathml(tex: str, *, display: bool) -> str:
    r"""Convert a formula, given without its dollar signs, for a line of its own or within one.

    Returned is a ``<math>`` element with the TeX as its ``alttext``. A `FormulaError` says that the
    formula is not sound TeX or uses what the converter does not know.
    """
    # The converter knows align* but not its two inner forms.
    known = re.sub(r"\\(begin|end)\{(?:aligned|split)\}", r"\\\1{align*}", tex.strip())
    try:
        mathml = latex2mathml.converter.convert(known, display="block" if display else "inline")
    except Exception as error:  # the converter's errors have no common class of their own
        raise FormulaError(type(error).__name__.removesuffix("Error")) from error
    fault = fault_of(mathml)
    if fault:
        raise FormulaError(fault)
    return mathml.replace("<math ", f'<math alttext="{escape(tex.strip())}" ', 1)


def converted(self: HTML5Translator, node: nodes.math | nodes.math_block, display: bool) -> str:
    """Convert a node's formula, or warn and fall back on the TeX itself."""
    tex = node.astext()
    try:
        return to_mathml(tex, display=display)
    except FormulaError as error:
        logger.warning("cannot show the formula %r: %s", tex, error, location=node, type="mathml")
        return f"<code>{escape(tex)}</code>"


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(f"{converted(self, node, display=False)}</span>")
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{converted(self, node, display=True)}</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
