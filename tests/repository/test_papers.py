"""What a visitor of the repository reads first: README, guide for contributors, changelog."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from PIL import Image

from mnist_keras import __version__

ROOT = Path(__file__).resolve().parents[2]
PAPERS = ("README.md", "CONTRIBUTING.md")
MADE = {"models/"}  # in the folder of a search


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Keep the tags of a text, each with its attributes."""

    def __init__(self, text: str) -> None:
        """Read the text."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.found.append((tag, dict(attrs)))


def test_the_readme_shows_the_site_in_the_readers_colours():
    tags = Tags(read("README.md")).found
    sources = [attributes for tag, attributes in tags if tag == "source"]
    (picture,) = [attributes for tag, attributes in tags if tag == "img"]
    assert [each["media"] for each in sources] == ["(prefers-color-scheme: dark)"]
    assert len(picture["alt"]) > 40
    brightness = []
    for name in (sources[0]["srcset"], picture["src"]):
        assert (ROOT / name).stat().st_size < 200_000
        with Image.open(ROOT / name) as opened:
            assert opened.width == 1280
            brightness.append(opened.convert("L").resize((1, 1)).getpixel((0, 0)))
    dark, light = brightness
    assert dark < 100 < 150 < light


@pytest.mark.parametrize("paper", PAPERS)
def test_each_command_and_file_that_a_paper_names_is_there(paper):
    text = read(paper)
    commands = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert "book" in commands
    assert commands <= targets
    files = set(re.findall(r"`([\w./-]+(?:/|\.(?:cff|md|npz|py|toml|txt)))`", text))
    assert "pyproject.toml" in files
    assert not [name for name in files - MADE if not (ROOT / name).exists()]


def test_the_version_is_the_same_wherever_it_stands():
    citation = yaml.safe_load(read("CITATION.cff"))
    newest = re.findall(r"^## \[(\d[^\]]*)\] - (\S+)$", read("CHANGELOG.md"), re.MULTILINE)[0]
    assert newest == (citation["version"], citation["date-released"])
    assert newest[0] == __version__
    assert tomllib.loads(read("pyproject.toml"))["project"]["dynamic"] == ["version"]
