"""The tables of the instructors' page on other graders."""

from __future__ import annotations

from computed_tables import GRADERS, achieved_table, rows_table, versions_text

RESULT = {
    "machine": {"cores": 2, "tensorflow": "2.21.0"},
    "versions": {"otter-grader": "7.0.0", "nbgrader": "0.9.6"},
    "left_out": ["fork_bomb"],
    "summary": [
        {
            "grader": name,
            "attacks": 2,
            "earned": 1,
            "full": 0,
            "stopped": 1,
            "without_row": 1,
            "harmed": 0,
        }
        for name in ("plain pytest", "otter-grader", "nbgrader", "mnist-keras grade")
    ],
    "rows": [
        {
            "attack": "exit_in_a_cell",
            "graders": {
                grader: {"points": 4, "of": 4, "row": False, "ended": False, "harm": []}
                for grader in GRADERS
            },
        },
        {
            "attack": "fork_bomb",
            "graders": {
                "pytest": None,
                "otter": {
                    "points": 0,
                    "of": 4,
                    "row": True,
                    "ended": True,
                    "harm": ["left it"],
                },
                "nbgrader": {"points": 0, "of": 4, "row": False, "ended": True, "harm": []},
                "ours": {"points": 0, "of": 12, "row": True, "ended": True, "harm": []},
            },
        },
    ],
}


def test_each_grader_has_a_row() -> None:
    table = achieved_table(RESULT)
    assert table[2] == "| plain pytest | 2 | 1 | 0 | 1 | 1 | 0 |"
    assert len(table) == 2 + len(GRADERS)


def test_each_attack_has_a_row_that_says_what_it_did() -> None:
    table = "\n".join(rows_table(RESULT))
    assert "| exit in a cell | 4 of 4; broke off |" in table
    assert "| fork bomb | not run | 0 of 4; left it | 0 of 4; no row | 0 of 12 |" in table


def test_what_was_left_out_and_with_which_versions_is_said() -> None:
    text = versions_text(RESULT)
    assert "fork bomb" in text
    assert "otter-grader 7.0.0" in text
    assert "because" not in versions_text({**RESULT, "left_out": []})
