"""Mend the faults of sphinx-book-theme 1.3.0 and pydata-sphinx-theme 0.17.1."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

# Half a megabyte to draw icons that the theme's web font draws as well.
HEAVY_SCRIPT = re.compile(
    r'[ \t]*<script[^>]*\bsrc="[^"]*scripts/fontawesome\.js[^"]*"></script>\n?'
)
NAMED_BUTTON = re.compile(r"<button\b[^>]*\b(?:search-button-field|theme-switch-button)\b[^>]*>")
SIDEBAR = '<div id="pst-primary-sidebar" class='
NAMED_SIDEBAR = (
    '<div id="pst-primary-sidebar" role="region" aria-label="Contents and search" class='
)
# Without a script, and until the theme's own has run, "auto" names no set of colours.
PREFERRED = 'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"'
# The theme's script looks for this element on every page with a remark in the margin.
MARGIN = '<div class="bd-sidebar-secondary" style="display: none"></div>'


def drop_thebe(app: Sphinx, config: Config) -> None:
    """Disconnect the live-code extension that Jupyter Book always loads.

    It declares its script once a page too often, and this course runs its notebooks on Colab.
    """
    for listeners in list(app.events.listeners.values()):
        for listener in list(listeners):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)


def drop_style(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Leave the live-code style sheet out, which is not copied any more."""
    context["css_files"] = [
        file for file in context["css_files"] if "sphinx-thebe" not in str(file.filename)
    ]


def repair(html: str) -> str:
    """Mend one page.

    A mended page comes back as it is.
    """
    html = HEAVY_SCRIPT.sub("", html)
    # A name that differs from what the button or summary shows cannot be spoken to.
    html = NAMED_BUTTON.sub(lambda tag: re.sub(r'\s+aria-label="[^"]*"', "", tag[0]), html)
    html = re.sub(r'<summary aria-label="[^"]*">', "<summary>", html)
    # Outside of a landmark, a screen reader's list of landmarks does not lead here.
    html = html.replace(SIDEBAR, NAMED_SIDEBAR)
    html = html.replace('data-theme="auto"', 'data-theme="light"', 1)
    html = html.replace('getItem("theme") || "auto"', f'getItem("theme") || ({PREFERRED})')
    # This role was withdrawn from the standard.
    html = html.replace('role="doc-biblioentry"', 'role="listitem"')
    if 'class="bd-sidebar-secondary' not in html:
        html = html.replace("</main>", f"{MARGIN}</main>")
    return html


def repair_site(app: Sphinx, exception: Exception | None) -> None:
    """Mend every page of a finished build, and remove what no page asks for any more."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for page in site.rglob("*.html"):
        if page.is_relative_to(site / "_static"):
            continue
        html = page.read_text(encoding="utf-8")
        mended = repair(html)
        if mended != html:
            page.write_text(mended, encoding="utf-8")
    for name in ("fontawesome.js", "fontawesome.js.map", "fontawesome.js.LICENSE.txt"):
        (site / "_static" / "scripts" / name).unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", drop_thebe)
    app.connect("html-page-context", drop_style, priority=950)
    app.connect("build-finished", repair_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
