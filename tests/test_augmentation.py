from __future__ import annotations

import numpy as np
import pytest

from mnist_keras import load_data, prepare, shift_images, warp_images

STILL = {"degrees": 0.0, "stretch": 0.0, "shear": 0.0, "shift": 0.0}


def moved(image, down, right):
    """Move one image by whole pixels, the slow and obvious way."""
    result = np.zeros_like(image)
    height, width = image.shape
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                result[row, column] = image[row - down, column - right]
    return result


def test_shift_images_moves_each_image_by_whole_pixels_and_every_shift_occurs():
    rng = np.random.default_rng(0)
    image = rng.integers(1, 255, (6, 6))
    results = shift_images(np.tile(image[None, ..., None], (400, 1, 1, 1)), max_shift=2, rng=rng)
    shifts = {moved(image, d, r).tobytes(): (d, r) for d in range(-2, 3) for r in range(-2, 3)}
    seen = [shifts[result[..., 0].tobytes()] for result in results]  # KeyError: no such shift
    assert set(seen) == set(shifts.values())
    assert max(seen.count(s) for s in set(seen)) < 40


def test_shift_images_repeats_for_a_seed_and_leaves_its_input_alone():
    images = np.random.default_rng(0).integers(0, 255, (20, 28, 28, 1)).astype("uint8")
    before = images.copy()
    results = [shift_images(images, max_shift=2, rng=np.random.default_rng(s)) for s in (5, 5, 6)]
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()
    np.testing.assert_array_equal(images, before)
    assert results[0].dtype == images.dtype
    results[0][:] = 0
    np.testing.assert_array_equal(images, before)


@pytest.fixture(scope="module")
def dots():
    """Give images of a soft dot that lies up and to the right of the centre."""
    rows, columns = np.mgrid[:28, :28]
    dot = np.exp(-((rows - 6) ** 2 + (columns - 18) ** 2) / 8).astype("float32")
    return np.tile(dot[None, ..., None], (500, 1, 1, 1))


def centres(images):
    """Give each image's centre of mass: row and column."""
    mass = images[..., 0] / images.sum(axis=(1, 2, 3), keepdims=True)[..., 0]
    rows, columns = np.arange(28)[:, None], np.arange(28)[None, :]
    return np.stack([(mass * rows).sum(axis=(1, 2)), (mass * columns).sum(axis=(1, 2))], axis=1)


def test_warp_without_amounts_changes_nothing(dots):
    warped = warp_images(dots[:3], rng=np.random.default_rng(0), **STILL)
    np.testing.assert_allclose(warped, dots[:3], atol=1e-6)
    assert warped.dtype == np.float32


@pytest.mark.parametrize(
    ("amount", "size"), [("shift", 2.0), ("degrees", 10.0), ("stretch", 0.1), ("shear", 0.1)]
)
def test_each_amount_moves_a_dot_within_its_own_bounds_and_uses_them(dots, amount, size):
    found = centres(warp_images(dots, rng=np.random.default_rng(1), **{**STILL, amount: size}))
    away = found - centres(dots[:1])
    up, right = 13.5 - 6, 18 - 13.5
    distance = np.hypot(up, right)
    bounds = {
        "shift": (size, size),
        "degrees": (np.radians(size) * distance, np.radians(size) * distance),
        "stretch": ((np.exp(size) - 1) * up, (np.exp(size) - 1) * right),
        # A shear moves along the row only, as far as the dot is from the middle row.
        "shear": (0.0, size * up),
    }[amount]
    for axis in (0, 1):
        farthest = np.abs(away[:, axis]).max()
        assert farthest <= 1.05 * bounds[axis] + 0.02
    assert np.abs(away).max() > 0.8 * max(bounds) * (0.8 if amount == "degrees" else 1)
    assert abs(away.mean(axis=0)).max() < 0.2 * max(bounds)


def test_warp_turns_about_the_centre(dots):
    middle = np.zeros((200, 28, 28, 1), "float32")
    middle[:, 13:15, 13:15] = 1
    warped = warp_images(
        middle, rng=np.random.default_rng(2), **{**STILL, "degrees": 30.0, "stretch": 0.3}
    )
    np.testing.assert_allclose(centres(warped), 13.5, atol=0.05)


def test_warp_repeats_for_a_seed_and_leaves_its_input_alone():
    images = prepare(load_data(quick=True)[0][0][:20])
    before = images.copy()
    amounts = {"degrees": 10.0, "stretch": 0.1, "shear": 0.1, "shift": 2.0}
    results = [warp_images(images, rng=np.random.default_rng(s), **amounts) for s in (5, 5, 6)]
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()
    np.testing.assert_array_equal(images, before)
    assert results[0].min() >= 0
    assert results[0].max() <= 1
