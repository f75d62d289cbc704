"""What an entry may be. It is read here as plain JSON, without Keras.

An entry is a file ``entry.json`` with the text that `keras.Model.to_json` gives and the names of
the files beside it that hold the weights, one for each training, as ``numpy.savez`` writes them.
There is nothing in it that runs: no pickle, no Lambda, no class that Keras does not bring.
"""

import json
from dataclasses import dataclass
from typing import Any

from mnist_keras.errors import CourseError

ENTRY, ARCHITECTURE = "entry.json", "the architecture"
WEIGHTS = ".npz"
# What the exercise lets learners write; what it says of the network has to be so.
KEYS = ("architecture", "weights", "league", "parameters", "validation accuracy")

# The most parameters, of every kind: also those that are not trained.
LEAGUES = {"10k": 10_000, "50k": 50_000}
MOST_PARAMETERS = max(LEAGUES.values())
MOST_TRAININGS = 5
# Golf: every entry that reads this share of the test images, the fewest parameters first.
GOLF = {"golf-99": 0.99, "golf-98": 0.98}
FEWEST_TRAININGS = 3  # in golf, where a single lucky one would decide

LARGEST_ARCHITECTURE = 1_000_000  # bytes
LARGEST_WEIGHTS = 4_000_000
DEEPEST, MOST_VALUES = 40, 50_000

MODELS = {"Sequential", "Functional"}
LEFT_OUT = {"build_config", "compile_config"}  # of a model: to read images, neither is needed
LAYERS = {
    *("InputLayer", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense"),
    *("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D"),
    *("BatchNormalization", "LayerNormalization", "GroupNormalization", "Rescaling"),
    *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"),
    *("Flatten", "Reshape", "Permute", "ZeroPadding2D", "Cropping2D", "UpSampling2D"),
    *("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"),
    *("Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "Identity"),
}
ACTIVATIONS = {
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish"),
    *("tanh", "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "mish"),
    *("softplus", "softsign", "softmax", "log_softmax", "exponential", "squareplus"),
}
# How a weight started or was held does not matter any more, but Keras writes it down.
SILENT = {"keras.initializers", "keras.regularizers", "keras.constraints"}
KERAS_OWN = {"__keras_tensor__", "__tuple__", "DTypePolicy"}
# What numbers may be. Smaller ones, or whole ones, would let two weights count as one.
FLOATS = {"float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"}
CONSTANTS = {"scale", "offset", "args", "kwargs"}
LONGEST_SETTING = 8  # whole numbers in a list that is a setting, such as a kernel's size
HOMES = {"keras", "keras.layers", "keras.models", "keras.src.models.functional"}


class RefusedError(CourseError):
    """An entry that does not keep the rules; the message says which and what to do."""


@dataclass(frozen=True)
class Claims:
    """What an entry's file says."""

    architecture: str  # the text that `keras.Model.to_json` gave
    weights: tuple[str, ...]  # names of the files with the weights, one for each training
    # the most parameters of the league that it says to compete in; None if it does not say
    league: int | None = None
    parameters: int | None = None  # how many it says to have; None if it does not say

    def hold(self, parameters: int) -> None:
        """Refuse what says something else of its network than is the case."""
        if self.parameters not in (None, parameters):
            raise RefusedError(
                f"it says that it has {self.parameters:,} parameters, but it has {parameters:,}"
            )
        if self.league is not None and parameters > self.league:
            raise RefusedError(
                f"{parameters:,} parameters are too many for the league of {self.league:,}"
            )


def read_entry(text: str) -> Claims:
    """Read an entry's file."""
    entry = loaded(text, ENTRY)
    if not isinstance(entry, dict) or not isinstance(entry.get("architecture"), str):
        raise RefusedError(f'{ENTRY} has no "architecture", the text that model.to_json() gives')
    claimed = sorted(entry.keys() - set(KEYS))
    if claimed:
        raise RefusedError(
            f"{ENTRY} claims {shown(claimed[0])}; scores are computed here, never taken"
        )
    names = entry.get("weights")
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(map(is_weights_name, names)):
        raise RefusedError(f'{ENTRY} has no "weights", the name of an .npz file beside it')
    if not 1 <= len(set(names)) == len(names) <= MOST_TRAININGS:
        raise RefusedError(f"an entry has from one to {MOST_TRAININGS} files of weights")
    league, parameters = entry.get("league"), entry.get("parameters")
    if league not in (None, *LEAGUES.values()):
        leagues = " or ".join(map(str, LEAGUES.values()))
        raise RefusedError(f"there is no league {shown(league)}; it is {leagues}")
    if parameters is not None and not isinstance(parameters, int):
        raise RefusedError(f"{shown(parameters)} is no number of parameters")
    return Claims(entry["architecture"], tuple(names), league, parameters)


def is_weights_name(name: object) -> bool:
    """Whether this names a file in the entry's own folder."""
    return isinstance(name, str) and name.endswith(WEIGHTS) and not set("/\\\0") & set(name)


def loaded(text: str, name: str) -> Any:
    """Read JSON of a size that an entry may have."""
    if len(text) > LARGEST_ARCHITECTURE:
        raise RefusedError(f"{name} is larger than {LARGEST_ARCHITECTURE // 10**6} MB")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{name} is not JSON") from error


def league_of(parameters: int) -> str:
    """Return the smallest league that a number of parameters fits."""
    if parameters > MOST_PARAMETERS:
        raise RefusedError(
            f"it has {parameters:,} parameters, and the largest league allows {MOST_PARAMETERS:,}"
        )
    return min((most, name) for name, most in LEAGUES.items() if parameters <= most)[1]


def checked_architecture(text: str) -> str:
    """Check an architecture and return it without what is no part of a network.

    How it was compiled is left out: to read images, it need not be.
    """
    model = loaded(text, ARCHITECTURE)
    if not isinstance(model, dict) or shown(model.get("class_name")) not in MODELS:
        raise RefusedError(f"{ARCHITECTURE} is no Sequential or functional Keras model")
    own = {"module", "class_name", "config", "registered_name"}
    claimed = sorted(model.keys() - own - LEFT_OUT)
    if claimed:
        raise RefusedError(
            f"{ARCHITECTURE} claims {shown(claimed[0])}; an entry holds no score, "
            "because scores are computed here"
        )
    check_values(model)
    return json.dumps(model)


def check_values(model: dict[str, Any]) -> None:
    """Check every value of an architecture; the first that breaks a rule is named.

    How the model, and each model in it, was built and compiled is taken out and not looked at.
    """
    pending: list[tuple[Any, int]] = [(model, 0)]
    seen = 0
    while pending:
        value, depth = pending.pop()
        seen += 1
        if depth > DEEPEST or seen > MOST_VALUES:
            raise RefusedError(f"{ARCHITECTURE} is nested too deep or too long for a network")
        if isinstance(value, dict):
            if shown(value.get("class_name")) in MODELS:
                for name in LEFT_OUT & value.keys():
                    del value[name]
            if "class_name" in value or "registered_name" in value:
                check_object(value)
            check_precision(value)
            activation = value.get("activation")
            if isinstance(activation, str) and activation not in ACTIVATIONS:
                raise RefusedError(f"the activation {shown(activation)} is not on the list")
            pending += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list):
            pending += [(each, depth + 1) for each in value]


def check_precision(value: dict[str, Any]) -> None:
    """Check that what an object of an architecture computes with are floating-point numbers."""
    policy = value.get("class_name") == "DTypePolicy"
    name = value["config"] if policy and isinstance(value.get("config"), dict) else {}
    for found in (value.get("dtype"), name.get("name"), value.get("quantization_config")):
        if found is not None and not isinstance(found, dict) and shown(found) not in FLOATS:
            raise RefusedError(
                f"it computes with {shown(found)}; an entry's numbers are floats such as float32"
            )


def constants(text: str) -> int:
    """Count the numbers that stand in an architecture as constants: they are parameters, too.

    Those are what a `Rescaling` layer holds in lists and what layers are called with; and in any
    other list floats, or more whole numbers than a setting has.
    """
    count = 0
    pending: list[tuple[Any, bool]] = [(json.loads(text), False)]
    while pending:
        value, every = pending.pop()
        if isinstance(value, dict):
            every = every and "class_name" not in value
            pending += [(each, every or key in CONSTANTS) for key, each in value.items()]
        elif isinstance(value, list):
            pending += [(each, every) for each in value if isinstance(each, dict | list)]
            whole = sum(isinstance(each, int) and not isinstance(each, bool) for each in value)
            count += sum(isinstance(each, float) for each in value)
            count += whole if every or whole > LONGEST_SETTING else 0
    return count


def check_object(value: dict[str, Any]) -> None:
    """Check an object that Keras would make: its class is on the list, and is Keras's own."""
    name, home = value.get("class_name"), value.get("module")
    if not isinstance(name, str) or not isinstance(home, str | None):
        raise RefusedError(f"{ARCHITECTURE} names a class by {shown(name)}, as Keras never does")
    if name == "function":
        if home != "builtins" or shown(value.get("config")) not in ACTIVATIONS:
            raise RefusedError(f"the function {shown(value.get('config'))} is not on the list")
        return
    known = name in LAYERS | MODELS | KERAS_OWN and (home in HOMES or home is None)
    if not known and home not in SILENT:
        raise RefusedError(
            f"the layer {shown(name)} is not on the list of the rules; "
            "build the network from the layers that are"
        )
    if value.get("registered_name") not in (None, name):
        raise RefusedError(f"the layer {shown(name)} is a class of its own; use Keras's")


def shown(value: object) -> str:
    """Return a short text of something that an entry holds, on one line."""
    if isinstance(value, dict | list):  # may be nested so deep that it has no text
        return f"a {type(value).__name__}"
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return text if len(text) <= 60 else f"{text[:59]}…"
