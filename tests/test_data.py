from __future__ import annotations

import hashlib

import numpy as np
import pytest

from mnist_keras import hold_out, load_data, prepare

TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def arrays():
    return load_data()


def numbered(n):
    """Give images whose every pixel names the image, and labels that do too."""
    x = np.repeat(np.arange(n), 28 * 28).reshape(n, 28, 28)
    return x, np.arange(n)


def test_arrays_have_the_shapes_and_dtypes_of_keras_datasets(arrays):
    (x_train, y_train), (x_test, y_test) = arrays
    assert (x_train.shape, y_train.shape) == ((60_000, 28, 28), (60_000,))
    assert (x_test.shape, y_test.shape) == ((10_000, 28, 28), (10_000,))
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}


def test_labels_are_those_of_mnist(arrays):
    (_, y_train), (_, y_test) = arrays
    assert np.bincount(y_train).tolist() == TRAIN_COUNTS
    assert np.bincount(y_test).tolist() == TEST_COUNTS
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_images_are_those_of_mnist(arrays):
    (x_train, _), (x_test, _) = arrays
    assert round(x_train.mean() / 255, 4) == 0.1307  # what every MNIST tutorial subtracts
    assert x_train[0].sum() == 27_525
    assert (x_test.min(), x_test.max()) == (0, 255)


MD5S = {
    "x_train": "6510e85a72c3e9475c492d559d3770d2",
    "y_train": "e86ee40d66677c011a9abda399ec8c4d",
    "x_test": "240610fa99e73bfa49df8e7fc24d3206",
    "y_test": "073c3904dfbd3e141ff8aa01cfde6b15",
}


def test_arrays_are_bit_for_bit_those_of_keras_datasets(arrays):
    (x_train, y_train), (x_test, y_test) = arrays
    held = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    assert {name: hashlib.md5(a.tobytes()).hexdigest() for name, a in held.items()} == MD5S


def test_each_call_gives_arrays_of_its_own():
    (first, _), _ = load_data(quick=True)
    first[:] = 0
    (second, _), _ = load_data(quick=True)
    assert second.any()


@pytest.mark.parametrize(("value", "images"), [("1", 2_000), ("true", 2_000), ("0", 60_000)])
def test_the_environment_chooses_the_small_subset(monkeypatch, arrays, value, images):
    monkeypatch.setenv("MNIST_KERAS_QUICK", value)
    (x, y), (x_test, _) = load_data()
    assert len(x) == images
    assert len(x_test) == (500 if images == 2_000 else 10_000)
    np.testing.assert_array_equal(x[:50], arrays[0][0][:50])
    np.testing.assert_array_equal(y, arrays[0][1][:images])


def test_the_argument_outranks_the_environment(monkeypatch):
    monkeypatch.setenv("MNIST_KERAS_QUICK", "1")
    assert len(load_data(quick=False)[0][0]) == 60_000


@pytest.mark.parametrize("damage", ["missing", "truncated", "one bit", "replaced", "a folder"])
def test_a_data_file_that_is_not_mnist_is_refused_in_one_line(package_copy, tmp_path, damage):
    data = package_copy.data
    content = data.read_bytes()
    if damage in ("missing", "a folder"):
        data.unlink()
        if damage == "a folder":
            data.mkdir()
    elif damage == "truncated":
        data.write_bytes(content[:1_000_000])
    elif damage == "one bit":
        data.write_bytes(
            content[:5_000_000] + bytes([content[5_000_000] ^ 1]) + content[5_000_001:]
        )
    else:
        with data.open("wb") as file:
            np.savez(file, x_train=np.zeros((60_000, 28, 28), "uint8"))
    answer = package_copy(
        "from mnist_keras import CourseError, load_data\n"
        "try:\n    load_data()\nexcept CourseError as error:\n    print(error)"
    )
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.splitlines()) == 1
    assert str(data) in answer.stdout
    assert "install mnist_keras again" in answer.stdout


def test_training_on_a_damaged_data_file_writes_nothing(package_copy, tmp_path):
    package_copy.data.write_bytes(b"not MNIST")
    out = tmp_path / "run"
    answer = package_copy(
        "import sys\nfrom mnist_keras.cli import main\n"
        f"status = main(['train', '--out', {str(out)!r}])\n"
        "print(status, 'keras' in sys.modules)"
    )
    assert answer.stdout.split() == ["2", "False"]
    assert len(answer.stderr.splitlines()) == 1
    assert not out.exists()


def test_prepare_gives_float32_from_0_to_1_with_a_channel_axis():
    images = np.zeros((2, 28, 28), "uint8")
    images[1, 0, :3] = 0, 51, 255
    prepared = prepare(images)
    assert prepared.shape == (2, 28, 28, 1)
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared[1, 0, :3, 0], [0, 0.2, 1])
    assert images.dtype == np.uint8


def test_prepare_takes_images_with_a_channel_axis_and_no_images():
    assert prepare(np.zeros((3, 28, 28, 1), "uint8")).shape == (3, 28, 28, 1)
    assert prepare(np.zeros((0, 28, 28), "uint8")).shape == (0, 28, 28, 1)


def test_prepare_refuses_pixels_that_were_scaled_before():
    with pytest.raises(ValueError, match="0 to 1 already"):
        prepare(prepare(np.full((1, 28, 28), 255, "uint8")))


@pytest.mark.parametrize("shape", [(28, 28), (2, 784), (2, 27, 28), (2, 28, 28, 3), (2, 1, 28, 28)])
def test_prepare_refuses_other_shapes_and_names_them(shape):
    with pytest.raises(ValueError, match=str(shape[-1])):
        prepare(np.zeros(shape, "uint8"))


def test_hold_out_parts_are_disjoint_complete_and_keep_images_with_their_labels():
    x, y = numbered(1000)
    (kept, kept_labels), (aside, aside_labels) = hold_out(x, y, validation_split=0.1, seed=3)
    assert len(aside) == 100
    assert sorted([*kept_labels, *aside_labels]) == list(range(1000))
    np.testing.assert_array_equal(kept[:, 0, 0], kept_labels)
    np.testing.assert_array_equal(aside[:, 0, 0], aside_labels)


def test_hold_out_depends_on_the_seed_and_is_spread_over_the_data():
    x, y = numbered(1000)
    aside = [hold_out(x, y, validation_split=0.1, seed=s)[1][1] for s in (0, 0, 1)]
    np.testing.assert_array_equal(aside[0], aside[1])
    assert set(aside[0]) != set(aside[2])
    assert aside[0].min() < 100
    assert aside[0].max() >= 900


def test_hold_out_of_nothing_keeps_everything_in_order():
    x, y = numbered(7)
    (kept, labels), (aside, aside_labels) = hold_out(x, y, validation_split=0.0, seed=0)
    np.testing.assert_array_equal(labels, y)
    np.testing.assert_array_equal(kept, x)
    assert aside.shape == (0, 28, 28)
    assert aside_labels.shape == (0,)


@pytest.mark.parametrize("split", [-0.1, 1.0, float("nan")])
def test_hold_out_refuses_a_share_out_of_range(split):
    with pytest.raises(ValueError, match="validation_split"):
        hold_out(*numbered(3), validation_split=split, seed=0)
