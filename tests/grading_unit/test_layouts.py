"""A class as each platform exports it: every learner one row, the newest hand-in, nobody missing.

The names follow the platforms' bulk downloads, with resubmissions, learners of one name, late marks
and files of the wrong kind.
"""

from __future__ import annotations

import io
import json
import random
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from grading_unit.test_submissions import RATE, lay, member, notebook, zipped
from mnist_keras.grading.layouts import LAYOUTS, read_export, read_metadata
from mnist_keras.grading.submissions import Handins, find_submissions

FILE = f"{RATE}.ipynb"
OLD, NEW = 1_780_000_000, 1_790_000_000
LATE = "handed in late, as Canvas says"
PAGE, PDF, EMPTY, RECORD = "is a web page", "is a PDF", "folder is empty", "is no notebook"


def written(text: str) -> bytes:
    return notebook(RATE, f"# {text}")


@dataclass(frozen=True)
class Export:
    """Files with their times, and who must have a row: what its notebook says, or why it has none.

    A name that begins with "unknown" is that of a file that names nobody.
    """

    files: Mapping[str, tuple[bytes, float]]
    rows: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)


GRADESCOPE = b"""submission_101:
  :submitters:
  - :name: Ann Lee
    :sid: '7'
    :email: ann@school.example
  :created_at: 2026-11-28 10:00:00.000000000 Z
  :score: 3.0
submission_102:
  :submitters:
  - :name: Ann Lee
    :sid: '8'
  :created_at: 2026-11-28 11:00:00.000000000 Z
submission_103:
  :submitters:
  - :name: Bo Wu
  - :name: Cy Ko
submission_104:
  :submitters:
  - :name: "Di Ma"
"""

EXPORTS = {
    "Canvas": Export(
        {
            f"doejane_111_71_{RATE}.ipynb": (written("old"), NEW),
            f"doejane_111_75_{RATE}-1.ipynb": (written("new"), OLD),
            f"leejohn_222_72_{RATE}.ipynb": (written("first lee"), OLD),
            f"leejohn_333_73_{RATE}.ipynb": (written("second lee"), OLD),
            f"wuli_LATE_444_74_{RATE}.ipynb": (written("wu"), NEW),
            f"kaya_555_76_{RATE}.html": (b"<html>", OLD),
        },
        {
            "doejane": "new",
            "leejohn (222)": "first lee",
            "leejohn (333)": "second lee",
            "wuli": "wu",
            "kaya": PAGE,
        },
        {"wuli": LATE},
    ),
    "Moodle, folders": Export(
        {
            f"Ann Lee_1_assignsubmission_file_/{FILE}": (written("first ann"), OLD),
            "Ann Lee_1_assignsubmission_onlinetext_/onlinetext.html": (b"<p>Hello", NEW),
            f"Ann Lee_2_assignsubmission_file_/{FILE}": (written("second ann"), OLD),
            f"Bo Wu_3_assignsubmission_file_/{FILE}": (written("old"), OLD),
            f"Bo Wu_3_assignsubmission_file_/{RATE} (1).ipynb": (written("new"), NEW),
            "Cy Ko_4_assignsubmission_onlinetext_/onlinetext.html": (b"<p>Hello", OLD),
            "Di Ma_5_assignsubmission_file_/": (b"", OLD),
        },
        {
            "Ann Lee (1)": "first ann",
            "Ann Lee (2)": "second ann",
            "Bo Wu": "new",
            "Cy Ko": PAGE,
            "Di Ma": EMPTY,
        },
    ),
    "Moodle, one folder": Export(
        {
            f"Ann Lee_1_assignsubmission_file_{FILE}": (written("old"), OLD),
            f"Ann Lee_1_assignsubmission_file_{RATE}_2.ipynb": (written("new"), NEW),
            f"Bo Wu_3_assignsubmission_file_{RATE}.pdf": (b"%PDF", OLD),
        },
        {"Ann Lee": "new", "Bo Wu": PDF},
    ),
    "Brightspace, one folder": Export(
        {
            "index.html": (b"<html>", NEW),
            f"12345-678 - Ann Lee - Nov 3, 2026 1159 PM - {FILE}": (written("old"), NEW),
            f"12345-678 - Ann Lee - Nov 28, 2026 105 PM - {FILE}": (written("new"), OLD),
            f"22345-678 - Ann Lee - Nov 20, 2026 905 AM - {FILE}": (written("other ann"), OLD),
            "32345-678 - Bo Wu - 28 November, 2026 1159 PM - a - b.pdf": (b"%PDF", OLD),
        },
        {"Ann Lee (12345)": "new", "Ann Lee (22345)": "other ann", "Bo Wu": PDF},
    ),
    "Brightspace, folders": Export(
        {
            f"12345-678 - Ann Lee - Nov 9, 2026 1159 PM/{FILE}": (written("old"), NEW),
            f"12345-678 - Ann Lee - Nov 28, 2026 105 AM/{FILE}": (written("new"), OLD),
            f"32345-678 - Bo Wu - Nov 28, 2026 1259 PM/{RATE}.ipynb.txt": (written("wu"), OLD),
        },
        {"Ann Lee": "new", "Bo Wu": "wu"},
    ),
    "Blackboard": Export(
        {
            f"Exercise 1_alee_attempt_2026-11-03-23-59-00_{FILE}": (written("old"), NEW),
            "Exercise 1_alee_attempt_2026-11-03-23-59-00.txt": (b"Name: Ann Lee", NEW),
            f"Exercise 1_alee_attempt_2026-11-28-10-00-00_{FILE}": (written("new"), OLD),
            "Exercise 1_alee_attempt_2026-11-28-10-00-00.txt": (b"Name: Ann Lee", OLD),
            f"Exercise 1_alee2_attempt_2026-11-20-10-00-00_{FILE}": (written("other ann"), OLD),
            "Exercise 1_bwu_attempt_2026-11-28-10-00-00.txt": (b"Name: Bo Wu", OLD),
        },
        {"alee": "new", "alee2": "other ann", "bwu": RECORD},
    ),
    "Teams": Export(
        {
            f"Submitted files/Ann Lee/Exercise 1/Version 2/{FILE}": (written("old"), NEW),
            f"Submitted files/Ann Lee/Exercise 1/Version 10/{FILE}": (written("new"), OLD),
            f"Submitted files/Bo Wu/Exercise 1/{FILE}": (written("wu"), OLD),
            f"Submitted files/Cy Ko/Exercise 1/{RATE}.docx": (b"PK", OLD),
            f"Working files/Ann Lee/Exercise 1/{FILE}": (written("draft"), NEW),
            f"Working files/Di Ma/Exercise 1/{FILE}": (written("draft"), NEW),
        },
        {"Ann Lee": "new", "Bo Wu": "wu", "Cy Ko": "is a text document"},
    ),
    "Google Classroom": Export(
        {
            f"Ann Lee - {FILE}": (written("old"), OLD),
            f"Ann Lee - Copy of {FILE}": (written("new"), NEW),
            f"Bo Wu - {RATE}.gdoc": (b"{}", OLD),
            FILE: (written("nobody 1"), OLD),
            f"{RATE}(1).ipynb": (written("nobody 2"), OLD),
            f"Copia de {FILE}": (written("nobody 3"), OLD),
            f"Kopie von {RATE}-Copy1.ipynb": (written("nobody 4"), OLD),
        },
        {
            "Ann Lee": "new",
            "Bo Wu": "is a link to a file in the cloud",
            f"unknown ({FILE})": "nobody 1",
            f"unknown ({RATE}(1).ipynb)": "nobody 2",
            f"unknown (Copia de {FILE})": "nobody 3",
            f"unknown (Kopie von {RATE}-Copy1.ipynb)": "nobody 4",
        },
    ),
    "Google Drive, in parts": Export(
        {
            "Exercise 1-20261128T123000Z-001.zip": (
                zipped(
                    {
                        f"Exercise 1/Ann Lee - {FILE}": written("ann"),
                        f"Exercise 1/Bo Wu - {RATE}.pdf": b"%PDF",
                    }
                ),
                OLD,
            ),
            "Exercise 1-20261128T123000Z-002.zip": (
                zipped({f"Exercise 1/Cy Ko - {FILE}": written("cy")}),
                OLD,
            ),
        },
        {"Ann Lee": "ann", "Bo Wu": PDF, "Cy Ko": "cy"},
    ),
    "Gradescope": Export(
        {
            "submission_metadata.yml": (GRADESCOPE, OLD),
            f"submission_101/{FILE}": (written("first ann"), OLD),
            f"submission_102/{FILE}": (written("second ann"), OLD),
            f"submission_103/{FILE}": (written("group"), OLD),
            f"submission_104/{RATE}.py": (b"", OLD),
            f"submission_105/{FILE}": (written("not in the list"), OLD),
        },
        {
            "Ann Lee (101)": "first ann",
            "Ann Lee (102)": "second ann",
            "Bo Wu, Cy Ko": "group",
            "Di Ma": "is a Python script",
            "submission_105": "not in the list",
        },
    ),
    "GitHub Classroom": Export(
        {
            f"exercise-1-submissions/exercise-1-{name}/{file}": (content, OLD)
            for name in ("annlee", "bowu")
            for file, content in {
                f"exercises/{FILE}": written(name),
                "README.md": b"# Exercises",
                "book/notebooks/first.ipynb": notebook(source="book/lessons/first.md"),
                ".git/config": b"",
            }.items()
        }
        | {
            "exercise-1-submissions/exercise-1-cyko/README.md": (b"# Exercises", OLD),
            "exercise-1-submissions/exercise-1-dima/": (b"", OLD),
        },
        {
            "exercise-1-annlee": "annlee",
            "exercise-1-bowu": "bowu",
            "exercise-1-cyko": "is a text document",
            "exercise-1-dima": EMPTY,
        },
    ),
    "attachments, saved into one folder": Export(
        {
            FILE: (written("a"), OLD),
            f"{RATE} (1).ipynb": (written("b"), OLD),
            f"{RATE} (2).ipynb": (written("c"), NEW),
            "Homework of Ann Lee.eml": (b"From: ann", OLD),
            "ann.lee@school.example_01 learning rate.ipynb": (written("ann"), OLD),
        },
        {
            f"unknown ({FILE})": "a",
            f"unknown ({RATE} (1).ipynb)": "b",
            f"unknown ({RATE} (2).ipynb)": "c",
            "Homework of Ann Lee": "is an e-mail",
            "ann.lee@school.example": "ann",
        },
    ),
    "Sakai": Export(
        {
            "grades.csv": (b"Display ID,ID,Last Name,First Name,grade", OLD),
            f"Lee, Ann(alee)/Submission attachment(s)/{FILE}": (written("first ann"), OLD),
            "Lee, Ann(alee)/timestamp.txt": (b"20261128100000000", OLD),
            f"Lee, Ann(alee2)/Submission attachment(s)/{FILE}": (written("old"), OLD),
            f"Lee, Ann(alee2)/Submission attachment(s)/{RATE} new.ipynb": (written("new"), NEW),
            "Wu, Bo(bwu)/Submission attachment(s)/work.rar": (b"Rar!", OLD),
            "Wu, Bo(bwu)/timestamp.txt": (b"20261128100000000", OLD),
        },
        {
            "Lee, Ann (alee)": "first ann",
            "Lee, Ann (alee2)": "new",
            "Wu, Bo": "is an archive that cannot be opened here",
        },
    ),
    "nbgrader": Export(
        {
            f"submitted/alee/{RATE}/{FILE}": (written("ann"), OLD),
            f"submitted/alee/{RATE}/timestamp.txt": (b"2026-11-28 10:00:00 UTC", OLD),
            f"submitted/bwu/{RATE}/{FILE}": (written("old"), OLD),
            f"submitted/bwu/{RATE}/answer.ipynb": (written("new"), NEW),
            f"submitted/cko/{RATE}/data.csv": (b"1", OLD),
        },
        {"alee": "ann", "bwu": "new", "cko": "is a table"},
    ),
    "folders": Export(
        {
            f"Ann Lee/{FILE}": (written("old"), OLD),
            f"Ann Lee/{RATE}-Copy1.ipynb": (written("new"), NEW),
            f"Ann Lee/plots/{RATE}.png": (b"", NEW),
            f"Bo Wu/{RATE}": (written("no suffix"), OLD),
            f"Cy Ko/{RATE}.ipynb.json": (written("json"), OLD),
            "Di Ma/": (b"", OLD),
        },
        {"Ann Lee": "new", "Bo Wu": "no suffix", "Cy Ko": "json", "Di Ma": EMPTY},
    ),
}


def lay_out(folder, export):
    for name, (content, modified) in export.files.items():
        if name.endswith("/"):
            (folder / name).mkdir(parents=True)
        else:
            lay(folder, {name: content}, modified)
    return folder


def as_zip(export, wrapper=""):
    members = []
    for name, (content, modified) in export.files.items():
        date = datetime.fromtimestamp(modified).timetuple()[:6]
        members.append((member(wrapper + name, date=date), content))
    return zipped(members)


def as_tar(export):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, (content, modified) in export.files.items():
            info = tarfile.TarInfo(f"./{name.rstrip('/')}")
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size, info.mtime = len(content), modified
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def check(found: Handins, export: Export) -> None:
    """Check that every learner has one row, and that it is the right one."""
    rows = {each.learner: each for each in found.chosen}
    # Names that are shown hold no slash.
    assert sorted(rows) == sorted(each.replace("/", " ") for each in export.rows), sorted(rows)
    assert len(rows) == len(found.chosen)
    for learner, expected in export.rows.items():
        row = rows[learner]
        if row.problem:
            assert re.search(expected, row.problem), (learner, row.problem)
        else:
            source = json.loads(row.content.read())["cells"][0]["source"]
            assert (learner, source) == (learner, f"# {expected}")
        if learner in export.notes:
            assert export.notes[learner] in row.notes
        if learner.startswith("unknown"):
            assert any(note.startswith("whose this is cannot be told") for note in row.notes)


@pytest.mark.parametrize("name", EXPORTS)
def test_every_learner_has_one_row_with_the_newest_hand_in(tmp_path, name):
    check(find_submissions(lay_out(tmp_path / "class", EXPORTS[name])), EXPORTS[name])


# Of any name but a general one, a folder with files that name nobody may be a learner's.
ANY_NAME, NAME_NOBODY = "Autumn/", {"attachments, saved into one folder", "Google Classroom"}


@pytest.mark.parametrize(
    ("name", "wrapper"),
    [
        (name, wrapper)
        for name in EXPORTS
        for wrapper in ("", "class1/", "Drive/Classroom/Exercise 1/", ANY_NAME)
        if wrapper != ANY_NAME or name not in NAME_NOBODY
    ],
)
def test_an_archive_changes_nobody_whatever_wraps_it(tmp_path, name, wrapper):
    lay(tmp_path, {"class (1).zip": as_zip(EXPORTS[name], wrapper)})
    check(find_submissions(tmp_path / "class (1).zip"), EXPORTS[name])


@pytest.mark.parametrize("name", [name for name in EXPORTS if "Drive" not in name])
def test_an_archive_lies_in_a_folder_of_downloads(tmp_path, name):
    lay(tmp_path / "downloads", {"Exercise 1 (2).zip": as_zip(EXPORTS[name], "Exercise 1/")})
    export = EXPORTS[name]
    found = find_submissions(tmp_path / "downloads")
    assert {each.learner for each in found.chosen} == set(export.rows)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_tar_archive_is_read_as_a_zip_is(tmp_path, name):
    lay(tmp_path, {"class.tar.gz": as_tar(EXPORTS[name])})
    check(find_submissions(tmp_path / "class.tar.gz"), EXPORTS[name])


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.platform)
def test_each_layouts_example_is_read_as_that_layout(layout):
    name = layout.example.split("/")[0]
    assert read_export(name).platform == layout.platform


@pytest.mark.parametrize(
    "name",
    ["alice", f"alice_{FILE}", "Ann-Lee - 1.ipynb", "a_1_b.ipynb", "2026-11-28 - notes.ipynb"],
)
def test_an_ordinary_name_is_no_platforms(name):
    assert read_export(name) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Nov 28, 2026 1159 PM", datetime(2026, 11, 28, 23, 59)),
        ("Nov 8, 2026 905 AM", datetime(2026, 11, 8, 9, 5)),
        ("Nov 8, 2026 110 PM", datetime(2026, 11, 8, 13, 10)),
        ("28 November, 2026 1200 AM", datetime(2026, 11, 28, 0, 0)),
        ("28 Nov 2026 23h59", datetime(2026, 11, 28, 23, 59)),
    ],
)
def test_brightspaces_times_are_read(text, moment):
    found = read_export(f"12-34 - Ann Lee - {text} - {FILE}")
    assert found.learner == "Ann Lee"
    assert found.when == moment.timestamp()


def test_a_time_that_cannot_be_read_is_the_files(tmp_path):
    lay(tmp_path, {f"12-34 - Ann Lee - 28 листопада 2026 - {FILE}": written("a")}, OLD)
    (row,) = find_submissions(tmp_path).chosen
    assert (row.learner, row.modified) == ("Ann Lee", OLD)


def test_gradescopes_list_of_submissions_is_read_line_by_line():
    assert read_metadata(GRADESCOPE)["submission_103"] == ("Bo Wu, Cy Ko", None)
    assert read_metadata(b"\xff\0: &a [*a]\n  - :name: nobody's\n") == {}


@pytest.mark.parametrize("name", ["Brightspace, one folder", "Blackboard", "Gradescope"])
def test_lateness_is_by_the_platforms_time_not_the_files(tmp_path, name):
    due = datetime.fromisoformat("2026-11-25T00:00:00+00:00").timestamp()
    lay_out(tmp_path / "class", EXPORTS[name])
    rows = find_submissions(tmp_path / "class", due=due).chosen
    late = {row.learner for row in rows if any("handed in late" in note for note in row.notes)}
    assert (
        late
        == {
            "Brightspace, one folder": {"Ann Lee (12345)", "Bo Wu"},
            "Blackboard": {"alee", "bwu"},
            "Gradescope": {"Ann Lee (101)", "Ann Lee (102)"},
        }[name]
    )


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "name",
    [
        "1-1 - a - " + "1234 " * 13_000 + "-",
        "1-1 - " + "- 1234 - " * 7_000,
        "a" + "_11" * 20_000,
        "_attempt_" * 7_000,
        "," * 65_000 + "(",
        "1_assignsubmission_" * 3_000,
    ],
)
def test_names_made_to_take_time_take_none(name):
    for start in (0, 7):
        read_export(name[start:])
        read_export(name[start : start + 300])
    assert read_metadata(f"submission_1:\n{' ' * 1_000_000}\n".encode()) == {}


HEADS = (
    *("alice", "bob", "Exercise 1", "week 2", "class (1)", "exercises", RATE, f"{RATE}-Copy1"),
    *("lee_11_22_x", "Ann_1_assignsubmission_file_", "12-3 - Ann - Nov 3, 2026 1159 PM", "notes"),
    *("submission_12", "Lee, Ann(al)", "Submitted files", "Copy of 02-batch-size", "()", "a_b"),
)
TAILS = (".ipynb", ".ipynb.txt", ".html", ".pdf", ".zip", ".csv", ".txt", "", ".py")


@pytest.mark.parametrize("packed", [False, True])
def test_no_file_of_any_tree_vanishes_and_no_learner_has_two_rows(tmp_path, packed):
    for seed in range(60):
        chance = random.Random(seed)
        files = {"zoe/work.ipynb": notebook("02-batch-size")}
        for _ in range(chance.randint(1, 6)):
            folders = chance.choices(HEADS, k=chance.randint(0, 3))
            tail = chance.choice(TAILS)
            inner = {f"{name}.ipynb": notebook(RATE) for name in chance.choices(HEADS, k=2)}
            content = zipped(inner) if tail == ".zip" else chance.choice((notebook(RATE), b""))
            files["/".join([*folders, chance.choice(HEADS) + tail])] = content
        # A file cannot lie in a file.
        files = {n: c for n, c in files.items() if not any(o.startswith(f"{n}/") for o in files)}
        if packed:
            lay(tmp_path / str(seed), {"c.zip": zipped(files)})
            found = find_submissions(tmp_path / str(seed) / "c.zip")
        else:
            found = find_submissions(lay(tmp_path / str(seed), files))
        shown = [each.file for each in (*found.chosen, *found.others)] + list(found.problems)
        shown = [each.removeprefix("c.zip/") for each in shown]
        for name in files:
            assert any(re.match(re.escape(name) + "($|[/:])", each) for each in shown), (seed, name)
        rows = [(each.learner, each.exercise) for each in found.chosen if each.exercise]
        assert len(rows) == len(set(rows)), seed
