"""Photos as learners take them of their own handwriting, made from MNIST's digits.

A kind of photo is a table row: which pen on which paper, in which light, through which camera, as
which file. The pen follows the middle of an MNIST digit's stroke, so that its width is free. The
same digit, kind and seed give the same file.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np
from PIL import Image, ImageOps

Photo = np.ndarray  # shape (height, width, 3), 0 to 255
Change = Callable[..., Photo]  # of a photo and random numbers
Colour = tuple[int, int, int]

BLACK, BLUE, PENCIL = (25, 25, 28), (35, 40, 110), (105, 105, 110)
RED, GREEN = (170, 30, 35), (20, 100, 50)
WHITE, PAPER, BOARD = (255, 255, 255), (214, 208, 196), (38, 52, 46)
# The eight neighbours of a pixel, from the one above on clockwise: down and right.
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


@dataclass(frozen=True)
class Kind:
    """How one kind of photo is made."""

    group: str  # under which heading it is counted
    # width of the stroke in pixels; None copies the MNIST digit itself, enlarged
    pen: float | None = 22
    ink: Colour = BLUE  # their colours, RGB
    paper: Colour = PAPER
    tall: int = 230  # height of the digit in pixels
    size: tuple[int, int] = (800, 600)  # width and height of the photo in pixels
    # where the digit's middle lies, as shares of width and height; None is a random place
    place: tuple[float, float] | None = (0.5, 0.5)
    turn: float = 5  # by how many degrees the digit is turned, at most
    digits: int = 1  # how many digits stand side by side
    # what else is on the paper, in order: each adds to the photo before the light
    marks: tuple[Change, ...] = ()
    light: tuple[Change, ...] = ()  # what happens between the paper and the file, in order
    write: Callable[[Photo], bytes] = field(default_factory=lambda: jpeg)  # makes the file


def photo_file(kind: str, images: np.ndarray, seed: int) -> bytes:
    """Make the file of one photo.

    Images are uint8, shape (n, 28, 28); as many are used as the kind shows.
    """
    how = {**KINDS, **REFUSED}[kind]
    return how.write(photo(how, images, np.random.default_rng(seed)))


def photo(kind: Kind, images: np.ndarray, rng: np.random.Generator) -> Photo:
    """Take the photo, before it becomes a file."""
    width, height = kind.size
    inked = np.zeros((height, width))
    for k in range(kind.digits):
        drawn = drawn_digit(images[k], kind, rng)
        across, down = kind.place or rng.uniform(0.25, 0.75, 2)
        across += (k - (kind.digits - 1) / 2) * 0.95 * kind.tall / width
        put(inked, drawn, across, down)
    picture = np.full((height, width, 3), kind.paper, "float32")
    for mark in kind.marks:
        picture = mark(picture, rng)
    picture = picture * (1 - inked[..., None]) + np.array(kind.ink) * inked[..., None]
    for change in kind.light:
        picture = change(picture, rng)
    return np.clip(picture, 0, 255)


def put(canvas: np.ndarray, drawn: np.ndarray, across: float, down: float) -> None:
    """Lay a drawing on a canvas, its middle at these shares of width and height."""
    height, width = canvas.shape
    top = round(down * height - drawn.shape[0] / 2)
    left = round(across * width - drawn.shape[1] / 2)
    rows = slice(max(0, top), min(height, top + drawn.shape[0]))
    columns = slice(max(0, left), min(width, left + drawn.shape[1]))
    part = drawn[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    canvas[rows, columns] = np.maximum(canvas[rows, columns], part)


# --- The digit ------------------------------------------------------------------------------


def drawn_digit(image: np.ndarray, kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Draw one digit: ink in [0, 1], cut out closely."""
    if kind.pen is None:
        rows, columns = np.nonzero(image > 60)
        tight = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        scale = kind.tall / max(tight.shape)
        size = (round(tight.shape[1] * scale), round(tight.shape[0] * scale))
        return np.asarray(Image.fromarray(tight).resize(size, Image.Resampling.BICUBIC)) / 255.0
    angle = np.deg2rad(rng.uniform(-kind.turn, kind.turn))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    paths = [path @ turned for path in strokes(image)]
    points = np.concatenate(paths)
    reach = np.ptp(points, axis=0)
    scale = (kind.tall - kind.pen) / max(reach.max(), 1.0)
    width, height = np.ceil(reach * scale + kind.pen + 3).astype(int)
    finer = 4 if kind.pen < 40 else 2
    canvas = np.zeros((height * finer, width * finer), "uint8")
    for path in paths:
        moved = ((path - points.min(axis=0)) * scale + (kind.pen + 3) / 2) * finer
        sixteenths = np.rint(moved * 16).astype("int32")
        thickness = max(1, round(kind.pen * finer))
        cv2.polylines(canvas, [sixteenths], False, 255, thickness, cv2.LINE_AA, shift=4)
    return cv2.resize(canvas, (int(width), int(height)), interpolation=cv2.INTER_AREA) / 255.0


def strokes(image: np.ndarray) -> list[np.ndarray]:
    """Find the middle of a digit's strokes, as paths of points.

    Each path has shape (points, 2): across and down, in pixels of the image.
    """
    large = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.GaussianBlur(large, (0, 0), 2)
    left = {(int(x), int(y)) for y, x in np.argwhere(thinned(smooth > 110))}
    paths = [path for path in walks(left) if len(path) > 1]
    for path in paths:
        for _ in range(12):  # as a hand would smooth it; its ends stay
            path[1:-1] = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
    return [path / 4 for path in paths] or [np.array([[14.0, 8.0], [14.0, 20.0]])]


def thinned(mask: np.ndarray) -> np.ndarray:
    """Thin a shape to lines of one pixel (Zhang and Suen 1984)."""
    shape = np.pad(mask, 1)
    while True:
        before = shape.sum()
        for a, b, c, d in ((2, 4, 0, 6), (0, 6, 2, 4)):
            p = [np.roll(shape, (-down, -right), (0, 1)) for down, right in AROUND]
            neighbours = np.sum(p, axis=0)
            starts = sum(~p[k] & p[(k + 1) % 8] for k in range(8))
            free = ~(p[a] & p[b] & (p[c] | p[d]))
            shape = shape & ~((neighbours >= 2) & (neighbours <= 6) & (starts == 1) & free)
        if shape.sum() == before:
            return shape[1:-1, 1:-1]


def walks(left: set[tuple[int, int]]) -> list[np.ndarray]:
    """Follow lines of one pixel from their ends and crossings until all pixels are passed."""

    def around(point: tuple[int, int], among: set[tuple[int, int]]) -> list[tuple[int, int]]:
        x, y = point
        steps = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
        return [(x + a, y + b) for a, b in steps if (x + a, y + b) in among]

    whole, paths = frozenset(left), []
    while left:
        start = min(left, key=lambda point: (len(around(point, left)), point))
        path = [start]
        left.discard(start)
        while following := around(path[-1], left):
            ahead = np.subtract(path[-1], path[max(0, len(path) - 6)])
            path.append(
                max(following, key=lambda point: float(ahead @ np.subtract(point, path[-1])))
            )
            left.discard(path[-1])
        for end, place in ((path[0], 0), (path[-1], len(path))):  # tie on to what was passed before
            if touched := [q for q in around(end, set(whole)) if q not in path[:4] + path[-4:]]:
                path.insert(place, touched[0])
        if len(path) > 3 or len(whole) < 12:
            paths.append(np.array(path, dtype=float))
    return paths


# --- What else is on the paper ---------------------------------------------------------------


def inked(
    draw: Callable[..., None], colour: Colour, strength: float = 1.0, **settings: float
) -> Change:
    """Let a function draw on an empty mask, 0 to 255, and lay a colour over the paper there."""

    def change(picture: Photo, rng: np.random.Generator) -> Photo:
        mask = np.zeros(picture.shape[:2], "uint8")
        draw(mask, rng, **settings)
        share = strength * mask[..., None] / 255.0
        return picture * (1 - share) + np.array(colour) * share

    return change


def ruled(
    mask: np.ndarray, rng: np.random.Generator, *, every: int = 55, squared: bool = False
) -> None:
    """Rule the paper, or square it, a little askew."""
    height, width = mask.shape
    slope = np.tan(np.deg2rad(rng.uniform(-1, 1)))
    for position in range(-height, 2 * max(height, width), every):
        at = position + int(rng.integers(0, 3))
        cv2.line(mask, (0, at), (width, round(at + slope * width)), 255, 2, cv2.LINE_AA)
        if squared:
            cv2.line(mask, (at, 0), (round(at - slope * height), height), 255, 2, cv2.LINE_AA)


def margin(mask: np.ndarray, rng: np.random.Generator) -> None:
    """Draw the red line of an exercise book's margin."""
    height, width = mask.shape
    at = int(rng.uniform(0.08, 0.14) * width)
    cv2.line(mask, (at, 0), (at + int(rng.integers(-6, 7)), height), 255, 2, cv2.LINE_AA)


def dotted(mask: np.ndarray, rng: np.random.Generator) -> None:
    """Print a grid of dots on the paper."""
    for y in range(int(rng.integers(5, 30)), mask.shape[0], 32):
        for x in range(int(rng.integers(5, 9)), mask.shape[1], 32):
            cv2.circle(mask, (x, y), 2, 255, -1, cv2.LINE_AA)


def specks(mask: np.ndarray, rng: np.random.Generator, *, n: int = 1) -> None:
    """Drop dirt on the paper, away from the digit."""
    height, width = mask.shape
    for _ in range(n):
        x = int(rng.choice((rng.uniform(0.03, 0.22), rng.uniform(0.78, 0.97))) * width)
        cv2.circle(mask, (x, int(rng.uniform(0.03, 0.97) * height)), 3, 255, -1, cv2.LINE_AA)


def stray_dash(mask: np.ndarray, rng: np.random.Generator) -> None:
    """Leave a short stroke of the same pen in a corner."""
    height, width = mask.shape
    x, y = int(rng.uniform(0.05, 0.15) * width), int(rng.uniform(0.8, 0.92) * height)
    end = (x + int(rng.integers(15, 45)), y + int(rng.integers(-15, 16)))
    cv2.line(mask, (x, y), end, 255, 7, cv2.LINE_AA)


def text_lines(
    mask: np.ndarray, rng: np.random.Generator, *, size: float = 1.1, every: int = 52
) -> None:
    """Write lines of text over the whole page."""
    words = ("shrink", "each", "digit", "into", "a", "box", "of", "centre", "mass", "middle")
    for y in range(every, mask.shape[0] - 10, every):
        line, font = " ".join(rng.choice(words, 9)), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
        cv2.putText(mask, line, (30, y), font, size, 255, 2, cv2.LINE_AA)


def filled_circle(mask: np.ndarray, rng: np.random.Generator) -> None:
    """Paint a filled circle."""
    height, width = mask.shape
    middle = (int(rng.uniform(0.4, 0.6) * width), int(rng.uniform(0.4, 0.6) * height))
    cv2.circle(mask, middle, height // 6, 255, -1, cv2.LINE_AA)


def places(picture: Photo, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how far down and how far right each pixel lies, between these numbers."""
    height, width, _ = picture.shape
    down, right = np.mgrid[low : high : height * 1j, low : high : width * 1j]
    return down, right


def fibres(picture: Photo, rng: np.random.Generator) -> Photo:
    """Add to the paper the texture of recycled or brown paper."""
    height, width, _ = picture.shape
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), sigmaX=4, sigmaY=1)
    coarse = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 12)
    return picture + (6 * grain / grain.std() + 5 * coarse / coarse.std())[..., None]


def folds(picture: Photo, rng: np.random.Generator) -> Photo:
    """Crumple the paper: soft planes that meet in sharp folds."""
    down, right = places(picture, 0, 1)
    shade = np.ones(down.shape)
    for _ in range(5):
        angle, offset = rng.uniform(0, np.pi), rng.uniform(0.2, 0.8)
        side = (right - offset) * np.cos(angle) + (down - 0.5) * np.sin(angle)
        shade *= 1 - rng.uniform(0.05, 0.13) * (side > 0) * np.exp(-3 * np.abs(side))
    return picture * shade[..., None]


def shining_through(picture: Photo, rng: np.random.Generator) -> Photo:
    """Let the writing on the page's other side shine through."""
    writing = inked(text_lines, BLUE)(np.full_like(picture, 255), rng)
    faint = cv2.GaussianBlur(writing[:, ::-1], (0, 0), 2)
    return picture * (0.93 + 0.07 * faint / 255)


def landscape(picture: Photo, rng: np.random.Generator) -> Photo:
    """Take a photo of a meadow, a mountain and the sky instead."""
    height, width, _ = picture.shape
    view = np.zeros((height, width, 3), "uint8")
    view[:] = (120, 170, 230)
    horizon = int(rng.uniform(0.5, 0.7) * height)
    peak = (int(rng.uniform(0.3, 0.6) * width), int(rng.uniform(0.15, 0.35) * height))
    mountain = np.array([peak, (int(0.1 * width), horizon), (int(0.8 * width), horizon)])
    cv2.fillPoly(view, [mountain], (95, 85, 80))
    view[horizon:] = (60, 120, 50)
    cv2.circle(view, (int(0.85 * width), int(0.15 * height)), height // 12, (255, 235, 150), -1)
    return view.astype("float64")


# --- Between the paper and the file ----------------------------------------------------------


def on_a_desk(picture: Photo, rng: np.random.Generator, *, desk_of: Colour = (78, 58, 45)) -> Photo:
    """Lay the paper on a desk that shows around it, or hang the board on a wall."""
    height, width, _ = picture.shape
    desk = np.ones_like(picture) * desk_of
    grain = cv2.GaussianBlur(rng.normal(0, 40, (height, width)), (0, 0), sigmaX=25, sigmaY=1)
    desk += grain[..., None]
    top, left = (int(rng.uniform(0.06, 0.12) * side) for side in (height, width))
    desk[top:-top, left:-left] = picture[top:-top, left:-left]
    return cv2.GaussianBlur(desk, (0, 0), 0.8)


def without_a_side(picture: Photo, rng: np.random.Generator) -> Photo:
    """Hold the camera so that a side of what is seen lies outside of the photo."""
    lost = round(0.14 * picture.shape[0])
    return picture[:-lost] if rng.random() < 0.5 else picture[:, lost:]


def gradient(picture: Photo, rng: np.random.Generator, *, darkest: float = 0.7) -> Photo:
    """Let the light come from one side."""
    angle = rng.uniform(0, 2 * np.pi)
    down, right = places(picture, -0.5, 0.5)
    along = right * np.cos(angle) + down * np.sin(angle)
    along = (along - along.min()) / np.ptp(along)
    return picture * (darkest + (1 - darkest) * along)[..., None]


def vignette(picture: Photo, rng: np.random.Generator) -> Photo:
    """Let the corners be darker than the middle."""
    down, right = places(picture, -1, 1)
    return picture * (1 - 0.55 * (down**2 + right**2) / 2)[..., None]


def lamp(picture: Photo, rng: np.random.Generator) -> Photo:
    """Let a desk lamp light one spot."""
    across, below = rng.uniform(0.1, 0.9, 2)
    down, right = places(picture, 0, 1)
    distance = (right - across) ** 2 + (down - below) ** 2
    return picture * (0.45 + 0.6 * np.exp(-3 * distance))[..., None]


def shadow(picture: Photo, rng: np.random.Generator, *, soft: float = 2) -> Photo:
    """Let a shadow fall across the middle."""
    height, width, _ = picture.shape
    angle = rng.uniform(0, 2 * np.pi)
    down, right = np.mgrid[0:height, 0:width]
    side = (right - width / 2) * np.cos(angle) + (down - height / 2) * np.sin(angle)
    share = 1 / (1 + np.exp(-(side + rng.uniform(-40, 40)) / soft))
    return picture * (0.55 + (1 - 0.55) * share)[..., None]


def hand_shadow(picture: Photo, rng: np.random.Generator) -> Photo:
    """Let the shadow of a hand with fingers reach into the picture."""
    height, width, _ = picture.shape
    shade = np.zeros((height, width), "uint8")
    for k in range(3):
        y = int((0.35 + 0.2 * k + rng.uniform(-0.03, 0.03)) * height)
        tip = (int(rng.uniform(0.45, 0.7) * width), y - int(rng.integers(0, 50)))
        cv2.line(shade, (width + 50, y + 60), tip, 255, int(0.11 * height), cv2.LINE_AA)
    soft = cv2.GaussianBlur(shade, (0, 0), 7) / 255.0
    return picture * (1 - 0.4 * soft)[..., None]


def always(change: Callable[[Photo], Photo]) -> Change:
    """Leave nothing to chance."""
    return lambda picture, rng: change(picture)


dimmed = always(lambda picture: picture * 0.2)  # most of the light is off
# Exposed too long: little contrast is left, and the paper is burnt out.
washed_out = always(lambda picture: np.minimum(255, picture * 0.45 + 150))
warm = always(lambda picture: picture * np.array((1.0, 0.78, 0.45)))  # a candle's colour
blurred = always(lambda picture: cv2.GaussianBlur(picture, (0, 0), 6))  # out of focus


def glare(picture: Photo, rng: np.random.Generator) -> Photo:
    """Let a window be mirrored beside the digit."""
    down, right = places(picture, 0, 1)
    spot = np.exp(-(((right - 0.82) / 0.09) ** 2 + ((down - 0.2) / 0.12) ** 2) * 2)
    return picture + (255 - picture) * 0.9 * spot[..., None]


def noise(picture: Photo, rng: np.random.Generator, *, sigma: float = 5) -> Photo:
    """Let the sensor be noisy."""
    return picture + sigma * rng.standard_normal(picture.shape, dtype="float32")


def salt_and_pepper(picture: Photo, rng: np.random.Generator) -> Photo:
    """Turn one pixel in fifty black or white."""
    chance = rng.random(picture.shape[:2])[..., None]
    return np.where(chance < 0.01, 0, np.where(chance > 0.99, 255, picture))


def shaken(picture: Photo, rng: np.random.Generator) -> Photo:
    """Move the camera while it takes the photo."""
    kernel = np.zeros((19, 19))
    angle, middle = rng.uniform(0, np.pi), 9
    for step in np.linspace(-middle, middle, 4 * len(kernel)):
        kernel[round(middle + step * np.sin(angle)), round(middle + step * np.cos(angle))] += 1
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def from_aside(picture: Photo, rng: np.random.Generator) -> Photo:
    """Hold the camera at an angle."""
    height, width, _ = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], "float32")
    moved = corners + rng.uniform(-0.09, 0.09, (4, 2)) * (width, height)
    change = cv2.getPerspectiveTransform(moved.astype("float32"), corners)
    return cv2.warpPerspective(picture, change, (width, height), borderMode=cv2.BORDER_REPLICATE)


def cut(picture: Photo, rng: np.random.Generator, *, to: int) -> Photo:
    """Keep only a square in the middle."""
    top, left = ((side - to) // 2 for side in picture.shape[:2])
    return picture[top : top + to, left : left + to]


def textured_stroke(picture: Photo, rng: np.random.Generator) -> Photo:
    """Let pencil, chalk or crayon skip the hollows of the paper."""
    height, width, _ = picture.shape
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 1.2)
    paper = np.median(picture, axis=(0, 1))
    skipped = (grain > 0.5 * grain.std())[..., None] * 0.75
    return picture * (1 - skipped) + paper * skipped


# --- Files ------------------------------------------------------------------------------------


def as_image(picture: Photo) -> Image.Image:
    """Round to 8 bits a channel."""
    return Image.fromarray(np.rint(picture).astype("uint8"))


def grey_levels(picture: Photo) -> np.ndarray:
    """Return the brightness, 0 to 255."""
    return picture @ np.array((0.299, 0.587, 0.114))


def saved(
    picture: Photo, form: str, of: Callable[[Photo], Image.Image] = as_image, **options: object
) -> bytes:
    """Write a photo into memory, as what ``of`` makes of it."""
    file = io.BytesIO()
    of(picture).save(file, form, **options)
    return file.getvalue()


def ink_on_nothing(picture: Photo) -> Image.Image:
    """Leave the paper transparent, as a drawing program does."""
    ink = Image.new("RGBA", picture.shape[1::-1], "black")
    ink.putalpha(ImageOps.invert(as_image(picture).convert("L")))
    return ink


def greys(picture: Photo, times: int = 1) -> Image.Image:
    """Return the brightness times a number, as 16 bits a pixel."""
    return Image.fromarray((grey_levels(picture) * times).astype("uint16"))


def fractions(picture: Photo) -> Image.Image:
    """Return greys from 0 to 1, as a scientist's camera gives them."""
    return Image.fromarray((grey_levels(picture) / 255).astype("float32"))


SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6  # viewers should turn it

jpeg: Callable[..., bytes] = partial(saved, form="JPEG", quality=85)
png: Callable[..., bytes] = partial(saved, form="PNG")

# --- The kinds --------------------------------------------------------------------------------

CAMERA = (gradient, noise)
TAKEN = partial(Kind, light=CAMERA)
CRUMBLING = partial(Kind, "pens", light=(textured_stroke, *CAMERA))
DRAWN = partial(Kind, ink=(0, 0, 0), paper=WHITE, write=png)
LARGE = partial(DRAWN, tall=500, size=(700, 600))
LAID = partial(Kind, "paper", tall=400)
WALL = partial(on_a_desk, desk_of=(190, 178, 160))
MOUSE = partial(DRAWN, "drawings", tall=180, size=(280, 280))
LIGHT_ON_DARK = partial(DRAWN, ink=WHITE, paper=(0, 0, 0))
FILE = partial(TAKEN, "files", pen=10)
RULED = inked(ruled, (150, 175, 215), 0.6)
SQUARED = inked(ruled, (150, 175, 215), 0.6, squared=True, every=38)
MARGIN = inked(margin, (205, 70, 80), 0.75)
DIRT = (30, 25, 22)

KINDS: Mapping[str, Kind] = {
    **{f"pen of {w} px": LARGE("thin pens", pen=w) for w in (1, 2, 3, 4, 5, 6, 8)},
    "pen of 20 px": LARGE("pens", pen=20),
    "pen of 60 px": LARGE("pens", pen=60),
    "pen of 100 px": LARGE("pens", pen=100),
    "ballpoint": TAKEN("pens", pen=3),
    "felt pen": TAKEN("pens", pen=14, ink=BLACK),
    "red marker": TAKEN("pens", pen=34, ink=RED),
    "pencil": CRUMBLING(pen=4, ink=PENCIL),
    "faint pencil": Kind("pens", pen=3, ink=(165, 162, 156), light=(gradient,)),
    "yellow highlighter": TAKEN("pens", pen=30, ink=(240, 225, 60), paper=WHITE),
    "green on pink": TAKEN("pens", pen=18, ink=GREEN, paper=(240, 180, 190)),
    # as bright as their papers
    "red on green": TAKEN("pens", pen=18, ink=(200, 40, 40), paper=(60, 150, 60)),
    "green on blue": TAKEN("pens", pen=18, ink=GREEN, paper=(50, 70, 190)),
    "chalk": CRUMBLING(pen=24, ink=(215, 218, 210), paper=BOARD),
    "crayon": CRUMBLING(pen=30, ink=RED),
    "ruled paper": TAKEN("paper", marks=(RULED,)),
    "ruled paper, thin pen": TAKEN("paper", pen=4, marks=(RULED,)),
    "ruled darkly": TAKEN("paper", pen=9, marks=(inked(ruled, (70, 90, 150), 0.9),)),
    "squared paper": TAKEN("paper", marks=(SQUARED,)),
    "squared darkly, thin pen": TAKEN(
        "paper", pen=6, marks=(inked(ruled, (90, 110, 160), 0.9, squared=True, every=38),)
    ),
    "margin line": TAKEN("paper", marks=(MARGIN,)),
    "ruled, with a margin": TAKEN("paper", pen=7, marks=(RULED, MARGIN)),
    "dotted paper": TAKEN("paper", pen=8, marks=(inked(dotted, (140, 150, 165), 0.6),)),
    "yellow pad": TAKEN("paper", pen=6, paper=(250, 236, 150), marks=(RULED, MARGIN)),
    "recycled paper": TAKEN("paper", pen=8, paper=(176, 168, 150), marks=(fibres,)),
    "crumpled paper": TAKEN("paper", pen=8, marks=(folds,)),
    "other side shines through": TAKEN("paper", pen=8, marks=(shining_through,)),
    "sheet on a desk": Kind("paper", pen=10, light=(on_a_desk, *CAMERA)),
    "large digit on a sheet": LAID(pen=20, light=(on_a_desk, *CAMERA)),
    "sheet at the photo's edge": LAID(pen=10, light=(on_a_desk, without_a_side, *CAMERA)),
    "whiteboard on a wall": LAID(pen=16, ink=GREEN, paper=(240, 244, 246), light=(WALL, *CAMERA)),
    "blackboard on a wall": LAID(pen=24, ink=(235, 235, 230), paper=BOARD, light=(WALL, *CAMERA)),
    "light from one side": Kind("light", pen=8, light=(partial(gradient, darkest=0.35), noise)),
    "vignette": Kind("light", light=(vignette, noise)),
    "lamp": Kind("light", pen=8, light=(lamp, noise)),
    "soft shadow": Kind("light", pen=8, light=(partial(shadow, soft=40), noise)),
    "hard shadow": Kind("light", light=(shadow, noise)),
    "shadow of a hand": Kind("light", pen=10, light=(hand_shadow, noise)),
    "dim room": Kind("light", light=(gradient, dimmed, partial(noise, sigma=2))),
    "washed out": Kind("light", pen=8, light=(gradient, washed_out, partial(noise, sigma=3))),
    "candle light": Kind("light", pen=8, light=(lamp, warm, noise)),
    "whiteboard with glare": Kind(
        "light", pen=12, paper=(235, 238, 240), light=(gradient, glare, noise)
    ),
    "noise": Kind("camera", light=(gradient, partial(noise, sigma=25))),
    "strong noise": Kind("camera", light=(gradient, partial(noise, sigma=50))),
    "dead pixels": Kind("camera", pen=10, light=(*CAMERA, salt_and_pepper)),
    "out of focus": Kind("camera", pen=12, light=(blurred, *CAMERA)),
    "shaken": Kind("camera", pen=12, light=(shaken, *CAMERA)),
    "from aside": Kind("camera", pen=12, light=(from_aside, *CAMERA)),
    "turned": TAKEN("camera", pen=12, turn=15),
    "cut closely": Kind("camera", pen=20, light=(*CAMERA, partial(cut, to=260))),
    "small in a large photo": TAKEN("camera", pen=6, tall=140, size=(1600, 1200), place=None),
    "anywhere": TAKEN("camera", pen=9, tall=150, place=None),
    "60 pixels": TAKEN("camera", pen=4, tall=40, size=(60, 60)),
    "speck of dirt": TAKEN("stray marks", marks=(inked(specks, DIRT),)),
    "many specks": TAKEN("stray marks", pen=8, marks=(inked(specks, DIRT, n=12),)),
    "stray dash": TAKEN("stray marks", marks=(inked(stray_dash, BLUE),)),
    "JPEG of low quality": TAKEN("files", pen=8, write=partial(jpeg, quality=12)),
    "CMYK": FILE(write=partial(jpeg, of=lambda it: as_image(it).convert("CMYK"))),
    "turned by EXIF": FILE(
        write=partial(jpeg, of=lambda it: as_image(it).rotate(90, expand=True), exif=SIDEWAYS)
    ),
    "WebP": FILE(write=partial(saved, form="WEBP", quality=60)),
    "GIF of 16 colours": FILE(
        write=partial(saved, form="GIF", of=lambda it: as_image(it).quantize(16))
    ),
    "transparent PNG": DRAWN("files", pen=12, write=partial(png, of=ink_on_nothing)),
    "16 bits": FILE(write=partial(png, of=partial(greys, times=257))),
    "8 bits in 16": FILE(write=partial(png, of=greys)),
    "floats from 0 to 1": FILE(write=partial(saved, form="TIFF", of=fractions)),
    "fax": Kind(
        "files",
        pen=10,
        paper=(235, 235, 235),
        ink=BLACK,
        write=partial(png, of=lambda it: as_image(it).convert("1")),
    ),
    "mouse, pen of 1 px": MOUSE(pen=1),
    "mouse, pen of 3 px": MOUSE(pen=3),
    "mouse, pen of 18 px": MOUSE(pen=18, tall=200),
    "white on black": MOUSE(pen=16, tall=200, ink=WHITE, paper=(0, 0, 0)),
    "tablet": DRAWN("drawings", pen=12, tall=900, size=(1600, 1200), ink=BLUE),
    "clean scan": DRAWN("clean scans", pen=None, write=jpeg),
    "clean scan, light on dark": LIGHT_ON_DARK("clean scans", pen=None, tall=400, size=(560, 560)),
    "MNIST's own images": LIGHT_ON_DARK("clean scans", pen=None, tall=20, size=(28, 28)),
}

REFUSED: Mapping[str, Kind] = {
    "empty page": TAKEN("empty", digits=0),
    "empty page, no noise": DRAWN("empty", digits=0),
    "empty ruled page": TAKEN("empty", digits=0, marks=(RULED,)),
    "empty squared page": TAKEN("empty", digits=0, marks=(SQUARED,)),
    "empty ruled page with a margin": TAKEN("empty", digits=0, marks=(RULED, MARGIN)),
    "empty page in shadow": Kind("empty", digits=0, light=(shadow, noise)),
    "empty page in a dim room": Kind("empty", digits=0, light=(dimmed, partial(noise, sigma=4))),
    "two digits": TAKEN("crowded", digits=2, pen=16),
    "two digits, thin pen": TAKEN("crowded", digits=2, pen=4),
    "two digits, scanned": DRAWN("crowded", digits=2, pen=None, write=jpeg),
    "three digits": TAKEN("crowded", digits=3, pen=12, tall=170),
    "page of text": TAKEN("crowded", digits=0, marks=(inked(text_lines, BLUE),)),
    "line of text": DRAWN(
        "crowded", digits=0, marks=(inked(text_lines, BLUE, size=1.4, every=350),), light=CAMERA
    ),
    "landscape": Kind("crowded", digits=0, marks=(landscape,)),
    "filled circle": TAKEN("crowded", digits=0, marks=(inked(filled_circle, BLACK),)),
}
