"""The drawings say what they show, fit on their sheets, and compute it rightly."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_keras import Evaluation, build_convnet, drawings, load_data

SEES_ROWS = np.array([[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])


@pytest.fixture(scope="module")
def images():
    return load_data(quick=True)[0][0]


@pytest.fixture(scope="module")
def evaluation():
    """Make a hundred answers, of which the ten least sure ones are wrong."""
    sureness = np.linspace(0.3, 0.99, 100)
    probabilities = np.repeat(((1 - sureness) / 9)[:, None], 10, axis=1)
    probabilities[:, 3] = sureness
    return Evaluation(np.where(np.arange(100) < 10, 5, 3), probabilities)


@pytest.fixture(scope="module")
def every_drawing(images, evaluation):
    purposes = {"training set": "to learn", "validation set": "to choose", "test set": "once"}
    sizes = {"training set": 54_000, "validation set": 6_000, "test set": 10_000}
    grid = np.array([[1, 3, 0, 2], [5, 2, 1, 1], [0, 0, 7, 4], [2, 1, 3, 6]])
    return {
        "activations": drawings.activations(["sigmoid", "ReLU"]),
        "axes_of_images": drawings.axes_of_images(images),
        "backpropagation": drawings.backpropagation(),
        "batches": drawings.batches(10_000, 32),
        "broadcasting": drawings.broadcasting(np.array([[1], [2]]), np.array([[0, 3, 5]])),
        "calibration": drawings.calibration(evaluation),
        "dense_network": drawings.dense_network([784, 100, 200, 10]),
        "fits": drawings.fits(),
        "log_loss": drawings.log_loss(),
        "margins": drawings.margins(0.98, [100, 10_000]),
        "max_pooling": drawings.max_pooling(grid),
        "mistakes_found": drawings.mistakes_found(evaluation),
        "nearest_average": drawings.nearest_average(images[0], {0: images[1], 5: images[0]}),
        "neuron": drawings.neuron([0, 0.5, 1], [2, -1, 1.5], -0.4),
        "sets": drawings.sets(sizes, purposes),
        "shapes_through": drawings.shapes_through(build_convnet()),
        "sliding_kernel": drawings.sliding_kernel(images[0] / 255, SEES_ROWS, 5, 12),
    }


def written(figure):
    """List what stands on a figure, without the numbers of its axes."""
    texts = [*figure.texts, *(each for sub in figure.subfigs for each in sub.texts)]
    for axis in figure.axes:
        texts += [*axis.texts, axis.title, axis.xaxis.label, axis.yaxis.label]
    return [text for text in texts if text.get_text().strip()]


@pytest.fixture(scope="module")
def moving(images):
    return {
        "downhill": drawings.downhill([0.05, 0.3, 1.05]),
        "sliding": drawings.sliding(images[0] / 255, SEES_ROWS),
    }


def test_every_drawing_is_tried(every_drawing, moving):
    assert {*every_drawing, *moving} == set(drawings.__all__)


def test_each_has_a_title_alt_text_and_letters_that_stay_on_the_sheet(every_drawing):
    for name, drawing in every_drawing.items():
        figure = drawing.figure
        figure.draw_without_rendering()  # lays it out
        assert figure.get_suptitle(), name
        assert len(drawing.alt) > 60, name
        assert drawing.alt.endswith("."), name
        width, height = figure.bbox.width, figure.bbox.height
        for text in written(figure):
            extent = text.get_window_extent()
            assert extent.x0 >= -1, (name, text.get_text())
            assert extent.x1 <= width + 1, (name, text.get_text())
            assert -1 <= extent.y0 <= extent.y1 <= height + 1, (name, text.get_text())
            assert text.get_fontsize() >= 9, (name, text.get_text())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("batches", "313 batches of 32; the last has 16"),
        ("broadcasting", "1 − 0 = 1 in its first corner, 2 − 5 = −3 in its last"),
        ("dense_network", "784 × 100 = 78,400, 100 × 200 = 20,000, 200 × 10 = 2,000 weights"),
        ("log_loss", "2.30 at 0.1"),
        ("margins", "± 2.8 with 100, ± 0.3 with 10,000"),
        ("max_pooling", "with 1, 3, 5, 2, that is 5"),
        ("mistakes_found", "100 % of the mistakes after 10 % of the images"),
        ("nearest_average", "the answer is 5"),
        ("neuron", "+ −0.4 = 0.6. The sigmoid turns the sum into 0.65"),
        ("shapes_through", "pooling 5 × 5 × 64, flatten 1600, dense 10"),
    ],
)
def test_each_says_what_is_so(name, says, every_drawing):
    assert says in every_drawing[name].alt


def test_the_sum_of_the_window_is_what_a_convolution_gives(every_drawing, images):
    from keras import ops

    image = images[:1, :, :, None].astype("float32") / 255
    kernel = SEES_ROWS.astype("float32")[:, :, None, None]
    there = float(np.asarray(ops.conv(image, kernel))[0, 5, 12, 0])
    assert f"add up to {there:+.1f}" in every_drawing["sliding_kernel"].alt


def test_what_moves_says_what_is_so(moving):
    assert "with 0.3 it ends close to 0, with 1.05 it leaves the valley" in moving["downhill"].alt
    assert "At each of its 26 times 26 places" in moving["sliding"].alt


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_what_moves_can_be_paused_and_stands_still_for_those_who_ask(
    moving, browser, tmp_path, width
):
    outputs = [each._repr_mimebundle_()["text/html"] for each in moving.values()]
    path = tmp_path / "moving.html"
    path.write_text(f"<!doctype html><html lang=en><title>x</title>{''.join(outputs)}")
    running = "document.getAnimations().filter(each => each.playState === 'running').length"
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate(running) > 20
    for box in page.get_by_label("Pause").all():
        box.check()
    assert page.evaluate(running) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()

    still = browser.new_context(reduced_motion="reduce").new_page()
    still.goto(path.as_uri())
    assert still.evaluate("document.getAnimations().length") == 0
    assert still.get_by_label("Pause").count() == 2
    assert not still.get_by_label("Pause").first.is_visible()
    assert not still.locator("[class$=-below]").is_visible()  # the whole feature map is seen
    still.context.close()
