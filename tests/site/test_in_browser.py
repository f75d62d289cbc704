"""The built site in a browser: accessible, self-contained and readable on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import RULES, THEMES, WIDTHS, described
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

pytestmark = pytest.mark.browser

# What a reader can unfold is judged as well.
UNFOLD = """() => {
    for (const details of document.querySelectorAll("article details")) details.open = true
    for (const box of document.querySelectorAll("article .toggle-hidden")) {
        box.classList.remove("toggle-hidden")
    }
}"""


class Watched:
    """A browser tab that notes what goes wrong while a page loads."""

    def __init__(self, context: BrowserContext, own: str) -> None:
        self.own = own
        self.faults: list[str] = []
        self.tab: Page = context.new_page()
        self.tab.on("console", self.note_message)
        self.tab.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.tab.on("request", self.note_request)
        self.tab.on("response", self.note_response)
        self.tab.on("requestfailed", self.note_failure)

    def note_message(self, message: ConsoleMessage) -> None:
        """Note an error on the console."""
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def note_request(self, request: Request) -> None:
        """Note a request that leaves the site."""
        if not request.url.startswith((self.own, "data:", "blob:")):
            self.faults.append(f"asks for {request.url}")

    def note_response(self, response: Response) -> None:
        """Note an answer that is an error."""
        if response.status >= 400:
            self.faults.append(f"{response.status} for {response.url}")

    def note_failure(self, request: Request) -> None:
        """Note a request without an answer."""
        self.faults.append(f"cannot load {request.url}")

    def open(self, url: str) -> list[str]:
        """Open a page and return the faults since the last one."""
        self.faults.clear()
        self.tab.goto(url, wait_until="load")
        self.tab.wait_for_function("document.documentElement.dataset.theme !== undefined")
        return list(self.faults)


@pytest.fixture(scope="module")
def tabs(browser: Browser, address: str) -> Iterator[dict[tuple[str, str], Watched]]:
    """Keep one tab open for each theme and width."""
    opened: dict[tuple[str, str], Watched] = {}
    for theme in THEMES:
        for device, (width, height) in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, reduced_motion="reduce"
            )
            context.add_init_script(
                f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
            )
            opened[theme, device] = Watched(context, address)
    yield opened
    for watched in opened.values():
        watched.tab.context.close()


def test_page_is_accessible_and_self_contained(
    tabs: dict[tuple[str, str], Watched], address: str, page: str, look: tuple[str, str]
) -> None:
    theme, _ = look
    watched = tabs[look]
    assert watched.open(f"{address}{page}.html") == []
    assert watched.tab.evaluate("document.documentElement.dataset.theme") == theme
    watched.tab.evaluate(UNFOLD)
    results = Axe().run(watched.tab, options=RULES)
    assert [described(violation) for violation in results.response["violations"]] == []
    assert watched.faults == []


@pytest.mark.parametrize("theme", THEMES)
def test_site_follows_the_colours_of_the_system(
    browser: Browser, address: str, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=theme)
    watched = Watched(context, address)
    assert watched.open(address) == []
    assert watched.tab.evaluate("document.documentElement.dataset.theme") == theme
    context.close()


def test_on_a_telephone_no_page_scrolls_sideways_and_the_keyboard_reaches_what_does(
    tabs: dict[tuple[str, str], Watched], address: str, page: str
) -> None:
    watched = tabs["light", "phone"]
    watched.open(f"{address}{page}.html")
    width = watched.tab.evaluate("document.documentElement.scrollWidth")
    assert width <= WIDTHS["phone"][0]
    unreachable = watched.tab.evaluate(
        """() => [...document.querySelectorAll("article *")].filter(element => {
            const flow = getComputedStyle(element).overflowX
            return (flow === "auto" || flow === "scroll")
                && element.scrollWidth > element.clientWidth + 1
                && element.checkVisibility()
                && element.tabIndex < 0
                && !element.querySelector("a, button, [tabindex='0']")
        }).map(element => element.outerHTML.slice(0, 120))"""
    )
    assert unreachable == []


def test_folded_solutions_open_by_keyboard(
    tabs: dict[tuple[str, str], Watched], address: str, page: str
) -> None:
    if not page.startswith("solutions/"):
        return
    watched = tabs["light", "desk"]
    watched.open(f"{address}{page}.html")
    folds = watched.tab.locator("article details > summary")
    assert folds.count() >= 10
    for place in range(folds.count()):
        fold = folds.nth(place)
        assert fold.evaluate("each => !each.parentElement.open")
        fold.focus()
        watched.tab.keyboard.press("Enter")
        assert fold.evaluate("each => each.parentElement.open")


def test_search_finds_a_page(tabs: dict[tuple[str, str], Watched], address: str) -> None:
    watched = tabs["light", "desk"]
    assert watched.open(f"{address}search.html?q=MNIST") == []
    watched.tab.wait_for_selector("#search-results li a")
    results = Axe().run(watched.tab, options=RULES)
    assert [described(violation) for violation in results.response["violations"]] == []
    assert watched.faults == []


def test_site_works_without_a_server(browser: Browser, site: Path, pages: list[str]) -> None:
    context = browser.new_context()
    watched = Watched(context, "file://")
    for page in (pages[0], pages[1]):
        assert watched.open((site / f"{page}.html").as_uri()) == []
    context.close()
