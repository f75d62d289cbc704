"""Reports: right, the same for the same grades, and safe whatever a learner wrote."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from class_samples import (
    ATTACKS,
    EXERCISES,
    class_of,
    failed,
    graded,
    hostile_class,
    ordinary_class,
)

from mnist_keras.checks.exercises import EXERCISES as REAL
from mnist_keras.errors import CourseError
from mnist_keras.grading.grades import ClassGrades, LearnerGrades
from mnist_keras.grading.overrides import Override, Overrides, apply_overrides
from mnist_keras.grading.reports import (
    gradescope_results,
    read_roster,
    terminal_table,
    write_reports,
)
from mnist_keras.grading.reports.csv_files import canvas_csv, grades_csv, moodle_csv
from mnist_keras.grading.reports.file_names import file_stems
from mnist_keras.grading.reports.grades_json import grades_json
from mnist_keras.grading.reports.totals import exercise_sums, histogram, missed_questions
from mnist_keras.grading.scoring import core_only, missing
from mnist_keras.reports.text import clean, columns, fitted, number

ONE, TWO = EXERCISES
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def records(text: str) -> dict[str, dict[str, str]]:
    return {row["learner"]: row for row in csv.DictReader(io.StringIO(text))}


def empty_classes() -> dict[str, ClassGrades]:
    return {
        "nobody": class_of(),
        "nothing to grade": class_of(LearnerGrades("alice", ()), exercises={}),
        "no points": class_of(LearnerGrades("alice", ()), exercises={ONE: 0}),
        "nothing at all": class_of(exercises={}, versions={}, isolation=""),
    }


# ---- All of them


def test_every_file_is_written_and_named(tmp_path: Path) -> None:
    out = tmp_path / "grades"
    written = write_reports(ordinary_class(), out)
    assert sorted(written) == sorted(path for path in out.rglob("*") if path.is_file())
    names = {path.relative_to(out).as_posix() for path in written}
    assert names >= {"index.html", "grades.csv", "grades.json", "canvas.csv"}
    assert {"moodle.csv", "learners/alice.html", "gradescope/bob.json"} <= names
    assert len(names) == 5 + 2 * 4


def test_same_grades_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_reports(ordinary_class(), tmp_path / "first")
    second = write_reports(ordinary_class(), tmp_path / "second")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_second_run_replaces_and_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    write_reports(class_of(), tmp_path)
    (tmp_path / "grades.unfinished-1.csv").write_text("half")
    write_reports(ordinary_class(), tmp_path)
    assert "alice" in (tmp_path / "grades.csv").read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*unfinished*"))


def test_isolation_stands_in_every_report_of_the_grader(tmp_path: Path) -> None:
    for path in write_reports(ordinary_class(), tmp_path):
        if path.name not in ("canvas.csv", "moodle.csv"):  # whose columns a platform prescribes
            assert "full: namespaces, Landlock" in path.read_text(encoding="utf-8"), path.name
    assert "full: namespaces, Landlock" in terminal_table(ordinary_class())


@pytest.mark.parametrize("kind", list(empty_classes()))
def test_empty_classes_have_reports(tmp_path: Path, kind: str) -> None:
    grades = empty_classes()[kind]
    assert write_reports(grades, tmp_path)
    assert "learner" in terminal_table(grades)


def test_hostile_class_has_whole_reports_without_control_characters(tmp_path: Path) -> None:
    written = write_reports(hostile_class(), tmp_path)
    assert len(written) == 5 + 2 * len(ATTACKS)
    for path in written:
        text = path.read_bytes().decode("utf-8")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), path
        assert path.resolve().is_relative_to(tmp_path.resolve())


# ---- Texts and names


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        (" two\n lines\t", "two lines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("a\x00b\x07c\x7fd", "abcd"),
        ("\u202eevil\u202c", "evil"),
        ("a" + "\u0301" * 500 + "b", "a" + "\u0301" * 4 + "b"),
        ("\ud800\ufffe", "\ufffd\ufffd"),
        ("Zoë 小龍 مرحبا 👩‍🔬", "Zoë 小龍 مرحبا 👩‍🔬"),
    ],
)
def test_texts_are_one_harmless_line(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_long_texts_are_cut() -> None:
    assert clean("x" * 10**7, 20) == "x" * 19 + "…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3"),
        (10, "10"),
        (1.5, "1.5"),
        (1 / 3, "0.33"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (100, "100"),
    ],
)
def test_numbers_have_no_needless_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_columns_of_a_terminal() -> None:
    assert (columns("abc"), columns("小龍"), columns("e\u0301")) == (3, 4, 1)
    assert (fitted("小龍小龍", 6), fitted("ab", 4)) == ("小龍… ", "ab  ")


def test_file_names_are_safe_and_differ_in_any_case() -> None:
    names = [*ATTACKS, "Alice", "alice", "ALICE", "Àlice", "a/b", "a-b", "NUL", "com1", "x" * 300]
    stems = file_stems(names)
    assert stems["alice"] == "alice"
    assert len({stem.lower() for stem in stems.values()}) == len(set(names))
    for stem in stems.values():
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", stem)
        assert stem not in ("con", "nul", "com1")


def test_nobody_can_take_the_file_of_another() -> None:
    (stem,) = file_stems(["Alice"]).values()
    stems = file_stems(["Alice", stem])
    assert stems["Alice"] == stem
    assert stems[stem] != stem


# ---- CSV


def test_csv_has_a_row_a_learner() -> None:
    rows = records(grades_csv(ordinary_class()))
    assert list(rows) == ["Ada Lovelace", "alice", "bob", "Nobody"]
    ada, alice, bob, nobody = rows.values()
    assert (ada[ONE], ada[TWO], ada["total"], ada["points"], ada["percent"]) == (
        "4",
        "2",
        "6",
        "6",
        "100",
    )
    assert (alice[ONE], alice[TWO], alice[f"{TWO} state"]) == ("1.5", "", "not handed in")
    assert alice["notes"] == f"{ONE}: handed in twice; the newest counts"
    assert (bob[ONE], bob[f"{ONE} state"], bob["percent"]) == ("0", "could not be graded", "0")
    assert "it took too long" in bob["notes"]
    assert (nobody["total"], nobody[f"{ONE} state"]) == ("0", "not handed in")


def test_csv_is_utf_8_with_line_feeds(tmp_path: Path) -> None:
    write_reports(class_of(LearnerGrades("Zoë", ())), tmp_path)
    data = (tmp_path / "grades.csv").read_bytes()
    assert data.startswith(b"learner,")
    assert "Zoë".encode() in data
    assert b"\r" not in data


def test_percent_of_nothing_is_empty() -> None:
    (row,) = records(grades_csv(empty_classes()["no points"])).values()
    assert (row["total"], row["points"], row["percent"]) == ("0", "0", "")


def test_notes_name_what_an_instructor_set() -> None:
    overrides = Overrides("x", (Override("alice", "1.2", 2, ""),))
    row = records(grades_csv(apply_overrides(ordinary_class(), overrides)))["alice"]
    assert row[ONE] == "3.5"
    assert row["notes"].endswith(f"{ONE}: corrected by the instructor: 1.2")


@pytest.mark.parametrize("write", [grades_csv, canvas_csv, moodle_csv])
def test_no_cell_is_a_formula(write: Callable[[ClassGrades], str]) -> None:
    rows = table(write(hostile_class()))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULAS)]
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)


# ---- JSON


def test_json_holds_everything_but_the_pictures() -> None:
    text = grades_json(ordinary_class())
    data = json.loads(text)
    assert text == json.dumps(data, indent=1, sort_keys=True) + "\n"
    assert (data["isolation"], data["quick"]) == ("full: namespaces, Landlock", True)
    assert data["versions"] == {"Python": "3.11", "Keras": "3.12"}
    assert (data["exercises"], data["exercise_order"]) == (EXERCISES, list(EXERCISES))
    ada, alice, bob, _ = data["learners"]
    assert ada["notebooks"][0]["figures"] == ["1.2"]
    assert alice["notebooks"][0]["questions"][0] == {
        "corrected": False,
        "earned": 1.5,
        "message": "as expected",
        "number": "1.1",
        "points": 2,
        "status": "partly",
        "title": "Title 1.1",
    }
    assert (bob["notebooks"][0]["state"], bob["notebooks"][0]["reason"]) == (
        "could not be graded",
        "it took too long",
    )


def test_json_keeps_hostile_texts_as_they_are() -> None:
    names = [learner["learner"] for learner in json.loads(grades_json(hostile_class()))["learners"]]
    assert names == [attack.replace("\ud800", "\ufffd") for attack in ATTACKS]


# ---- HTML


class Elements(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.seen.append((tag, dict(attrs)))


def test_pages_hold_no_script_and_ask_for_nothing(tmp_path: Path) -> None:
    for path in write_reports(hostile_class(), tmp_path):
        if path.suffix != ".html":
            continue
        for tag, attributes in Elements(path.read_text(encoding="utf-8")).seen:
            assert tag not in ("script", "iframe", "object", "embed", "form", "base")
            assert not [name for name in attributes if name.startswith("on")]
            assert not (attributes.get("src") or "data:").partition("data:image/png;base64,")[0][5:]
            target = attributes.get("href") or "#"
            assert re.match(r"#|data:,$|learners/[a-z0-9_-]+\.html$", target), target


def test_learner_page_shows_marks_points_and_figures(tmp_path: Path) -> None:
    write_reports(ordinary_class(), tmp_path)
    stems = file_stems(["Ada Lovelace"])
    ada = (tmp_path / "learners" / f"{stems['Ada Lovelace']}.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in ada
    assert ada.count("data:image/png;base64,") == 1
    assert 'alt="The learner\'s figure for question 1.2"' in ada
    assert ">✓</span> correct" in ada
    alice = (tmp_path / "learners" / "alice.html").read_text(encoding="utf-8")
    for part in ("◐", "partly", "✗", "not yet", "1.5 of 2", "Not handed in.", "handed in twice"):
        assert part in alice
    bob = (tmp_path / "learners" / "bob.html").read_text(encoding="utf-8")
    assert "could not be graded" in bob
    assert "It took too long." in bob
    assert "small subset" in bob


def test_learner_page_says_why_a_figure_is_left_out(tmp_path: Path) -> None:
    notebook = graded(ONE, [2, 2], figures={"1.1": b"no picture"})
    write_reports(class_of(LearnerGrades("alice", (notebook,))), tmp_path)
    page = (tmp_path / "learners" / "alice.html").read_text(encoding="utf-8")
    assert "figure for question 1.1 is left out: the picture is no PNG file." in page


def test_class_page_links_each_learner_and_lists_what_went_wrong(tmp_path: Path) -> None:
    written = write_reports(ordinary_class(), tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    links = [attributes["href"] for tag, attributes in Elements(page).seen if tag == "a"]
    pages = {path.relative_to(tmp_path).as_posix() for path in written if "learners" in path.parts}
    assert set(links) == pages
    for part in ("It took too long.", "stray.txt: no notebook", "handed in twice", "<svg"):
        assert part in page


# ---- Sums


def test_means_are_of_the_graded_notebooks() -> None:
    one, two = exercise_sums(ordinary_class())
    assert (one.graded, one.not_graded, one.missing, one.mean, one.median) == (2, 1, 1, 2.75, 2.75)
    assert (two.graded, two.not_graded, two.missing, two.mean) == (2, 0, 2, 1)


def test_questions_most_often_missed_come_first() -> None:
    missed = missed_questions(ordinary_class())
    assert [(each.number, each.right, each.partly, each.asked) for each in missed] == [
        ("1.1", 1, 1, 2),
        ("1.2", 1, 0, 2),
        ("2.1", 1, 0, 2),
    ]


def test_histogram_counts_each_learner_once() -> None:
    assert histogram(ordinary_class()) == [2, 0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_grades_of_a_tenth_stand_in_its_interval() -> None:
    tenths = [LearnerGrades(f"l{n}", (graded(ONE, [n / 10]),)) for n in range(11)]
    counted = histogram(class_of(*tenths, exercises={ONE: 1}))
    assert counted == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]


# ---- Gradescope


def test_gradescope_results_have_the_keys_of_its_specification() -> None:
    _, alice, bob, nobody = ordinary_class().learners
    results = gradescope_results(alice, isolation="full")
    assert results["score"] == 1.5
    assert (results["visibility"], results["stdout_visibility"]) == ("visible", "hidden")
    assert results["output"].splitlines() == [
        f"{ONE}: handed in twice; the newest counts",
        "Isolation: full",
    ]
    assert results["tests"][0] == {
        "max_score": 2,
        "name": "Title 1.1",
        "name_format": "text",
        "number": "1.1",
        "output": "Partly right. as expected",
        "output_format": "text",
        "score": 1.5,
        "status": "failed",
        "visibility": "visible",
    }
    assert [test["number"] for test in results["tests"]] == ["1.1", "1.2"]
    assert "could not be graded: it took too long" in gradescope_results(bob)["output"]
    assert gradescope_results(nobody)["score"] == 0
    assert gradescope_results(nobody)["output"].startswith("No notebook")


# ---- Learning platforms


ROSTER = {
    "alice": {
        "id": "17",
        "sis_user_id": "S17",
        "sis_login_id": "alice",
        "section": "A",
        "email": "alice@school.example",
    }
}


def test_canvas_has_its_columns_and_the_points_possible() -> None:
    rows = table(canvas_csv(ordinary_class(), ROSTER))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ONE, TWO]
    assert rows[1] == ["Points Possible", "", "", "", "", "4", "2"]
    assert rows[2] == ["Ada Lovelace", "", "", "", "", "4", "2"]
    assert rows[3] == ["alice", "17", "S17", "alice", "A", "1.5", ""]
    assert rows[4] == ["bob", "", "", "", "", "", "0"]


def test_moodle_has_grades_and_feedback() -> None:
    rows = table(moodle_csv(ordinary_class(), ROSTER))
    assert rows[0][:6] == [
        "Identifier",
        "Full name",
        "Email address",
        "Grade",
        "Maximum Grade",
        "Feedback comments",
    ]
    assert rows[2][:5] == ["17", "alice", "alice@school.example", "1.5", "6"]
    assert rows[2][5].startswith(f"{ONE}: 1.5 of 4; {TWO}: not handed in; ")
    assert rows[4][3] == ""


def test_feedback_for_moodle_is_escaped() -> None:
    learner = LearnerGrades("eve", (failed(ONE, "<script>"),))
    assert "&lt;script&gt;" in table(moodle_csv(class_of(learner)))[1][5]


def test_roster_is_read(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(
        b"\xef\xbb\xbfEmail,learner,ID,sis_user_id,sis_login_id,section\r\n"
        b"alice@school.example, alice ,17,S17,alice,A\r\n\r\n,bob\r\n"
    )
    empty = dict.fromkeys(("id", "sis_user_id", "sis_login_id", "section", "email"), "")
    assert read_roster(path) == {**ROSTER, "bob": empty}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column learner"),
        ("id\n1\n", "lacks the column learner"),
        ("lerner,id\na,1\n", "unknown column 'lerner'; did you mean learner"),
        ("learner,zzz\na,1\n", "unknown column 'zzz'; there are: learner, id"),
        ("learner,learner\na,b\n", "the column learner twice"),
        ("learner,id\na,1\na,2\n", "names 'a' twice, again in row 3"),
        ("learner,id\n,1\n", "no learner in row 2"),
        ("learner,id\na,1,2\n", "3 cells in row 2, but 2 columns"),
        ('learner\n"a\n', "no CSV file"),
    ],
)
def test_mistakes_in_a_roster_are_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match=message) as caught:
        read_roster(path)
    assert "\n" not in str(caught.value)


def test_roster_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"learner\nZo\xeb\n")
    with pytest.raises(CourseError, match="not UTF-8"):
        read_roster(tmp_path / "latin.csv")


# ---- Terminal


def test_terminal_table_shows_points_and_states() -> None:
    lines = terminal_table(ordinary_class()).splitlines()
    assert lines[:6] == [
        "learner        01  02  total      %",
        "               /4  /2     /6",
        "Ada Lovelace    4   2      6  100.0",
        "alice         1.5   -    1.5   25.0",
        "bob             ?   0      0    0.0",
        "Nobody          -   -      0    0.0",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_terminal_table_fits_and_drives_nothing(width: int) -> None:
    exercises = {f"{place:02d}-{'x' * place}": 100 for place in range(1, 15)}
    shown = terminal_table(replace(hostile_class(), exercises=exercises), width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    tables = shown.split("\n\n")[:-1]
    assert max(columns(line) for each in tables for line in each.splitlines()) <= width
    assert "14" in shown
    assert "total" in tables[-1]


def test_with_core_the_core_questions_alone_count() -> None:
    first, *_ = REAL
    right = tuple(replace(q, earned=q.points) for q in missing(first).questions)
    rows = LearnerGrades("alice", (replace(missing(first), questions=right),))
    every = class_of(rows, exercises={first.name: sum(q.points for q in first.questions)})
    grades = core_only(every)
    (notebook,) = grades.learners[0].notebooks
    worth = sum(q.points for q in first.core)
    assert [q.number for q in notebook.questions] == [q.number for q in first.core]
    assert notebook.earned == notebook.points == worth < every.exercises[first.name]
    assert records(grades_csv(grades))["alice"]["percent"] == "100"
    assert "core questions alone count" in terminal_table(grades)
    assert json.loads(grades_json(grades))["core"] is True
