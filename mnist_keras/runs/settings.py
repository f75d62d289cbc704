"""What a training run is asked to do: plain data, so that no command needs Keras to read it."""

from dataclasses import asdict, dataclass
from typing import Any

from mnist_keras.data import quick_mode
from mnist_keras.errors import CourseError

QUICK_EPOCHS = 2


@dataclass(frozen=True)
class TrainingSettings:
    """The hyperparameters of one training run."""

    network: str  # a name in `DEFAULTS`
    epochs: int  # passes through the training data
    batch_size: int  # images a step
    learning_rate: float  # Adam's; its peak where the recipe has a learning rate schedule
    validation_split: float  # share of the training data set aside for validation, in [0, 0.9]
    seed: int = 0  # start of every random choice: weights, order, shifts, dropout
    augment: bool = False  # whether training images are changed a little at random
    quick: bool = False  # whether to use the small subset of the data

    def __post_init__(self) -> None:
        """Refuse numbers out of range, naming the range."""
        make_plain(self)
        require(self.network in DEFAULTS, f"the network is one of {', '.join(DEFAULTS)}")
        require_whole("epochs", self.epochs, 1, 1000)
        require_whole("batch size", self.batch_size, 1, 10_000)
        rate, split = self.learning_rate, self.validation_split
        require(is_number(rate) and 0 < rate <= 100, "learning rate is above 0 and at most 100")
        require(is_number(split) and 0 <= split <= 0.9, "validation split is a share from 0 to 0.9")
        require_whole("seed", self.seed, 0, 2**32 - 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a dictionary of plain values."""
        return asdict(self)


def make_plain(settings: Any) -> None:
    """Put plain numbers into a dataclass in the place of NumPy's, which no JSON file can hold."""
    for name, value in vars(settings).items():
        if getattr(value, "shape", None) == ():
            object.__setattr__(settings, name, value.item())


def is_number(value: object) -> bool:
    """Whether a value is a number that can be compared with others."""
    return isinstance(value, int | float)


def require(condition: bool, rule: str) -> None:
    """Raise a CourseError that states the rule unless the condition holds."""
    if not condition:
        raise CourseError(rule)


def require_whole(name: str, value: object, least: int, most: int) -> None:
    """Raise a CourseError that states the range unless the value is a whole number in it."""
    require(
        isinstance(value, int) and least <= value <= most,
        f"{name} is a whole number from {least} to {most}",
    )


def settings_for(network: str, *, quick: bool | None = None, **changes: Any) -> TrainingSettings:
    """Return a network's own settings, with the changes asked for.

    Parameters
    ----------
    network
        A name in `DEFAULTS`.
    quick
        Use the small subset and, unless ``epochs`` is given, at most two epochs. By default the
        environment variable ``MNIST_KERAS_QUICK`` decides.
    **changes
        Fields of `TrainingSettings`; those that are ``None`` keep the network's default.
    """
    require(network in DEFAULTS, f"the network is one of {', '.join(DEFAULTS)}, not {network!r}")
    quick = quick_mode() if quick is None else quick
    values: dict[str, Any] = {**DEFAULTS[network], "quick": quick}
    if quick:
        values["epochs"] = min(values["epochs"], QUICK_EPOCHS)
    values.update({name: value for name, value in changes.items() if value is not None})
    return TrainingSettings(network=network, **values)


# The workshop's network and Keras's example keep the hyperparameters that they were published with.
OWN = ("epochs", "batch_size", "learning_rate", "validation_split", "augment")
DEFAULTS: dict[str, dict[str, Any]] = {
    network: dict(zip(OWN, values, strict=True))
    for network, values in {
        "mlp": (25, 32, 0.001, 0.0, False),
        "convnet": (15, 128, 0.001, 0.1, False),
        "sprint": (1, 96, 0.012, 0.0, False),
        "fast": (5, 128, 0.01, 0.0, True),
        "accurate": (28, 128, 0.01, 0.0, True),
        "tiny": (24, 128, 0.01, 0.0, True),
        "golf-99": (60, 128, 0.02, 0.0, False),
        "golf-98": (60, 128, 0.03, 0.0, False),
    }.items()
}
