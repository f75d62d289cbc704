"""Pages of hostile learners in a browser: they run nothing, ask for nothing, and can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import RULES, WIDTHS, described
from class_samples import ATTACKS, hostile_class, ordinary_class
from playwright.sync_api import Browser, Page

from mnist_keras.grading.reports import write_reports

pytestmark = pytest.mark.browser

# A few of the hostile pages stand for the others where each page costs seconds.
JUDGED = 3


@pytest.fixture(scope="module")
def hostile_pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    written = write_reports(hostile_class(), tmp_path_factory.mktemp("hostile"))
    return [path for path in written if path.suffix == ".html"]


@pytest.fixture(scope="module")
def ordinary_pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    written = write_reports(ordinary_class(), tmp_path_factory.mktemp("ordinary"))
    return [path for path in written if path.suffix == ".html"]


class Watched:
    """A browser tab that notes what a page asks for, says and opens."""

    def __init__(
        self, browser: Browser, device: str = "desk", theme: Literal["light", "dark"] = "light"
    ) -> None:
        width, height = WIDTHS[device]
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme
        )
        self.tab: Page = self.context.new_page()
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("console", lambda message: self.faults.append(message.text))
        self.tab.on("pageerror", lambda error: self.faults.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.faults.append(dialog.message))
        self.context.on("page", lambda page: self.faults.append(f"opened {page.url}"))

    def open(self, path: Path) -> None:
        """Open a page."""
        self.asked.clear()
        self.faults.clear()
        self.tab.goto(path.as_uri(), wait_until="load")


def test_attacks_do_work_where_nothing_stops_them(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser)
    bare = tmp_path / "bare.html"
    bare.write_text(f"<!doctype html><title>x</title>{ATTACKS[0]}{ATTACKS[2]}")
    watched.open(bare)
    assert watched.tab.evaluate("window.hacked === true")
    assert any(url.startswith("https://evil.example/") for url in watched.asked)
    watched.context.close()


def test_hostile_pages_run_nothing_and_ask_for_nothing(
    browser: Browser, hostile_pages: list[Path]
) -> None:
    watched = Watched(browser)
    assert len(hostile_pages) == 1 + len(ATTACKS)
    for path in hostile_pages:
        watched.open(path)
        watched.tab.mouse.move(200, 120)
        watched.tab.mouse.move(300, 420)
        assert watched.tab.evaluate("typeof window.hacked") == "undefined", path
        assert watched.tab.url == path.as_uri()
        outside = [url for url in watched.asked if not url.startswith("data:")]
        assert outside == [path.as_uri()]
        assert watched.faults == []
        assert watched.tab.evaluate("document.scripts.length") == 0
        # An attack that closed the table or the section would leave what follows outside.
        assert watched.tab.locator("body > *").evaluate_all(
            "all => all.map(each => each.localName)"
        ) == ["header", "main", "footer"]
        assert watched.tab.locator("main img").evaluate_all(
            "all => all.every(each => each.complete && each.naturalWidth > 0)"
        )
    watched.context.close()


@pytest.mark.parametrize("device", list(WIDTHS))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_and_fit(
    browser: Browser,
    hostile_pages: list[Path],
    ordinary_pages: list[Path],
    device: str,
    theme: Literal["light", "dark"],
) -> None:
    watched = Watched(browser, device, theme)
    for path in (*ordinary_pages, *hostile_pages[:JUDGED]):
        watched.open(path)
        watched.tab.evaluate(
            "for (const each of document.querySelectorAll('details')) each.open = 1"
        )
        results = Axe().run(watched.tab, options=RULES)
        assert [described(violation) for violation in results.response["violations"]] == []
    watched.context.close()


def test_no_page_scrolls_sideways_on_a_telephone(
    browser: Browser, hostile_pages: list[Path], ordinary_pages: list[Path]
) -> None:
    watched = Watched(browser, "phone")
    for path in (*ordinary_pages, *hostile_pages):
        watched.open(path)
        width = watched.tab.evaluate("document.documentElement.scrollWidth")
        assert width <= WIDTHS["phone"][0], path
    watched.context.close()


def test_colours_follow_the_system(browser: Browser, ordinary_pages: list[Path]) -> None:
    seen = []
    for theme in ("light", "dark"):
        watched = Watched(browser, "desk", theme)
        watched.open(ordinary_pages[0])
        seen.append(watched.tab.evaluate("getComputedStyle(document.body).backgroundColor"))
        watched.context.close()
    assert seen == ["rgb(255, 253, 249)", "rgb(17, 22, 29)"]
