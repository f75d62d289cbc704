from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest
from keras import layers

from mnist_keras import (
    build_accurate_cnn,
    build_convnet,
    build_fast_cnn,
    build_mlp,
    build_tiny_cnn,
    load_data,
    load_model,
    prepare,
)
from mnist_keras.networks import (
    averaged_over_shifts,
    build_golf_98_cnn,
    build_golf_99_cnn,
    build_sprint_cnn,
    folded,
    set_patch_filters,
    training_flops_per_image,
)


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (build_mlp, 100_710),
        (build_convnet, 34_826),
        (build_fast_cnn, 61_290),
        (build_sprint_cnn, 33_546),
        (build_accurate_cnn, 98_970),
        (build_tiny_cnn, 9_588),
        (build_golf_98_cnn, 602),
        (build_golf_99_cnn, 1_118),
    ],
)
def test_each_network_has_the_documented_parameters_and_shapes(build, parameters):
    model = build()
    assert model.count_params() == parameters
    assert f"{parameters:,} parameters" in build.__doc__
    assert model.input_shape == (None, 28, 28, 1)
    assert model(np.zeros((3, 28, 28, 1), "float32")).shape == (3, 10)


def test_the_workshops_network_has_100_and_200_sigmoid_units_and_a_linear_output():
    dense = [layer for layer in build_mlp().layers if isinstance(layer, layers.Dense)]
    assert [(layer.units, layer.activation.__name__) for layer in dense] == [
        (100, "sigmoid"),
        (200, "sigmoid"),
        (10, "linear"),
    ]


def test_an_mlp_without_hidden_layers_is_softmax_regression():
    model = build_mlp(())
    assert model.count_params() == 7_850
    x = np.random.default_rng(0).random((5, 28, 28, 1), "float32")
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(np.asarray(model(x)), x.reshape(5, 784) @ kernel + bias, atol=1e-5)


def test_an_mlp_takes_other_units_and_activations():
    model = build_mlp((7,), "relu")
    assert model.layers[1].activation.__name__ == "relu"
    assert model.count_params() == 784 * 7 + 7 + 7 * 10 + 10


def test_keras_example_gives_probabilities_and_ours_gives_logits():
    x = np.random.default_rng(0).random((4, 28, 28, 1), "float32")
    np.testing.assert_allclose(np.asarray(build_convnet()(x)).sum(axis=1), 1, atol=1e-5)
    assert build_fast_cnn().layers[-1].activation.__name__ == "linear"


@pytest.mark.parametrize("build", [build_fast_cnn, build_sprint_cnn])
def test_patch_filters_are_the_principal_components_of_patches_with_both_signs(build):
    images = prepare(load_data(quick=True)[0][0][:100])
    model = build()
    set_patch_filters(model, images)
    kernels = model.layers[0].get_weights()[0].reshape(16, 16)
    np.testing.assert_allclose(kernels[:, :8], -kernels[:, 8:])
    patches = np.array(
        [
            image[row : row + 4, column : column + 4].ravel()
            for image in images[..., 0]
            for row in range(25)
            for column in range(25)
        ]
    )
    answers = patches @ kernels[:, :8]
    together = answers.T @ answers / len(answers)
    power = np.diag(together)
    np.testing.assert_allclose(together - np.diag(power), 0, atol=1e-4)
    assert (np.diff(power) < 0).all()
    assert 0.9 < power[0] < 1


def test_the_layer_of_patch_filters_is_not_trained():
    for model in (build_fast_cnn(), build_sprint_cnn()):
        assert not model.layers[0].trainable
        assert all(layer.trainable for layer in model.layers[1:])


@pytest.mark.parametrize(
    ("build", "parameters"), [(build_golf_98_cnn, 548), (build_golf_99_cnn, 1_030)]
)
def test_a_folded_network_answers_as_before_with_fewer_parameters(build, parameters, tmp_path):
    images = prepare(load_data(quick=True)[0][0][:60])
    labels = keras.utils.to_categorical(np.arange(60) % 10)
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy(True))
    model.fit(images, labels, epochs=5, verbose=0)
    wanted = np.asarray(model(images))
    plain = folded(model)
    np.testing.assert_allclose(np.asarray(plain(images)), wanted, atol=1e-5)
    assert np.abs(wanted).max() > 0.1
    assert plain.count_params() == parameters
    assert f"`folded` leaves {parameters:,}" in build.__doc__
    assert not any(isinstance(layer, layers.BatchNormalization) for layer in plain.layers)
    averaged = averaged_over_shifts(plain)
    averaged.save(tmp_path / "golf.keras")
    assert load_model(tmp_path / "golf.keras").count_params() == parameters
    loss, _ = plain.evaluate(images, labels, verbose=0)
    assert loss == pytest.approx(model.evaluate(images, labels, verbose=0), abs=1e-5)
    assert not folded(build()).compiled


def test_an_average_over_shifts_is_the_mean_of_the_answers_to_nine_shifted_images(tmp_path):
    images = prepare(load_data(quick=True)[0][0][:7])
    model = build_tiny_cnn()
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = [framed[:, y : y + 28, x : x + 28] for y in range(3) for x in range(3)]
    wanted = np.mean([np.asarray(model(view)) for view in shifted], axis=0)
    averaged = averaged_over_shifts(model)
    averaged.save(tmp_path / "averaged.keras")
    for network in (averaged, load_model(tmp_path / "averaged.keras")):
        np.testing.assert_allclose(np.asarray(network(images)), wanted, atol=1e-5)
        assert network.count_params() == model.count_params()
    assert training_flops_per_image(averaged) == training_flops_per_image(model)


def test_an_average_over_shifts_is_compiled_as_its_network_was(tmp_path):
    assert not averaged_over_shifts(build_tiny_cnn()).compiled
    model = build_tiny_cnn()
    model.compile(keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy(True))
    images, labels = np.zeros((3, 28, 28, 1)), keras.utils.to_categorical(range(3), 10)
    model.fit(images, labels, verbose=0)
    averaged_over_shifts(model).save(tmp_path / "averaged.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        averaged = load_model(tmp_path / "averaged.keras")
    loss, accuracy = averaged.evaluate(images, labels, verbose=0)
    assert loss == pytest.approx(model.evaluate(images, labels, verbose=0), abs=1e-5)
    assert accuracy == pytest.approx(1 / 3)
    assert averaged.optimizer.iterations == 1


def test_training_counts_the_gradients_that_are_needed_and_no_others():
    first, second, dense = 26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64, 1600 * 10
    # The first layer needs no gradient of the images; the others need both gradients.
    assert training_flops_per_image(build_convnet()) == 2 * (2 * first + 3 * second + 3 * dense)
    dense_only = 2 * 784 * 100 + 3 * 100 * 200 + 3 * 200 * 10
    assert training_flops_per_image(build_mlp()) == 2 * dense_only
    # Nothing is trained before the second convolution, so it needs its kernel's gradient only.
    patch, second, third, dense = 13**2 * 16 * 16, 36 * 9 * 16 * 32, 16 * 9 * 32 * 64, 1024 * 10
    model = build_sprint_cnn()
    assert training_flops_per_image(model) == 2 * (patch + 2 * second + 3 * third + 3 * dense)
