"""Train, question and scale a convolutional network on handwritten digits.

The names below are loaded when they are first used: ``import mnist_keras`` imports no Keras.

What lessons import is here, and a new network, recipe or way to read a picture goes here, too:

- `data`, `images`, `photos`, `photo_kinds`, `augmentation`: MNIST, and pictures from elsewhere.
- `networks`, `upright`, `recipes`, `batches`, `training`, `evaluation`: to build and train.
- `results`, `notebook`: what was measured, and numbers for the text.
- `describe`, `errors`, `files`, `cli`: small things that all rooms use, and the command.
- `entry_rules`: what an entry of the challenge may be, for those who make one and those who judge.

All else lies in rooms by reason. An import runs down this list, never up:

- `commands`: ``mnist-keras``, a module a command.
- `drawings`, `tuning`: what explains an idea; the search.
- `challenge`, `grading`, `authoring`, `sandbox`: entries, hand-ins, notebooks, their runs.
- `cluster`, `reports`, `web`, `checks`, `figures`: devices and jobs; pages; the playground; rules.
- `process`, `runs`: the running command, and the folders that it writes.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mnist_keras import drawings as drawings
    from mnist_keras import figures as figures
    from mnist_keras.augmentation import shift_images, warp_images
    from mnist_keras.challenge.entry import save_entry
    from mnist_keras.data import hold_out, load_data, prepare
    from mnist_keras.errors import CourseError
    from mnist_keras.evaluation import Evaluation, evaluate, predict_probabilities
    from mnist_keras.images import read_digit
    from mnist_keras.networks import (
        build_accurate_cnn,
        build_convnet,
        build_fast_cnn,
        build_mlp,
        build_tiny_cnn,
    )
    from mnist_keras.notebook import Numbers
    from mnist_keras.results import measured
    from mnist_keras.runs.settings import TrainingSettings, settings_for
    from mnist_keras.training import TrainingRun, load_model, train
    from mnist_keras.tuning.search import SearchResult, search
    from mnist_keras.upright import Upright
    from mnist_keras.web.display import playground, sliding_window
    from mnist_keras.web.model_file import save_playground
    from mnist_keras.web.recording import RecordSteps

_NAMES = {
    "errors": "CourseError",
    "evaluation": "Evaluation evaluate predict_probabilities",
    "notebook": "Numbers",
    "web.recording": "RecordSteps",
    "tuning.search": "SearchResult search",
    "training": "TrainingRun load_model train",
    "runs.settings": "TrainingSettings settings_for",
    "networks": "build_accurate_cnn build_convnet build_fast_cnn build_mlp build_tiny_cnn",
    "data": "hold_out load_data prepare",
    "results": "measured",
    "web.display": "playground sliding_window",
    "images": "read_digit",
    "challenge.entry": "save_entry",
    "web.model_file": "save_playground",
    "augmentation": "shift_images warp_images",
    "upright": "Upright",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(["drawings", "figures", *_HOME])


def __getattr__(name: str) -> object:
    if name in ("drawings", "figures"):
        return import_module(f"mnist_keras.{name}")
    if name in _HOME:
        return getattr(import_module(f"mnist_keras.{_HOME[name]}"), name)
    raise AttributeError(f"module 'mnist_keras' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
