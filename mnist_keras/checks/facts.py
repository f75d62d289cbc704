"""A Keras model, its compilation, a callback, a training run or a search as plain data.

Only the public interface of Keras and of Keras Tuner is read, and neither is imported: a notebook
that holds a model or a tuner has imported it already.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from typing import Any

from mnist_keras.checks.plain import Data, plain

# What a rule may want to know of a callback.
CALLBACK_OPTIONS = (
    "baseline",
    "min_delta",
    "mode",
    "monitor",
    "patience",
    "restore_best_weights",
    "save_best_only",
    "start_from_epoch",
)
# What a rule may want to know of a layer.
OPTIONS = (
    "activation",
    "filters",
    "kernel_size",
    "padding",
    "pool_size",
    "rate",
    "strides",
    "units",
    "use_bias",
)


def collected(value: Any) -> Data:
    """Turn a value of a notebook into plain data, Keras's objects included."""
    return plain(value, keras_data)


def keras_data(value: Any) -> Data | None:
    """Turn an object of Keras's into plain data; ``None`` for any other."""
    keras = sys.modules.get("keras")
    if keras is None:
        return None
    if isinstance(value, keras.Model):
        return model_data(value)
    if isinstance(value, keras.callbacks.History):
        return {"kind": "history", "items": plain(value.history)["items"]}
    if isinstance(value, keras.callbacks.Callback):
        return callback_data(value)
    if isinstance(value, keras.optimizers.Optimizer):
        return optimizer_data(value)
    if isinstance(value, keras.layers.Layer):
        return {"kind": "layer", **layer_data(value)}
    return search_data(value)


def model_data(model: Any) -> Data:
    """Turn a model into its shapes, its layers and how it was compiled.

    The layers of models within the model stand in their place; inputs are left out.
    """
    keras = sys.modules["keras"]
    data: dict[str, Data] = {
        "kind": "model",
        "name": str(model.name),
        "built": bool(model.built),
        "input_shape": _shape(model, "input_shape"),
        "output_shape": _shape(model, "output_shape"),
        "layers": [layer_data(layer) for layer in flat_layers(model)],
        "parameters": None,
        "trainable": None,
        "finite": True,
        "optimizer": None,
        "loss": None,
        "from_logits": None,
        "metrics": [],
        "fingerprint": fingerprint(model),
    }
    if model.built:
        data["parameters"] = int(model.count_params())
        sizes = [math.prod(weight.shape) for weight in model.trainable_weights]
        data["trainable"] = int(sum(sizes))
        numpy = sys.modules["numpy"]
        data["finite"] = all(bool(numpy.isfinite(w).all()) for w in model.get_weights())
    if getattr(model, "compiled", False):
        config = model.get_compile_config() or {}
        data["optimizer"] = optimizer_data(model.optimizer)
        data["loss"], data["from_logits"] = loss_data(keras, model.loss)
        data["metrics"] = _metric_names(config.get("metrics"))
    return data


def flat_layers(model: Any) -> list[Any]:
    """List a model's layers, those of models within it included, without inputs."""
    found = []
    for layer in model.layers:
        if getattr(layer, "layers", None):
            found += flat_layers(layer)
        elif type(layer).__name__ != "InputLayer":
            found.append(layer)
    return found


def fingerprint(model: Any) -> str:
    """Give a text that models share whose layers and compilation have the same settings.

    Names, weights and the connections between the layers do not count.
    """
    settings = [[type(layer).__name__, layer.get_config()] for layer in flat_layers(model)]
    compiled = model.get_compile_config() if getattr(model, "compiled", False) else None
    text = json.dumps(_nameless([settings, compiled]), default=lambda each: type(each).__name__)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _nameless(each) for key, each in value.items() if key != "name"}
    if isinstance(value, list | tuple):
        return [_nameless(each) for each in value]
    return value


def layer_data(layer: Any) -> dict[str, Data]:
    """Turn a layer into its class, its options, its parameters and the shape of its output."""
    config = layer.get_config()
    data: dict[str, Data] = {"class": type(layer).__name__, "name": str(layer.name)}
    for name in OPTIONS:
        if name in config:
            value = config[name]
            data[name] = name_of(value) if name == "activation" else plain(value)
    # Activations that are layers of their own, such as ReLU.
    data["parameters"] = int(layer.count_params()) if layer.built else None
    try:
        data["output_shape"] = [each and int(each) for each in layer.output.shape]
    except (AttributeError, ValueError, TypeError):  # not part of a graph: a subclass's layer
        data["output_shape"] = None
    return data


def optimizer_data(optimizer: Any) -> Data:
    """Turn an optimizer into its class, its learning rate and the steps it has taken."""
    if optimizer is None:
        return None
    rate = optimizer.get_config().get("learning_rate")
    return {
        "kind": "optimizer",
        "class": type(optimizer).__name__,
        "learning_rate": float(rate) if isinstance(rate, int | float) else None,
        "schedule": rate.get("class_name") if isinstance(rate, dict) else None,
        "steps": int(optimizer.iterations),
    }


def loss_data(keras: Any, loss: Any) -> tuple[str | None, bool | None]:
    """Give a loss's name and whether it expects logits, for text, function or object."""
    if loss is None:
        return None, None
    if isinstance(loss, keras.losses.Loss):
        config = loss.get_config()
        return snake_case(type(loss).__name__), bool(config.get("from_logits", False))
    return name_of(loss), False


def callback_data(callback: Any) -> Data:
    """Turn a callback into its class and its simple public attributes."""
    data: dict[str, Data] = {"kind": "callback", "class": type(callback).__name__}
    for name in CALLBACK_OPTIONS:
        if hasattr(callback, name):
            data[name] = plain(getattr(callback, name))
    return data


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
            "max_trials": oracle.max_trials,
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
        "status": str(trial.status),
        "score": None if trial.score is None else float(trial.score),
    }


def name_of(value: Any) -> str | None:
    """Give the name of an activation, a loss or a metric, however it was given."""
    if value is None:
        return None
    if isinstance(value, dict):  # as get_config() writes an object
        inner = value.get("config")
        return name_of(inner if isinstance(inner, str) else value.get("class_name"))
    if isinstance(value, str):
        return snake_case(value)
    return snake_case(getattr(value, "__name__", None) or type(value).__name__)


def snake_case(name: str) -> str:
    """Write a class's name as Keras writes it in a text."""
    if name in ("ReLU", "ELU", "SELU", "GELU"):
        return name.lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _metric_names(metrics: Any) -> list[str]:
    if metrics is None:
        return []
    each = metrics if isinstance(metrics, list | tuple) else [metrics]
    return [str(name_of(metric)) for metric in each]


def _shape(model: Any, name: str) -> list[int | None] | None:
    try:
        return [each and int(each) for each in getattr(model, name)]
    except (AttributeError, ValueError, TypeError):
        return None
