"""Training: from settings to a trained network, with a run folder that survives a kill."""

import json
import platform
import re
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mnist_keras.batches import Batches, SeedEpochs
from mnist_keras.cluster.devices import ONE_DEVICE, Devices, devices_for, on_one_device, synchronize
from mnist_keras.cluster.lockstep import fit_in_lockstep
from mnist_keras.cluster.plan import Share, even_batch
from mnist_keras.data import NUMBER_OF_CLASSES, hold_out, load_data, prepare, verified_file
from mnist_keras.errors import CourseError
from mnist_keras.evaluation import Evaluation, evaluate, finite
from mnist_keras.files import written_whole
from mnist_keras.process.startup import keep_memory
from mnist_keras.recipes import RECIPES, Recipe
from mnist_keras.runs.folder import Epoch, RunFolder, find_model, not_a_model
from mnist_keras.runs.locking import locked
from mnist_keras.runs.settings import TrainingSettings
from mnist_keras.upright import Upright

STEPS_PER_EXECUTION = 20
IMAGES_TO_START = 500  # from which the first weights are computed


class KeepEpochs(keras.callbacks.Callback):
    """After each epoch: note what was measured and, with a run folder, make it survive a kill."""

    def __init__(self, history: list[Epoch], folder: RunFolder | None) -> None:
        super().__init__()
        self.history = history
        self._folder = folder
        self._start = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the epoch's clock."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep the epoch's figures, the model and its optimizer."""
        seconds = time.perf_counter() - self._start
        measured = {name: float(value) for name, value in (logs or {}).items()}
        self.history.append({"epoch": epoch + 1, **measured, "seconds": round(seconds, 3)})
        if self._folder:
            save_model(self.model, self._folder.checkpoint(epoch + 1))
            self._folder.write_history(self.history)


@dataclass(frozen=True)
class TrainingRun:
    """A finished training run."""

    settings: TrainingSettings  # what was asked for
    model: keras.Model  # trained and compiled
    # a row an epoch: ``epoch``, ``loss``, ``accuracy``, ``seconds``, and where there was a
    # validation split ``val_loss`` and ``val_accuracy``
    history: list[Epoch]
    evaluation: Evaluation  # what the model does on the test set
    folder: RunFolder | None = None  # where it lies on the disk, if anywhere
    devices: Devices = ONE_DEVICE  # which trained it

    def metrics(self) -> dict[str, Any]:
        """Summarize the run as it stands in ``metrics.json``."""
        return {
            "network": self.settings.network,
            "parameters": self.model.count_params(),
            "epochs": len(self.history),
            "seconds": round(sum(row["seconds"] for row in self.history), 3),
            "test_accuracy": self.evaluation.accuracy,
            "test_loss": finite(self.evaluation.loss),
            "test_images": len(self.evaluation.labels),
            **self.devices.describe(),
            "versions": {
                "python": platform.python_version(),
                "keras": keras.__version__,
                keras.backend.backend(): __import__(keras.backend.backend()).__version__,
            },
        }


def train(
    settings: TrainingSettings,
    *,
    out: Path | str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    callbacks: list[keras.callbacks.Callback] | None = None,
    strategy: str = "single",
    devices: int | None = None,
) -> TrainingRun:
    """Train a network and measure it once on the test set.

    Parameters
    ----------
    settings
        See `settings_for`.
    out
        Run folder to write. Without one nothing is kept on the disk.
    resume
        Go on with the unfinished run in ``out``, from its last finished epoch.
    overwrite
        Start again in ``out`` although there is a run in it.
    callbacks
        More Keras callbacks, for instance one that shows progress.
    strategy
        ``"single"``, or ``"mirrored"`` for several devices of this computer.
    devices
        How many; see `devices_for`.

    Returns
    -------
    TrainingRun

    Raises
    ------
    CourseError
        If ``out`` cannot be used as asked.
    """
    chosen = devices_for(strategy, settings.batch_size, devices)
    if out is None:
        return train_in(None, settings, callbacks, chosen)
    verified_file()  # before anything is written
    folder = RunFolder(Path(out))
    with locked(folder.path):
        folder.begin(settings, resume=resume, overwrite=overwrite)
        return train_in(folder, settings, callbacks, chosen)


def train_in(
    folder: RunFolder | None,
    settings: TrainingSettings,
    callbacks: list[keras.callbacks.Callback] | None = None,
    devices: Devices = ONE_DEVICE,
) -> TrainingRun:
    """Go on with the run in a folder that was begun, until it is finished; see `train`."""
    (x_train, y_train), (x_test, y_test) = load_data(quick=settings.quick)
    if folder and folder.metrics() is not None:
        model = load_model(folder.model())
        return TrainingRun(
            settings, model, folder.history(), evaluate(model, x_test, y_test), folder
        )

    history = folder.history() if folder else []
    model = fit(settings, x_train, y_train, history, folder, callbacks or [], devices=devices)
    run = TrainingRun(settings, model, history, evaluate(model, x_test, y_test), folder, devices)
    if folder and not devices.rank:
        from mnist_keras.figures import write_run_figures

        save_model(model, folder.model())
        write_run_figures(folder.path / "figures", run.history, run.evaluation, x_test)
        folder.finish(run.metrics())
    return run


def fit(
    settings: TrainingSettings,
    x: np.ndarray,
    y: np.ndarray,
    history: list[Epoch],
    folder: RunFolder | None,
    callbacks: list[keras.callbacks.Callback],
    recipe: Recipe | None = None,
    devices: Devices = ONE_DEVICE,
) -> keras.Model:
    """Train for the epochs that ``history`` lacks, appending them to it.

    Without a ``recipe`` it is the network's own.
    """
    recipe = recipe or RECIPES[settings.network]
    if recipe.keep_memory:
        keep_memory()
    labels = keras.utils.to_categorical(y, NUMBER_OF_CLASSES)
    (x, labels), (x_val, labels_val) = hold_out(
        x, labels, validation_split=settings.validation_split, seed=settings.seed
    )
    together = devices.processes > 1
    pieces = devices.replicas // devices.processes if together else 1
    share = Share(devices.rank, devices.processes, pieces, devices.replicas)
    batches = Batches(x, labels, settings, recipe.augmentation, recipe.fading_epochs, share)

    keras.utils.set_random_seed(settings.seed)
    with devices.scope():
        model = started(recipe, settings, x, len(batches), history, folder)
        synchronize(model, devices)
    if devices.strategy:
        model.steps_per_execution = 1  # several do not work with MirroredStrategy (Keras 3.15)
    if len(history) < settings.epochs:
        validation = (prepare(x_val), labels_val) if len(x_val) else None
        kept = KeepEpochs(history, None if devices.rank else folder)
        callbacks = [SeedEpochs(batches, settings.seed), kept, *callbacks]
        if together:
            epochs = range(len(history), settings.epochs)
            fit_in_lockstep(
                model, devices, batches.dataset(), len(batches), epochs, validation, callbacks
            )
        else:
            model.fit(
                batches.dataset(),
                shuffle=False,  # it is shuffled already
                epochs=settings.epochs,
                initial_epoch=len(history),
                validation_data=validation,
                validation_batch_size=even_batch(len(x_val), 1000) if devices.strategy else 1000,
                callbacks=callbacks,
                verbose=0,
            )
    if devices.strategy:
        model = on_one_device(model)
    return recipe.finish(model) if recipe.finish else model


def started(
    recipe: Recipe,
    settings: TrainingSettings,
    x: np.ndarray,
    steps: int,
    history: list[Epoch],
    folder: RunFolder | None,
) -> keras.Model:
    """Return the network as it was after the last finished epoch, or as it begins."""
    if history and folder:
        try:
            return load_model(folder.checkpoint(len(history)))
        except CourseError as error:
            raise CourseError(f"{error}; start the run again with --overwrite") from error
    model = recipe.build()
    if recipe.start:
        recipe.start(model, prepare(x[:IMAGES_TO_START]))
    model.compile(
        optimizer=recipe.optimizer(settings, settings.epochs * steps),
        loss=recipe.loss(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    # Variables that are made while TensorFlow traces a step let it trace the step twice.
    model.optimizer.build(model.trainable_variables)
    return model


def save_model(model: keras.Model, path: Path) -> None:
    """Save a model and its optimizer, whole or not at all."""
    with written_whole(path) as beside:
        model.save(beside)


def load_model(path: Path | str) -> keras.Model:
    """Load a Keras model file of a ten-digit classifier.

    Parameters
    ----------
    path
        A ``.keras`` file, or a run folder that holds one.

    Raises
    ------
    CourseError
        If it is missing, is not a Keras model, or reads or gives other shapes.
    """
    path = find_model(Path(path))
    try:
        model = keras.models.load_model(path, custom_objects={"Upright": Upright})
    except Exception as error:  # Keras raises many kinds for a file that is not a model
        version = saved_with(path)
        if version and version != keras.__version__:
            raise CourseError(
                f"{path} was saved with Keras {version} and cannot be read with Keras "
                f"{keras.__version__}; install that version"
            ) from error
        raise own_code(path, error) or not_a_model(path) from error
    read, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if read not in ((None, 28, 28, 1), (None, 28, 28)) or gives != (None, 10):
        raise CourseError(
            f"{path} reads {read} and gives {gives}; "
            "a digit classifier reads (None, 28, 28, 1) and gives (None, 10)"
        )
    return model


def own_code(path: Path, error: Exception) -> CourseError | None:
    """Say what of the learner's own a model needs that its file does not hold, if that failed."""
    own = re.search(r"Could not locate (?:class|function) '(\w+)'", str(error))
    if re.search(r"\blambda\b", str(error), re.IGNORECASE):
        what = "a lambda, whose code Keras does not run from a file"
    elif own:
        what = f"{own[1]}, whose code is not in the file"
    else:
        return None
    return CourseError(
        f"{path} has {what}; build the network from Keras's own layers and functions"
    )


def saved_with(path: Path) -> str | None:
    """Return the version of Keras that a model file says it was saved with."""
    try:
        with zipfile.ZipFile(path) as archive:
            return str(json.loads(archive.read("metadata.json"))["keras_version"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
