from __future__ import annotations

import json
import math

import keras
import numpy as np
import pytest

from mnist_keras import Evaluation, evaluate, load_model, predict_probabilities, prepare

# Six images: two zeros, both right; two ones, one taken for a 7; two sevens, both taken for a 1.
LABELS = np.array([0, 0, 1, 1, 7, 7])
ANSWERED = np.array([0, 0, 1, 7, 1, 1])
SURENESS = np.array([0.9, 0.6, 0.8, 0.5, 0.7, 0.99])


@pytest.fixture
def evaluation():
    probabilities = np.repeat(((1 - SURENESS) / 9)[:, None], 10, axis=1)
    probabilities[np.arange(6), ANSWERED] = SURENESS
    return Evaluation(LABELS, probabilities)


def test_accuracy_is_the_share_of_right_answers(evaluation):
    assert evaluation.accuracy == pytest.approx(3 / 6)


def test_accuracy_per_digit_is_nan_for_digits_that_were_not_shown(evaluation):
    expected = [1, 0.5, *[math.nan] * 5, 0, math.nan, math.nan]
    np.testing.assert_allclose(evaluation.accuracy_per_digit, expected)


def test_the_confusion_matrix_has_the_shown_digit_in_its_rows(evaluation):
    expected = np.zeros((10, 10), int)
    expected[0, 0], expected[1, 1], expected[1, 7], expected[7, 1] = 2, 1, 1, 2
    np.testing.assert_array_equal(evaluation.confusion, expected)


def test_worst_mistakes_are_the_wrong_answers_surest_first(evaluation):
    found = [(m.index, m.label, m.predicted, m.probability) for m in evaluation.worst_mistakes()]
    assert found == [(5, 7, 1, 0.99), (4, 7, 1, 0.7), (3, 1, 7, 0.5)]
    assert [m.index for m in evaluation.worst_mistakes(2)] == [5, 4]


def test_the_loss_is_the_mean_cross_entropy(evaluation):
    right = [0.9, 0.6, 0.8, 0.5 / 9, 0.3 / 9, 0.01 / 9]
    assert evaluation.loss == pytest.approx(-sum(map(math.log, right)) / 6)


def test_a_certain_mistake_gives_a_finite_loss():
    assert Evaluation(np.array([0]), np.eye(10)[[1]]).loss == pytest.approx(-math.log(1e-7))


def test_the_dictionary_is_strict_json_even_where_numbers_are_missing(evaluation):
    def refuse(name):
        raise AssertionError(name)

    diverged = Evaluation(LABELS, np.full((6, 10), np.nan))
    for one in (evaluation, diverged):
        values = json.loads(json.dumps(one.as_dict()), parse_constant=refuse)
        assert set(values) == {
            "test_images",
            "test_accuracy",
            "test_loss",
            "accuracy_per_digit",
            "confusion_matrix",
            "worst_mistakes",
        }
    assert diverged.as_dict()["test_loss"] is None


def classifier(activation, *, shape=(28, 28, 1), loss=None, weights=1.0, bias=0.0):
    """Give a classifier whose ten raw outputs are the first ten pixels of the second row."""
    given = keras.Input(shape)
    dense = keras.layers.Dense(10, activation=activation)
    model = keras.Model(given, dense(keras.layers.Flatten()(given)))
    kernel = np.zeros((784, 10))
    kernel[28 + np.arange(10), np.arange(10)] = weights
    dense.set_weights([kernel, np.full(10, bias)])
    if loss is not None:
        model.compile(loss=loss)
    return model


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (8, 28, 28)).astype("uint8")


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


def test_logits_become_probabilities(images):
    x = prepare(images)
    np.testing.assert_allclose(
        predict_probabilities(classifier(None, weights=9), x),
        softmax(9 * x[:, 1, :10, 0]),
        rtol=1e-4,
    )


def test_probabilities_stay_as_they_are(images):
    x = prepare(images)
    np.testing.assert_allclose(
        predict_probabilities(classifier("softmax", weights=9), x),
        softmax(9 * x[:, 1, :10, 0]),
        rtol=1e-4,
    )


@pytest.mark.parametrize("loss", ["mse", "mean_squared_error", keras.losses.MeanSquaredError()])
def test_estimates_of_one_hot_codes_are_scaled_and_get_no_softmax(images, loss, tmp_path):
    x = prepare(images)
    model = classifier(None, loss=loss)
    model.save(tmp_path / "mse.keras")
    for one in (model, load_model(tmp_path / "mse.keras")):
        raw = np.clip(x[:, 1, :10, 0], 1e-7, None)
        np.testing.assert_allclose(
            predict_probabilities(one, x), raw / raw.sum(axis=1, keepdims=True), rtol=1e-4
        )


def test_negative_estimates_keep_the_networks_answer(images):
    x = prepare(images)
    probabilities = predict_probabilities(classifier(None, loss="mse", bias=-2.0), x)
    assert probabilities.argmax(axis=1).tolist() == x[:, 1, :10, 0].argmax(axis=1).tolist()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_large_logits_do_not_overflow(images):
    probabilities = predict_probabilities(classifier(None, weights=1e6), prepare(images))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("loss", [None, "mse"])
def test_a_diverged_network_gives_nan_and_no_warning(images, loss):
    for weights in (np.nan, np.inf):
        model = classifier(None, loss=loss, weights=weights)
        evaluation = evaluate(model, images, np.zeros(8))
        assert np.isnan(evaluation.probabilities).all()
        assert evaluation.as_dict()["test_loss"] is None


def test_a_model_without_a_channel_axis_is_asked_in_its_own_shape(images):
    flat = evaluate(classifier(None, shape=(28, 28)), images, np.zeros(8))
    channel = evaluate(classifier(None), images, np.zeros(8))
    np.testing.assert_allclose(flat.probabilities, channel.probabilities, rtol=1e-5)


def test_evaluate_prepares_the_images_and_keeps_the_labels(images):
    labels = images[:, 1, :10].argmax(axis=1).astype("uint8")
    evaluation = evaluate(classifier(None, weights=9), images, labels)
    assert evaluation.accuracy == 1.0
    np.testing.assert_array_equal(evaluation.labels, labels)
