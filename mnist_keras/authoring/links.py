"""Links and images of a page, as they must be written outside the site."""

import posixpath
import re
from urllib.parse import quote, unquote

from mnist_keras.authoring.pages import Page


def convert_image(alt: str, target: str, line: int, page: Page) -> str:
    """Return an image of the repository as Markdown with its address on the site."""
    if not alt.strip():
        page.fail(line, f"the image {target} lacks a text for those who cannot see it")
    if not re.match(r"https?:", target):
        path = _existing_file(target, line, page)
        # Sphinx copies the images of all pages into this one folder.
        target = page.course.repository.site_url + "_images/" + quote(posixpath.basename(path))
    return f"![{alt}]({target})"


def convert_link(target: str, line: int, page: Page) -> str:
    """Return where a link of the page leads from outside the site.

    That is another page's address on the site, a notebook's in Colab, another file's on GitHub; an
    external address stays as it is.
    """
    if re.match(r"(?:project|path|inv|myst):", target):
        page.fail(line, f"{target} works only on the site: link to the file, as in other.md#part")
        return target
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", target):
        return target
    address, hash_sign, anchor = target.partition("#")
    if not address:
        if not anchor:
            page.fail(line, "a link without an address")
        return f"{page.url}#{anchor}"
    path = _existing_file(address, line, page)
    repository = page.course.repository
    if path.endswith(".md"):
        url = repository.page_url(path)
    elif path.endswith(".ipynb"):
        url = repository.colab_url(path)
    else:
        url = repository.file_url(path)
    return url + hash_sign + anchor


def _existing_file(target: str, line: int, page: Page) -> str:
    """Return the path in the repository of what a page calls `target`."""
    start = "" if target.startswith("/") else posixpath.dirname(page.path)
    path = posixpath.normpath(posixpath.join(start, unquote(target).lstrip("/")))
    if path.startswith("..") or not (page.course.root / path).is_file():
        page.fail(line, f"there is no file {path}")
    return path
