"""Photos of handwriting: kinds that the package makes, and pictures that once went wrong."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from mnist_keras import CourseError, load_data, photos, predict_probabilities, prepare, read_digit
from mnist_keras.evaluation import name_digit
from mnist_keras.images import read_picture
from mnist_keras.photo_kinds import KINDS, REFUSED, Kind, photo, photo_file

PICTURES = sorted((Path(__file__).parent / "pictures").iterdir())
DIGITS_OF_A_KIND, EMPTY_OF_A_KIND = 1, 2  # benchmarks/read_photos.py takes ten
DIGITS_OF_A_GROUP = {"thin pens": 5, "clean scans": 5}  # of each kind in it: it is judged alone
SEED = 3  # another than the benchmark's, which measures with 2 and calibrates with 1


@pytest.fixture(scope="module")
def digits():
    _, (x_test, _) = load_data(quick=True)
    return x_test


def shot(kind, images, seed=0):
    """Make a photo of a kind, and read its file."""
    return read_picture(io.BytesIO(photo_file(kind, images, seed)))


def width_of_stroke(image):
    """Give an MNIST-like image's ink for each pixel of its stroke's length, roughly."""
    large = photos.resized(image.astype("float32"), 8) > 127
    inside = cv2.distanceTransform(large.astype("uint8"), cv2.DIST_L2, 5)
    return 4 * (inside[large].mean() - 0.5) / 8


@pytest.mark.parametrize("pen", [1, 3, 8, 40, 100])
def test_pens_of_any_width_arrive_with_a_stroke_like_mnists(digits, pen):
    kind = Kind("pens", pen=pen, ink=(0, 0, 0), paper=(255, 255, 255), tall=500, size=(700, 600))
    for k in range(4):
        picture = photo(kind, digits[k : k + 1], np.random.default_rng(0)).astype("float32")
        image = photos.to_mnist(picture)
        assert image.max() == 255
        assert 1.4 < width_of_stroke(image) < 4.2


def test_the_papers_shading_is_taken_away(digits):
    for kind in ("light from one side", "lamp", "vignette", "soft shadow", "hard shadow"):
        picture = shot(kind, digits[:1])
        ink = photos.even_light(photos.working_size(picture))
        strong = ink > photos.EDGE * photos.strongest(ink)
        assert 0.01 < np.mean(strong[180:-180, 280:-280]) < 0.5, kind
        strong[180:-180, 280:-280] = False  # there stands the digit
        assert np.mean(strong) < 0.01, kind
        assert photos.strongest(ink) > 0.5, kind


@pytest.mark.parametrize("kind", ["ruled darkly", "squared darkly, thin pen", "yellow pad"])
def test_printed_lines_are_erased_and_strokes_that_cross_them_stay(digits, kind):
    plain = photos.to_mnist(shot("felt pen", digits[:1]))
    ink = photos.even_light(photos.working_size(shot(kind, digits[:1])))
    lines = photos.printed_lines(ink)
    assert np.maximum(lines.across, lines.down).any()
    marks = photos.without_lines(ink > 2 * photos.faintest_mark(ink), ink, lines)
    assert np.mean(marks[:, :200]) < 0.001  # the digit stands in the middle
    read = photos.to_mnist(shot(kind, digits[:1]))
    assert np.corrcoef(plain.ravel(), read.ravel())[0, 1] > 0.8


FURTHER_MARKS = {
    "a box around it": lambda page: cv2.rectangle(page, (230, 130), (570, 470), (0, 0, 0), 4),
    "a circle around it": lambda page: cv2.circle(page, (400, 300), 200, (0, 0, 0), 6),
    "a line below it": lambda page: cv2.line(page, (280, 440), (520, 436), (0, 0, 0), 10),
}


@pytest.mark.parametrize("mark", FURTHER_MARKS)
def test_what_is_drawn_around_or_below_a_digit_is_left_out(digits, mark):
    kind = Kind("pens", pen=14, ink=(0, 0, 0), paper=(255, 255, 255))
    for k in range(10):
        page = photo(kind, digits[k : k + 1], np.random.default_rng(k)).astype("float32")
        plain = photos.to_mnist(page)
        marked = photos.to_mnist(FURTHER_MARKS[mark](np.ascontiguousarray(page)))
        assert np.corrcoef(plain.ravel(), marked.ravel())[0, 1] > 0.9, k


@pytest.mark.parametrize("angle", [-40, -12, 0, 9])
@pytest.mark.parametrize("desk", [(50, 50, 50), (150, 105, 65), (150, 150, 155)])
@pytest.mark.parametrize("tall", [230, 450])
def test_a_digit_on_a_sheet_that_lies_on_a_desk_is_read(digits, angle, desk, tall):
    kind = Kind("paper", pen=14, paper=(245, 243, 235), tall=tall)
    turned = cv2.getRotationMatrix2D((400, 300), angle, 1)
    turned[:, 2] += (300, 350)
    for k in range(3):
        page = photo(kind, digits[k : k + 1], np.random.default_rng(k)).astype("float32")
        table = np.full((1300, 1400, 3), desk, "float32")
        table = cv2.warpAffine(page, turned, (1400, 1300), table, borderMode=cv2.BORDER_TRANSPARENT)
        read = photos.to_mnist(table)
        assert np.corrcoef(photos.to_mnist(page).ravel(), read.ravel())[0, 1] > 0.8, k


def test_an_empty_sheet_on_a_desk_shows_no_digit():
    table = np.full((900, 1200, 3), 50, "float32")
    table[150:750, 200:1000] = 240
    with pytest.raises(CourseError, match="no digit found"):
        photos.to_mnist(table)


def test_blank_paper_has_no_lines(digits):
    ink = photos.even_light(photos.working_size(shot("felt pen", digits[:1])))
    lines = photos.printed_lines(ink)
    assert not np.maximum(lines.across, lines.down)[100:-100, 100:-100].any()


def test_an_mnist_image_comes_back_as_it_is(digits):
    for digit in digits[:100]:
        picture = np.repeat(digit[..., None], 3, axis=-1).astype("float32")
        np.testing.assert_array_equal(photos.to_mnist(picture), digit)


def test_the_same_digit_kind_and_seed_give_the_same_file(digits):
    for kind in ("pencil", "ruled, with a margin", "two digits"):
        one, other = (photo_file(kind, digits[:3], 5) for _ in range(2))
        assert one == other
        assert one != photo_file(kind, digits[:3], 6)


@pytest.mark.parametrize("kind", list(REFUSED))
def test_empty_and_crowded_pictures_are_refused(digits, kind):
    for seed in range(EMPTY_OF_A_KIND):
        with pytest.raises(CourseError) as error:
            photos.to_mnist(shot(kind, digits[3 * seed : 3 * seed + 3], seed))
        assert "\n" not in str(error.value)
        assert REFUSED[kind].group == "empty" or "empty" not in str(error.value)


def test_a_verdict_names_a_digit_or_those_that_it_may_be():
    def verdict(**of):
        row = np.full(10, (1 - sum(of.values())) / (10 - len(of)))
        for digit, probability in of.items():
            row[int(digit[1])] = probability
        return name_digit(row)

    assert str(verdict(d7=0.95)) == "7"
    assert verdict(d7=0.95).sure
    assert str(verdict(d3=0.5, d8=0.45)) == "not sure: 3 or 8"
    assert str(verdict(d3=0.4, d8=0.3, d5=0.28)) == "not sure: 3, 8 or 5"
    assert not verdict(d3=0.4, d8=0.3, d5=0.28).sure


# What the fast network, trained on the full data, says of photos.


@pytest.fixture(scope="module")
def verdicts(full_run):
    """Give a function from MNIST-like images to verdicts."""
    from mnist_keras import load_model

    model = load_model(full_run)

    def verdicts(images):
        return [name_digit(row) for row in predict_probabilities(model, prepare(images))]

    return verdicts


@pytest.fixture(scope="module")
def read(verdicts):
    """Give kind, digit and verdict of photos of each kind; a refused one has none."""
    _, (x_test, y_test) = load_data()
    rng = np.random.default_rng(SEED)
    found, images = [], []
    for kind in KINDS:
        for k in range(DIGITS_OF_A_GROUP.get(KINDS[kind].group, DIGITS_OF_A_KIND)):
            chosen = rng.integers(len(x_test), size=1)
            picture = shot(kind, x_test[chosen], 1000 * SEED + k)
            try:
                images.append(photos.to_mnist(picture))
                found.append((kind, int(y_test[chosen[0]]), True))
            except CourseError:
                found.append((kind, int(y_test[chosen[0]]), False))
    named = iter(verdicts(np.stack(images)))
    return [(kind, digit, next(named) if seen else None) for kind, digit, seen in found]


@pytest.mark.slow
def test_nine_in_ten_are_right_or_unsure_and_hardly_any_sure_and_wrong(read, capsys):
    sure = [(k, digit, v.digit) for k, digit, v in read if v and v.sure]
    wrong = [row for row in sure if row[1] != row[2]]
    unsure = [row for row in read if row[2] and not row[2].sure]
    right = len(sure) - len(wrong)
    with capsys.disabled():
        print(
            f"\n{len(read)} photos: {right} right, {len(unsure)} unsure, {len(wrong)} sure and "
            f"wrong, {sum(v is None for *_, v in read)} refused; wrong: {wrong}"
        )
    assert len(KINDS) >= 40
    assert right + len(unsure) >= 0.9 * len(read)
    assert right >= 0.85 * len(read)
    assert len(wrong) <= 0.02 * len(read)


@pytest.mark.slow
@pytest.mark.parametrize(("group", "least"), [("thin pens", 0.9), ("clean scans", 1.0)])
def test_these_groups_are_read_right(read, group, least):
    own = [(digit, verdict) for kind, digit, verdict in read if KINDS[kind].group == group]
    assert len(own) >= 15
    right = [verdict is not None and verdict.digit == digit for digit, verdict in own]
    assert np.mean(right) >= least


@pytest.mark.slow
@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.weekly)])
def test_mnists_own_images_are_read_as_before(every):
    """No test image is refused, and none is changed."""
    _, (x_test, _) = load_data()
    for digit in x_test[::every]:
        picture = np.repeat(digit[..., None], 3, axis=-1).astype("float32")
        np.testing.assert_array_equal(photos.to_mnist(picture), digit)


@pytest.mark.slow
@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_that_once_went_wrong_gives_what_it_must(verdicts, path):
    shown = path.stem.rsplit("-", 1)[1]
    if shown == "none":
        with pytest.raises(CourseError):
            read_digit(path)
        return
    (verdict,) = verdicts(read_digit(path)[None])
    assert verdict.digit == int(shown) or not verdict.sure
    if path.stem.startswith("clean_scan"):
        assert verdict.digit == int(shown)
