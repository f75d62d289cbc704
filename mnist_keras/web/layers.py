"""A Keras model as the few plain operations that the playground's JavaScript computes.

It reads the model's description, as `keras.Model.to_json` gives it, and its arrays: neither Keras
nor TensorFlow is needed, so that it also reads what strangers handed in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnist_keras.data import IMAGE_SHAPE, NUMBER_OF_CLASSES
from mnist_keras.errors import CourseError

MODELS = ("Sequential", "Functional")
# They do something during training only.
IDENTITIES = {
    *("Activation", "Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout"),
    *("GaussianNoise", "ActivityRegularization", "Identity", "InputLayer"),
    *("RandomTranslation", "RandomRotation", "RandomZoom"),
}
ACTIVATIONS = {
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"),
    *("hard_sigmoid", "hard_silu", "softplus", "softsign", "softmax", "exponential", "mish"),
}
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}
COMBINATIONS = {
    "Add": "add",
    "Average": "average",
    "Concatenate": "concatenate",
    "Multiply": "multiply",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Subtract": "subtract",
}

Shape = tuple[int, ...]


@dataclass
class Network:
    """A network as the playground computes it."""

    # plain operations in order; ``from`` counts their inputs, 0 being the image
    layers: list[dict[str, Any]]
    shapes: list[Shape]  # what the image and each operation give, without the batch
    weights: np.ndarray  # all arrays of all operations one after another, float32
    answers: str  # whether the ten numbers at the end are ``probabilities`` or ``logits``
    parameters: int  # how many numbers the Keras model holds


def taken_apart(description: str, weights: Sequence[np.ndarray]) -> Network:
    """Take a model apart."""
    model = json.loads(description)
    if model.get("class_name") not in MODELS:
        raise CourseError(
            f"the playground shows Sequential and functional models, not {model.get('class_name')}"
        )
    builder = _Builder(iter(weights))
    builder.hand_out(model, "")
    if next(builder.weights, None) is not None:
        raise CourseError("the model holds more weights than its layers say")
    start = builder.image(model)
    end = builder.model(model, "", [start])
    if builder.shapes[end] != (NUMBER_OF_CLASSES,):
        raise CourseError(
            f"the model gives {builder.shapes[end]}; "
            f"a digit classifier gives ({NUMBER_OF_CLASSES},)"
        )
    if end != len(builder.layers):
        raise CourseError("the model's answer must come from its last layer")
    last = builder.layers[-1]
    softmax = last["kind"] == "activation" and last["how"] == "softmax"
    return Network(
        builder.layers,
        builder.shapes,
        np.concatenate([array.ravel() for array in builder.arrays]).astype("float32")
        if builder.arrays
        else np.zeros(0, "float32"),
        "probabilities" if softmax else "logits",
        sum(array.size for array in weights),
    )


def geometry(size: int, window: int, stride: int, padding: str, dilation: int = 1) -> int:
    """Return how many places a window has along one side, as TensorFlow counts them."""
    reach = (window - 1) * dilation + 1
    return -(-size // stride) if padding == "same" else (size - reach) // stride + 1


def pair(value: Any) -> list[int]:
    """Return a setting for both directions."""
    return [int(value), int(value)] if isinstance(value, int) else [int(each) for each in value]


@dataclass
class _Builder:
    """Builds the list of operations."""

    weights: Iterator[np.ndarray]
    layers: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=lambda: [IMAGE_SHAPE])
    arrays: list[np.ndarray] = field(default_factory=list)
    own: dict[str, list[np.ndarray]] = field(default_factory=dict)

    # --- Which arrays are whose ---------------------------------------------------------------

    def hand_out(self, model: Mapping[str, Any], path: str) -> None:
        """Return each layer its arrays: Keras lists them layer after layer."""
        for layer in model["config"]["layers"]:
            here = f"{path}/{layer['config']['name']}"
            if layer["class_name"] in MODELS:
                self.hand_out(layer, here)
            else:
                count = number_of_arrays(layer)
                try:
                    self.own[here] = [next(self.weights) for _ in range(count)]
                except StopIteration:
                    raise CourseError("the model holds fewer weights than its layers say") from None

    # --- The way through the model ------------------------------------------------------------

    def image(self, model: Mapping[str, Any]) -> int:
        """Bring the image into the shape that the model reads."""
        first = next(
            (x for x in model["config"]["layers"] if x["class_name"] == "InputLayer"), None
        )
        shape = first and first["config"].get("batch_shape")
        if not shape:
            shape = model["config"].get("build_input_shape") or [None, *IMAGE_SHAPE]
        read = tuple(shape[1:])
        if read == IMAGE_SHAPE:
            return 0
        if read == IMAGE_SHAPE[:2]:
            return self.reshaped({"config": {"name": "input"}}, 0, IMAGE_SHAPE[:2])
        raise CourseError(
            f"the model reads {read}; the playground's images have the shape {IMAGE_SHAPE}"
        )

    def model(self, model: Mapping[str, Any], path: str, inputs: list[int]) -> int:
        """Go through a model and return what it answers."""
        layers = model["config"]["layers"]
        if model["class_name"] == "Sequential":
            (value,) = inputs
            for layer in layers:
                value = self.layer(layer, path, [value])
            return value
        named = {layer["config"]["name"]: layer for layer in layers}
        starts = dict(zip(ends(model["config"]["input_layers"]), inputs, strict=True))
        known: dict[tuple[str, int], int] = {}

        def value_of(name: str, node: int) -> int:
            if name in starts:
                return starts[name]
            if (name, node) not in known:
                layer = named[name]
                before = [value_of(*each) for each in tensors(layer["inbound_nodes"][node])]
                known[name, node] = self.layer(layer, path, before)
            return known[name, node]

        outputs = model["config"]["output_layers"]
        if len(ends(outputs)) != 1:
            raise CourseError("the playground shows models with one output")
        last = outputs if isinstance(outputs[0], str) else outputs[0]
        return value_of(last[0], last[1])

    def layer(self, layer: Mapping[str, Any], path: str, inputs: list[int]) -> int:
        """Go through one layer and return what it answers."""
        name, config = layer["class_name"], layer["config"]
        if name in MODELS:
            return self.model(layer, f"{path}/{config['name']}", inputs)
        if config.get("data_format") == "channels_first":
            raise CourseError(f"the playground does not know channels_first, which {name} has")
        arrays = self.own[f"{path}/{config['name']}"]
        if name in COMBINATIONS:
            return self.combination(layer, inputs)
        (value,) = inputs
        if name in CONVERTERS:
            value = CONVERTERS[name](self, layer, value, arrays)
        elif name not in IDENTITIES:
            raise CourseError(
                f"the playground does not know the layer {name}; see its list in the documentation"
            )
        return self.activated(layer, value)

    def add(
        self,
        kind: str,
        inputs: list[int],
        gives: Sequence[int],
        layer: Mapping[str, Any],
        arrays: Sequence[np.ndarray] = (),
        **settings: Any,
    ) -> int:
        """Add an operation, and return its number."""
        if min(gives) < 1:
            raise CourseError(f"{layer['config']['name']} gives an empty array of shape {gives}")
        self.layers.append(
            {
                "kind": kind,
                "from": inputs,
                "name": str(layer["config"]["name"])[:60],
                "title": str(layer.get("class_name", "Reshape"))[:60],
                **settings,
            }
        )
        self.shapes.append(tuple(int(side) for side in gives))
        self.arrays += arrays
        return len(self.layers)

    # --- What each layer becomes --------------------------------------------------------------

    def activated(self, layer: Mapping[str, Any], value: int) -> int:
        """Add a layer's activation, if it has one."""
        found = layer["config"].get("activation")
        if found is None:
            return value
        if isinstance(found, Mapping):
            if found.get("class_name") == "function":
                found = found.get("config")
            else:  # a layer that was given as an activation
                return self.layer_as_activation(found, value)
        how = OTHER_NAMES.get(str(found), str(found))
        if how not in ACTIVATIONS:
            raise CourseError(
                f"the playground does not know the activation {str(found)[:60]!r} of "
                f"{str(layer['config']['name'])[:60]}"
            )
        return value if how == "linear" else self.activation(layer, value, how)

    def layer_as_activation(self, found: Mapping[str, Any], value: int) -> int:
        if found.get("class_name") not in ACTIVATION_LAYERS:
            raise CourseError(
                f"the playground does not know the activation {str(found.get('class_name'))[:60]}"
            )
        return CONVERTERS[found["class_name"]](self, found, value, [])

    def activation(self, layer: Mapping[str, Any], value: int, how: str, **settings: Any) -> int:
        """Add an activation."""
        return self.add("activation", [value], self.shapes[value], layer, how=how, **settings)

    def combination(self, layer: Mapping[str, Any], inputs: list[int]) -> int:
        """Add a layer that makes one of several."""
        how = COMBINATIONS[layer["class_name"]]
        shapes = [self.shapes[each] for each in inputs]
        if how != "concatenate":
            if len(inputs) < 2 or len(set(shapes)) > 1:
                raise CourseError(
                    f"the playground wants inputs of one shape for {layer['config']['name']}"
                )
            return self.add("combine", inputs, shapes[0], layer, how=how)
        axis = layer["config"].get("axis", -1)
        axis = axis - 1 if axis > 0 else axis + len(shapes[0])
        shape = list(shapes[0])
        shape[axis] = sum(each[axis] for each in shapes)
        return self.add("combine", inputs, shape, layer, how=how, axis=axis)

    def convolution(
        self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]
    ) -> int:
        """Add a Conv2D."""
        config = layer["config"]
        return self.any_convolution(
            layer,
            value,
            arrays,
            pair(config["strides"]),
            pair(config["dilation_rate"]),
            config["padding"],
            int(config.get("groups", 1)),
        )

    def any_convolution(
        self,
        layer: Mapping[str, Any],
        value: int,
        arrays: Sequence[np.ndarray],
        strides: list[int],
        dilation: list[int],
        padding: str,
        groups: int,
    ) -> int:
        """Add a convolution; its kernel has the shape (height, width, channels/groups, filters)."""
        height, width, channels = self.shapes[value]
        kernel = arrays[0]
        size = kernel.shape[:2]
        if kernel.shape[2] * groups != channels:
            raise CourseError(f"the kernel of {layer['config']['name']} does not fit its input")
        sides = [
            geometry(side, size[k], strides[k], padding, dilation[k])
            for k, side in enumerate((height, width))
        ]
        return self.add(
            "conv",
            [value],
            [*sides, kernel.shape[3]],
            layer,
            arrays,
            size=list(size),
            filters=kernel.shape[3],
            strides=strides,
            dilation=dilation,
            groups=groups,
            padding=padding,
            bias=len(arrays) > 1,
        )

    def depthwise(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a DepthwiseConv2D: a convolution with as many groups as channels."""
        config = layer["config"]
        height, width, channels, times = arrays[0].shape
        kernel = arrays[0].reshape(height, width, 1, channels * times)
        return self.any_convolution(
            layer,
            value,
            [kernel, *arrays[1:]],
            pair(config["strides"]),
            pair(config["dilation_rate"]),
            config["padding"],
            channels,
        )

    def separable(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a SeparableConv2D: a depthwise convolution, and one of 1 × 1."""
        value = self.depthwise(layer, value, arrays[:1])
        return self.any_convolution(layer, value, arrays[1:], [1, 1], [1, 1], "valid", 1)

    def pooling(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a pooling layer."""
        config = layer["config"]
        size = pair(config["pool_size"])
        strides = pair(config["strides"] or size)
        height, width, channels = self.shapes[value]
        sides = [
            geometry(side, size[k], strides[k], config["padding"])
            for k, side in enumerate((height, width))
        ]
        how = "max" if "Max" in layer["class_name"] else "average"
        return self.add(
            "pool",
            [value],
            [*sides, channels],
            layer,
            how=how,
            size=size,
            strides=strides,
            padding=config["padding"],
        )

    def global_pooling(
        self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]
    ) -> int:
        """Add pooling with a window as large as the map."""
        height, width, channels = self.shapes[value]
        how = "max" if "Max" in layer["class_name"] else "average"
        value = self.add(
            "pool",
            [value],
            [1, 1, channels],
            layer,
            how=how,
            size=[height, width],
            strides=[1, 1],
            padding="valid",
        )
        if layer["config"].get("keepdims"):
            return value
        return self.reshaped(layer, value, [channels])

    def batch_normalization(
        self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]
    ) -> int:
        """Add a factor and a summand a channel, which is all that is left after training."""
        config = layer["config"]
        shape = self.shapes[value]
        if config.get("axis", -1) not in (-1, len(shape)):
            raise CourseError(f"the playground wants axis=-1 for {config['name']}")
        given = iter(array.astype("float64") for array in arrays)
        gamma = next(given) if config["scale"] else 1.0
        beta = next(given) if config["center"] else 0.0
        mean, variance = given
        factor = gamma / np.sqrt(variance + config["epsilon"])
        return self.add("affine", [value], shape, layer, [factor, beta - mean * factor])

    def rescaling(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a factor and a summand."""
        config, shape = layer["config"], self.shapes[value]
        both = []
        for name in ("scale", "offset"):
            given = config[name]
            given = given.get("config", {}).get("value") if isinstance(given, Mapping) else given
            both.append(np.broadcast_to(np.asarray(given, "float64"), shape[-1:]))
        return self.add("affine", [value], shape, layer, both)

    def layer_normalization(
        self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]
    ) -> int:
        """Add a LayerNormalization over the last axes."""
        config, shape = layer["config"], self.shapes[value]
        axes = config["axis"] if isinstance(config["axis"], list) else [config["axis"]]
        counted = sorted(axis - 1 if axis > 0 else axis + len(shape) for axis in axes)
        if counted != list(range(len(shape) - len(counted), len(shape))) or config.get(
            "rms_scaling"
        ):
            raise CourseError(f"the playground wants the last axes for {config['name']}")
        inner = shape[len(shape) - len(counted) :]
        given = iter(arrays)
        gamma = next(given) if config["scale"] else np.ones(inner)
        beta = next(given) if config["center"] else np.zeros(inner)
        return self.add(
            "normalize",
            [value],
            shape,
            layer,
            [gamma, beta],
            axes=len(counted),
            epsilon=float(config["epsilon"]),
        )

    def dense(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a Dense."""
        shape = self.shapes[value]
        if arrays[0].shape[0] != shape[-1]:
            raise CourseError(f"the kernel of {layer['config']['name']} does not fit its input")
        units = arrays[0].shape[1]
        return self.add(
            "dense",
            [value],
            [*shape[:-1], units],
            layer,
            arrays,
            units=units,
            bias=len(arrays) > 1,
        )

    def reshaped(self, layer: Mapping[str, Any], value: int, shape: Sequence[int]) -> int:
        """Add a change of shape."""
        return self.add("reshape", [value], shape, layer, shape=[int(side) for side in shape])

    def flatten(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a Flatten."""
        return self.reshaped(layer, value, [math.prod(self.shapes[value])])

    def reshape(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a Reshape."""
        wanted, size = list(layer["config"]["target_shape"]), math.prod(self.shapes[value])
        if -1 in wanted:
            known = math.prod(side for side in wanted if side != -1)
            wanted[wanted.index(-1)] = size // known
        return self.reshaped(layer, value, wanted)

    def padding(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a ZeroPadding2D."""
        return self.framed(layer, value, layer["config"]["padding"], 1)

    def cropping(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a Cropping2D."""
        return self.framed(layer, value, layer["config"]["cropping"], -1)

    def framed(self, layer: Mapping[str, Any], value: int, edges: Any, sign: int) -> int:
        """Add rows and columns of zeros at the edges, or take some away."""
        (top, bottom), (left, right) = (pair(each) for each in edges)
        height, width, channels = self.shapes[value]
        shape = [height + sign * (top + bottom), width + sign * (left + right), channels]
        return self.add(
            "frame",
            [value],
            shape,
            layer,
            edges=[sign * each for each in (top, bottom, left, right)],
        )

    def relu(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a ReLU with its settings."""
        config = layer["config"]
        settings = {
            "slope": float(config.get("negative_slope") or 0),
            "threshold": float(config.get("threshold") or 0),
        }
        if config.get("max_value") is not None:
            settings["most"] = float(config["max_value"])
        return self.activation(layer, value, "relu", **settings)

    def leaky_relu(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a LeakyReLU."""
        slope = layer["config"].get("negative_slope", 0.3)
        return self.activation(layer, value, "relu", slope=float(slope))

    def elu(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add an ELU."""
        return self.activation(layer, value, "elu", alpha=float(layer["config"].get("alpha", 1)))

    def softmax(self, layer: Mapping[str, Any], value: int, arrays: Sequence[np.ndarray]) -> int:
        """Add a Softmax."""
        if layer["config"].get("axis", -1) not in (-1, len(self.shapes[value])):
            raise CourseError(f"the playground wants axis=-1 for {layer['config']['name']}")
        return self.activation(layer, value, "softmax")


Converter = Callable[[_Builder, Mapping[str, Any], int, Sequence[np.ndarray]], int]
ACTIVATION_LAYERS = {"ReLU", "LeakyReLU", "ELU", "Softmax"}
CONVERTERS: dict[str, Converter] = {
    "Conv2D": _Builder.convolution,
    "DepthwiseConv2D": _Builder.depthwise,
    "SeparableConv2D": _Builder.separable,
    "MaxPooling2D": _Builder.pooling,
    "AveragePooling2D": _Builder.pooling,
    "GlobalMaxPooling2D": _Builder.global_pooling,
    "GlobalAveragePooling2D": _Builder.global_pooling,
    "BatchNormalization": _Builder.batch_normalization,
    "LayerNormalization": _Builder.layer_normalization,
    "Rescaling": _Builder.rescaling,
    "Dense": _Builder.dense,
    "Flatten": _Builder.flatten,
    "Reshape": _Builder.reshape,
    "ZeroPadding2D": _Builder.padding,
    "Cropping2D": _Builder.cropping,
    "ReLU": _Builder.relu,
    "LeakyReLU": _Builder.leaky_relu,
    "ELU": _Builder.elu,
    "Softmax": _Builder.softmax,
}
# Every layer that the playground knows.
KNOWN = sorted({*CONVERTERS, *COMBINATIONS, *IDENTITIES} - {"InputLayer"})


def known_layers() -> list[str]:
    """List in Markdown what a model may be made of."""

    def listed(names: Iterable[str]) -> str:
        return ", ".join(f"`{name}`" for name in sorted(names, key=str.lower))

    return [f"- Layers: {listed(KNOWN)}.", f"- Activations: {listed(ACTIVATIONS)}."]


def number_of_arrays(layer: Mapping[str, Any]) -> int:
    """Say how many arrays a layer holds."""
    name, config = layer["class_name"], layer["config"]
    if name in ("Conv2D", "DepthwiseConv2D", "Dense"):
        return 1 + bool(config["use_bias"])
    if name == "SeparableConv2D":
        return 2 + bool(config["use_bias"])
    if name == "BatchNormalization":
        return 2 + bool(config["scale"]) + bool(config["center"])
    if name == "LayerNormalization":
        return int(bool(config["scale"])) + bool(config["center"])
    if name not in KNOWN and name != "InputLayer":
        raise CourseError(
            f"the playground does not know the layer {str(name)[:60]}; it knows {', '.join(KNOWN)}"
        )
    return 0


def ends(value: Any) -> list[str]:
    """Return the names of a functional model's input or output layers."""
    if value and isinstance(value[0], str):
        return [value[0]]
    return [each[0] for each in value]


def tensors(node: Mapping[str, Any]) -> list[tuple[str, int]]:
    """List the layers, and which of their calls, that a call of a layer reads."""
    found: list[tuple[str, int]] = []

    def look(value: Any) -> None:
        if isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__":
            name, call, _ = value["config"]["keras_history"]
            found.append((name, int(call)))
        elif isinstance(value, list | tuple):
            for each in value:
                look(each)
        elif isinstance(value, Mapping) and value.get("class_name") == "__tuple__":
            look(value.get("items", []))
        elif value is not None:
            raise CourseError(f"the playground does not know a layer that is given {value!r}"[:200])

    look(node["args"])
    return found
