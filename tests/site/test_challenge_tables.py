"""The tables of the challenge's page."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import computed_tables
from computed_tables import allowed_list, league_table, measured_with

from mnist_keras.challenge.leaderboard import standings_in
from mnist_keras.challenge.measure import Standing
from mnist_keras.results import FOLDER

ENTRY = Standing(
    "a_b",
    league="10k",
    parameters=9470,
    architecture="conv 8 4×4 /2 · norm",
    wrong=(58, 60),
    images=10_000,
    digest="0123456789abcdef" * 4,
)


def test_each_entry_has_a_row_with_its_margin_and_equals_share_a_rank() -> None:
    table = league_table([ENTRY, replace(ENTRY, wrong=(58,))], "10k")
    assert table[2].startswith(r"| 1 | a\_b | 99.42 ± 0.15 % | 1 | 9,470 | conv 8")
    assert table[3].startswith(r"| 1 | a\_b | 99.41 ± 0.15 % | 2 | 9,470 |")
    assert league_table([ENTRY], "50k") == ["No entry yet."]


def test_in_golf_fewer_parameters_are_ahead_of_more_accuracy() -> None:
    small = replace(ENTRY, name="small", wrong=(90, 90, 90), parameters=500)
    large = replace(ENTRY, name="large", wrong=(50, 50, 50))
    table = league_table([large, small, ENTRY], "golf-99")
    assert [line.split(" | ")[:3] for line in table[2:]] == [
        ["| 1", "small", "500"],
        ["| 2", "large", "9,470"],
    ]


def test_an_entry_whose_network_was_kept_is_linked_to_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(computed_tables, "ENTRIES", tmp_path)
    (tmp_path / "0123456789abcdef.json").write_text("{}", encoding="utf-8")
    table = league_table([replace(ENTRY, name="<b>|")], "10k")
    link = '<a href="../_static/entries/0123456789abcdef.html">&lt;b&gt;&#124;</a>'
    assert table[2].startswith(f"| 1 | {link} |")


def test_the_site_has_a_page_for_each_network_that_the_course_measured(tmp_path) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    computed_tables.write_playgrounds(app, None)
    measured = standings_in(FOLDER / "leaderboard.json")
    assert {page.stem for page in (tmp_path / computed_tables.TARGET).glob("*.html")} == {
        each.digest[:16] for each in measured
    }


def test_it_says_with_what_it_was_measured() -> None:
    versions = {"tensorflow": "2.21.0", "keras": "3.15.1"}
    said = measured_with(versions, [ENTRY])
    assert "10,000 test images with TensorFlow 2.21.0 and Keras 3.15.1" in said


def test_the_lists_of_the_rules_are_shown() -> None:
    layers, activations = allowed_list()
    assert "`BatchNormalization`" in layers
    assert "`silu`" in activations
