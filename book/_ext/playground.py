"""The playground on the site: its page, and the networks that the lessons trained.

``playground`` in a lesson's cell shows the playground with that lesson's network. On the site, a
link stands in its place, and the network goes to the playground's own page. So each is trained
once, and lies in the cache of the lesson's outputs.
"""

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from mnist_keras.authoring import playground as parts
from mnist_keras.web.display import MARK
from mnist_keras.web.model_file import neighbours

PAGE = "book/playground"
FOLDER = "_static/playground/networks"
NAME = re.compile(r"[a-z][a-z0-9-]*")
DATA = re.compile(r'<div class="pg (\w+)">.*?"application/json">(.*?)</script>', re.DOTALL)


def kept(app: Sphinx) -> Path:
    """Name the folder that keeps the lessons' networks between builds."""
    return Path(app.doctreedir) / "playground"


def take_outputs(app: Sphinx, doctree: nodes.document) -> None:
    """Take the networks out of a page's outputs, and put links in their places.

    What else is shown in a frame stands on the page itself, in its colours.
    """
    root = Path(app.srcdir)
    scripts = {mount: parts.filling(root, names, mount) for names, mount in parts.TARGETS.values()}
    for raw in list(doctree.findall(nodes.raw)):
        if MARK not in raw.astext():
            continue
        found = DATA.search(html.unescape(raw.astext()))
        if found is None:
            raise ExtensionError(f"{app.env.docname}: an output of the playground holds no data")
        mount, data = found.groups()
        if mount == "mount":
            models = json.loads(data)["models"]
            raw.replace_self([link(app, app.env.docname, keep(app, each)) for each in models])
        else:
            content = parts.element(mount, data)
            # One script fills all of its kind, when all of the page is there.
            if mount in scripts:
                style = f"<style>\n{parts.style(root, mount)}\n</style>"
                content = f"{style}\n{content}\n{scripts.pop(mount)}"
            raw.replace_self(nodes.raw("", content, format="html"))


def link(app: Sphinx, page: str, name: str) -> nodes.paragraph:
    """Make a link that opens a network in the playground."""
    way = app.builder.get_relative_uri(page, PAGE) if page != PAGE else ""
    target, classes = f"{way}#{name}", ["open-in-playground"]
    text = f"Open {name} in the playground"
    reference = nodes.reference("", text, refuri=target, internal=True, classes=classes)
    return nodes.paragraph("", "", reference, classes=["lesson-launch"])


def keep(app: Sphinx, network: dict[str, Any]) -> str:
    """Keep a network for the playground's page, and return its name."""
    name: str = network["name"]
    if not NAME.fullmatch(name):
        raise ExtensionError(f"{app.env.docname}: playground(…, name={name!r}): use a to z")
    folder = kept(app)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(network, separators=(",", ":"))
    (folder / f"{name}.js").write_text(f"playgroundNetwork({text})\n", encoding="utf-8")
    return name


class PlaygroundDirective(SphinxDirective):
    """The playground; each line names a network and says what it is: ``fast: in five epochs``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write it, with the names of its networks for `copy_networks`."""
        self.assert_has_content()
        root = Path(self.env.srcdir)
        for path in (root / parts.SOURCES).iterdir():
            self.env.note_dependency(str(path))
        choices = [line.partition(": ") for line in self.content if line.strip()]
        names = [name for name, _, _ in choices]
        data = {
            "folder": f"{'../' * self.env.docname.count('/')}{FOLDER}/",
            "choices": [{"name": name, "text": text} for name, _, text in choices],
            "neighbours": neighbours(),
        }
        content = f"<style>\n{parts.style(root, 'mount')}\n</style>\n"
        content += "".join(f'<span id="{name}"></span>' for name in names)
        content += parts.element("mount", json.dumps(data, separators=(",", ":"))) + "\n"
        content += parts.filling(root, parts.PLAYGROUND, "mount")
        return [nodes.raw("", content, format="html", networks=names)]


class PlaygroundLinkDirective(SphinxDirective):
    """A link that opens a network in the playground."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make it."""
        return [link(self.env.app, self.env.docname, self.arguments[0])]


def copy_networks(app: Sphinx, exception: Exception | None) -> None:
    """Put the networks beside the site's page."""
    if exception is not None or app.builder.format != "html" or PAGE not in app.env.found_docs:
        return
    target = Path(app.outdir) / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for place in app.env.get_doctree(PAGE).findall(nodes.raw):
        for name in place.get("networks", ()):
            source = kept(app) / f"{name}.js"
            if not source.is_file():
                said = f"{PAGE} offers {name}, but no page ends in playground(…, {name})"
                raise ExtensionError(said)
            shutil.copyfile(source, target / source.name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("playground", PlaygroundDirective)
    app.add_directive("playground-link", PlaygroundLinkDirective)
    app.connect("doctree-read", take_outputs)
    app.connect("build-finished", copy_networks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
