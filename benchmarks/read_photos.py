"""How many photos of handwritten digits are read, and what each step of the reading is worth.

Photos of each kind are made from digits and read in five ways, from a plain resize to the whole
of ``read_digit``. First the threshold of being sure is calibrated: on photos of training images
that were held out, by networks that did not see them. Then the course's fast network, trained on
all training images, reads photos of test images, made with another seed.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from machine import command_line, finish, start_keras

from mnist_keras import photos
from mnist_keras.errors import CourseError
from mnist_keras.images import read_picture
from mnist_keras.photo_kinds import KINDS, REFUSED, photo_file
from mnist_keras.runs.settings import settings_for

if TYPE_CHECKING:
    import keras

CALIBRATION_SEED, MEASURING_SEED = 1, 2
HELD_OUT = 1 / 6  # of the training images, to calibrate with
CALIBRATED_WITH = ("fast", "sprint")
THRESHOLDS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)

WAYS = (
    "resized to 28 by 28",
    "cut out and centred",
    "with even light",
    "one digit picked out",
    "with a normal stroke",
)
WHOLE = WAYS[-1]


def resized(colour: np.ndarray) -> np.ndarray:
    """Resize the whole picture to 28×28, dark on light turned round: what one tries first."""
    side = photos.SIDE
    grey = cv2.resize(photos.views(colour)[0], (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(255 - grey if np.median(grey) > 127 else grey).astype("uint8")


def cut_out(colour: np.ndarray) -> np.ndarray:
    """Mark ink with one threshold for the whole picture."""
    grey = photos.views(colour)[0]
    middle = (grey.min() + grey.max()) / 2
    return grey < middle if np.median(grey) > middle else grey > middle


def read_in_each_way(colour: np.ndarray) -> dict[str, np.ndarray | None]:
    """Bring a picture into MNIST's form, with one step more in each way; None is a refusal."""
    ink = photos.even_light(photos.paper_in(photos.working_size(colour)))
    try:
        digit = photos.find_digit(ink, photos.printed_lines(ink))
        normal = photos.with_normal_stroke(digit)
    except CourseError:
        digit = normal = np.zeros((1, 1), dtype=bool)
    masks = (cut_out(colour), ink > photos.EDGE * photos.strongest(ink), digit, normal)
    boxed = [photos.centre(photos.fit_into_box(mask)) if mask.any() else None for mask in masks]
    read = dict(zip(WAYS, [resized(colour), *boxed], strict=True))
    if photos.has_mnists_form(colour):
        read[WHOLE] = photos.to_mnist(colour)
    return read


@dataclass(frozen=True)
class Read:
    """A photo brought into MNIST's form."""

    kind: str  # how it was made
    digit: int | None  # None where it should be refused
    way: str  # how it was brought into that form
    image: np.ndarray | None  # uint8, shape (28, 28); None if it was refused


def read_photos(x: np.ndarray, y: np.ndarray, per_kind: int, seed: int) -> Iterator[Read]:
    """Make photos of each kind, each of other digits, and read each in each way."""
    rng = np.random.default_rng(seed)
    for kind in [*KINDS, *REFUSED]:
        for k in range(per_kind if kind in KINDS else max(1, per_kind // 2)):
            chosen = rng.choice(len(x), 3, replace=False)
            file = io.BytesIO(photo_file(kind, x[chosen], seed=1000 * seed + k))
            digit = int(y[chosen[0]]) if kind in KINDS else None
            for way, image in read_in_each_way(read_picture(file)).items():
                yield Read(kind, digit, way, image)


@dataclass(frozen=True)
class Outcome:
    """What a network said of one photo."""

    kind: str
    digit: int | None
    way: str  # how it was brought into MNIST's form
    answer: int | None  # the most probable digit; None if the photo was refused
    probability: float

    @property
    def is_right(self) -> bool:
        """Whether the digit was named."""
        return self.answer is not None and self.answer == self.digit


def outcomes(model: keras.Model, read: list[Read]) -> list[Outcome]:
    """Let a network name the digits of all photos."""
    from mnist_keras.data import prepare
    from mnist_keras.evaluation import predict_probabilities

    blank = np.zeros((photos.SIDE, photos.SIDE), "uint8")
    stacked = np.stack([blank if one.image is None else one.image for one in read])
    found = []
    for one, row in zip(read, predict_probabilities(model, prepare(stacked)), strict=True):
        said = (None, 0.0) if one.image is None else (int(row.argmax()), float(row.max()))
        found.append(Outcome(one.kind, one.digit, one.way, *said))
    return found


def calibrate(per_kind: int, quick: bool) -> list[dict[str, Any]]:
    """Say how often sure answers are wrong, for each threshold and some networks."""
    from mnist_keras.data import hold_out, load_data
    from mnist_keras.training import train

    training, _ = load_data(quick=quick)
    _, held_out = hold_out(*training, validation_split=HELD_OUT, seed=0)
    every = read_photos(*held_out, per_kind, CALIBRATION_SEED)
    read = [r for r in every if r.way == WHOLE and r.digit is not None and r.image is not None]
    rows = []
    for network in CALIBRATED_WITH:
        model = train(settings_for(network, quick=quick, validation_split=HELD_OUT, seed=0)).model
        found = outcomes(model, read)
        for threshold in THRESHOLDS:
            sure = [o for o in found if o.probability >= threshold]
            rows.append(
                {
                    "network": network,
                    "threshold": threshold,
                    "photos": len(found),
                    "unsure": 1 - len(sure) / len(found),
                    "sure_and_wrong": sum(not o.is_right for o in sure) / len(found),
                }
            )
    return rows


def table(found: list[Outcome], sure: float) -> list[dict[str, Any]]:
    """Count, for each kind, what is read right in each way, and what becomes of each photo."""
    rows = []
    for kind, how in {**KINDS, **REFUSED}.items():
        own = [o for o in found if o.kind == kind]
        whole = [o for o in own if o.way == WHOLE]
        named = [o for o in whole if o.answer is not None and o.probability >= sure]
        rows.append(
            {
                "kind": kind,
                "group": how.group,
                "digit": kind in KINDS,
                "photos": len(whole),
                "right": {name: sum(o.way == name and o.is_right for o in own) for name in WAYS},
                "sure_and_right": sum(o.is_right for o in named),
                "sure_and_wrong": sum(not o.is_right for o in named),
                "unsure": sum(o.answer is not None and o.probability < sure for o in whole),
                "refused": sum(o.answer is None for o in whole),
            }
        )
    return rows


def main() -> int:
    """Calibrate, measure, print the table and write the JSON file."""
    parser = command_line(__doc__)
    parser.add_argument("--photos", type=int, default=10, help="of each kind (default: 10)")
    options = parser.parse_args()
    start_keras()
    from mnist_keras.data import load_data
    from mnist_keras.evaluation import SURE
    from mnist_keras.training import train

    calibration = calibrate(options.photos, options.quick)
    for row in calibration:
        print(
            f"{row['network']:<8} sure from {row['threshold']:.2f}: "
            f"{100 * row['sure_and_wrong']:>5.2f} % sure and wrong, "
            f"{100 * row['unsure']:>5.2f} % unsure"
        )
    run = train(settings_for("fast", quick=options.quick))
    _, test = load_data(quick=options.quick)
    read = list(read_photos(*test, options.photos, MEASURING_SEED))
    rows = table(outcomes(run.model, read), SURE)
    for row in rows:
        print(
            f"{row['kind']:<32} {row['photos']:>3}  {list(row['right'].values())}  "
            f"sure {row['sure_and_right']}, sure and wrong {row['sure_and_wrong']}, "
            f"unsure {row['unsure']}, refused {row['refused']}"
        )
    result = {
        "test_accuracy": run.evaluation.accuracy,
        "sure": SURE,
        "ways": WAYS,
        "calibration": calibration,
        "kinds": rows,
    }
    return finish(options.out / "read_photos.json", result)


if __name__ == "__main__":
    sys.exit(main())
