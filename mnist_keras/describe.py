"""A network in words and figures: its layers, its size, its operations, and all of it in a line."""

from itertools import groupby
from typing import Any

import keras

from mnist_keras.networks import leaves

SILENT = {"InputLayer"}
SHORT = {
    "BatchNormalization": "norm",
    "LayerNormalization": "layer norm",
    "GroupNormalization": "group norm",
    "GlobalAveragePooling2D": "average",
    "GlobalMaxPooling2D": "largest",
    "Flatten": "flatten",
    "ReLU": "relu",
    "LeakyReLU": "leaky relu",
    "ZeroPadding2D": "frame",
    "Cropping2D": "crop",
    "Average": "mean",
    "Add": "add",
    "Concatenate": "join",
}


def layers_of(model: keras.Model) -> list[dict[str, Any]]:
    """List the layers: class, what each is in a few words, its output's shape, its parameters."""
    rows = []
    for layer in leaves(model):
        kind = type(layer).__name__
        if kind in SILENT:
            continue
        try:
            shape = [int(n) for n in layer.output.shape[1:] if n]
        except (AttributeError, ValueError, TypeError):  # used twice, or with several outputs
            shape = []
        rows.append(
            {
                "class": kind,
                "what": in_words(layer),
                "shape": shape,
                "parameters": layer.count_params() if layer.built else 0,
            }
        )
    return rows


def architecture(model: keras.Model) -> str:
    """Say in a line what a model is made of."""
    runs = [
        (what, len(list(alike))) for what, alike in groupby(r["what"] for r in layers_of(model))
    ]
    return " · ".join(what if times == 1 else f"{times} × {what}" for what, times in runs)


def in_words(layer: keras.layers.Layer) -> str:
    """Say in a few words what a layer is."""
    kind, config = type(layer).__name__, layer.get_config()
    if "kernel_size" in config:
        name = {"Conv2D": "conv", "SeparableConv2D": "separable"}.get(kind, "depthwise")
        filters = f" {config['filters']}" if config.get("filters") else ""
        words = f"{name}{filters} {by(config['kernel_size'])}"
        strides = max(config.get("strides") or (1,))
        words += f" /{strides}" if strides > 1 else ""
    elif kind == "Dense":
        words = f"dense {config['units']}"
    elif "pool_size" in config:
        words = f"{'max' if kind.startswith('Max') else 'mean'} {by(config['pool_size'])}"
    elif kind == "Dropout":
        words = f"dropout {config['rate']:g}"
    elif kind == "Activation":
        return str(config["activation"])
    else:
        return SHORT.get(kind, kind.lower())
    activation = config.get("activation")
    named = isinstance(activation, str) and activation != "linear"
    return f"{words} {activation}" if named else words


def by(sizes: Any) -> str:
    """Write ``3×3``."""
    return "×".join(map(str, sizes))
