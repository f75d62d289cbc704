"""The playground's parts as one text: what a page needs that may load nothing."""

import re
from pathlib import Path

SOURCES = "book/_static/playground"
MODULES = ("network.js", "drawing.js", "view.js")  # each imports from those before it only
TARGET = "mnist_keras/web/playground.html"
MOUNT = """
const root = document.getElementById("playground");
root.playground = mount(root, JSON.parse(document.getElementById("playground-data").textContent));
"""
BODY = """<div class="pg" id="playground"><p>The playground needs JavaScript.</p></div>
<script type="application/json" id="playground-data">PLAYGROUND_DATA</script>
<script type="module">
{script}
</script>"""


def style(root: Path) -> str:
    """Return the style sheet."""
    return (root / SOURCES / "playground.css").read_text(encoding="utf-8").strip()


def script(root: Path) -> str:
    """Return the modules as one: opened as a file, a page may not import."""
    parts = []
    for name in MODULES:
        text = (root / SOURCES / name).read_text(encoding="utf-8")
        text = re.sub(r"^import \{[^}]*\} from \"[^\"]*\";\n", "", text, flags=re.MULTILINE)
        parts.append(re.sub(r"^export ", "", text, flags=re.MULTILINE).strip())
    return without_comments("\n".join(parts))


def body(root: Path) -> str:
    """Return the playground's element, a place for its data, and its script."""
    return BODY.replace("{script}", script(root) + MOUNT.rstrip())


def without_comments(code: str) -> str:
    """Leave out comments and indentation, which only people read; they find them in the source."""
    code = re.sub(r"/\*\*(?:(?!\*/).)*\*/ ?", "", code, flags=re.DOTALL)
    kept = (line.strip() for line in code.splitlines())
    return "\n".join(line for line in kept if line and not line.startswith("//"))


def page(root: Path) -> str:
    """Return the page that the package puts into notebooks, without data."""
    text = (root / SOURCES / "page.html").read_text(encoding="utf-8")
    return text.replace("PLAYGROUND_STYLE", style(root)).replace("PLAYGROUND_BODY", body(root))
