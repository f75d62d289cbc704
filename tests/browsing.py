"""What the tests in a browser share: headless Chromium, and the rules that axe judges by."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
RULES = {
    "runOnly": {
        "type": "tag",
        "values": [
            "wcag2a",
            "wcag2aa",
            "wcag21a",
            "wcag21aa",
            "wcag22a",
            "wcag22aa",
            "best-practice",
        ],
    },
    "resultTypes": ["violations"],
    # Its own fetching of style sheets would stand among the faults of the page.
    "preload": False,
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open a headless Chromium, or fail with what to install."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("there is no Chromium: apt-get install chromium", pytrace=False)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


def described(violation: dict[str, Any]) -> str:
    """Say what axe found, and where."""
    where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:4])
    return f"{violation['id']} ({violation['help']}): {where}"
