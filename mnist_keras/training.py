"""Training: from settings to a trained network, with a run folder that survives a kill."""

from __future__ import annotations

import itertools
import json
import platform
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnist_keras import networks
from mnist_keras.augmentation import shift_images, warp_images
from mnist_keras.cluster.devices import (
    ONE_DEVICE,
    Devices,
    devices_for,
    on_one_device,
    synchronize,
)
from mnist_keras.cluster.lockstep import fit_in_lockstep
from mnist_keras.cluster.plan import WHOLE, Share, even_batch
from mnist_keras.data import (
    IMAGE_SHAPE,
    NUMBER_OF_CLASSES,
    hold_out,
    load_data,
    prepare,
    verified_file,
)
from mnist_keras.errors import CourseError
from mnist_keras.evaluation import Evaluation, evaluate, finite
from mnist_keras.files import written_whole
from mnist_keras.locking import locked
from mnist_keras.runs import Epoch, RunFolder, find_model, not_a_model
from mnist_keras.settings import TrainingSettings
from mnist_keras.startup import keep_memory

LABEL_SMOOTHING = 0.1
STEPS_PER_EXECUTION = 20
IMAGES_TO_START = 500  # from which the first weights are computed
STEPS_AT_ONCE = 40  # whose images are prepared together, ahead of the training

Augmentation = Callable[..., np.ndarray]

shift_by_one = partial(shift_images, max_shift=1)


def warp(images: np.ndarray, *, rng: np.random.Generator, amount: float = 1.0) -> np.ndarray:
    """Turn, stretch, slant and move images as the course does, by ``amount`` of it."""
    return warp_images(
        images,
        rng=rng,
        degrees=10 * amount,
        stretch=0.1 * amount,
        shear=0.1 * amount,
        shift=2 * amount,
    )


@dataclass(frozen=True)
class Recipe:
    """What belongs to a network besides its hyperparameters."""

    build: Callable[[], keras.Model]  # makes the model
    loss: Callable[[], keras.losses.Loss]  # makes the loss, which compares with one-hot labels
    # makes the optimizer from the settings and the number of steps that the run will take
    optimizer: Callable[[TrainingSettings, int], keras.optimizers.Optimizer]
    # what ``augment`` does to a batch of images, with a generator ``rng`` of random numbers
    augmentation: Augmentation = shift_by_one
    # how many epochs at the end of the run augment less and less, down to images nearly as they
    # are. The augmentation takes an ``amount`` from 0 to 1 then.
    fading_epochs: int = 0
    # sets weights that are computed from training images instead of drawn at random
    start: Callable[[keras.Model, np.ndarray], None] | None = None
    # makes, of the network that was trained, the one that answers
    finish: Callable[[keras.Model], keras.Model] | None = None
    # whether to let the C library keep memory between steps; see `startup.keep_memory`
    keep_memory: bool = True


def adam(settings: TrainingSettings, steps: int) -> keras.optimizers.Optimizer:
    """Make Adam with a constant learning rate."""
    return keras.optimizers.Adam(settings.learning_rate)


def one_cycle_adam(settings: TrainingSettings, steps: int) -> keras.optimizers.Optimizer:
    """Make Adam whose learning rate climbs for a fifth of the steps, then falls to 0."""
    warm_up = max(1, steps // 5)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 100,
        warmup_target=settings.learning_rate,
        warmup_steps=warm_up,
        decay_steps=max(1, steps - warm_up),
    )
    return keras.optimizers.Adam(schedule, beta_2=0.99)


def smoothed_cross_entropy() -> keras.losses.Loss:
    """Make the cross-entropy on logits whose target leaves a tenth to all ten digits alike."""
    return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)


our_recipe = partial(Recipe, loss=smoothed_cross_entropy, optimizer=one_cycle_adam)

RECIPES = {
    "mlp": Recipe(networks.build_mlp, keras.losses.MeanSquaredError, adam, keep_memory=False),
    "convnet": Recipe(
        networks.build_convnet, keras.losses.CategoricalCrossentropy, adam, keep_memory=False
    ),
    "sprint": our_recipe(networks.build_sprint_cnn, start=networks.set_patch_filters),
    "fast": our_recipe(networks.build_fast_cnn, start=networks.set_patch_filters),
    "accurate": our_recipe(
        networks.build_accurate_cnn,
        augmentation=warp,
        fading_epochs=5,
        finish=networks.averaged_over_shifts,
    ),
    "tiny": our_recipe(networks.build_tiny_cnn, augmentation=warp),
}


@dataclass(eq=False)
class Batches:
    """Training batches whose order and changes depend only on the seed, the epoch and the step.

    So a run that is resumed sees the same batches as one that was never interrupted. Images are
    chosen and changed for many steps at once, and TensorFlow cuts them into batches: a
    `keras.utils.PyDataset` would hold up each step for some Python code.
    """

    images: np.ndarray
    labels: np.ndarray  # may be one-hot
    settings: TrainingSettings
    augmentation: Augmentation
    fading_epochs: int = 0
    share: Share = WHOLE  # the part of each batch that this process reads
    epoch: int = 0  # which the next pass is, from 0

    def __len__(self) -> int:
        """Count the steps of an epoch."""
        return -(-self.share.images(len(self.images)) // self.settings.batch_size)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return the batches of ``epoch``, several at a time.

        Images have shape (steps, batch, 28, 28, 1), in [0, 1]; labels (steps, batch), and 10 if
        one-hot.
        """
        seed, size, share = self.settings.seed, self.settings.batch_size, self.share
        order = np.random.default_rng([seed, self.epoch]).permutation(len(self.images))
        order = order[: share.images(len(order))]
        whole = len(order) // size * size
        cuts = [*range(0, whole, STEPS_AT_ONCE * size), whole, len(order)]
        amount = (self.settings.epochs - self.epoch) / (self.fading_epochs + 1)
        faded = {"amount": amount} if amount < 1 else {}
        for start, end in itertools.pairwise(cuts):
            if start == end:
                continue
            chosen = order[start:end]
            images, labels = prepare(self.images[chosen]), self.labels[chosen]
            if self.settings.augment:
                rng = np.random.default_rng([seed, self.epoch, start])
                images = self.augmentation(images, rng=rng, **faded)
            length = min(size, end - start)
            rows = share.rows(length)
            piece = (rows.stop - rows.start) // share.pieces  # of each device
            yield tuple(  # type: ignore[misc]
                array.reshape(-1, length, *each)[:, rows].reshape(-1, piece, *each)
                for array, each in ((images, IMAGE_SHAPE), (labels, labels.shape[1:]))
            )

    def dataset(self) -> tf.data.Dataset:
        """Return the batches one by one; each pass is that of the ``epoch`` at its start.

        Nothing in it is tuned while it runs. The thread that would tune sleeps for longer and
        longer, and TensorFlow ends it after each epoch: it wakes the thread before it says why.
        On a busy machine the thread goes back to sleep, and the training waits, for as long as the
        epoch took (TensorFlow 2.21, ``CancellationManager::StartCancel``).
        """
        untuned = tf.data.Options()
        untuned.autotune.enabled = False
        images = tf.TensorSpec((None, None, *IMAGE_SHAPE), "float32")
        labels = tf.TensorSpec((None, None, *self.labels.shape[1:]), self.labels.dtype)
        return (
            tf.data.Dataset.from_generator(lambda: iter(self), output_signature=(images, labels))
            .unbatch()
            .apply(tf.data.experimental.assert_cardinality(len(self) * self.share.pieces))
            .prefetch(STEPS_AT_ONCE)
            .with_options(untuned)
        )


class SeedEpochs(keras.callbacks.Callback):
    """Let every random choice of an epoch depend only on the seed and the epoch.

    So a run that is resumed goes on like one that was never interrupted; a model file does not
    hold how far the random numbers of its dropout had come.
    """

    def __init__(self, batches: Batches, seed: int) -> None:
        super().__init__()
        self._batches, self._seed = batches, seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Take the epoch's order and set each layer's random numbers to the epoch's start."""
        self._batches.epoch = epoch
        for k, layer in enumerate(self.model.layers):
            if hasattr(layer, "seed_generator"):
                start = np.random.SeedSequence([self._seed, epoch, k]).generate_state(2)
                state = layer.seed_generator.state
                state.assign(start.astype(state.dtype))


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
        model = keras.models.load_model(path)
    except Exception as error:  # Keras raises many kinds for a file that is not a model
        version = saved_with(path)
        if version and version != keras.__version__:
            raise CourseError(
                f"{path} was saved with Keras {version} and cannot be read with Keras "
                f"{keras.__version__}; install that version"
            ) from error
        raise not_a_model(path) from error
    read, gives = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if read not in ((None, 28, 28, 1), (None, 28, 28)) or gives != (None, 10):
        raise CourseError(
            f"{path} reads {read} and gives {gives}; "
            "a digit classifier reads (None, 28, 28, 1) and gives (None, 10)"
        )
    return model


def saved_with(path: Path) -> str | None:
    """Return the version of Keras that a model file says it was saved with."""
    try:
        with zipfile.ZipFile(path) as archive:
            return str(json.loads(archive.read("metadata.json"))["keras_version"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
