from __future__ import annotations

import base64
import json

import pytest

from mnist_keras import CourseError, measured
from mnist_keras.challenge.leaderboard import PLAYGROUNDS
from mnist_keras.results import FOLDER
from mnist_keras.runs.settings import DEFAULTS


def test_what_was_measured_comes_with_the_package():
    rows = measured("time_to_accuracy")["summary"]
    assert {row["network"] for row in rows} == set(DEFAULTS)
    assert all(row["seeds"] >= 5 for row in rows)


def test_the_race_shows_what_the_lesson_says_of_each_recipe():
    rows = {row["network"]: row for row in measured("time_to_accuracy")["summary"]}
    example = rows["convnet"]["time_to"]["0.99"]
    assert rows["fast"]["accuracy"] >= 0.995
    assert rows["fast"]["seconds"] < example / 2
    assert rows["sprint"]["time_to"]["0.99"] < example / 25
    assert rows["accurate"]["accuracy"] >= 0.997
    assert rows["tiny"]["accuracy"] >= 0.9955
    for network, least, most in (("golf-99", 0.99, 1_030), ("golf-98", 0.98, 574)):
        assert rows[network]["accuracy"] >= least
        assert rows[network]["parameters"] <= most
    races = measured("time_to_accuracy")["races"]
    assert all(race["accuracy"][-1] >= 0.99 for race in races if race["network"] == "fast")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_each_result_names_the_machine_and_versions(path):
    machine = measured(path.stem)["machine"]
    assert {"cores", "python", "keras", "tensorflow"} <= machine.keys()


@pytest.mark.parametrize(
    "path", sorted((FOLDER / PLAYGROUNDS).iterdir()), ids=lambda path: path.stem
)
def test_each_entry_s_model_file_keeps_its_weights_once(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["precision"] == "float16"
    assert len(base64.b64decode(content["weights"])) <= 2 * content["parameters"]


def test_an_unknown_result_is_refused_with_those_that_there_are():
    with pytest.raises(CourseError, match=r"nothing named 'speed'.*time_to_accuracy"):
        measured("speed")
