"""Whose a hand-in is and which exercise it answers, in every layout that a class comes in."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from mnist_keras.errors import CourseError
from mnist_keras.grading import archives, listing
from mnist_keras.grading.contents import FileContent, UnreadableError
from mnist_keras.grading.handins import UNTOLD
from mnist_keras.grading.listing import clean_name
from mnist_keras.grading.owners import WHOSE
from mnist_keras.grading.submissions import Handins, Submission, find_submissions

RATE, BATCH, EPOCHS = "01-learning-rate", "02-batch-size", "03-epochs"
UNIX = 3  # a zip member that has the attributes of a file on Unix


def notebook(exercise: str | None = None, text: str = "", source: str | None = None) -> bytes:
    source = source or (f"solutions/{exercise}.md" if exercise else None)
    metadata = {"mnist_keras": {"generated_from": source}} if source else {}
    cell = {"cell_type": "code", "metadata": {}, "source": text, "outputs": []}
    return json.dumps({"nbformat": 4, "cells": [cell], "metadata": metadata}).encode()


def lay(folder: Path, files: Mapping[str, bytes], modified: float = 1_000_000) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (modified, modified))
    return folder


def zipped(files: Mapping[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            archive.writestr(name, content)
    return file.getvalue()


def member(name: str, mode: int = 0, date: tuple[int, ...] = (2026, 1, 1, 0, 0, 0)):
    info = zipfile.ZipInfo(name, date)
    info.create_system = UNIX
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def who(found: Handins) -> list[tuple[str, str | None, str]]:
    return [(each.learner, each.exercise, each.file) for each in found.chosen]


def only(found: Handins) -> Submission:
    (submission,) = found.chosen
    return submission


def test_a_notebook_by_itself_is_its_names_learners(tmp_path):
    lay(tmp_path, {"alice.ipynb": notebook(RATE)})
    found = find_submissions(tmp_path / "alice.ipynb")
    assert who(found) == [("alice", RATE, "alice.ipynb")]
    assert found.problems == ()
    submission = only(found)
    assert submission.content.read() == notebook(RATE)
    assert submission.digest == hashlib.sha256(notebook(RATE)).hexdigest()
    assert submission.modified == 1_000_000
    assert submission.notes == ()
    assert submission.problem == ""


def test_a_notebook_that_is_called_as_its_exercise_is_its_folders_learners(tmp_path):
    lay(tmp_path, {"alice/01-learning-rate.ipynb": notebook(RATE)})
    found = find_submissions(tmp_path / "alice" / "01-learning-rate.ipynb")
    assert who(found) == [("alice", RATE, "01-learning-rate.ipynb")]


def test_a_folder_of_exercises_is_one_learners(tmp_path):
    lay(tmp_path / "alice", {f"{RATE}.ipynb": notebook(RATE), f"Copy of {BATCH} (1).ipynb": b"{"})
    found = find_submissions(tmp_path / "alice")
    assert [each[:2] for each in who(found)] == [("alice", RATE), ("alice", BATCH)]


def test_a_class_has_a_folder_a_learner_however_deep(tmp_path):
    files = {
        f"bob/{RATE}.ipynb": notebook(RATE),
        f"alice/week 1/mine/{RATE}.ipynb": notebook(RATE),
        "alice/week 2/final.ipynb": notebook(BATCH),
        f"carol/{RATE}/answer.ipynb": notebook(),
    }
    assert who(find_submissions(lay(tmp_path, files))) == [
        ("alice", RATE, f"alice/week 1/mine/{RATE}.ipynb"),
        ("alice", BATCH, "alice/week 2/final.ipynb"),
        ("bob", RATE, f"bob/{RATE}.ipynb"),
        ("carol", RATE, f"carol/{RATE}/answer.ipynb"),
    ]


def test_clones_of_the_course_are_their_learners_and_hold_more_than_hand_ins(tmp_path):
    files = {
        f"exercise-{name}/{inside}": content
        for name in ("alice", "bob")
        for inside, content in {
            f"exercises/{RATE}.ipynb": notebook(RATE),
            "book/notebooks/training.ipynb": notebook(source="book/lessons/training.md"),
            "tests/grading/attacks/exit.ipynb": notebook(RATE),
            "_build/reference/answer.ipynb": notebook(RATE),
        }.items()
    }
    found = find_submissions(lay(tmp_path, files))
    assert who(found) == [
        (f"exercise-{name}", RATE, f"exercise-{name}/exercises/{RATE}.ipynb")
        for name in ("alice", "bob")
    ]
    assert all(each.notes == () for each in found.chosen)
    alone = find_submissions(tmp_path / "exercise-alice")
    assert who(alone) == [("exercise-alice", RATE, f"exercises/{RATE}.ipynb")]


def test_a_flat_folder_has_a_learner_a_file(tmp_path):
    lay(tmp_path, {"alice.ipynb": notebook(RATE), "bob.ipynb": notebook(BATCH)})
    assert who(find_submissions(tmp_path)) == [
        ("alice", RATE, "alice.ipynb"),
        ("bob", BATCH, "bob.ipynb"),
    ]


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("alice_01-learning-rate.ipynb", "alice"),
        ("01-learning-rate_alice.ipynb", "alice"),
        ("01-learning-rate-alice.ipynb", "alice"),
        ("Alice Lee - 01 Learning Rate (2).ipynb", "Alice Lee"),
        ("Copy of 01-learning-rate alice.ipynb", "alice"),
        ("alice_01-learning-rate_final.ipynb", "alice"),
        ("20261234_01-learning-rate.ipynb", "20261234"),
        ("Zoë_01-learning-rate.ipynb", "Zoë"),
    ],
)
def test_flat_names_hold_the_learner_and_the_exercise(tmp_path, name, learner):
    lay(tmp_path, {name: notebook(), "bob.ipynb": notebook(BATCH)})
    assert (learner, RATE, name) in who(find_submissions(tmp_path))


def test_canvas_names_are_read(tmp_path):
    files = {
        "leejohn_12345_678_01-learning-rate.ipynb": notebook(),
        "leejohn_12345_701_02-batch-size.ipynb": notebook(),
        "wu_LATE_222_679_01-learning-rate.ipynb": notebook(),
    }
    found = find_submissions(lay(tmp_path, files))
    assert [each[:2] for each in who(found)] == [
        ("leejohn", RATE),
        ("leejohn", BATCH),
        ("wu", RATE),
    ]
    assert [each.platform_id for each in found.chosen] == ["12345", "12345", "222"]
    assert [each.notes for each in found.chosen] == [(), (), ("handed in late, as Canvas says",)]


def test_what_canvas_counts_as_handed_in_again_is_the_newest_whatever_its_time(tmp_path):
    stem = "lee_12345_678_01-learning-rate"
    lay(tmp_path, {f"{stem}-1.ipynb": notebook(), f"{stem}-10.ipynb": notebook()}, 10)
    lay(tmp_path, {f"{stem}.ipynb": notebook(), f"{stem}-2.ipynb": notebook()}, 20)
    submission = only(find_submissions(tmp_path))
    assert submission.file == f"{stem}-10.ipynb"
    assert len(submission.notes) == 3


@pytest.mark.parametrize("end", ["", "_"])
def test_moodle_folders_and_flat_names_are_read(tmp_path, end):
    files = {
        f"Ann Lee_123_assignsubmission_file{end}/{RATE}.ipynb": notebook(),
        f"Bo_Wu_124_assignsubmission_file_{RATE}.ipynb": notebook(),
        f"Di_125_assignsubmission_file_x_9_assignsubmission_file_{RATE}.ipynb": notebook(),
    }
    found = find_submissions(lay(tmp_path, files))
    assert [each[:2] for each in who(found)] == [("Ann Lee", RATE), ("Bo_Wu", RATE), ("Di", RATE)]
    assert [each.platform_id for each in found.chosen] == ["123", "124", "125"]


@pytest.mark.parametrize("wrapper", ["", "class/", "handed in/"])
def test_an_archive_is_read_as_the_folder_in_it(tmp_path, wrapper):
    files = {f"{wrapper}{name}/{RATE}.ipynb": notebook(RATE) for name in ("alice", "bob")}
    lay(tmp_path, {"class.zip": zipped({**files, "__MACOSX/._a.ipynb": b"", "note.txt": b""})})
    found = find_submissions(tmp_path / "class.zip")
    assert who(found) == [
        ("alice", RATE, f"class.zip/{wrapper}alice/{RATE}.ipynb"),
        ("bob", RATE, f"class.zip/{wrapper}bob/{RATE}.ipynb"),
    ]
    assert found.problems == ("class.zip/note.txt: is no hand-in, as its name names no learner",)
    assert all(each.content.read() == notebook(RATE) for each in found.chosen)


@pytest.mark.parametrize("inside", ["", "alice/", "exercises/", "alice/exercises/"])
def test_an_archive_may_be_one_learners(tmp_path, inside):
    lay(tmp_path, {"alice.zip": zipped({f"{inside}{RATE}.ipynb": notebook()})})
    assert [each[:2] for each in who(find_submissions(tmp_path / "alice.zip"))] == [("alice", RATE)]


def test_archives_of_learners_lie_in_a_classs_folder_or_archive(tmp_path):
    files = {
        "alice.zip": zipped({f"{RATE}.ipynb": notebook(RATE, "a")}),
        "bob_02-batch-size.zip": zipped({"deep/in/answer.ipynb": notebook()}),
        "wu_222_679_work.zip": zipped({f"{EPOCHS}.ipynb": notebook()}),
    }
    expected = [("alice", RATE), ("bob", BATCH), ("wu", EPOCHS)]
    lay(tmp_path / "class", files)
    lay(tmp_path, {"class.zip": zipped(files)})
    for path in (tmp_path / "class", tmp_path / "class.zip"):
        found = find_submissions(path)
        assert [each[:2] for each in who(found)] == expected
        assert found.problems == ()
        assert found.chosen[0].content.read() == notebook(RATE, "a")


def test_an_archive_within_an_archive_within_an_archive_is_refused_by_name(tmp_path):
    inner = zipped({f"{RATE}.ipynb": notebook()})
    lay(tmp_path, {"class.zip": zipped({"alice.zip": zipped({"more.zip": inner})})})
    submission = only(find_submissions(tmp_path / "class.zip"))
    assert submission.learner == "alice"
    assert submission.file == "class.zip/alice.zip/more.zip"
    assert "archive within an archive" in submission.problem


def test_hidden_files_and_what_tools_leave_behind_are_no_hand_ins(tmp_path):
    folders = (".ipynb_checkpoints", "__MACOSX", "__pycache__", ".git", ".hidden")
    files = {f"alice/{folder}/{RATE}.ipynb": notebook(RATE) for folder in folders}
    files |= {f"alice/._{RATE}.ipynb": b"", "alice/notes.txt": b"", f"alice/{RATE}.ipynb": b"{}"}
    found = find_submissions(lay(tmp_path, files))
    assert who(found) == [("alice", RATE, f"alice/{RATE}.ipynb")]
    assert found.problems == ()


def test_the_newest_of_several_counts_and_the_others_are_noted(tmp_path):
    lay(tmp_path, {"alice/first.ipynb": notebook(RATE), "alice/third.ipynb": notebook(RATE)}, 10)
    lay(tmp_path, {"alice/second.ipynb": notebook(RATE)}, 20)
    submission = only(find_submissions(tmp_path))
    assert submission.file == "alice/second.ipynb"
    assert submission.notes == (
        "an older hand-in, alice/first.ipynb, was not graded",
        "an older hand-in, alice/third.ipynb, was not graded",
    )


def test_of_equally_old_ones_the_last_by_name_counts(tmp_path):
    lay(tmp_path, {f"alice/{name}.ipynb": notebook(RATE) for name in "bca"})
    assert only(find_submissions(tmp_path)).file == "alice/c.ipynb"


def test_many_older_ones_are_counted(tmp_path):
    lay(tmp_path, {f"alice/{number}.ipynb": notebook(RATE) for number in range(10)})
    notes = only(find_submissions(tmp_path)).notes
    assert len(notes) == 6
    assert notes[-1] == "4 more hand-ins were not graded"


def test_the_same_name_twice_in_an_archive_is_a_hand_in_twice(tmp_path):
    name = f"alice/{RATE}.ipynb"
    members = [
        (member(name, date=(2026, 3, 1, 0, 0, 0)), notebook(RATE, "new")),
        (member(name, date=(2026, 1, 1, 0, 0, 0)), notebook(RATE, "old")),
    ]
    with pytest.warns(UserWarning, match="Duplicate"):
        lay(tmp_path, {"class.zip": zipped(members)})
    submission = only(find_submissions(tmp_path / "class.zip"))
    assert submission.content.read() == notebook(RATE, "new")
    assert submission.notes == (f"an older hand-in, class.zip/{name}, was not graded",)


def test_the_exact_time_of_a_member_is_used_where_the_archive_has_it(tmp_path):
    info = member("alice.ipynb")
    info.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_700_000_000)
    lay(tmp_path, {"class.zip": zipped([(info, notebook(RATE))])})
    assert only(find_submissions(tmp_path / "class.zip")).modified == 1_700_000_000


def test_what_came_after_it_was_due_is_late(tmp_path):
    lay(tmp_path, {"alice.ipynb": notebook(RATE)}, 100_000)
    lay(tmp_path, {"bob.ipynb": notebook(RATE)}, 100_000 + 86_400 + 2 * 3_600 + 300)
    alice, bob = find_submissions(tmp_path, due=100_000).chosen
    assert alice.notes == ()
    assert bob.notes == ("handed in late, by 1 d 2 h 5 min",)


def test_an_exercise_that_cannot_be_told_is_an_entry_with_the_reason(tmp_path):
    lay(tmp_path, {"alice/a.ipynb": notebook(), "alice/b.ipynb": notebook()})
    found = find_submissions(tmp_path)
    assert who(found) == [("alice", None, "alice/a.ipynb"), ("alice", None, "alice/b.ipynb")]
    assert {each.problem for each in found.chosen} == {UNTOLD}


def test_a_damaged_notebook_is_an_entry_with_the_reason_and_its_exercise_by_name(tmp_path):
    lay(tmp_path, {f"alice/{RATE}.ipynb": b"", "bob.ipynb": b"[]"})
    alice, bob = find_submissions(tmp_path).chosen
    assert alice.exercise == RATE
    assert alice.problem == "the file is empty: save the notebook again and hand that in"
    assert bob.exercise is None
    assert bob.problem.startswith("the file holds no notebook")
    assert bob.digest


def test_lessons_in_a_learners_folder_are_passed_over_and_by_themselves_explained(tmp_path):
    lesson = notebook(source="book/lessons/training.md")
    files = {f"alice/{RATE}.ipynb": notebook(RATE), "alice/a.ipynb": lesson, "bob.ipynb": lesson}
    alice, bob = find_submissions(lay(tmp_path, files)).chosen
    assert (alice.learner, alice.exercise) == ("alice", RATE)
    assert "a lesson of the course" in bob.problem


@pytest.mark.parametrize(
    "name",
    [
        f"{RATE}.ipynb",
        f"{RATE}-Copy1.ipynb",
        f"{RATE}_final.ipynb",
        f"Copy of {RATE}.ipynb",
        f"Copia de {RATE}.ipynb",
        f"Co\u0301pia de {RATE} (2).ipynb",
        f"Kopie von {RATE}.ipynb",
        f"{RATE} - Kopie (3).ipynb",
        f"Copie de {RATE}.ipynb",
        f"{RATE} copie.ipynb",
        f"{RATE} のコピー.ipynb",
        f"“{RATE}”的副本.ipynb",
        f"Копия {RATE}.ipynb",
    ],
)
def test_a_notebook_that_names_nobody_is_graded_and_says_so(tmp_path, name):
    lay(tmp_path, {name: notebook(RATE), f"alice/{RATE}.ipynb": notebook(RATE)})
    alice, unknown = find_submissions(tmp_path).chosen
    assert (alice.learner, alice.notes) == ("alice", ())
    assert unknown.learner == clean_name(f"unknown ({name})")
    assert unknown.exercise == RATE
    assert (unknown.problem, unknown.notes) == ("", (WHOSE,))


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("Dora Ex-1.ipynb", "Dora"),
        ("Ex-1 Dora.ipynb", "Dora"),
        ("exercise_1_Dora.ipynb", "Dora"),
        ("Dora – Aufgabe 1.ipynb", "Dora"),
        ("Alex 1.ipynb", "Alex 1"),
        ("Lab 3 Group Dora.ipynb", "Group Dora"),
    ],
)
def test_an_exercise_named_by_its_number_is_no_part_of_a_learners_name(tmp_path, name, learner):
    (found,) = find_submissions(lay(tmp_path, {name: notebook(RATE)})).chosen
    assert (found.learner, found.exercise) == (learner, RATE)


def test_several_notebooks_of_one_exercise_that_name_nobody_are_not_merged(tmp_path):
    """A folder of saved attachments looks like this, and so may a learner's."""
    names = [f"{RATE}.ipynb", f"{RATE} (1).ipynb", f"Copy of {RATE}.ipynb"]
    found = find_submissions(lay(tmp_path, {name: notebook(RATE) for name in names}))
    assert {each.learner for each in found.chosen} == {f"unknown ({name})" for name in names}


def test_jupyters_copies_in_a_folder_are_one_learners(tmp_path):
    lay(tmp_path / "alice", {f"{RATE}.ipynb": notebook(RATE)}, 10)
    lay(tmp_path / "alice", {f"{RATE}-Copy1.ipynb": notebook(RATE)}, 20)
    assert who(find_submissions(tmp_path / "alice")) == [("alice", RATE, f"{RATE}-Copy1.ipynb")]


def test_folders_of_exercises_hold_a_class(tmp_path):
    files = {f"{RATE}/{name}.ipynb": notebook(RATE) for name in ("alice", "bob")}
    found = find_submissions(lay(tmp_path, {**files, f"{BATCH}/alice.ipynb": notebook(BATCH)}))
    assert [each[:2] for each in who(found)] == [("alice", RATE), ("alice", BATCH), ("bob", RATE)]


def test_a_folder_exercises_full_of_learners_is_a_class(tmp_path):
    files = {f"exercises/{name}.ipynb": notebook(RATE) for name in ("alice", "bob")}
    found = find_submissions(lay(tmp_path, files))
    assert [each[0] for each in who(found)] == ["alice", "bob"]


def test_the_courses_exercises_beside_a_class_merge_nobody(tmp_path):
    names = ("alice", "bob", "exercises")
    files = {f"{name}/{RATE}.ipynb": notebook(RATE) for name in names}
    learners = [each[0] for each in who(find_submissions(lay(tmp_path, files)))]
    assert learners[:2] == ["alice", "bob"]
    assert len(learners) == 3


def test_an_archive_in_which_nothing_lies_is_an_entry_with_the_reason(tmp_path):
    junk = zipped({f"__MACOSX/._{RATE}.ipynb": b"x"})
    files = {f"alice/{RATE}.ipynb": notebook(RATE), "bob/work.zip": zipped({}), "carl.zip": junk}
    found = find_submissions(lay(tmp_path, files))
    assert [each.learner for each in found.chosen] == ["alice", "bob", "carl"]
    assert all("in which nothing lies" in each.problem for each in found.chosen[1:])


def test_numbered_folders_are_learners_and_not_merged(tmp_path):
    files = {f"lab{number:02}/{RATE}.ipynb": notebook(RATE) for number in range(3)}
    found = find_submissions(lay(tmp_path, files))
    assert [each[0] for each in who(found)] == ["lab00", "lab01", "lab02"]


def test_a_folder_of_an_exercise_beside_learners_has_a_row_a_notebook(tmp_path):
    lay(tmp_path, {f"{RATE}/bob.ipynb": notebook(RATE), "alice.ipynb": notebook(RATE)})
    found = find_submissions(tmp_path)
    assert [each[0] for each in who(found)] == ["alice", f"unknown ({RATE} bob.ipynb)"]


@pytest.mark.parametrize(
    "names",
    [
        ("lee_12345_678_a.ipynb", "wu_222_679_a.ipynb"),
        ("Lee_1_assignsubmission_file_/a.ipynb", "Wu_2_assignsubmission_file_/a.ipynb"),
    ],
)
@pytest.mark.parametrize("folder", ["week 1", "eve"])
def test_an_export_beside_learners_makes_nobody_another(tmp_path, names, folder):
    """The export may be the instructor's, or something that Eve made up."""
    files = {f"{folder}/{name}": notebook(RATE) for name in names}
    found = find_submissions(lay(tmp_path, {**files, "alice/a.ipynb": notebook(RATE)}))
    expected = [f"unknown ({folder}/{name})".replace("/", " ") for name in names]
    assert [each[0] for each in who(found)] == ["alice", *expected]


def test_nothing_in_a_learners_folder_is_another_learners(tmp_path):
    files = {
        f"Ann_1_assignsubmission_file_/{RATE}.ipynb": notebook(RATE, "Ann's"),
        f"Eve_2_assignsubmission_file_/Ann_1_assignsubmission_file_/{RATE}.ipynb": notebook(RATE),
        "Eve_2_assignsubmission_file_/x.zip": zipped({f"../Ann/{RATE}.ipynb": notebook(RATE)}),
        f"Eve_2_assignsubmission_file_/Ann_11_22_{BATCH}.ipynb": notebook(BATCH),
    }
    found = find_submissions(lay(tmp_path, files))
    assert [each[:2] for each in who(found)] == [("Ann", RATE), ("Eve", RATE), ("Eve", BATCH)]
    assert found.chosen[0].content.read() == notebook(RATE, "Ann's")
    assert found.problems == ()
    (odd,) = (each for each in found.others if "x.zip" in each.file)
    assert (odd.learner, odd.content) == ("Eve", None)
    assert "its path is not a plain one" in odd.problem


def test_learners_of_the_same_name_are_told_apart(tmp_path):
    files = {
        f"lee_111_71_{RATE}.ipynb": notebook(),
        f"lee_222_72_{RATE}.ipynb": notebook(),
        "ann.ipynb": notebook(RATE),
        f"Ann/{RATE}.ipynb": notebook(),
        f"ann (file ann.ipynb)/{RATE}.ipynb": notebook(),
        f"Zoe\u0308/{RATE}.ipynb": notebook(),
        f"Zo\u00eb/{RATE}.ipynb": notebook(),
        f"{'x' * 120}1/{RATE}.ipynb": notebook(),
        f"{'x' * 120}2/{RATE}.ipynb": notebook(),
    }
    found = find_submissions(lay(tmp_path, files))
    names = [each.learner for each in found.chosen]
    assert len(set(map(str.casefold, names))) == len(files)
    assert {"lee (111)", "lee (222)"} <= set(names)
    assert max(map(len, names)) <= 100


def test_a_file_and_an_archive_of_the_same_name_side_by_side_are_one_learners(tmp_path):
    files = {
        f"alice_{RATE}.ipynb": notebook(),
        f"alice_{BATCH}.zip": zipped({"a.ipynb": notebook()}),
        "alice.ipynb": notebook(EPOCHS),
    }
    found = find_submissions(lay(tmp_path, files))
    assert [each[:2] for each in who(found)] == [
        ("alice", RATE),
        ("alice", BATCH),
        ("alice", EPOCHS),
    ]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Zoe\u0308  Lee ", "Zo\u00eb Lee"),
        ("a\nb\tc\x00d\x1b[2J", "a b cd[2J"),
        ("\u202eevil\u2066", "evil"),
        ("a/b\\c", "a b c"),
        ("=1+1", "=1+1"),
        ("\ud800", "?"),
        ("\u200b", "unnamed"),
        ("x" * 300, "x" * 100),
    ],
)
def test_names_are_cleaned(name, clean):
    assert clean_name(name) == clean


def test_a_file_name_that_is_no_text_does_no_harm(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\n\x1b.ipynb"
    with open(path, "wb") as file:
        file.write(notebook(RATE))
    submission = only(find_submissions(tmp_path))
    assert submission.file.isprintable()
    assert submission.learner.isprintable()
    assert submission.content.read() == notebook(RATE)


def test_links_are_not_followed(tmp_path):
    outside = lay(tmp_path / "outside", {f"{RATE}.ipynb": notebook(RATE)})
    folder = lay(tmp_path / "class", {f"alice/{RATE}.ipynb": notebook(RATE)})
    (folder / "bob").symlink_to(outside)
    (folder / "alice" / f"{BATCH}.ipynb").symlink_to(outside / f"{RATE}.ipynb")
    (folder / "alice" / f"new {RATE}.ipynb").symlink_to("/dev/zero")
    (folder / "alice" / "work.zip").symlink_to(outside / "none")
    found = find_submissions(folder)
    rate, batch, work, bob = found.chosen
    assert bob.learner == "bob"
    assert rate.file == f"alice/{RATE}.ipynb"
    assert rate.problem == ""
    assert rate.notes == (
        f"another hand-in, alice/new {RATE}.ipynb, was not graded: the file is a link, which is "
        "not followed: hand in the notebook itself",
    )
    assert batch.exercise == BATCH
    for each in (batch, work, bob):
        assert each.content is None
        assert "is a link" in each.problem


def test_a_file_that_became_a_link_is_not_followed(tmp_path):
    folder = lay(tmp_path, {"class/alice.ipynb": notebook(RATE), "secret.ipynb": notebook(RATE)})
    submission = only(find_submissions(folder / "class"))
    (folder / "class" / "alice.ipynb").unlink()
    (folder / "class" / "alice.ipynb").symlink_to(folder / "secret.ipynb")
    with pytest.raises(UnreadableError):
        submission.content.read()


@pytest.mark.timeout(20)
def test_a_fifo_does_not_hold_things_up(tmp_path):
    lay(tmp_path, {f"alice/{RATE}.ipynb": notebook(RATE)})
    os.mkfifo(tmp_path / "alice" / f"{BATCH}.ipynb")
    os.mkfifo(tmp_path / "bob.zip")
    _, batch, bob = find_submissions(tmp_path).chosen
    assert "no ordinary file" in batch.problem
    assert (bob.learner, bob.exercise) == ("bob", None)
    with pytest.raises(UnreadableError):
        FileContent(tmp_path / "bob.zip").read()


def test_an_unreadable_file_is_an_entry_with_the_reason(tmp_path, monkeypatch):
    lay(tmp_path, {f"alice/{RATE}.ipynb": notebook(RATE), f"bob/{RATE}.ipynb": notebook(RATE)})
    opened = os.open

    def no_access(path, *arguments, **options):
        if "alice" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", no_access)
    alice, bob = find_submissions(tmp_path).chosen
    assert alice.problem == "the file cannot be read: Permission denied"
    assert alice.exercise == RATE
    assert alice.digest == ""
    assert bob.problem == ""


def test_an_unreadable_file_does_not_stand_before_a_good_one(tmp_path):
    good = zipped({f"{RATE}.ipynb": notebook(RATE)})
    start = good.index(b".ipynb") + len(b".ipynb") + 20
    bad = good[:start] + bytes([good[start] ^ 255]) + good[start + 1 :]
    lay(tmp_path / "alice", {"good.zip": good}, 10)
    lay(tmp_path / "alice", {"later.zip": bad}, 20)
    members = [(member(f"{RATE}.ipynb", date=(2027, 1, 1, 0, 0, 0)), notebook(RATE))]
    lay(tmp_path / "alice", {"latest.zip": zipped(members).replace(b"PK\x03\x04", b"PK\x03\x05")})
    submission = only(find_submissions(tmp_path))
    assert submission.file == f"alice/good.zip/{RATE}.ipynb"
    assert submission.problem == ""
    assert len(submission.notes) == 2
    assert all(note.endswith("damaged within its archive") for note in submission.notes)


def test_a_large_file_is_an_entry_with_the_reason(tmp_path):
    lay(tmp_path, {f"alice/{RATE}.ipynb": b""})
    os.truncate(tmp_path / "alice" / f"{RATE}.ipynb", 100_000_001)
    submission = only(find_submissions(tmp_path))
    assert "larger than 100 MB" in submission.problem
    assert submission.exercise == RATE


@pytest.mark.parametrize(
    "name",
    [
        f"../{RATE}.ipynb",
        f"alice/../../{RATE}.ipynb",
        f"/etc/{RATE}.ipynb",
        f"C:/{RATE}.ipynb",
        f"alice\\..\\{RATE}.ipynb",
        f"alice//{RATE}.ipynb",
        "/".join("a" * 30) + f"/{RATE}.ipynb",
    ],
)
def test_a_member_with_an_odd_path_is_refused(tmp_path, name):
    lay(tmp_path, {"class.zip": zipped({name: notebook(RATE), "bob.ipynb": notebook(RATE)})})
    found = find_submissions(tmp_path / "class.zip")
    assert [each[0] for each in who(found)] == ["bob"]
    (problem,) = found.problems
    assert problem.startswith("class.zip/")
    assert "its path is not a plain one" in problem


def test_a_member_with_a_nul_in_its_name_is_refused(tmp_path):
    content = zipped({f"alice/{RATE}X.ipynb": notebook(RATE), "bob.ipynb": notebook(RATE)})
    lay(tmp_path, {"class.zip": content.replace(b"rateX.ipynb", b"rate\0.ipynb")})
    assert [each[0] for each in who(find_submissions(tmp_path / "class.zip"))] == ["bob"]


@pytest.mark.parametrize(
    ("mode", "why"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "no ordinary"), (stat.S_IFCHR, "no ordinary")],
)
def test_a_member_that_is_no_ordinary_file_is_refused(tmp_path, mode, why):
    members = [(member(f"alice/{RATE}.ipynb", mode | 0o777), b"/etc/passwd")]
    members.append((member("bob", stat.S_IFLNK | 0o777), b"/etc"))
    members.append((member("carol.ipynb", stat.S_IFREG | 0o644), notebook(RATE)))
    lay(tmp_path, {"class.zip": zipped(members)})
    found = find_submissions(tmp_path / "class.zip")
    alice, bob, carol = found.chosen
    assert why in alice.problem
    assert "is a link" in bob.problem
    assert carol.problem == ""


def test_an_encrypted_member_is_refused(tmp_path):
    content = bytearray(zipped({"alice.ipynb": notebook(RATE), "bob.ipynb": notebook(RATE)}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    alice, bob = find_submissions(lay(tmp_path, {"c.zip": bytes(content)}) / "c.zip").chosen
    assert "encrypted" in alice.problem
    assert bob.problem == ""


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_that_is_packed_in_an_unusual_way_is_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "c.zip", "w", method) as archive:
        archive.writestr("alice.ipynb", notebook(RATE))
    assert "unusual way" in only(find_submissions(tmp_path / "c.zip")).problem


def test_a_member_that_is_damaged_is_an_entry_with_the_reason(tmp_path):
    content = zipped({f"alice/{RATE}.ipynb": notebook(RATE), "bob.ipynb": notebook(RATE)})
    start = content.index(b".ipynb") + len(b".ipynb")
    damaged = content[: start + 20] + bytes([content[start + 20] ^ 255]) + content[start + 21 :]
    alice, bob = find_submissions(lay(tmp_path, {"c.zip": damaged}) / "c.zip").chosen
    assert alice.problem == "the file is damaged within its archive"
    assert (alice.exercise, alice.digest) == (RATE, "")
    assert bob.problem == ""


@pytest.mark.parametrize("size", [10, 200_000_000])
def test_a_member_that_lies_about_its_size_is_refused(tmp_path, size):
    content = bytearray(zipped({f"alice/{RATE}.ipynb": notebook(RATE, "x" * 1_000)}))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, size)
    submission = only(find_submissions(lay(tmp_path, {"c.zip": bytes(content)}) / "c.zip"))
    assert submission.problem
    assert submission.digest == ""


def test_bombs_are_refused(tmp_path):
    files = {f"alice/{RATE}.ipynb": b" " * 5_000_000, f"bob/{RATE}.ipynb": b" " * 100_000_001}
    alice, bob = find_submissions(lay(tmp_path, {"c.zip": zipped(files)}) / "c.zip").chosen
    assert "more than 200 times its size" in alice.problem
    assert "larger than 100 MB" in bob.problem


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [
        ("MAX_MEMBERS", 2, "more than 2 files"),
        ("MAX_ARCHIVE_BYTES", 100, "GB of notebooks"),
        ("MAX_DIRECTORY_BYTES", 100, "may be damaged"),
    ],
)
def test_archives_have_limits(tmp_path, monkeypatch, limit, value, why):
    monkeypatch.setattr(archives, limit, value)
    inside = zipped({f"{name}.ipynb": notebook(RATE) for name in "abc"})
    lay(tmp_path, {"class/alice.zip": inside, "class/bob.ipynb": notebook(RATE), "c.zip": inside})
    alice, bob = find_submissions(tmp_path / "class").chosen
    assert why in alice.problem
    assert bob.problem == ""
    with pytest.raises(CourseError, match=why):
        find_submissions(tmp_path / "c.zip")


def test_a_damaged_archive_is_its_learners_entry(tmp_path):
    good = zipped({f"{RATE}.ipynb": notebook(RATE)})
    files = {f"{n}.zip": content for n, content in enumerate((b"", b"PK", good[:-10], b"x" * 99))}
    found = find_submissions(lay(tmp_path, {f"alice {n}": c for n, c in files.items()}))
    assert [each.learner for each in found.chosen] == [f"alice {n}" for n in range(4)]
    assert all("no zip archive" in each.problem for each in found.chosen)


def test_archives_with_flipped_bytes_raise_nothing(tmp_path):
    content = zipped({f"alice/{RATE}.ipynb": notebook(RATE), "b.zip": zipped({"c.ipynb": b"{}"})})
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 0xFF
        lay(tmp_path, {"class/dora.zip": bytes(flipped), "class/bob.ipynb": notebook(RATE)})
        found = find_submissions(tmp_path / "class")
        assert "bob" in {each.learner for each in found.chosen}
        assert {each.learner for each in found.chosen} <= {"bob", "dora"}


def test_nothing_to_grade_is_the_users_mistake(tmp_path):
    lay(tmp_path, {"a/notes.txt": b"", "bad.zip": b"x", "e.zip": zipped({})})
    (tmp_path / "empty").mkdir()
    for name, why in (
        ("none", "does not exist"),
        ("empty", "no notebook to grade"),
        ("a/notes.txt", "neither a folder nor"),
        ("bad.zip", "no zip archive"),
        ("e.zip", "no notebook to grade"),
    ):
        with pytest.raises(CourseError, match=why) as caught:
            find_submissions(tmp_path / name)
        assert "\n" not in str(caught.value)


OTHER_KINDS = {
    f"{RATE}.ipynb": "",
    f"{RATE}.ipynb.txt": "",
    f"{RATE}.ipynb.json": "",
    f"{RATE}.IPYNB.download": "",
    f"{RATE} (1)": "",
    "work.txt": "",
    f"{RATE}.html": "is a web page",
    f"{RATE}.py": "is a Python script",
    f"{RATE}.pdf": "is a PDF",
    "work.rar": "is an archive that cannot be opened here",
    "work.7z": "is an archive that cannot be opened here",
    f"{RATE}.gdoc": "is a link to a file in the cloud",
    f"{RATE}.url": "is a link to a file in the cloud",
    "work.docx": "is a text document",
    "work.png": "is a picture",
    "work.ipynb.crdownload": "is a download that did not end",
    "": "the folder is empty",
}


@pytest.mark.parametrize("packed", [False, True])
def test_every_kind_of_hand_in_has_a_row(tmp_path, packed):
    files = {f"learner {n:02}/{name}": notebook(RATE) for n, name in enumerate(OTHER_KINDS)}
    files |= {
        f"learner 20/{RATE}.ipynb": b"",
        f"learner 21/{RATE}.ipynb": b"https://colab.research.google.com/drive/abc",
        f"learner 22/{RATE}.ipynb.txt": b"{}",
        "learner 23/work.tar.gz": b"{}",
        "learner 24/notes": b"I could not do it",
    }
    expected = {f"learner {n:02}": why for n, why in enumerate(OTHER_KINDS.values())} | {
        "learner 20": "the file is empty",
        "learner 21": "holds a link, not a notebook",
        "learner 22": "is no notebook",
        "learner 23": "no tar archive",
        "learner 24": "is no notebook: ask for the notebook itself",
    }
    if packed:
        lay(tmp_path, {"class.zip": zipped(files)})
    else:
        lay(
            tmp_path / "class",
            {name: content for name, content in files.items() if name[-1] != "/"},
        )
        (tmp_path / "class" / f"learner {len(OTHER_KINDS) - 1}").mkdir()
    found = find_submissions(tmp_path / ("class.zip" if packed else "class"))
    assert [each.learner for each in found.chosen] == sorted(expected)
    for each in found.chosen:
        assert bool(each.problem) == bool(expected[each.learner]), (each.file, each.problem)
        assert expected[each.learner] in each.problem
        if not each.problem:
            assert (each.exercise, each.content.read()) == (RATE, notebook(RATE))
    assert found.problems == ()


def test_what_lies_beside_a_notebook_is_no_row_but_is_listed(tmp_path):
    files = {f"alice/{RATE}.ipynb": notebook(RATE), f"alice/{RATE}.html": b"", "alice/a.png": b""}
    found = find_submissions(lay(tmp_path, {**files, f"alice/{BATCH}.html": b""}))
    assert who(found) == [
        ("alice", RATE, f"alice/{RATE}.ipynb"),
        ("alice", BATCH, f"alice/{BATCH}.html"),
    ]
    assert [each.notes for each in found.chosen] == [(), ()]
    assert "is a web page" in found.chosen[1].problem
    assert [each.file for each in found.others] == [f"alice/{RATE}.html", "alice/a.png"]


def test_what_cannot_be_read_is_for_the_only_exercise_of_a_class(tmp_path):
    files = {
        f"alice/{RATE}.ipynb": notebook(RATE),
        "bob/work.rar": b"",
        "carol/a.ipynb": notebook(),
    }
    found = find_submissions(lay(tmp_path, files))
    assert [each.exercise for each in found.chosen] == [RATE, RATE, None]
    lay(tmp_path, {f"dora/{BATCH}.ipynb": notebook(BATCH)})
    assert find_submissions(tmp_path).chosen[1].exercise is None


def test_several_files_of_the_wrong_kind_are_one_row(tmp_path):
    found = find_submissions(lay(tmp_path, {f"alice/{n}.png": b"" for n in range(3)}))
    submission = only(found)
    assert "is a picture" in submission.problem
    assert len(submission.notes) == len(found.others) == 2


def test_a_class_of_wrong_kinds_alone_has_its_rows(tmp_path):
    found = find_submissions(lay(tmp_path, {f"{name}.pdf": b"" for name in ("alice", "bob")}))
    assert [each.learner for each in found.chosen] == ["alice", "bob"]


def test_what_an_instructor_keeps_beside_hand_ins_is_none(tmp_path):
    names = ("roster.csv", "overrides.toml", "README.md", "index.html", "grades.csv")
    found = find_submissions(
        lay(tmp_path, {**dict.fromkeys(names, b""), "al.ipynb": notebook(RATE)})
    )
    assert [each.learner for each in found.chosen] == ["al"]
    assert len(found.problems) == len(names)


def test_more_files_of_other_kinds_than_a_class_has_are_not_all_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MAX_OTHERS", 3)
    files = {f"alice/{n}.png": b"" for n in range(5)}
    found = find_submissions(lay(tmp_path, {**files, f"zoe/{RATE}.ipynb": notebook(RATE)}))
    assert [each.learner for each in found.chosen] == ["alice", "zoe"]
    assert "are no notebooks: left out from here" in found.problems[0]


def test_backslashes_of_windows_are_folders(tmp_path):
    lay(tmp_path, {"class.zip": zipped({f"ann\\{RATE}.ipynb": notebook(RATE)})})
    assert [each[0] for each in who(find_submissions(tmp_path / "class.zip"))] == ["ann"]


def tarred(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mtime = kind, link, 5_000_000
    return info


@pytest.mark.parametrize(
    ("name", "mode"), [("w.tar.gz", "w:gz"), ("w.tgz", "w:gz"), ("w.tar", "w")]
)
def test_a_tar_archive_of_a_learner_is_read(tmp_path, name, mode):
    content = tarred((tar_member(f"./deep/{RATE}.ipynb"), notebook(RATE)), mode=mode)
    submission = only(find_submissions(lay(tmp_path, {f"alice/{name}": content})))
    assert (submission.learner, submission.exercise) == ("alice", RATE)
    assert submission.content.read() == notebook(RATE)
    assert submission.modified == 1_000_000  # the archive's own


@pytest.mark.parametrize(
    ("info", "why"),
    [
        (tar_member(f"{RATE}.ipynb", tarfile.SYMTYPE, "/etc/passwd"), "is a link"),
        (tar_member(f"{RATE}.ipynb", tarfile.LNKTYPE, "/etc/passwd"), "is a link"),
        (tar_member(f"{RATE}.ipynb", tarfile.CHRTYPE), "no ordinary file"),
        (tar_member(f"../{RATE}.ipynb"), "not a plain one"),
        (tar_member(f"/etc/{RATE}.ipynb"), "not a plain one"),
    ],
)
def test_a_member_of_a_tar_archive_that_is_no_plain_file_is_refused(tmp_path, info, why):
    lay(tmp_path, {"alice/work.tar.gz": tarred((info, b""))})
    submission = only(find_submissions(tmp_path))
    assert submission.content is None
    assert why in submission.problem


def test_tar_archives_have_limits(tmp_path, monkeypatch):
    many = [(tar_member(f"{n}.ipynb"), b"{}") for n in range(4)]
    lay(tmp_path, {"bomb/a.tar.gz": tarred((tar_member("a.ipynb"), b" " * 5_000_000))})
    lay(tmp_path, {"cut/a.tar.gz": tarred(*many)[:-20], "many/a.tar.gz": tarred(*many)})
    monkeypatch.setattr(archives, "MAX_TAR_BYTES", 30_000)
    bomb, cut, over = find_submissions(tmp_path).chosen
    assert "more than 200 times its size" in bomb.problem
    assert cut.problem
    assert "make it a .zip" in over.problem
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    assert "more than 3 files" in find_submissions(tmp_path).chosen[-1].problem


def test_tar_archives_with_flipped_bytes_raise_nothing(tmp_path):
    content = tarred((tar_member(f"{RATE}.ipynb"), notebook(RATE)), mode="w")[:1536]
    for position in range(0, 512, 3):
        flipped = bytearray(content)
        flipped[position] ^= 0xFF
        lay(tmp_path, {"class/dora.tar": bytes(flipped), "class/bob.ipynb": notebook(RATE)})
        assert {e.learner for e in find_submissions(tmp_path / "class").chosen} <= {"bob", "dora"}


# ---- When it was handed in


@pytest.mark.parametrize("wrapper", ["", "alice/"])
@pytest.mark.parametrize("pack", ["zip", "tar.gz"])
def test_a_learners_archive_came_when_it_did_whatever_its_members_say(tmp_path, pack, wrapper):
    early = 100_000 - 86_400
    if pack == "zip":
        date = time.localtime(early)[:6]
        content = zipped(
            [(member(f"{wrapper}{RATE}.ipynb", date=(1980, *date[1:])), notebook(RATE))]
        )
    else:
        info = tar_member(f"{wrapper}{RATE}.ipynb")
        info.mtime = early
        content = tarred((info, notebook(RATE)))
    lay(tmp_path / "class" / "alice", {f"work.{pack}": content}, 100_000 + 7_200)
    lay(tmp_path, {f"alice.{pack}": content}, 100_000 + 7_200)
    for path, clock in ((tmp_path / "class", f"alice/work.{pack}"), (tmp_path, f"alice.{pack}")):
        alice = find_submissions(path, due=100_000).chosen[0]
        assert alice.notes[0] == f"handed in late, by 0 d 2 h 0 min (by the time of {clock})"
    alone = only(find_submissions(tmp_path / f"alice.{pack}", due=100_000))
    assert alone.notes == (f"handed in late, by 0 d 2 h 0 min (by the time of alice.{pack})",)


def test_an_archive_in_a_classs_archive_came_when_that_says(tmp_path):
    inner = zipped([(member(f"{RATE}.ipynb", date=(1980, 1, 1, 0, 0, 0)), notebook(RATE))])
    outer = [(member("alice.zip", date=(2026, 3, 1, 0, 0, 0)), inner)]
    lay(tmp_path, {"class.zip": zipped([*outer, (member("bob.ipynb"), notebook(RATE))])})
    alice, bob = find_submissions(tmp_path / "class.zip").chosen
    assert alice.modified == time.mktime((2026, 3, 1, 0, 0, 0, 0, 0, -1))
    assert bob.modified == time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, -1))


def test_of_one_archives_versions_the_newest_by_its_own_dates_counts(tmp_path):
    members = [
        (member(f"{name}.ipynb", date=(year, 1, 1, 0, 0, 0)), notebook(RATE, name))
        for name, year in (("b", 2024), ("a", 2025))
    ]
    submission = only(find_submissions(lay(tmp_path, {"alice/work.zip": zipped(members)})))
    assert submission.content.read() == notebook(RATE, "a")


def test_folders_that_never_end_do(tmp_path):
    deep = tmp_path.joinpath("alice", *"a" * 30)
    lay(deep, {f"{RATE}.ipynb": notebook(RATE)})
    lay(tmp_path, {"bob.ipynb": notebook(RATE)})
    found = find_submissions(tmp_path)
    alice, bob = found.chosen
    assert (alice.learner, bob.learner, bob.problem) == ("alice", "bob", "")
    assert "nested so deep" in alice.problem


def test_too_many_files_are_no_class(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MAX_FILES", 5)
    lay(tmp_path, {f"{name}.ipynb": notebook(RATE) for name in "abcdef"})
    with pytest.raises(CourseError, match="more than 5 files"):
        find_submissions(tmp_path)


def test_the_order_does_not_depend_on_the_disk(tmp_path):
    names = ["bob", "alice", "Zoë", "carol"]
    first = lay(tmp_path / "1" / "c", {f"{name}/{RATE}.ipynb": notebook() for name in names})
    second = lay(tmp_path / "2" / "c", {f"{n}/{RATE}.ipynb": notebook() for n in names[::-1]})
    assert who(find_submissions(first)) == who(find_submissions(second))


def signed(exercise: str, name: str) -> bytes:
    return notebook(exercise, f'#@title Your name\nmy_name = "{name}"  # between the marks')


def test_a_notebook_that_nobody_is_named_for_is_told_by_the_name_in_it(tmp_path):
    files = {
        f"Copy of {RATE}.ipynb": signed(RATE, "Ann Lee"),
        f"Copy of {RATE} (1).ipynb": signed(RATE, " Bo  Wu "),
        f"{BATCH}.ipynb": signed(BATCH, "Ann Lee"),
        f"{RATE}-Copy1.ipynb": signed(RATE, ""),
    }
    found = find_submissions(lay(tmp_path / "class", files))
    assert who(found) == [
        ("Ann Lee", RATE, f"Copy of {RATE}.ipynb"),
        ("Ann Lee", BATCH, f"{BATCH}.ipynb"),
        ("Bo Wu", RATE, f"Copy of {RATE} (1).ipynb"),
        (f"unknown ({RATE}-Copy1.ipynb)", RATE, f"{RATE}-Copy1.ipynb"),
    ]
    assert "told by the name in the notebook alone" in found.chosen[0].notes[0]


def test_a_name_in_a_notebook_never_wins_over_the_files_and_is_shown_where_it_differs(tmp_path):
    files = {
        f"alice/{RATE}.ipynb": signed(RATE, "Bob"),
        f"bob_{RATE}.ipynb": signed(RATE, "Bob Doe"),
    }
    alice, bob = find_submissions(lay(tmp_path, files)).chosen
    assert (alice.learner, bob.learner) == ("alice", "bob")
    assert alice.notes == ("the name in the notebook is another one: Bob",)
    assert bob.notes == ()


@pytest.mark.parametrize(
    "code",
    [
        'my_name = input("who?")',
        'print("my_name = Eve")',
        "my_name = 'unfinished",
        f'my_name = "{"x" * 101}"',
        'if True:\n    my_name = "Eve"',
    ],
)
def test_only_a_plain_line_names_a_learner(tmp_path, code):
    lay(tmp_path / "class", {f"Copy of {RATE}.ipynb": notebook(RATE, code)})
    found = find_submissions(tmp_path / "class")
    assert "Eve" not in only(found).learner


def test_what_a_notebook_says_does_not_displace_what_a_learner_handed_in(tmp_path):
    files = {
        f"ann_{RATE}.ipynb": notebook(RATE),
        f"Copy of {RATE}.ipynb": signed(RATE, "Ann Lee"),
        f"Copy of {RATE} (1).ipynb": signed(RATE, "Bo Wu"),
    }
    lay(tmp_path / "class", files)
    roster = {"Ann Lee": {}, "Bo Wu": {}}
    found = find_submissions(tmp_path / "class", roster=roster)
    by_file = {each.file: each for each in found.chosen}
    assert len(by_file) == 3
    assert by_file[f"ann_{RATE}.ipynb"].learner == "Ann Lee"
    claimed = by_file[f"Copy of {RATE}.ipynb"]
    assert claimed.learner != "Ann Lee"
    assert "whose is it?" in claimed.notes[0]
    assert by_file[f"Copy of {RATE} (1).ipynb"].learner == "Bo Wu"
    assert found.missing == ()
