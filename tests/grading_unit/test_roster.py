"""A roster, as platforms export it, settles who is who; `--list` shows it before anything runs."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import datetime
from types import SimpleNamespace

import pytest
from command_line import run_cli

from grading_unit.test_submissions import BATCH, RATE, lay, notebook
from mnist_keras.errors import CourseError
from mnist_keras.grading.grades import ClassGrades, State
from mnist_keras.grading.options import due_of
from mnist_keras.grading.reports.csv_files import canvas_csv
from mnist_keras.grading.reports.mapping import mapping_json, mapping_table
from mnist_keras.grading.roster import Directory, alike, read_roster
from mnist_keras.grading.scoring import with_absent
from mnist_keras.grading.submissions import find_submissions

FILE = f"{RATE}.ipynb"

# What each platform exports of Ann Lee and her namesake, and how each one's hand-in is called.
ROSTERS = {
    "Canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Exercise 1 (7)\n"
        "Points Possible,,,,,12.00\n"
        '"Lee, Ann",111,S1,alee,A,\n"Lee, Ann",222,S2,alee2,A,\n"Wu, Bo",333,S3,bwu,B,\n'
        '"Student, Test",999,,,A,\n',
        (f"leeann_111_71_{FILE}", f"leeann_222_72_{FILE}"),
        ("Lee, Ann", "Lee, Ann (222)", "Wu, Bo"),
    ),
    "Moodle": (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
        "Participant 111,Ann Lee,ann@school.example,Submitted,,12\n"
        "Participant 222,Ann Lee,ann2@school.example,Submitted,,12\n"
        "Participant 333,Bo Wu,bo@school.example,No submission,,12\n",
        (
            f"Ann Lee_111_assignsubmission_file_/{FILE}",
            f"Ann Lee_222_assignsubmission_file_/{FILE}",
        ),
        ("Ann Lee", "Ann Lee (222)", "Bo Wu"),
    ),
    "Moodle, in German": (
        "ID;Vollständiger Name;E-Mail-Adresse\nTeilnehmer/in 111;Ann Lee;a@x.example\n"
        "Teilnehmer/in 222;Zoë Straße;z@x.example\nTeilnehmer/in 333;Bo Wu;b@x.example\n",
        (
            f"Ann Lee_111_assignsubmission_file_/{FILE}",
            f"Zoe\u0308 Strasse_222_assignsubmission_file_/{FILE}",
        ),
        ("Ann Lee", "Zoë Straße", "Bo Wu"),
    ),
    "a table with semicolons below a title": (
        "Übung 1, Gruppe A\n\nNachname;Vorname;E-Mail-Adresse\n"
        "Lee;Ann;a@x.example\nMa;Di;d@x.example\nWu;Bo;b@x.example\n",
        (f"Ann Lee/{FILE}", f"Ma Di/{FILE}"),
        ("Ann Lee", "Di Ma", "Bo Wu"),
    ),
    "Brightspace": (
        "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
        "#900001,#alee,Lee,Ann,ann@school.example,#\n#900002,#dma,Ma,Di,di@school.example,#\n"
        "#900003,#bwu,Wu,Bo,bo@school.example,#\n",
        (
            f"12345-678 - Ann Lee - Nov 28, 2026 1159 PM - {FILE}",
            f"22345-678 - Di Ma - Nov 28, 2026 1159 PM - {FILE}",
        ),
        ("Ann Lee", "Di Ma", "Bo Wu"),
    ),
    "Blackboard": (
        '\ufeff"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\n'
        '"Lee"\t"Ann"\t"alee"\t"1"\t"today"\n"Lee"\t"Ann"\t"alee2"\t"2"\t"today"\n'
        '"Wu"\t"Bo"\t"bwu"\t"3"\t""\n',
        (
            f"Exercise 1_alee_attempt_2026-11-28-10-00-00_{FILE}",
            f"Exercise 1_alee2_attempt_2026-11-28-10-00-00_{FILE}",
        ),
        ("Ann Lee", "Ann Lee (2)", "Bo Wu"),
    ),
    "Google Classroom": (
        "Last Name,First Name,Email Address,Exercise 1\n,,Date,2026-11-28\n,,Points,12\n"
        "Lee,Ann,ann@school.example,\nMa,Di,di@school.example,\nWu,Bo,bo@school.example,\n",
        (f"Ann Lee - {FILE}", f"di@school.example_{FILE}"),
        ("Ann Lee", "Di Ma", "Bo Wu"),
    ),
    "Gradescope": (
        "First Name,Last Name,SID,Email\nAnn,Lee,1,ann@school.example\nDi,Ma,2,di@x.example\n"
        "Bo,Wu,3,b@x.example\n",
        (f"Ann Lee/{FILE}", f"Ma Di/{FILE}"),
        ("Ann Lee", "Di Ma", "Bo Wu"),
    ),
    "GitHub Classroom": (
        '"identifier","github_username","github_id","name"\n"Ann Lee","ann-codes","1",""\n'
        '"Di Ma","dima","2",""\n"Bo Wu","","",""\n',
        (f"exercise-1-ann-codes/exercises/{FILE}", f"exercise-1-dima/exercises/{FILE}"),
        ("Ann Lee", "Di Ma", "Bo Wu"),
    ),
    "Sakai": (
        '"Exercise 1","Points"\n\nDisplay ID,ID,Last Name,First Name,grade\n'
        "alee,u1,Lee,Ann,\nalee2,u2,Lee,Ann,\nbwu,u3,Wu,Bo,\n",
        (
            f"Lee, Ann(alee)/Submission attachment(s)/{FILE}",
            f"Lee, Ann(alee2)/Submission attachment(s)/{FILE}",
        ),
        ("Ann Lee", "Ann Lee (u2)", "Bo Wu"),
    ),
    "a list of names": (
        "Ann Lee\nMa, Di\nBo Wu,bo@school.example\n",
        (f"ann_lee_{FILE}", f"Di Ma/{FILE}"),
        ("Ann Lee", "Ma, Di", "Bo Wu"),
    ),
    "the course's own": (
        "learner,id,email\nAnn Lee,1,ann@school.example\nDi Ma,2,\nBo Wu,3,\n",
        (f"Lee Ann_{FILE}", f"Di Ma/{FILE}"),
        ("Ann Lee", "Di Ma", "Bo Wu"),
    ),
}


@pytest.mark.parametrize("platform", ROSTERS)
def test_each_platforms_export_settles_who_is_who(tmp_path, platform):
    text, files, (first, second, absent) = ROSTERS[platform]
    encoding = "utf-16" if platform == "Blackboard" else "utf-8"
    (tmp_path / "roster.csv").write_text(text.removeprefix("\ufeff"), encoding=encoding)
    roster = read_roster(tmp_path / "roster.csv")
    assert list(roster) == [first, second, absent]
    lay(tmp_path / "class", {file: notebook(RATE) for file in files})
    found = find_submissions(tmp_path / "class", roster=roster)
    by_file = {each.file: each for each in found.chosen}
    assert [by_file[file].learner for file in files] == [first, second]
    assert [each.notes for each in found.chosen] == [(), ()]
    assert found.missing == (absent,)


def lookup(*names: str) -> Directory:
    return Directory({name: {} for name in names})


def test_several_files_of_one_learner_are_one_row(tmp_path):
    roster = {"Ann Lee": {"email": "ann@x.example"}, "Bo Wu": {}}
    lay(tmp_path, {f"Ann Lee/{FILE}": notebook(RATE)}, 10)
    lay(tmp_path, {f"ann@x.example_{FILE}": notebook(RATE), f"bo_{FILE}": notebook(RATE)}, 20)
    lay(tmp_path, {f"lee ann_{BATCH}.ipynb": notebook(BATCH)})
    found = find_submissions(tmp_path, roster=roster)
    assert [(each.learner, each.exercise) for each in found.chosen] == [
        ("Ann Lee", RATE),
        ("Ann Lee", BATCH),
        ("Bo Wu", RATE),
    ]
    assert found.chosen[0].file == f"ann@x.example_{FILE}"
    assert found.chosen[2].notes == ("taken for Bo Wu of the roster: nobody else fits",)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("ann", "several of the roster fit, so whose this is cannot be told: Ann Lee, Ann Wu"),
        ("Anne Lea", "Anne Lea is not on the roster; did they mean Ann Lee?"),
        ("xyz", "xyz is not on the roster"),
    ],
)
def test_who_cannot_be_told_says_so(tmp_path, name, note):
    lay(tmp_path, {f"{name}/{FILE}": notebook(RATE)})
    found = find_submissions(tmp_path, roster={"Ann Lee": {}, "Ann Wu": {}})
    (row,) = found.chosen
    assert (row.learner, row.notes) == (name, (note,))
    assert found.missing == ("Ann Lee", "Ann Wu")


MAILS = ("Re Exercise 1 from Ann Lee 2026-11-02", "Fwd_ homework (bo@school.example)")


def test_a_roster_sees_the_name_in_a_mails_folder(tmp_path):
    lay(tmp_path, {f"{mail}/{FILE}": notebook(RATE) for mail in MAILS})
    roster = {"Lee, Ann": {}, "Bo Wu": {"email": "bo@school.example"}}
    found = find_submissions(tmp_path, roster=roster)
    assert [(each.learner, each.notes) for each in found.chosen] == [
        ("Bo Wu", ("taken for Bo Wu of the roster, named in it",)),
        ("Lee, Ann", ("taken for Lee, Ann of the roster, named in it",)),
    ]
    assert found.missing == ()


def test_a_longer_name_is_not_merged_with_the_one_in_it(tmp_path):
    lay(tmp_path, {f"{name}/{FILE}": notebook(RATE) for name in ("Ann Lee", "Ann Lee Wu")})
    found = find_submissions(tmp_path, roster={"Ann Lee": {}})
    assert [(each.learner, each.notes) for each in found.chosen] == [
        ("Ann Lee", ()),
        (
            "Ann Lee Wu",
            ("Ann Lee of the roster is named in it and has another hand-in: whose is it?",),
        ),
    ]


@pytest.mark.parametrize("known", ["111", ""])
def test_two_of_one_name_on_a_platform_are_not_merged_by_a_roster_with_one(tmp_path, known):
    lay(tmp_path, {f"leeann_{number}_71_{FILE}": notebook(RATE) for number in (111, 222)})
    found = find_submissions(tmp_path, roster={"Lee, Ann": {"id": known}})
    rows = [(each.learner, *each.notes) for each in found.chosen]
    note = "Lee, Ann of the roster fits several learners of Canvas: whose is it?"
    if known:
        assert rows == [("Lee, Ann",), ("leeann", note)]
    else:
        assert rows == [("leeann (111)", note), ("leeann (222)", note)]


def test_namesakes_on_a_roster_are_not_guessed(tmp_path):
    (tmp_path / "names.csv").write_text(
        "OrgDefinedId,Last Name,First Name\n#1,Lee,Ann\n#2,Lee,Ann\n"
    )
    roster = read_roster(tmp_path / "names.csv")
    lay(tmp_path / "class", {f"12345-6 - Ann Lee - Nov 3, 2026 1159 PM - {FILE}": notebook(RATE)})
    (row,) = find_submissions(tmp_path / "class", roster=roster).chosen
    assert row.learner == "Ann Lee"
    assert row.notes[0].startswith("several of the roster fit")


def test_a_roster_may_have_the_names_as_the_grades_have_them(tmp_path):
    files = {f"lee_{number}_71_{FILE}": notebook(RATE) for number in (111, 222)}
    roster = {"lee (111)": {"email": "x"}, "lee (222)": {}}
    found = find_submissions(lay(tmp_path, files), roster=roster)
    assert [(each.learner, each.notes) for each in found.chosen] == [
        ("lee (111)", ()),
        ("lee (222)", ()),
    ]
    assert found.missing == ()


def test_a_file_that_names_nobody_stays_nobodys(tmp_path):
    lay(tmp_path, {FILE: notebook(RATE), f"Ann Lee/{FILE}": notebook(RATE)})
    found = find_submissions(tmp_path, roster={"Ann Lee": {}, "Unknown Person": {}})
    assert [each.learner for each in found.chosen] == ["Ann Lee", f"unknown ({FILE})"]


def test_an_account_decides_before_a_name():
    people = {"Ann Lee": {"id": "1"}, "Bo Wu": {"id": "2", "sis_login_id": "ann lee"}}
    assert Directory(people).match("Ann Lee", "2").learner == "Bo Wu"
    assert Directory(people).match("Ann Lee").learner is None
    assert lookup("Ann Lee", "Ann Lee Wu").match("ann lee").learner == "Ann Lee"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nAnn\nAnn\n", "names 'Ann' twice, again in row 3"),
        ("username,id\na,1\n", "lacks the column learner"),
        ("Student,ID\n,1\n", "names no learner in row 2"),
    ],
)
def test_a_roster_that_does_not_tell_is_a_mistake(tmp_path, text, message):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(CourseError, match=message):
        read_roster(tmp_path / "roster.csv")


def test_learners_of_whom_nothing_came_have_a_row_in_the_grades():
    graded = with_absent(ClassGrades((), {RATE: 12}, "none", True, {}), ["Zoë", "Ann"])
    assert [each.learner for each in graded.learners] == ["Ann", "Zoë"]
    assert {n.state for each in graded.learners for n in each.notebooks} == {State.MISSING}
    assert "Zoë" in canvas_csv(graded, {"Zoë": {"id": "17"}})


# ---- The mapping


@pytest.fixture
def handed_in(tmp_path):
    old = {f"alice/{FILE}": notebook(RATE), f"bob_{RATE}.pdf": b"", FILE: notebook(RATE)}
    lay(tmp_path / "class", old, 1_000_000)
    lay(tmp_path / "class", {"alice/new.ipynb": notebook(RATE), "roster.csv": b""}, 2_000_000)
    return tmp_path / "class"


def test_the_mapping_shows_every_file_with_what_will_come_of_it(handed_in):
    found = find_submissions(handed_in, roster={"alice": {}, "bob": {}, "dora": {}})
    lines = mapping_table(found).splitlines()
    assert lines[0].split() == ["learner", "exercise", "handed", "in", "file"]
    assert lines[1].split()[:2] == ["alice", RATE]
    assert lines[1].endswith("alice/new.ipynb")
    assert lines[2].strip() == f"an older hand-in, alice/{FILE}, was not graded"
    assert lines[3].endswith(f"alice/{FILE}")
    assert lines[4].strip() == "not graded: an older hand-in"
    assert lines[6].strip().startswith("not graded: the file is a PDF")
    assert lines[7].startswith(f"unknown ({FILE})"[:20])
    assert lines[-3:] == [
        "3 learners, 3 hand-ins, of which 1 cannot be graded",
        "nothing from: dora",
        "passed over: roster.csv: is no hand-in, as its name names no learner",
    ]


def test_the_mapping_as_json_has_the_same(handed_in):
    data = json.loads(mapping_json(find_submissions(handed_in, roster={"bob": {}, "dora": {}})))
    assert [each["learner"] for each in data["graded"]] == ["alice", "bob", f"unknown ({FILE})"]
    assert data["graded"][0]["notes"][0] == "alice is not on the roster"
    assert [each["file"] for each in data["not_graded"]] == [f"alice/{FILE}"]
    assert data["missing"] == ["dora"]
    assert len(data["problems"]) == 1


def test_the_mapping_drives_no_terminal(tmp_path):
    name = f"\x1b[31mred\u202e_{FILE}"
    found = find_submissions(lay(tmp_path, {name: notebook(RATE), "b.ipynb": notebook(RATE)}))
    assert all(line.isprintable() for line in mapping_table(found).splitlines())
    assert "\x1b" not in mapping_json(found)


def test_the_command_shows_the_mapping_and_runs_nothing(handed_in, tmp_path):
    out = tmp_path / "grades"
    done = run_cli("grade", handed_in, "--list", "--out", out, "--due", "1970-01-01")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 learners" in done.stdout
    assert "handed in late" in done.stdout
    assert not out.exists()


@pytest.mark.parametrize(
    ("due", "moment"),
    [
        ("2026-11-30", "2026-11-30T23:59:59.999999"),
        ("20261130", "2026-11-30T23:59:59.999999"),
        ("2026-11-30T12:00", "2026-11-30T12:00"),
        ("2026-11-30 00:00", "2026-11-30T00:00"),
    ],
)
def test_a_day_alone_means_its_end(due, moment):
    assert due_of(SimpleNamespace(due=due)) == datetime.fromisoformat(moment).timestamp()


def test_the_mapping_needs_no_keras(handed_in):
    script = (
        "import sys; from mnist_keras.cli import main; code = main(sys.argv[1:])\n"
        "assert not {'keras', 'tensorflow', 'pytest'} & sys.modules.keys(); sys.exit(code)"
    )
    command = [sys.executable, "-c", script, "grade", str(handed_in), "--list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["graded"]) == 3


# ---- The grades


@pytest.mark.slow
def test_everybody_has_a_row_in_each_report(tmp_path):
    """No notebook can be read here, so nothing runs."""
    files = {
        f"{RATE}_bob.html": b"<html>",
        f"dave/{FILE}": b"",
        "eve/work.rar": b"Rar!",
        f"{RATE}-Copy1.pdf": b"%PDF",
    }
    lay(tmp_path / "class", files)
    (tmp_path / "class" / "carol").mkdir()
    (tmp_path / "names.csv").write_text("Bob Roe\nCarol Doe\nDave\nEve\nZoe\n")
    out = tmp_path / "grades"
    roster = ("--roster", tmp_path / "names.csv")
    done = run_cli("grade", tmp_path / "class", "--out", out, *roster)
    assert done.returncode == 1, done.stderr
    expected = {
        "Bob Roe": "is a web page",
        "Carol Doe": "the folder is empty",
        "Dave": "the file is empty",
        "Eve": "is an archive that cannot be opened here",
        f"unknown ({RATE}-Copy1.pdf)": "is a PDF",
        "Zoe": "",
    }
    rows = list(csv.DictReader((out / "grades.csv").read_text().splitlines()))
    assert [row["learner"] for row in rows] == sorted(expected)
    learners = json.loads((out / "grades.json").read_text())["learners"]
    assert [each["learner"] for each in learners] == sorted(expected)
    page = (out / "index.html").read_text()
    for row, learner in zip(rows, learners, strict=True):
        why = expected[row["learner"]]
        (notebook_row,) = learner["notebooks"]
        state = "could not be graded" if why else "not handed in"
        assert row[f"{RATE} state"] == notebook_row["state"] == state
        assert why in row["notes"]
        assert why in notebook_row["reason"]
        assert row["learner"] in page
    assert len(list((out / "learners").iterdir())) == len(expected)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jo", "Jo", True),
        ("Li Wu", "Wu, Li", True),
        ("Li", "Li Wu", True),
        ("李明", "李明", True),
        ("Anna Müller", "Mueller", True),
        ("Mu\u0308ller", "Muller", True),
        ("Alice", "alice smith", True),
        ("Alice", "Bob", False),
        ("Jo", "Li", False),
        ("Li Wu", "Li Ma", False),
    ],
)
def test_names_that_may_be_one_learners(one, other, same):
    assert alike(one, other) == alike(other, one) == same
