from __future__ import annotations

import numpy as np
import pytest
from keras import layers

from mnist_keras import build_convnet, build_fast_cnn, build_mlp
from mnist_keras.networks import flops_per_image


@pytest.mark.parametrize(
    ("build", "parameters"),
    [(build_mlp, 100_710), (build_convnet, 34_826), (build_fast_cnn, 61_546)],
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


def test_the_fast_network_takes_other_filters():
    assert build_fast_cnn((4, 8, 16)).layers[-1].output.shape == (None, 10)


def test_operations_are_counted_at_each_place_of_a_convolution():
    first, second, dense = 26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64, 1600 * 10
    assert flops_per_image(build_convnet()) == 2 * (first + second + dense)
    assert flops_per_image(build_mlp()) == 2 * (784 * 100 + 100 * 200 + 200 * 10)
