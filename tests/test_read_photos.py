"""What is said of read photos: the counts, and the figures that the site quotes."""

from __future__ import annotations

import numpy as np
import pytest
import read_photos

from mnist_keras import measured
from mnist_keras.evaluation import SURE
from mnist_keras.photo_kinds import KINDS, REFUSED


def outcome(kind, digit, answer, probability, way=read_photos.WHOLE):
    return read_photos.Outcome(kind, digit, way, answer, probability)


def test_each_photo_is_counted_once():
    found = [
        outcome("pencil", 3, 3, 0.9),
        outcome("pencil", 3, 8, 0.9),
        outcome("pencil", 3, 3, 0.4),
        outcome("pencil", 3, None, 0.0),
        outcome("pencil", 3, 3, 0.9, way="cut out and centred"),
        outcome("landscape", None, None, 0.0),
        outcome("landscape", None, 4, 0.9),
    ]
    rows = {row["kind"]: row for row in read_photos.table(found, sure=0.6)}
    pencil, landscape = rows["pencil"], rows["landscape"]
    outcomes = ("sure_and_right", "sure_and_wrong", "unsure", "refused")
    assert [pencil[part] for part in outcomes] == [1, 1, 1, 1]
    assert pencil["photos"] == 4
    assert pencil["right"][read_photos.WHOLE] == 2
    assert pencil["right"]["cut out and centred"] == 1
    assert [landscape[part] for part in outcomes] == [0, 1, 0, 1]
    assert sum(landscape["right"].values()) == 0


def test_what_is_simple_is_read_in_each_way():
    seven = np.full((200, 200, 3), 255, "float32")
    seven[40:60, 60:140] = seven[40:160, 120:140] = 0
    for name, image in read_photos.read_in_each_way(seven).items():
        assert image.shape == (28, 28), name
        rows, columns = np.nonzero(image > 127)
        assert columns[rows == rows.min()].size > columns[rows == rows.max()].size, name


@pytest.fixture(scope="module")
def quoted():
    return measured("read_photos")


def test_the_measurement_is_of_todays_kinds_steps_and_threshold(quoted):
    assert [row["kind"] for row in quoted["kinds"]] == [*KINDS, *REFUSED]
    assert quoted["ways"] == list(read_photos.WAYS)
    assert quoted["sure"] == SURE
    chosen = [row for row in quoted["calibration"] if row["threshold"] == SURE]
    assert {row["network"] for row in chosen} == set(read_photos.CALIBRATED_WITH)
    assert all(row["sure_and_wrong"] <= 0.01 for row in chosen)


def test_the_measurement_keeps_what_is_promised(quoted):
    readable = [row for row in quoted["kinds"] if row["digit"]]
    photos = sum(row["photos"] for row in readable)
    honest = sum(row["sure_and_right"] + row["unsure"] for row in readable)
    assert len(readable) >= 40
    assert photos >= 10 * len(readable)
    assert honest >= 0.9 * photos
    assert sum(row["sure_and_wrong"] for row in readable) <= 0.02 * photos
    for group, least in (("thin pens", 0.9), ("clean scans", 1.0)):
        own = [row for row in readable if row["group"] == group]
        right = sum(row["right"][read_photos.WHOLE] for row in own)
        assert right >= least * sum(row["photos"] for row in own)
    assert all(row["refused"] == row["photos"] for row in quoted["kinds"] if not row["digit"])
