"""Markdown within a paragraph: roles, and where its links and images lead outside the site."""

import contextlib
import html
import posixpath
import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote, unquote

from mnist_keras.authoring.pages import Page
from mnist_keras.authoring.references import BIBLIOGRAPHY, GLOSSARY, REFERENCES, glossary_anchor
from mnist_keras.notebook import format_number

# A number of the lesson, between converting the text and splitting it into cells. Private
# code points, so that a `{glue:text}` that stands in a code span is never taken for one.
NUMBER = re.compile("\ue000([^\ue001]*)\ue001")

# What is recognized within a paragraph. The first five are matched to be left alone: nothing in
# them is a role or a link.
_INLINE = re.compile(
    r"""
    \\.                                                # an escaped character
    | (?<!`)(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)   # code
    | \$\$.+?\$\$                                      # a formula on its own
    | \$(?![\s$])(?:\\.|[^\\$])+?(?<!\s)\$(?!\d)       # a formula in the text
    | <!--.*?-->                                       # a comment
    | \{(?P<role>[A-Za-z][\w:.+-]*)\}(?P<ticks>`+)(?!`)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)
    | (?P<html><(?:a|img)\s[^>]*>)
    | (?P<substitution>\{\{.*?\}\})
    | !\[(?P<alt>(?:\\.|[^\]\\])*)\]\(\s*(?P<image><[^>]*>|[^()\s]+)(?:\s+"[^"]*")?\s*\)
    | \]\(\s*(?P<link><[^>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)
      (?P<title>\s+(?:"[^"]*"|'[^']*'))?\s*\)          # a link from its closing bracket on
    | (?P<style>(?<=\))\{[.\#:\w][^}]*\})              # the looks of a link or image on the site
    | (?P<span>(?<=[\]`])\{[.\#][^}]*\})               # the looks of a text on the site
    """,
    re.VERBOSE | re.DOTALL,
)
_RELATIVE_ADDRESS = re.compile(r"""(?:src|href)=(?!["']?(?:https?:|mailto:|#))""")


def convert_inline(text: str, line: int, page: Page) -> str:
    """Convert the roles, links and images of one paragraph.

    Code spans, formulas and HTML comments stay untouched. A number of the lesson is left as a mark
    for `split_at_numbers`.
    """

    def replace(match: re.Match[str]) -> str:
        here = line + text.count("\n", 0, match.start())
        if match["role"]:
            content = " ".join(match["content"].split())
            return convert_role(match["role"], content, here, page)
        if match["image"]:
            return convert_image(match["alt"], match["image"].strip("<>"), here, page)
        if match["link"] is not None:
            target = convert_link(match["link"].strip("<>"), here, page)
            return f"]({target}{match['title'] or ''})"
        if match["style"]:
            return ""
        if match["html"] and _RELATIVE_ADDRESS.search(match["html"]):
            page.fail(here, "a relative address in HTML: write a Markdown link or image")
        elif match["substitution"]:
            page.fail(here, "substitutions are not for lessons: write the text itself")
        elif match["span"]:
            page.fail(here, f"attributes such as {match['span']} work only on the site")
        return match[0]

    return _INLINE.sub(replace, text)


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


def convert_role(name: str, content: str, line: int, page: Page) -> str:
    """Convert one role, ``{name}`content```."""
    if name in _ROLES:
        return _ROLES[name](content, line, page)
    if name in ("doc", "ref", "numref", "download"):
        page.fail(line, f"the role {{{name}}} is not for lessons: write a Markdown link")
    elif name.startswith("glue"):
        page.fail(line, f"the role {{{name}}} is not for lessons: write {{glue:text}}")
    else:
        page.fail(line, f"unknown role {{{name}}}")
    return content


def _term(content: str, line: int, page: Page) -> str:
    explicit = re.fullmatch(r"(.*?)\s*<(.+)>", content)
    shown, term = explicit.groups() if explicit else (content, content)
    found = page.course.terms.get(term.lower())
    if found is None:
        page.fail(line, f"{term!r} is not in the glossary ({GLOSSARY})")
        return shown
    return f"[{shown}]({page.course.repository.page_url(GLOSSARY)}#{glossary_anchor(found)})"


def _cite(form: str, whole: str, content: str, line: int, page: Page) -> str:
    shown = []
    for key in (key.strip() for key in content.split(",")):
        if key in page.course.references:
            shown.append(form.format(*page.course.references[key]))
        else:
            page.fail(line, f"{key!r} is not in the bibliography ({BIBLIOGRAPHY})")
    address = page.course.repository.page_url(REFERENCES)
    return whole.format(f"[{'; '.join(shown)}]({address})")


def _number(content: str, line: int, page: Page) -> str:
    name, _, spec = content.partition(":")
    if not name.isidentifier() or not _is_format(spec):
        page.fail(line, f"{content!r} is not a number's name and format, as in accuracy:.1f")
    elif name not in page.kept:
        page.fail(line, f"no cell above keeps {name!r}: write numbers.keep({name}=…) in one")
    return f"\ue000{content}\ue001"


def _is_format(spec: str) -> bool:
    """Whether a number or a text can be written in this format."""
    if re.search(r"[{}]", spec):
        return False
    for value in (1.5, "text"):
        with contextlib.suppress(ValueError, TypeError):
            format_number(value, spec)
            return True
    return False


_ROLES: Mapping[str, Callable[[str, int, Page], str]] = {
    "term": _term,
    **dict.fromkeys(("cite", "cite:p"), partial(_cite, "{0}, {1}", "({})")),
    "cite:t": partial(_cite, "{0} ({1})", "{}"),
    "kbd": lambda content, line, page: f"<kbd>{html.escape(content, quote=False)}</kbd>",
    "glue:text": _number,
}
