from __future__ import annotations

import base64
import html
import io
import re

import numpy as np
import pytest
from PIL import Image

from mnist_keras import Evaluation, figures, load_data
from mnist_keras.figures.picture import PIXELS_PER_INCH, Picture, new_figure
from mnist_keras.runs.folder import FIGURE_FILES, RunFolder

ROWS = [
    {"epoch": 1, "accuracy": 0.5, "loss": 2.0, "val_accuracy": 0.6, "val_loss": 1.5, "seconds": 1},
    {"epoch": 2, "accuracy": 0.8, "loss": 0.7, "val_accuracy": 0.75, "val_loss": 0.9, "seconds": 1},
]


@pytest.fixture(scope="module")
def data():
    return load_data(quick=True)


def answers(labels, answered, sureness):
    probabilities = np.repeat(((1 - np.array(sureness)) / 9)[:, None], 10, axis=1)
    probabilities[np.arange(len(labels)), answered] = sureness
    return Evaluation(np.array(labels), probabilities)


@pytest.fixture(scope="module")
def evaluation():
    """Twenty images, two of each digit; a 3 and both 9s are wrong, two of them taken for a 4."""
    labels = [*range(10), *range(10)]
    answered = [0, 1, 2, 8, 4, 5, 6, 7, 8, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 4]
    return answers(labels, answered, [0.9] * 9 + [0.97] + [0.9] * 10)


@pytest.fixture(scope="module")
def every_picture(data, evaluation):
    (x, y), (x_test, y_test) = data
    rng = np.random.default_rng(0)
    return {
        "digits": figures.digits(x[:12], y[:12]),
        "digits without captions": figures.digits(x[:3], columns=3),
        "pixels": figures.pixels(x[0]),
        "class counts": figures.class_counts({"training": y, "test": y_test}),
        "learning curves": figures.learning_curves(ROWS),
        "one epoch": figures.learning_curves(ROWS[:1]),
        "compare": figures.compare_curves({"a": [0.5, 0.6], "b": [0.7]}, ylabel="accuracy"),
        "sweep": figures.sweep([0.1, 1.0], [0.9, 0.1], name="learning rate"),
        "race": figures.race({"a": [([1, 2], [0.9, 0.99])], "b": [([3], [0.97])]}),
        "time": figures.time_and_accuracy(["a", "b"], [1.0, 200.0], [0.98, 0.99], [0.001, 0.0]),
        "parts": figures.parts_of_time({"arithmetic": 1.0, "the rest": 3.0}, unit="ms"),
        "confusion": figures.confusion_matrix(evaluation),
        "per digit": figures.accuracy_per_digit(evaluation),
        "worst": figures.worst_mistakes(evaluation, x_test),
        "probabilities": figures.probabilities(evaluation.probabilities[0], x_test[0]),
        "probabilities alone": figures.probabilities(evaluation.probabilities[0]),
        "kernels": figures.kernels(rng.normal(size=(3, 3, 1, 32))),
        "feature maps": figures.feature_maps(rng.random((13, 13, 20)), title="a convolution"),
    }


def test_every_figure_is_a_png_that_carries_its_alt_text(every_picture):
    for name, picture in every_picture.items():
        assert isinstance(picture, Picture)
        image = Image.open(io.BytesIO(picture.png()))
        image.load()
        assert image.info["Description"] == picture.alt, name
        assert len(picture.alt) > 20
        assert picture.alt.endswith(".")
        assert image.width == round(2 * PIXELS_PER_INCH * picture.figure.get_figwidth())
        assert "nan" not in picture.alt


def test_every_figure_draws_something_but_not_everywhere(every_picture):
    for name, picture in every_picture.items():
        grey = np.asarray(Image.open(io.BytesIO(picture.png())).convert("L"))
        assert len(np.unique(grey)) > 10, name
        assert grey[0, 0] == 255, name


def shown_texts(axis):
    """Give the texts that an axis shows, but for its ticks."""
    labels = [axis.xaxis.label, axis.yaxis.label] if axis.axison else []
    legend = axis.get_legend()
    told = [*axis.texts, axis.title, *labels, *(legend.get_texts() if legend else [])]
    return [text for text in told if text.get_text()]


def test_no_text_lies_over_another_or_outside_its_figure(every_picture):
    for name, picture in every_picture.items():
        if name == "pixels":  # 784 texts on a grid
            continue
        picture.png()
        figure = picture.figure
        inches = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert min(inches.x0, inches.y0) > -0.02, name
        assert inches.x1 < width + 0.02, name
        assert inches.y1 < height + 0.02, name
        boxes = [text.get_window_extent() for axis in figure.axes for text in shown_texts(axis)]
        for k, box in enumerate(boxes):
            assert not any(box.padded(-1).overlaps(other.padded(-1)) for other in boxes[:k]), name


def test_a_picture_shows_itself_in_a_notebook_with_escaped_alt_text():
    picture = Picture(new_figure(2, 1), 'A "4" <taken> for a 9 & more.')
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == picture.alt
    shown = re.fullmatch(
        r'<figure class="picture"><img alt="([^"<>]*)" width="200" [^>]*'
        r'src="data:image/png;base64,([^"]+)"></figure>',
        bundle["text/html"],
    )
    assert html.unescape(shown[1]) == picture.alt
    assert Image.open(io.BytesIO(base64.b64decode(shown[2]))).size == (400, 200)


def test_a_figure_is_saved_whole_with_its_folder(tmp_path):
    picture = Picture(new_figure(2, 1), "Nothing.")
    picture.save(tmp_path / "new" / "one.png")
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["one.png"]


def test_a_run_s_figures_are_those_that_overwrite_removes(tmp_path, evaluation, data):
    figures.write_run_figures(tmp_path, ROWS, evaluation, data[1][0])
    assert {file.name for file in tmp_path.iterdir()} == set(FIGURE_FILES)


def test_digits_names_its_captions():
    picture = figures.digits(np.zeros((2, 28, 28)), ["5", "a\nb"])
    assert picture.alt == "2 handwritten digits: 5, a b."


def test_digits_takes_another_alt_text_and_a_channel_axis():
    picture = figures.digits(np.zeros((2, 28, 28, 1)), alt="Two empty images.")
    assert picture.alt == "Two empty images."


def test_pixels_counts_the_ink(data):
    image = data[0][0][0]
    alt = figures.pixels(image).alt
    assert f"{sum(value > 0 for value in image.ravel())} of its 784 pixels" in alt
    assert f"the largest is {max(image.ravel())}" in alt


def test_pixels_writes_each_number_so_that_it_can_be_read(data):
    figure = figures.pixels(data[0][0][0]).figure
    texts = figure.axes[0].texts
    assert [int(t.get_text()) for t in texts] == data[0][0][0].ravel().tolist()
    for text in texts:
        ink = {"white": 1.0, "black": 0.0}.get(text.get_color(), 0.4)
        paper = 1 - int(text.get_text()) / 255
        lighter, darker = sorted((ink**2.2 + 0.05, paper**2.2 + 0.05), reverse=True)
        assert lighter / darker > 4  # contrast as WCAG counts it


def test_class_counts_names_the_most_and_the_least_frequent_digit():
    alt = figures.class_counts({"training": np.array([*range(10), 7, 7]) % 10}).alt
    assert "the 7 is the most frequent (25.0 %)" in alt
    assert "(8.3 %)" in alt


def test_learning_curves_tells_where_each_curve_starts_and_ends():
    alt = figures.learning_curves(ROWS).alt
    assert alt.startswith("Learning curves over 2 epochs: ")
    for part in (
        "training loss goes from 2.000 to 0.700",
        "validation loss goes from 1.500 to 0.900",
        "training accuracy goes from 50.0 to 80.0 %",
        "validation accuracy goes from 60.0 to 75.0 %",
    ):
        assert part in alt


def test_learning_curves_takes_what_fit_gives_and_leaves_out_validation_where_none_was():
    rows = [{k: v for k, v in row.items() if not k.startswith("val_")} for row in ROWS]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    assert figures.learning_curves(columns).alt == figures.learning_curves(rows).alt
    assert "validation" not in figures.learning_curves(rows).alt


def test_a_single_epoch_goes_nowhere():
    picture = figures.learning_curves({"loss": [0.25], "accuracy": [0.9]})
    assert "training loss is 0.250; training accuracy is 90.0 %" in picture.alt


def test_more_curves_than_colours_are_all_drawn():
    curves = {f"seed {k}": [0.5, 0.6] for k in range(9)}
    picture = figures.compare_curves(curves, ylabel="loss")
    assert len(picture.figure.axes[0].lines) == 9
    assert all(name in picture.alt for name in curves)


def test_learning_curves_are_drawn_for_a_run_that_diverged():
    row = {"epoch": 1, "accuracy": 0.1, "loss": float("nan"), "seconds": 1}
    assert figures.learning_curves([row, {**row, "epoch": 2}]).png()


def test_sweep_names_the_best_value():
    alt = figures.sweep([0.001, 0.01, 0.1], [0.9, 0.985, 0.2], name="learning rate").alt
    assert "0.001: 90.0 %, 0.01: 98.5 %, 0.1: 20.0 %" in alt
    assert alt.endswith("The best is 0.01.")


def test_the_race_tells_where_each_recipe_ends_over_its_runs():
    runs = {"ours": [([1, 2], [0.9, 0.99]), ([1, 4], [0.9, 0.98])], "theirs": [([9], [0.97])]}
    picture = figures.race(runs)
    assert picture.alt == (
        "Share of wrong answers against training time: ours ends at 1.50 % after 3.0 s; "
        "theirs ends at 3.00 % after 9.0 s."
    )
    assert len(picture.figure.axes[0].lines) == 3
    assert len(picture.figure.axes[0].get_legend().get_texts()) == 2


def test_time_and_accuracy_tells_both_for_each_recipe():
    picture = figures.time_and_accuracy(["a", "b"], [1.0, 200.0], [0.98, 0.99], [0.001, 0.0])
    assert "a: 1.0 s, 2.00 % wrong; b: 200.0 s, 1.00 % wrong" in picture.alt


def test_parts_of_time_add_up_to_the_whole():
    alt = figures.parts_of_time({"arithmetic": 1.0, "the rest": 3.0}, unit="ms").alt
    assert alt == "4 ms in all: arithmetic 25 %, the rest 75 %."


def test_the_confusion_matrix_tells_the_mistakes_and_the_most_frequent_one(evaluation):
    assert figures.confusion_matrix(evaluation).alt == (
        "Confusion matrix of 20 images: the network is wrong on 3 of them, and its most frequent "
        "mistake is a 9 taken for a 4, 2 times."
    )


def test_the_confusion_matrix_writes_each_count_in_its_cell(evaluation):
    texts = figures.confusion_matrix(evaluation).figure.axes[0].texts
    written = {
        (int(t.get_position()[1]), int(t.get_position()[0])): int(t.get_text()) for t in texts
    }
    confusion = evaluation.confusion
    assert {place: confusion[place] for place in written} == written
    assert sum(written.values()) == 20


def test_a_network_without_mistakes_has_figures_too(data):
    right = answers([0, 1, 2], [0, 1, 2], [0.9, 0.9, 0.9])
    assert "it made no mistake" in figures.confusion_matrix(right).alt
    assert figures.worst_mistakes(right, data[1][0]).alt == "The network made no mistake."
    assert figures.accuracy_per_digit(right).png()


def test_mistakes_per_digit_name_the_hardest_digit(evaluation):
    alt = figures.accuracy_per_digit(evaluation).alt
    assert "the 9 is the hardest (100.0 % wrong)" in alt
    assert "the 0 the easiest (0.0 %)" in alt


def test_worst_mistakes_show_the_surest_first(evaluation, data):
    picture = figures.worst_mistakes(evaluation, data[1][0], n=2)
    assert picture.alt == (
        "2 images that the network got wrong and was surest of. The first shows a 9; the network "
        "says 4 and is 97 % sure."
    )
    assert picture.figure.axes[0].get_title() == "9 → 4\n97 %"


def test_probabilities_name_the_first_two():
    values = np.array([0.05, 0, 0, 0.7, 0, 0, 0, 0, 0.25, 0])
    alt = figures.probabilities(values).alt
    assert "the 3 a probability of 70.0 %, then the 8 one of 25.0 %" in alt


def test_kernels_and_feature_maps_count_what_they_show():
    assert figures.kernels(np.zeros((5, 4, 1, 6)) + 1).alt.startswith("The 6 kernels")
    assert "5 by 4 weights" in figures.kernels(np.ones((5, 4, 1, 6))).alt
    alt = figures.feature_maps(np.ones((13, 12, 40)), title="the first layer", n=8).alt
    assert alt.startswith("8 of 40 feature maps of the first layer, 13 by 12 pixels each.")


def test_a_run_s_learning_curves_tell_its_last_epoch(quick_run):
    last = RunFolder(quick_run).history()[-1]
    told = Image.open(quick_run / "figures" / "learning-curves.png").info["Description"]
    assert f"to {last['loss']:.3f}" in told
    assert f"to {100 * last['accuracy']:.1f} %" in told
