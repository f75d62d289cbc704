"""How each network is trained: its loss, its optimizer, and what is done to its images."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np

from mnist_keras import networks
from mnist_keras.augmentation import shift_images, warp_images
from mnist_keras.runs.settings import TrainingSettings

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


def folded_and_averaged(model: keras.Model) -> keras.Model:
    """Take batch normalization out of a network, and let it look nine times."""
    return networks.averaged_over_shifts(networks.folded(model))


our_recipe = partial(
    Recipe,
    # on logits; its target leaves a tenth to all ten digits alike
    loss=partial(keras.losses.CategoricalCrossentropy, from_logits=True, label_smoothing=0.1),
    optimizer=one_cycle_adam,
)

# Networks with so few parameters learn no image by heart: nothing has to keep them from it.
golf_recipe = partial(
    Recipe,
    loss=partial(keras.losses.CategoricalCrossentropy, from_logits=True),
    optimizer=one_cycle_adam,
    finish=folded_and_averaged,
)

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
    "tiny": our_recipe(
        networks.build_tiny_cnn,
        augmentation=warp,
        fading_epochs=6,
        finish=networks.averaged_over_shifts,
    ),
    "golf-99": golf_recipe(networks.build_golf_99_cnn),
    "golf-98": golf_recipe(networks.build_golf_98_cnn),
}
