"""The tables of the challenge's page."""

from __future__ import annotations

import challenge_tables
from challenge_tables import allowed_list, league_table, measured_with

ROW = {
    "name": "a_b",
    "accuracy": 0.99421,
    "spread": 0.0003,
    "wrong": [58, 60],
    "images": 10_000,
    "parameters": 9470,
    "architecture": "conv 8 4×4 /2 · norm",
    "digest": "0123456789abcdef" * 4,
}
RESULT = {
    "machine": {"tensorflow": "2.21.0", "keras": "3.15.1"},
    "leagues": {"10k": [ROW, {**ROW, "wrong": [58], "spread": 0.0}], "50k": []},
}


def test_each_entry_has_a_row_with_its_margin_and_equals_share_a_rank() -> None:
    table = league_table(RESULT, "10k")
    assert table[2].startswith(r"| 1 | a\_b | 99.42 ± 0.15 % | 2 | 9,470 | conv 8")
    assert table[3].startswith(r"| 1 | a\_b | 99.42 ± 0.15 % | 1 | 9,470 |")
    assert league_table(RESULT, "50k") == ["No entry yet."]


def test_an_entry_whose_network_was_kept_is_linked_to_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(challenge_tables, "ENTRIES", tmp_path)
    (tmp_path / "0123456789abcdef.html").write_text("the playground", encoding="utf-8")
    league = [{**ROW, "name": "<b>|"}]
    table = league_table({**RESULT, "leagues": {"10k": league}}, "10k")
    link = '<a href="../_static/entries/0123456789abcdef.html">&lt;b&gt;&#124;</a>'
    assert table[2].startswith(f"| 1 | {link} |")


def test_it_says_with_what_it_was_measured() -> None:
    assert "10,000 test images with TensorFlow 2.21.0 and Keras 3.15.1" in measured_with(RESULT)


def test_the_lists_of_the_rules_are_shown() -> None:
    assert "`BatchNormalization`" in allowed_list()[0]
    assert "`silu`" in allowed_list()[1]
