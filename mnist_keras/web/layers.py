"""A Keras model as the few plain operations that the playground's JavaScript computes.

It reads the model's description, as `keras.Model.to_json` gives it, and its arrays: neither Keras
nor TensorFlow is needed, so that it also reads what strangers handed in.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
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
    *("hard_sigmoid", "hard_silu", "softplus", "softsign", "softmax", "log_softmax"),
    *("exponential", "mish", "celu", "hard_tanh", "squareplus"),
}
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}
COMBINATIONS = {"Add", "Average", "Concatenate", "Multiply", "Maximum", "Minimum", "Subtract"}
# Keras writes such a network down once for each that contains it, and its arrays once.
SHARED = "a network that two others contain is not kept as one: call it directly in each place"

Shape = tuple[int, ...]
Arrays = Sequence[np.ndarray]
Config = Mapping[str, Any]  # a layer's settings


@dataclass
class Network:
    """A network as the playground computes it."""

    # plain operations in order; ``from`` counts their inputs, 0 being the image. One of a layer
    # that is called again is ``like`` that of the first call, and has its arrays
    layers: list[dict[str, Any]]
    shapes: list[Shape]  # what the image and each operation give, without the batch
    weights: np.ndarray  # the arrays of all operations one after another, each once, float32
    answers: str  # whether the ten numbers at the end are ``probabilities`` or ``logits``
    parameters: int  # how many numbers the Keras model holds


def taken_apart(description: str, weights: Sequence[np.ndarray]) -> Network:
    """Take a model apart."""
    try:
        return operations(json.loads(description), weights)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise CourseError(
            "the playground cannot follow how this model is put together; it shows models of one "
            "input and one output, made of the layers in its list in the documentation"
        ) from error


def operations(model: Mapping[str, Any], weights: Sequence[np.ndarray]) -> Network:
    """Turn a model into the operations that it does."""
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
    return Network(
        builder.layers,
        builder.shapes,
        np.concatenate([[], *map(np.ravel, chain(*builder.arrays))]).astype("float32"),
        "probabilities" if gives_probabilities(builder.layers, end) else "logits",
        sum(array.size for array in weights),
    )


def gives_probabilities(layers: Sequence[Mapping[str, Any]], number: int) -> bool:
    """Say whether an operation gives a softmax, or the average of several."""
    if not number:
        return False
    layer = layers[number - 1]
    if layer["kind"] == "activation":
        return layer["how"] == "softmax"
    if layer["kind"] != "reshape" and layer.get("how") != "average":
        return False
    return all(gives_probabilities(layers, each) for each in layer["from"])


@dataclass
class Operation:
    """A plain operation, before it has its place in the network."""

    kind: str
    gives: Sequence[int]  # the shape of its output, without the batch
    arrays: Arrays = ()
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Builder:
    """Builds the list of operations."""

    weights: Iterator[np.ndarray]
    layers: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=lambda: [IMAGE_SHAPE])
    arrays: list[Arrays] = field(default_factory=list)  # of each operation
    own: dict[str, list[np.ndarray]] = field(default_factory=dict)  # of each layer, by its path
    first: dict[str, int] = field(default_factory=dict)  # operations before each layer's first

    def hand_out(self, model: Mapping[str, Any], path: str) -> None:
        """Give each layer its arrays: Keras lists them layer after layer."""
        for layer in model["config"]["layers"]:
            here = f"{path}/{layer['config']['name']}"
            if layer["class_name"] in MODELS:
                self.hand_out(layer, here)
            else:
                self.own[here] = list(islice(self.weights, number_of_arrays(layer)))
                if len(self.own[here]) < number_of_arrays(layer):
                    raise CourseError(
                        f"the model holds fewer weights than its layers say; {SHARED}"
                    )

    def image(self, model: Mapping[str, Any]) -> int:
        """Bring the image into the shape that the model reads."""
        config = model["config"]
        first = next((x for x in config["layers"] if x["class_name"] == "InputLayer"), None)
        shape = first and first["config"].get("batch_shape")
        read = tuple((shape or config.get("build_input_shape") or [None, *IMAGE_SHAPE])[1:])
        if read == IMAGE_SHAPE:
            return 0
        if read == IMAGE_SHAPE[:2]:
            return self.add(reshaped(IMAGE_SHAPE[:2]), [0], {"config": {"name": "input"}})
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
        names = (each[0] for each in ends(model["config"]["input_layers"]))
        starts = dict(zip(names, inputs, strict=True))
        known: dict[tuple[str, int], int] = {}

        def value_of(name: str, node: int) -> int:
            if name in starts:
                return starts[name]
            if (name, node) not in known:
                layer = named[name]
                before = [value_of(*each) for each in tensors(layer["inbound_nodes"][node])]
                known[name, node] = self.layer(layer, path, before)
            return known[name, node]

        outputs = ends(model["config"]["output_layers"])
        if len(outputs) != 1:
            raise CourseError("the playground shows models with one output")
        name, node = outputs[0][:2]
        # Here, and here only, Keras counts how a functional model was made as its first call.
        return value_of(name, node - (named[name]["class_name"] == "Functional"))

    def layer(self, layer: Mapping[str, Any], path: str, inputs: list[int]) -> int:
        """Go through one layer and return what it answers."""
        name, config = layer["class_name"], layer["config"]
        if name in MODELS:
            return self.model(layer, f"{path}/{config['name']}", inputs)
        if config.get("data_format") == "channels_first":
            raise CourseError(f"the playground does not know channels_first, which {name} has")
        here, before = f"{path}/{config['name']}", len(self.layers)
        value = self.call(layer, inputs, self.own[here])
        first = self.first.setdefault(here, before)
        if first < before:
            for number, again in enumerate(self.layers[before:]):
                again["like"] = first + number + 1
                self.arrays[before + number] = ()
        return value

    def call(self, layer: Mapping[str, Any], inputs: list[int], arrays: Arrays) -> int:
        """Add what a call of a layer does, and return what it answers."""
        name, config = layer["class_name"], layer["config"]
        if name in COMBINATIONS:
            shapes = [self.shapes[each] for each in inputs]
            return self.add(combination(name.lower(), config, shapes), inputs, layer)
        (value,) = inputs
        if name in CONVERTERS:
            value = self.converted(layer, value, arrays)
        elif name not in IDENTITIES:
            raise CourseError(
                f"the playground does not know the layer {name}; see its list in the documentation"
            )
        return self.activated(layer, value)

    def converted(self, layer: Mapping[str, Any], value: int, arrays: Arrays) -> int:
        """Add what a layer becomes, one operation after another."""
        convert = CONVERTERS[layer["class_name"]]
        for operation in convert(layer["config"], self.shapes[value], arrays):
            value = self.add(operation, [value], layer)
        return value

    def activated(self, layer: Mapping[str, Any], value: int) -> int:
        """Add a layer's activation, if it has one."""
        found = layer["config"].get("activation")
        if found is None:
            return value
        if isinstance(found, Mapping):
            if found.get("class_name") == "function":
                found = found.get("config")
            elif found.get("class_name") in ACTIVATION_LAYERS:
                return self.converted(found, value, [])
            else:
                kind = str(found.get("class_name"))[:60]
                raise CourseError(f"the playground does not know the activation {kind}")
        how = OTHER_NAMES.get(str(found), str(found))
        if how not in ACTIVATIONS:
            raise CourseError(
                f"the playground does not know the activation {str(found)[:60]!r} of "
                f"{str(layer['config']['name'])[:60]}"
            )
        if how == "linear":
            return value
        return self.add(activation(self.shapes[value], how), [value], layer)

    def add(self, operation: Operation, inputs: list[int], layer: Mapping[str, Any]) -> int:
        """Add an operation, and return its number."""
        name, gives = layer["config"]["name"], operation.gives
        if min(gives) < 1:
            raise CourseError(f"{name} gives an empty array of shape {gives}")
        self.layers.append(
            {
                "kind": operation.kind,
                "from": inputs,
                "name": str(name)[:60],
                "title": str(layer.get("class_name", "Reshape"))[:60],
                **operation.settings,
            }
        )
        self.shapes.append(tuple(int(side) for side in gives))
        self.arrays.append(operation.arrays)
        return len(self.layers)


# --- What each layer becomes: of its settings, the shape that it reads, and its arrays ----------


def activation(shape: Shape, how: str, **settings: float) -> Operation:
    """Bend each number."""
    return Operation("activation", shape, settings={"how": how, **settings})


def reshaped(shape: Sequence[int]) -> Operation:
    """Change the shape only."""
    return Operation("reshape", shape, settings={"shape": [int(side) for side in shape]})


def combination(how: str, config: Config, shapes: Sequence[Shape]) -> Operation:
    """Make one of several."""
    if how != "concatenate":
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise CourseError(f"the playground wants inputs of one shape for {config['name']}")
        return Operation("combine", shapes[0], settings={"how": how})
    shape = list(shapes[0])
    axis = without_batch(config.get("axis", -1), shape)
    shape[axis] = sum(each[axis] for each in shapes)
    return Operation("combine", shape, settings={"how": how, "axis": axis})


def without_batch(axis: int, shape: Sequence[int]) -> int:
    """Return which axis of a shape without the batch Keras means."""
    return axis - 1 if axis > 0 else axis + len(shape)


def pair(value: Any) -> list[int]:
    """Return a setting for both directions."""
    return [int(value), int(value)] if isinstance(value, int) else [int(each) for each in value]


def slid(
    kind: str, config: Config, shape: Shape, size: Sequence[int], strides: Any, **settings: Any
) -> Operation:
    """Slide a window over the maps; a pooling keeps their number, a convolution has filters."""
    height, width, channels = shape
    padding, steps = config["padding"], pair(strides)
    sides = []
    for side, window, stride, dilation in zip(
        (height, width), size, steps, settings.get("dilation", (1, 1)), strict=True
    ):
        reach = (window - 1) * dilation + 1
        # As TensorFlow counts the places of a window.
        sides.append(-(-side // stride) if padding == "same" else (side - reach) // stride + 1)
    settings = {"size": list(size), "strides": steps, "padding": padding, **settings}
    return Operation(kind, [*sides, settings.get("filters", channels)], settings=settings)


def convolution(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Convolve; the kernel has the shape (height, width, channels/groups, filters)."""
    kernel, groups = arrays[0], int(config.get("groups", 1))
    if kernel.shape[2] * groups != shape[2]:
        raise CourseError(f"the kernel of {config['name']} does not fit its input")
    operation = slid(
        *("conv", config, shape, kernel.shape[:2], config["strides"]),
        filters=kernel.shape[3],
        dilation=pair(config["dilation_rate"]),
        groups=groups,
        bias=len(arrays) > 1,
    )
    return [replace(operation, arrays=arrays)]


def depthwise(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Convolve with as many groups as channels."""
    height, width, channels, times = arrays[0].shape
    kernel = arrays[0].reshape(height, width, 1, channels * times)
    return convolution({**config, "groups": channels}, shape, [kernel, *arrays[1:]])


def separable(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Convolve depthwise, then by 1 × 1."""
    (first,) = depthwise(config, shape, arrays[:1])
    plain = {"name": config["name"], "strides": 1, "dilation_rate": 1, "padding": "valid"}
    return [first, *convolution(plain, tuple(first.gives), arrays[1:])]


def pooling(how: str, config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Slide a window, and keep its largest number or its mean."""
    size = pair(config["pool_size"])
    return [slid("pool", config, shape, size, config["strides"] or size, how=how)]


def global_pooling(how: str, config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Pool with a window as large as the map."""
    pool = slid("pool", {"padding": "valid"}, shape, shape[:2], 1, how=how)
    return [pool] if config.get("keepdims") else [pool, reshaped([shape[2]])]


def batch_normalization(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Multiply and add by channel, which is all that is left after training."""
    require_last_axis(config, shape)
    given = iter(array.astype("float64") for array in arrays)
    gamma = next(given) if config["scale"] else 1.0
    beta = next(given) if config["center"] else 0.0
    mean, variance = given
    factor = gamma / np.sqrt(variance + config["epsilon"])
    return [Operation("affine", shape, [factor, beta - mean * factor])]


def require_last_axis(config: Config, shape: Shape) -> None:
    """Refuse another axis than the channels'."""
    if config.get("axis", -1) not in (-1, len(shape)):
        raise CourseError(f"the playground wants axis=-1 for {config['name']}")


def rescaling(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Multiply and add the same everywhere."""
    both = []
    for given in (config["scale"], config["offset"]):
        number = given.get("config", {}).get("value") if isinstance(given, Mapping) else given
        both.append(np.broadcast_to(np.asarray(number, "float64"), shape[-1:]))
    return [Operation("affine", shape, both)]


def layer_normalization(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Normalize over the last axes."""
    axes = config["axis"] if isinstance(config["axis"], list) else [config["axis"]]
    counted, first = sorted(without_batch(axis, shape) for axis in axes), len(shape) - len(axes)
    if counted != list(range(first, len(shape))) or config.get("rms_scaling"):
        raise CourseError(f"the playground wants the last axes for {config['name']}")
    given = iter(arrays)
    gamma = next(given) if config["scale"] else np.ones(shape[first:])
    beta = next(given) if config["center"] else np.zeros(shape[first:])
    settings = {"axes": len(axes), "epsilon": float(config["epsilon"])}
    return [Operation("normalize", shape, [gamma, beta], settings)]


def dense(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Multiply the last axis by a matrix."""
    size, units = arrays[0].shape
    if size != shape[-1]:
        raise CourseError(f"the kernel of {config['name']} does not fit its input")
    settings = {"units": units, "bias": len(arrays) > 1}
    return [Operation("dense", [*shape[:-1], units], arrays, settings)]


def reshape(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Change the shape, of which one side may follow from the others."""
    wanted = list(config["target_shape"])
    if -1 in wanted:
        known = math.prod(side for side in wanted if side != -1)
        wanted[wanted.index(-1)] = math.prod(shape) // known
    return [reshaped(wanted)]


def framed(name: str, sign: int, config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Add rows and columns of zeros at the edges, or take some away."""
    (top, bottom), (left, right) = (pair(each) for each in config[name])
    height, width, channels = shape
    gives = [height + sign * (top + bottom), width + sign * (left + right), channels]
    edges = [sign * each for each in (top, bottom, left, right)]
    return [Operation("frame", gives, settings={"edges": edges})]


def upright(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Take the slant out of the image."""
    if len(shape) != len(IMAGE_SHAPE) or shape[-1] != 1:
        raise CourseError(f"{config['name']} reads images of one channel, not {shape}")
    return [Operation("upright", shape)]


def relu(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Bend as ReLU with its settings."""
    settings = {
        "slope": float(config.get("negative_slope") or 0),
        "threshold": float(config.get("threshold") or 0),
    }
    if config.get("max_value") is not None:
        settings["most"] = float(config["max_value"])
    return [activation(shape, "relu", **settings)]


def softmax(config: Config, shape: Shape, arrays: Arrays) -> list[Operation]:
    """Make probabilities."""
    require_last_axis(config, shape)
    return [activation(shape, "softmax")]


ACTIVATION_LAYERS = {"ReLU", "LeakyReLU", "ELU", "Softmax"}
CONVERTERS: dict[str, Callable[[Config, Shape, Arrays], list[Operation]]] = {
    "Conv2D": convolution,
    "DepthwiseConv2D": depthwise,
    "SeparableConv2D": separable,
    "MaxPooling2D": partial(pooling, "max"),
    "AveragePooling2D": partial(pooling, "average"),
    "GlobalMaxPooling2D": partial(global_pooling, "max"),
    "GlobalAveragePooling2D": partial(global_pooling, "average"),
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "Rescaling": rescaling,
    "Dense": dense,
    "Flatten": lambda config, shape, arrays: [reshaped([math.prod(shape)])],
    "Reshape": reshape,
    "ZeroPadding2D": partial(framed, "padding", 1),
    "Cropping2D": partial(framed, "cropping", -1),
    "Upright": upright,
    "ReLU": relu,
    "LeakyReLU": lambda config, shape, arrays: [
        activation(shape, "relu", slope=float(config.get("negative_slope", 0.3)))
    ],
    "ELU": lambda config, shape, arrays: [
        activation(shape, "elu", alpha=float(config.get("alpha", 1)))
    ],
    "Softmax": softmax,
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


def ends(value: Any) -> list[Any]:
    """List a functional model's input or output layers: of each the name, and which call."""
    return [value] if value and isinstance(value[0], str) else list(value)


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

    look([*node["args"], node["kwargs"].get("inputs")])
    return found
