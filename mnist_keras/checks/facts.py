"""What a question reads of a notebook, Keras's objects and results of calls too, as plain data.

Only the public interface of Keras and of Keras Tuner is read, and neither is imported: a notebook
that holds a model or a tuner has imported it already.

A function counts for what it does, not for its name: an activation or a loss that somebody wrote,
or took from another library, is tried out on a few numbers and compared with Keras's own.
"""

import functools
import hashlib
import json
import math
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from mnist_keras.checks.plain import Data, plain

LONGEST_OPTION = 4  # of an option that is several numbers, as a kernel's size is
# Keras's functions with which an activation or a loss of another origin is compared.
ACTIVATIONS = (
    *("linear", "relu", "sigmoid", "softmax", "tanh", "elu", "gelu", "leaky_relu"),
    *("log_softmax", "relu6", "selu", "silu", "softplus"),
)
LOSSES = ("sparse_categorical_crossentropy", "categorical_crossentropy")
SCORES = ((-3.0, -0.5, 0.25, 2.0, 8.0),)  # what an activation is tried on
PROBABILITIES = ((0.1, 0.2, 0.7), (0.5, 0.3, 0.2))  # what a loss is tried on, with these labels
LABELS = (1, 0)


@dataclass(frozen=True)
class Call:
    """A call of a learner's function, whose result a rule wants to see."""

    function: str
    arguments: tuple[Any, ...] = ()


def call_key(function: str, arguments: Sequence[Any]) -> str:
    """Name the result of calling a learner's function."""
    return json.dumps([function, list(arguments)])


def collect(
    namespace: Mapping[str, Any], names: Iterable[str], calls: Iterable[Call]
) -> dict[str, Data]:
    """Turn variables, and the results of calls, into plain data, by name and by `call_key`."""
    data = {name: collected(namespace.get(name)) for name in names}
    for call in calls:
        function = namespace.get(call.function)
        if callable(function) and not isinstance(function, type):
            data[call_key(call.function, call.arguments)] = called(function, call.arguments)
    return data


def called(function: Callable[..., Any], arguments: Sequence[Any]) -> Data:
    """Call a learner's function; an error is a result too."""
    try:
        # A copy, because a function may change a list that it is given.
        return collected(function(*deepcopy(arguments)))
    except (Exception, SystemExit) as error:
        message = " ".join(str(error).split())
        return {"kind": "error", "type": type(error).__name__, "message": message[:200]}


def collected(value: Any) -> Data:
    """Turn a value of a notebook into plain data, Keras's objects included."""
    return plain(value, keras_data)


def keras_data(value: Any) -> Data | None:
    """Turn an object of Keras's into plain data; ``None`` for any other."""
    keras = sys.modules.get("keras")
    if keras is None:
        return None
    if isinstance(value, keras.Model):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as one about a loss that is a lambda
            return model_data(value)
    if isinstance(value, keras.callbacks.History):
        return {"kind": "history", "items": plain(value.history)["items"]}
    if isinstance(value, keras.callbacks.Callback):
        return options_of(value) | {"kind": "callback", "class": type(value).__name__}
    if isinstance(value, keras.optimizers.Optimizer):
        return optimizer_data(value)
    if isinstance(value, keras.layers.Layer):
        return {"kind": "layer", **layer_data(value)}
    return search_data(value)


def model_data(model: Any) -> Data:
    """Turn a model into its shapes, its layers and how it was compiled.

    The layers of models within the model stand in their place; inputs are left out. ``layers`` has
    each once, functions of Keras's that a functional model calls included; ``order`` says in which
    order they run, by their places in ``layers``.
    """
    run = list(operations_of(model))
    once = list({id(each): each for each in run}.values())
    places = {id(each): place for place, each in enumerate(once)}
    compiled, built = getattr(model, "compiled", False), bool(model.built)
    config = compile_config(model)
    loss, from_logits = loss_data(model.loss) if compiled else (None, None)
    return {
        "kind": "model",
        "built": built,
        # Nobody can tell what a learner's class does with its layers before it has read images.
        "unread": not built and not type(model).__module__.startswith("keras."),
        "output_shape": _output_shape(model),
        "layers": [layer_data(each) for each in once],
        "order": [places[id(each)] for each in run],
        "parameters": int(model.count_params()) if built else None,
        "trainable": sum(math.prod(w.shape) for w in model.trainable_weights) if built else None,
        "finite": not built or all(bool(np.isfinite(w).all()) for w in model.get_weights()),
        # Biases begin at 0; where weights were loaded, the optimizer took no steps.
        "biased": built and any(np.any(w) for w in model.trainable_weights if w.name == "bias"),
        "optimizer": optimizer_data(model.optimizer) if compiled else None,
        "loss": loss,
        "from_logits": from_logits,
        "metrics": list(metric_names(config.get("metrics"))),
        "fingerprint": fingerprint(model),
    }


def compile_config(model: Any) -> dict[str, Any]:
    """Return what a model was compiled with, as Keras writes it down.

    It trains with a loss made by `functools.partial`, or with a learner's own class, but cannot
    write these down: then each part that it can, and a name for the others.
    """
    if not getattr(model, "compiled", False):
        return {}
    try:
        return model.get_compile_config() or {}
    except Exception:  # whatever a learner's class raises
        parts = getattr(getattr(model, "_compile_config", None), "config", {})
        return {name: _written(part) for name, part in parts.items()}


def _written(part: Any) -> Any:
    try:
        return sys.modules["keras"].saving.serialize_keras_object(part)
    except Exception:
        if isinstance(part, list | tuple):
            return [_written(each) for each in part]
        return repr(part) if isinstance(part, functools.partial) else type(part).__name__


def operations_of(model: Any) -> Iterator[Any]:
    """Return what a model runs, in order: its layers and, if functional, functions of Keras's.

    Whatever runs twice is given twice. Inputs are left out, and a model within the model gives
    what it runs itself.
    """
    for each in _in_order(model):
        if getattr(each, "layers", None):
            yield from operations_of(each)
        elif type(each).__name__ != "InputLayer":
            yield each


def _in_order(model: Any) -> list[Any]:
    if isinstance(model, sys.modules["keras"].Sequential):
        return list(model.layers)
    if not hasattr(model, "operations"):
        followed = _followed(model)
        if followed is None:
            return list(model.layers)
        model = followed
    written = _config(model)
    if "output_layers" not in written:  # a class of the learner's around a functional model
        return list(model.operations)
    by_name = {each.name: each for each in model.operations}
    calls = {
        each["name"]: [list(_tensors(node, by_name)) for node in each["inbound_nodes"]]
        for each in written["layers"]
    }
    order: dict[tuple[str, int], Any] = {}

    def run(name: str, call: int) -> None:
        inputs = calls[name][min(call, len(calls[name]) - 1)] if calls[name] else []
        for each in inputs:
            if each not in order:
                run(*each)
        order[name, call] = by_name[name]

    for each in _tensors(written["output_layers"], by_name):
        run(*each)
    return list(order.values())


def _tensors(value: Any, names: Collection[str]) -> Iterator[tuple[str, int]]:
    """Return the tensors that a model's configuration names: of which operation, and which call."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return
    if len(value) == 3 and isinstance(value[0], str) and value[0] in names:
        yield value[0], value[1]
        return
    for each in value:
        yield from _tensors(each, names)


def _followed(model: Any) -> Any:
    """Return what a learner's class calls as a functional model; ``None`` where it is hidden.

    It is hidden where the class has read no images yet, and where it calls another library.
    """
    keras = sys.modules["keras"]
    shape = (model.get_build_config() or {}).get("input_shape") if model.built else None
    if not shape:
        return None
    try:
        inputs = keras.Input(shape[1:])
        return keras.Model(inputs, model.call(inputs))
    except Exception:  # whatever the learner's code does with something that is no number yet
        return None


def fingerprint(model: Any) -> str:
    """Return a text that models share whose layers and compilation have the same settings.

    Names, weights and the connections between the layers do not count.
    """
    settings = [[type(each).__name__, _config(each)] for each in operations_of(model)]
    compiled = compile_config(model)
    text = json.dumps([settings, compiled], default=lambda each: type(each).__name__)
    nameless = json.loads(text, object_hook=lambda each: {**each, "name": None})
    return hashlib.sha256(repr(nameless).encode()).hexdigest()[:16]


def layer_data(layer: Any) -> dict[str, Data]:
    """Turn a layer into its class, its options and its parameters.

    A function of Keras's that a functional model calls is one without any.
    """
    keras = sys.modules["keras"]
    data = options_of(layer) | {"class": type(layer).__name__, "name": str(layer.name)}
    if not isinstance(layer, keras.layers.Layer):
        data |= {"function": True, "activation": activation_like(layer), "parameters": 0}
        return data
    activation = getattr(layer, "activation", None)
    if activation is not None:
        data["activation"] = activation_like(activation) or name_of(activation)
    elif isinstance(layer, keras.layers.Lambda):
        data["activation"] = activation_like(layer.function)
    data["parameters"] = int(layer.count_params()) if layer.built else None
    return data


def _config(operation: Any) -> dict[str, Any]:
    try:
        return dict(operation.get_config())
    except (NotImplementedError, OSError):  # a class or a lambda of the learner's, without source
        return {}


def activation_like(function: Callable[..., Any]) -> str | None:
    """Return the name of the activation of Keras's that does what a function does, if there is one.

    The function may be a layer or an operation too, of any library.
    """
    keras = sys.modules["keras"]
    known = {name: getattr(keras.activations, name, None) for name in ACTIVATIONS}
    for name, own in known.items():
        if function is own:
            return name
    if isinstance(function, keras.layers.Layer) and not function.built:
        return None  # trying it would make its weights
    scores = np.array(SCORES, dtype="float32")
    found = _tried(function, scores)
    alike = (name for name, own in known.items() if own and _alike(found, _tried(own, scores)))
    return next(alike, None)


def _tried(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, as an array; ``None`` where it cannot take the numbers."""
    try:
        return np.asarray(sys.modules["keras"].ops.convert_to_numpy(function(*arguments)))
    except Exception:  # the function may be the learner's, or not be made for one argument
        return None


def _alike(found: Any, wanted: Any) -> bool:
    known = found is not None and wanted is not None
    return known and found.shape == wanted.shape and np.allclose(found, wanted, atol=1e-4)


def optimizer_data(optimizer: Any) -> Data:
    """Turn an optimizer into its class, its learning rate and the steps it has taken."""
    if optimizer is None:
        return None
    # With "mixed_float16" Keras puts one around the learner's, which scales the loss.
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    try:
        rate = optimizer.get_config().get("learning_rate")
    except NotImplementedError:  # a schedule of the learner's own
        rate = {"class_name": type(getattr(optimizer, "_learning_rate", None)).__name__}
    return {
        "kind": "optimizer",
        "class": type(optimizer).__name__,
        "learning_rate": float(rate) if isinstance(rate, int | float) else None,
        "schedule": rate.get("class_name") if isinstance(rate, dict) else None,
        "steps": int(optimizer.iterations),
    }


def loss_data(loss: Any) -> tuple[str | None, bool | None]:
    """Return a loss's name and whether it expects logits, for text, function or object."""
    if isinstance(loss, list | tuple | dict) and len(loss) == 1:
        (loss,) = loss.values() if isinstance(loss, dict) else loss
    if loss is None:
        return None, None
    if isinstance(loss, sys.modules["keras"].losses.Loss):
        config = loss.get_config()
        return snake_case(type(loss).__name__), bool(config.get("from_logits", False))
    if isinstance(loss, str):
        return snake_case(loss), False
    return loss_like(loss) or (name_of(loss), False)


def loss_like(function: Callable[..., Any]) -> tuple[str, bool] | None:
    """Return the cross-entropy of Keras's that a function computes and whether it expects logits.

    ``None`` where it computes something else.
    """
    scores = np.array(PROBABILITIES, dtype="float32")
    whole = np.array(LABELS, dtype="int32")
    for name, labels in zip(LOSSES, (whole, np.eye(3, dtype="float32")[whole]), strict=True):
        found, own = _tried(function, labels, scores), getattr(sys.modules["keras"].losses, name)
        for logits in (False, True):
            each = _tried(own, labels, scores, logits)
            if _alike(found, each) or _alike(found, each.mean()):
                return name, logits
    return None


def options_of(value: Any) -> dict[str, Data]:
    """Return what an object of Keras's was made with, as far as it is plain: `units`, `patience`.

    These are its public attributes that are a number, a text or a few numbers.
    """
    found = {}
    for name, each in vars(value).items():
        several = isinstance(each, tuple | list) and len(each) <= LONGEST_OPTION
        parts = each if several else (each,)
        if not name.startswith("_") and all(isinstance(p, Real | str) for p in parts):
            found[name] = plain(each)
    return found


def search_data(value: Any) -> Data | None:
    """Turn a tuner or a trial of Keras Tuner's into plain data; ``None`` for anything else."""
    keras_tuner = sys.modules.get("keras_tuner")
    if keras_tuner is None:
        return None
    if isinstance(value, keras_tuner.Tuner):
        oracle = value.oracle
        return {
            "kind": "tuner",
            "class": type(value).__name__,
            "objective": str(oracle.objective.name),
            "direction": str(oracle.objective.direction),
            "max_model_size": value.max_model_size,
            "trials": [trial_data(each) for each in oracle.trials.values()],
        }
    if isinstance(value, keras_tuner.engine.trial.Trial):
        return trial_data(value)
    return None


def trial_data(trial: Any) -> Data:
    """Turn a trial into its hyperparameters, how it ended and its score, which may be ``None``."""
    return {
        "kind": "trial",
        "id": str(trial.trial_id),
        "values": plain(trial.hyperparameters.values),
        "score": None if trial.score is None else float(trial.score),
    }


def name_of(value: Any) -> str | None:
    """Return the name of an activation, a loss or a metric, however it was given."""
    if value is None:
        return None
    if isinstance(value, dict):  # as get_config() writes an object
        inner = value.get("config")
        return name_of(inner if isinstance(inner, str) else value.get("class_name"))
    if isinstance(value, str):
        return snake_case(value.removesuffix("_v2"))  # as in tf.nn.softmax
    return snake_case(getattr(value, "__name__", None) or type(value).__name__)


def snake_case(name: str) -> str:
    """Write a class's name as Keras writes it in a text."""
    if name in ("ReLU", "ELU", "SELU", "GELU"):
        return name.lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def metric_names(metrics: Any) -> Iterator[str]:
    """Return the metrics that a model was compiled with.

    Texts and functions go by their names, as in ``"accuracy"``, objects by their class, as in
    ``"Accuracy"``: the text stands for whichever accuracy fits the labels, the class does not.
    """
    if isinstance(metrics, str):
        yield snake_case(metrics)
    elif isinstance(metrics, list | tuple):
        for each in metrics:
            yield from metric_names(each)
    elif isinstance(metrics, dict) and "class_name" in metrics:  # as get_config() writes an object
        inner = metrics.get("config")
        yield snake_case(inner) if isinstance(inner, str) else str(metrics["class_name"])
    elif isinstance(metrics, dict):  # by output
        for each in metrics.values():
            yield from metric_names(each)


def _output_shape(model: Any) -> list[int | None] | None:
    try:
        return [each and int(each) for each in model.output_shape]
    except (AttributeError, ValueError, TypeError):
        return None
