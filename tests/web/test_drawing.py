"""A drawing becomes the very image that `mnist-keras predict` makes of its picture."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from mnist_keras import CourseError
from mnist_keras.photos import to_mnist

from .strokes import DIGITS, as_strokes

pytestmark = pytest.mark.browser

MADE = """all => all.map(strokes => {
    const paper = new Paper()
    paper.show(strokes)
    const made = toMnist(paper)
    const ink = Array.from(paper.ink, each => String.fromCharCode(each)).join("")
    return { ink: btoa(ink), image: made.image ? [...made.image] : null, problem: made.problem }
})"""


def scribble(rng: np.random.Generator) -> list[dict]:
    """Draw one or two bent lines somewhere, of any width and size."""
    size = rng.uniform(60, 380)
    corner = rng.uniform(10, 390 - size, size=2)
    lines = []
    for _ in range(rng.integers(1, 3)):
        turns = np.cumsum(rng.normal(rng.uniform(-0.4, 0.4), 0.15, size=25)) + rng.uniform(0, 6.3)
        steps = 0.09 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        way = np.clip(rng.uniform(size=2) + np.cumsum(steps, axis=0), 0, 1) * size + corner
        lines.append([(float(x), float(y)) for x, y in way])
    return as_strokes(lines, float(rng.choice([8, 12, 22, 24, 36, 44])), side=1)


def in_python(ink: str) -> np.ndarray | str:
    """Make the image that `predict` makes of a picture of this drawing."""
    grey = np.frombuffer(base64.b64decode(ink), "uint8").reshape(400, 400)
    try:
        return to_mnist(np.repeat(255 - grey[..., None], 3, axis=2).astype("float32"))
    except CourseError as error:
        return str(error)


REASONS = {
    "(almost) empty": ("Nothing is drawn yet.", "almost nothing"),
    "several marks": ("several marks",),
    "a filled shape": ("a filled shape",),
}


def test_images_equal_those_of_predict(calculator):
    rng = np.random.default_rng(seed=0)
    drawings = [as_strokes(lines, width) for lines in DIGITS.values() for width in (12, 24, 40)]
    drawings += [as_strokes(lines, 16, side=110) for lines in DIGITS.values()]
    drawings += [scribble(rng) for _ in range(40)]
    refused = sum(not agreed(made) for made in calculator.evaluate(MADE, drawings))
    assert 0 < refused < 30


def agreed(made: dict) -> bool:
    """Hold what JavaScript and Python make of a drawing equal; say whether it is an image."""
    expected = in_python(made["ink"])
    if isinstance(expected, str):
        said = next(words for reason, words in REASONS.items() if reason in expected)
        assert any(word in made["problem"] for word in said)
        return False
    assert made["image"] == expected.ravel().tolist()
    return True


@pytest.mark.parametrize(
    ("lines", "width", "problem"),
    [
        ([], 10, "Nothing is drawn yet."),
        ([[(0.5, 0.5)]], 4, "almost nothing"),
        ([[(0.1, 0.2), (0.15, 0.8)], [(0.85, 0.2), (0.9, 0.8)]], 10, "several marks"),
        ([[(0.4, y / 40), (0.6, y / 40)] for y in range(16, 26)], 24, "a filled shape"),
    ],
)
def test_drawing_without_a_digit_is_refused(calculator, lines, width, problem):
    (made,) = calculator.evaluate(MADE, [as_strokes(lines, width)])
    assert not agreed(made)
    assert problem in made["problem"]
