"""The layer that takes the slant out of handwriting."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers
from slanting import sheared, slant

from mnist_keras import Upright, load_data, prepare
from mnist_keras.upright import STEEPEST


@pytest.fixture(scope="module")
def digits():
    """Give images that lean less than the layer corrects, with room for another slant."""
    images = prepare(load_data(quick=True)[0][0][:300])
    return images[[abs(slant(image)) < STEEPEST - 0.2 for image in images[..., 0]]]


def stood_upright(images):
    return keras.ops.convert_to_numpy(Upright()(images))


def test_each_row_is_moved_back_by_the_measured_slant(digits):
    images = digits[:40, :, :, 0]
    images = np.where(np.pad(np.ones((24, 24)), 2), images, 0)  # no ink at the edge
    wanted = [sheared(image, slant(image)) for image in images]
    np.testing.assert_allclose(stood_upright(images[..., None])[..., 0], wanted, atol=2e-4)


def test_nothing_leans_any_more(digits):
    before = [abs(slant(image)) for image in digits[..., 0]]
    after = [abs(slant(image)) for image in stood_upright(digits)[..., 0]]
    assert np.mean(before) > 0.15
    assert np.mean(after) < 0.01
    assert max(after) < 0.05  # some lose ink at the edge


def test_a_digit_that_is_slanted_further_ends_where_it_did(digits):
    images = digits[:40]
    further = np.array([sheared(image[..., 0], 0.2) for image in images])[..., None]
    one, other = stood_upright(images), stood_upright(further.astype("float32"))
    for a, b in zip(one, other, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.95


def test_what_has_no_slant_stays():
    empty, line = np.zeros((1, 28, 28, 1), "float32"), np.zeros((1, 28, 28, 1), "float32")
    line[0, 14, 5:20] = 1
    for image in (empty, line):
        np.testing.assert_allclose(stood_upright(image), image, atol=1e-5)


def test_grey_levels_of_a_file_are_read_and_other_shapes_are_refused():
    images = load_data(quick=True)[0][0][:3, ..., None]
    np.testing.assert_allclose(
        stood_upright(images), stood_upright(prepare(images[..., 0])) * 255, atol=1e-2
    )
    for shape in ((3, 28, 28), (3, 28, 28, 3)):
        with pytest.raises(ValueError, match="Upright reads"):
            Upright()(np.zeros(shape, "float32"))


def test_no_image_is_sheared_by_more_than_writing_leans():
    image = np.zeros((1, 28, 28, 1), "float32")
    image[0, 10, 2] = image[0, 12, 26] = 1  # twelve columns a row
    found = stood_upright(image)[0, :, :, 0]
    assert found[10].argmax() == pytest.approx(2 + STEEPEST, abs=0.5)
    assert found[12].argmax() == pytest.approx(26 - STEEPEST, abs=0.5)


def test_a_network_with_it_is_read_by_the_package_in_another_process(tmp_path, digits):
    hidden = [Upright(), layers.Flatten(), layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *hidden])
    model.save(tmp_path / "upright.keras")
    np.save(tmp_path / "digits.npy", digits[:3])
    program = (
        "import sys, numpy as np; from mnist_keras import load_model; folder = sys.argv[1]\n"
        "model = load_model(folder + '/upright.keras')\n"
        "np.save(folder + '/found.npy', model.predict(np.load(folder + '/digits.npy'), verbose=0))"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    wanted = model.predict(digits[:3], verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "found.npy"), wanted, atol=1e-4)
