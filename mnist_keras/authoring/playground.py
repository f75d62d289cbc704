"""The playground's parts as one text: what a page needs that may load nothing."""

import re
from collections.abc import Sequence
from pathlib import Path

SOURCES = "book/_static/playground"
# What the package's pages are made of; each module imports from those before it only.
PLAYGROUND = ("network.js", "drawing.js", "pictures.js", "view.js")
SLIDING = ("network.js", "pictures.js", "sliding.js")
STYLES = {"mount": ("shared.css", "playground.css"), "mountSliding": ("shared.css", "sliding.css")}
TARGETS = {
    "mnist_keras/web/playground.html": (PLAYGROUND, "mount"),
    "mnist_keras/web/sliding.html": (SLIDING, "mountSliding"),
}
ELEMENT = """<div class="pg {mount}"><p>This needs JavaScript.</p></div>
<script type="application/json">{data}</script>"""
MOUNT = """
for (const root of document.querySelectorAll(".pg.{mount}")) {
root.playground = {mount}(root, JSON.parse(root.nextElementSibling.textContent));
}"""


def style(root: Path, mount: str) -> str:
    """Return the style sheet of what a function of the script fills."""
    texts = ((root / SOURCES / name).read_text(encoding="utf-8") for name in STYLES[mount])
    return "\n".join(text.strip() for text in texts)


def script(root: Path, modules: Sequence[str]) -> str:
    """Return modules as one: opened as a file, a page may not import."""
    parts = []
    for name in modules:
        text = (root / SOURCES / name).read_text(encoding="utf-8")
        text = re.sub(r"^import \{[^}]*\} from \"[^\"]*\";\n", "", text, flags=re.MULTILINE)
        parts.append(re.sub(r"^export ", "", text, flags=re.MULTILINE).strip())
    return without_comments("\n".join(parts))


def element(mount: str, data: str) -> str:
    """Return the element that a function of the script fills, and its data after it."""
    # In a script element, nothing but "</script" and "<!--" means anything.
    return ELEMENT.format(mount=mount, data=data.replace("<", "\\u003c"))


def filling(root: Path, modules: Sequence[str], mount: str) -> str:
    """Return the script element that fills all those elements of a page."""
    code = script(root, modules) + MOUNT.replace("{mount}", mount)
    return f'<script type="module">\n{code}\n</script>'


def without_comments(code: str) -> str:
    """Leave out comments and indentation, which only people read; they find them in the source."""
    code = re.sub(r"/\*\*(?:(?!\*/).)*\*/ ?", "", code, flags=re.DOTALL)
    kept = (line.strip() for line in code.splitlines())
    return "\n".join(line for line in kept if line and not line.startswith("//"))


def pages(root: Path) -> dict[Path, str]:
    """Return the pages that the package puts into notebooks, without data."""
    frame = (root / SOURCES / "page.html").read_text(encoding="utf-8")
    found = {}
    for target, (modules, mount) in TARGETS.items():
        body = ELEMENT.format(mount=mount, data="PLAYGROUND_DATA")
        text = frame.replace("PLAYGROUND_STYLE", style(root, mount))
        body += "\n" + filling(root, modules, mount)
        found[Path(target)] = text.replace("PLAYGROUND_BODY", body)
    return found
