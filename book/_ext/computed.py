"""What the directives share whose MyST is computed when a page is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class ComputedDirective(SphinxDirective):
    """A directive that stands for text computed from files."""

    def built(
        self, lines: Sequence[str], sources: Iterable[Path], css_class: str
    ) -> list[nodes.Node]:
        """Build the text's nodes; when one of the sources changes, the page is read again."""
        for path in sources:
            self.env.note_dependency(str(path))
        holder = nodes.container(classes=[css_class])
        self.set_source_info(holder)
        self.state.nested_parse(StringList(list(lines)), self.content_offset, holder)
        return [holder]


def add_computed(
    app: Sphinx, name: str, text: Callable[[], Sequence[str]], sources: Callable[[], Iterable[Path]]
) -> None:
    """Add a directive without arguments, which stands for the text that a function writes."""

    class Computed(ComputedDirective):
        """Stands for it."""

        def run(self) -> list[nodes.Node]:
            return self.built(text(), sources(), name)

    app.add_directive(name, Computed)


def escaped(text: str) -> str:
    """Keep Markdown from reading a text's characters as its own."""
    return re.sub(r"([\\`*_<>\[\]{}|$])", r"\\\1", text)
