"""What the tests of the site share: the built pages, a server for them, and a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from _pytest.mark import ParameterSet

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
LOOKS = (("light", "desk"), ("dark", "phone"), ("light", "phone"), ("dark", "desk"))


def pages_of_contents() -> list[str]:
    """List the pages that _toc.yml names, the first page first."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in contents["parts"] for chapter in part["chapters"]]
    pages = [contents["root"]]
    while chapters:
        chapter = chapters.pop(0)
        if "glob" in chapter:
            found = sorted(ROOT.glob(f"{chapter['glob']}.md"))
            pages += [path.relative_to(ROOT).with_suffix("").as_posix() for path in found]
            continue
        pages.append(chapter["file"])
        chapters = chapter.get("sections", []) + chapters
    return pages


def looks_of_pages() -> Iterator[ParameterSet]:
    """Give each page in the light or in the dark, and once a week in every look.

    The pages share their colours, and what fails in the dark fails at any width.
    """
    for number, page in enumerate(pages_of_contents()):
        for k, look in enumerate(LOOKS):
            marks = () if k == number % 2 else (pytest.mark.weekly,)
            yield pytest.param(page, look, id=f"{page}-{'-'.join(look)}", marks=marks)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a ``page`` once for each page of the site."""
    if "look" in metafunc.fixturenames:
        metafunc.parametrize(("page", "look"), list(looks_of_pages()))
    elif "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages_of_contents())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def pages() -> list[str]:
    return pages_of_contents()


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.fail("there is no built site: run make book first", pytrace=False)
    return SITE


class QuietHandler(SimpleHTTPRequestHandler):
    """A file server that does not report each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the built site and give its address, with a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()
