"""Point a page's launch and download buttons at the notebook that was generated from it."""

from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

NBVIEWER = "https://nbviewer.org"
# Where the notebook of a page lies, by the page's first folder. A page ``book/**/STEM`` belongs to
# ``book/notebooks/STEM.ipynb``; a solution's page opens the exercise, never the solution.
NOTEBOOK_FOLDERS = {"book": "book/notebooks", "solutions": "exercises", "exercises": "exercises"}


def notebook_path(page: str) -> str | None:
    """Name the notebook that belongs to a page, whether or not it exists.

    None for a page outside the known folders.
    """
    parts = PurePosixPath(page).parts
    folder = NOTEBOOK_FOLDERS.get(parts[0]) if len(parts) > 1 else None
    return f"{folder}/{parts[-1]}.ipynb" if folder else None


def notebook_of(env: BuildEnvironment, page: str) -> str | None:
    """Name the notebook of an executed page, if it has been generated.

    None for a page without code or notebook.
    """
    path = notebook_path(page)
    if path and "kernelspec" in env.metadata.get(page, {}) and Path(env.srcdir, path).is_file():
        return path
    return None


def colab_address(service: str, repository: str, branch: str, notebook: str) -> str:
    """Compose the address at which Colab or nbviewer opens a notebook of a GitHub repository."""
    owner_and_name = repository.rstrip("/").removeprefix("https://github.com/")
    return f"{service.rstrip('/')}/github/{owner_and_name}/blob/{branch}/{notebook}"


def colab_link(app: Sphinx, page: str) -> str | None:
    """Compose the Colab address of a page's notebook; None where Colab is switched off."""
    launched = app.config.html_theme_options.get("launch_buttons", {})
    return opened_by(launched.get("colab_url"), app, page)


def opened_by(service: str | None, app: Sphinx, page: str) -> str | None:
    """Compose the address at which a service opens a page's notebook; None without either."""
    notebook, options = notebook_of(app.env, page), app.config.html_theme_options
    if not service or notebook is None:
        return None
    branch = options.get("repository_branch") or "main"
    return colab_address(service, options["repository_url"], branch, notebook)


def follow_notebook(app: Sphinx, doctree: nodes.document) -> None:
    """Have a page read again when its notebook appears, changes or goes."""
    page = app.env.docname
    path = notebook_path(page)
    if path is not None and "kernelspec" in app.env.metadata.get(page, {}):
        app.env.note_dependency(path)


def aim_buttons(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Correct the links in the bar above a page; drop those that would lead nowhere."""
    colab = colab_link(app, pagename)
    notebook = notebook_of(app.env, pagename)
    copied = app.env.dlfiles.get(notebook) if notebook else None  # below the site's _downloads
    kept = []
    for button in context.get("header_buttons", []):
        if button.get("label") == "launch-buttons":
            if notebook is None:
                continue
            for choice in button["buttons"]:
                if choice["text"] == "Colab":
                    choice["url"] = colab
                elif "url" in choice:  # JupyterHub, where an instructor has named one
                    choice["url"] = choice["url"].replace(f"{pagename}.md", notebook)
        elif button.get("label") == "download-buttons" and copied:
            for choice in button["buttons"]:
                if choice.get("label") == "download-notebook-button":
                    choice["url"] = f"{context['pathto']('_downloads', 1)}/{copied[1]}"
        kept.append(button)
    context["header_buttons"] = kept


def download_link(env: BuildEnvironment, page: str, text: str) -> nodes.Node | None:
    """Make a link that downloads the notebook of a page, which Sphinx copies into the site."""
    notebook = notebook_of(env, page)
    if notebook is None:
        return None
    return addnodes.download_reference(
        "", "", nodes.inline("", text), reftarget=f"/{notebook}", classes=["download-notebook"]
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-read", follow_notebook)
    # The theme makes its buttons at 501.
    app.connect("html-page-context", aim_buttons, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
