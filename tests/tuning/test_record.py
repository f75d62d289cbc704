"""What a search folder keeps, refuses and clears."""

from __future__ import annotations

import csv
import json

import pytest

from mnist_keras.errors import CourseError
from mnist_keras.tuning.record import (
    FAILED,
    FINISHED,
    TOO_LARGE,
    Record,
    SearchFolder,
    Started,
    Trial,
)
from mnist_keras.tuning.settings import search_settings
from mnist_keras.tuning.space_sources import as_space

SPACE = as_space("space.py", "build", "def build(hp): pass")
SETTINGS = search_settings(quick=True)


def trial(number, score=None, status=FINISHED, **more):
    values = {"units": number, "tuner/epochs": 3}
    return Trial(number, status, values, values, score=score, **more)


@pytest.fixture
def folder(tmp_path):
    folder = SearchFolder(tmp_path / "search")
    folder.begin(SETTINGS, SPACE, overwrite=False)
    return folder


def test_a_record_comes_back_as_it_was(folder):
    history = [[{"epoch": 1, "loss": 0.5, "val_accuracy": 0.9}]]
    record = Record({"space": [], "values": {}}, [trial(1, 0.9, history=history), trial(2, 0.8)])
    folder.write(record)
    assert folder.record() == record
    assert folder.settings() == SETTINGS
    assert folder.space() == SPACE


def test_only_the_best_few_and_those_still_needed_keep_their_networks(folder):
    folder.model(1).parent.mkdir()
    scores = [0.9, 0.7, None, 0.95, 0.95, 0.6]
    trials = [trial(k, score) for k, score in enumerate(scores, 1)]
    for each in trials:
        folder.model(each.number).write_text("a network")
    folder.write(Record({}, trials), also_kept=[6])
    kept = [each.number for each in trials if folder.model(each.number).exists()]
    assert kept == [1, 4, 5, 6]


def test_what_another_worker_writes_just_now_is_left_alone(folder):
    models = folder.model(1).parent
    models.mkdir()
    names = ["0001.keras", "0002.keras", "0003.unfinished-7.keras"]
    for name in names:
        (models / name).write_text("a network")
    under_way = [Started(2, {}, 0), Started(3, {}, 0)]
    folder.write(Record({}, [trial(1, status=FAILED)], under_way))
    assert sorted(path.name for path in models.iterdir()) == names[1:]
    (models / names[1]).unlink()
    (models / names[2]).unlink()
    folder.write(Record({}, [trial(1, status=FAILED)], under_way))
    assert models.is_dir(), "a network that is about to be written has no place"
    folder.tidy()
    assert not models.exists()


def test_the_table_has_a_row_a_trial_and_a_column_a_hyperparameter(folder):
    trials = [trial(1, 0.9), trial(2, status=FAILED, error='a "comma", and\nmore')]
    folder.write(Record({}, trials))
    rows = list(csv.DictReader((folder.path / "trials.csv").open(newline="")))
    assert [row["trial"] for row in rows] == ["1", "2"]
    assert rows[0]["units"] == "1"
    assert "tuner/epochs" not in rows[0]
    assert rows[1]["error"] == 'a "comma", and\nmore'


def test_too_large_networks_use_up_no_trial():
    record = Record({}, [trial(1, 0.9), trial(2, status=TOO_LARGE), trial(3, status=FAILED)])
    assert record.trained() == 2


def test_another_setting_or_space_is_refused_with_what_differs(folder):
    with pytest.raises(CourseError, match=r"seed 0 → 1"):
        folder.begin(search_settings(quick=True, seed=1), SPACE, overwrite=False)
    other = as_space("space.py", "build", "def build(hp): return 1")
    with pytest.raises(CourseError, match="the code of the search space"):
        folder.begin(SETTINGS, other, overwrite=False)
    folder.begin(search_settings(quick=True, seed=1), SPACE, overwrite=True)
    assert folder.settings().seed == 1


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    for overwrite in (False, True):
        with pytest.raises(CourseError, match="holds no search"):
            SearchFolder(tmp_path).begin(SETTINGS, SPACE, overwrite=overwrite)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_starting_again_removes_what_a_search_wrote_and_nothing_else(folder):
    folder.write(Record({}, [trial(1, 0.9)]))
    (folder.path / "letter.txt").write_text("dear")
    folder.begin(SETTINGS, SPACE, overwrite=True)
    assert folder.record() is None
    assert (folder.path / "letter.txt").exists()


def test_what_a_kill_left_is_mended_when_the_search_goes_on(folder):
    folder.write(Record({}, [trial(1, 0.9)]))
    (folder.path / "trials.csv").write_text("trial\n")
    (folder.path / "trials.unfinished-12.json").write_text("{")
    folder.model(2).parent.mkdir(exist_ok=True)
    folder.model(2).write_text("of a trial that was not recorded")
    folder.begin(SETTINGS, SPACE, overwrite=False)
    assert "0.9" in (folder.path / "trials.csv").read_text()
    assert sorted(p.name for p in folder.path.rglob("*")) == [
        "search.json",
        "space.py",
        "trials.csv",
        "trials.json",
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"trials": [{}]}', '{"trials": 3}'])
def test_a_damaged_record_is_named_with_the_way_out(folder, content):
    (folder.path / "trials.json").write_text(content)
    with pytest.raises(CourseError, match=r"trials\.json is damaged.*--overwrite"):
        folder.record()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"tuner": 3}'])
def test_a_damaged_mark_is_named_with_the_way_out(folder, content):
    (folder.path / "search.json").write_text(content)
    with pytest.raises(CourseError, match=r"search\.json is damaged"):
        folder.begin(SETTINGS, SPACE, overwrite=False)


def test_a_folder_without_a_search_says_so(tmp_path):
    with pytest.raises(CourseError, match="holds no search"):
        SearchFolder(tmp_path).settings()


def test_the_record_is_strict_json(folder):
    folder.write(Record({}, [trial(1, None, history=[[{"loss": None}]])]))
    text = (folder.path / "trials.json").read_text()
    json.loads(text, parse_constant=pytest.fail)
