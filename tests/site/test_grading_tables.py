"""The tables of the instructors' page on grading."""

from __future__ import annotations

from dataclasses import fields

from computed_tables import ATTACKS, aims, attacks_list, levels_table, limits_table

from mnist_keras.sandbox.engines import LEVELS
from mnist_keras.sandbox.limits import MEBIBYTE, Limits


def test_every_limit_is_listed_with_its_default() -> None:
    usual = Limits()
    table = "\n".join(limits_table())
    assert len(limits_table()) == 2 + len(fields(usual))
    assert f"| `--seconds S` | time for a notebook | {usual.seconds:g} s |" in table
    memory = f"{usual.memory // MEBIBYTE:,} MiB"
    assert f"| `--memory MIB` | memory of a notebook's processes | {memory} |" in table


def test_every_level_is_listed_as_the_reports_word_it() -> None:
    table = "\n".join(levels_table())
    assert all(said in table for said in LEVELS.values())


def test_every_attack_is_counted_and_listed() -> None:
    found, text = aims(), "\n".join(attacks_list(aims()))
    assert len(found) == len(list(ATTACKS.glob("*.txt")))
    assert f"holds {len(found)} notebooks" in text
    assert all(aim in text for aim in found.values())
