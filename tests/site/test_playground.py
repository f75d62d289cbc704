"""The playground's page of the built site: light, complete, and alive when opened as a file."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_page_is_light(site: Path) -> None:
    page = (site / "book" / "playground.html").read_text(encoding="utf-8")
    own = "".join(re.findall(r"<style>.*?</style>|<script type=.*?</script>", page, re.DOTALL))
    first = (site / "_static" / "playground" / "networks" / "fast.js").read_bytes()
    assert len(gzip.compress(own.encode() + first)) < 250_000


def test_every_network_answers_when_the_page_is_opened_as_a_file(
    browser: Browser, site: Path
) -> None:
    tab = browser.new_page()
    outside: list[str] = []
    tab.on("request", lambda asked: outside.append(asked.url))
    tab.goto((site / "book" / "playground.html").as_uri() + "#tiny")
    tab.locator(".pg-name", has_text="tiny").wait_for()
    assert tab.get_by_label("Training time").is_visible()
    field = tab.locator(".pg-field")
    field.focus()
    field.press(" ")
    for _ in range(6):
        field.press("Shift+ArrowDown")
    names = tab.locator("#pg-network option").evaluate_all("all => all.map(each => each.value)")
    assert len(names) > 3
    for name in names:
        tab.locator("#pg-network").select_option(name)
        tab.locator(".pg-name", has_text=name).wait_for()
        assert tab.evaluate("document.querySelector('.pg').playground.state().answer.length") == 10
    assert [url for url in outside if not url.startswith(("file:", "data:"))] == []
    tab.close()


def test_lessons_link_to_their_networks(site: Path) -> None:
    for page, name in (
        ("lessons/05-a-convolutional-network", "convnet"),
        ("lessons/07-evaluating", "one-epoch"),
        ("leaderboard", "tiny"),
        ("leaderboard", "sprint"),
    ):
        html = (site / "book" / f"{page}.html").read_text(encoding="utf-8")
        assert re.search(rf'href="[^"]*playground\.html#{name}"', html)
        assert "<iframe" not in html
