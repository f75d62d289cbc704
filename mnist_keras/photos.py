"""From a photo to an image like MNIST's: a short pipeline of named steps.

MNIST's makers cut out each digit, shrank it into a box of 20×20 pixels, its proportions kept, and
placed it in a 28×28 image with its centre of mass in the middle (LeCun et al. 1998). The steps
here do the same to a photo of paper, after they have told ink from all else. Each is a plain
function of arrays: nothing is learned, nothing is left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mnist_keras.errors import CourseError

BOX, SIDE = 20, 28
SMALLEST, LARGEST = 400, 1000  # pixels of a picture's longer side while it is worked on
WINDOW = 0.35  # of the longer side, or twice that of the shorter: no stroke is wider
DARK_FIRST = 1.1  # light ink must be that many times plainer, as dark ink is more usual
FAINTEST = 0.06  # of the paper's brightness: a mark weaker than that is taken for paper
NOISE_FACTOR = 6.0  # a mark is that many times stronger than the noise
STRONG = 0.5  # of the strongest ink: a mark that is surely no shadow
EDGE = 0.4  # of the ink's strength: where the stroke ends
STRONGER_THAN_LINE = 1.6  # times: that is a stroke on the line
STEEPEST = 0.08  # slope of a printed line against the picture's sides
THICKEST_LINE = 0.012  # of the longer side
LINE_SEEN = 0.7  # of the faintest mark: along a whole line, less is enough
LINE_FILLED = 0.7  # of a printed line's way across the picture that must be seen
NEAR = 0.2  # of the digit's size: pieces that close belong together
ABOVE = 0.6  # of a distance counts where pieces lie above each other
COMPARABLE = 0.4  # of the digit's size and strength: a mark like that is another digit
FRAGMENTS = 8  # a broken stroke has at most that many
SCATTERED = 0.6  # of the digit's size: its largest piece is larger
LEAST_BESIDE_EDGE = 0.15  # of the shorter side: then what touches the edge is dropped
LEAST, LEAST_AT_EDGE = 0.03, 0.25  # of the picture's longer side, or shorter: a digit's size
STRONG_AT_EDGE = 0.3  # so strong must ink be there, as shading is badly told at the edge
NORMAL_STROKE = (1.5, 4.0)  # pixels in a box of 20: 24 in 25 of MNIST's digits
THIN_BECOMES, THICK_BECOMES = 2.4, 3.2
WIDEST = 1.8  # times as wide as it is high: no digit is
BLOB, DOUBTFUL_BLOB = 0.5, 0.35  # of its size: no stroke is that wide
SOLID = 0.9  # of its convex hull's area
SHEET_SEEN = 250  # pixels of the longer side are enough to see a sheet
LEAST_SHEET = 0.2  # of the picture's area, or smaller: no sheet
SHEET_CUT = 0.35  # of the picture's outline, or less, may show the sheet
SHEET_STANDS_OUT = 25  # grey levels, or more, between it and what lies around
ALIKE_AROUND = 0.3  # of what lies around, or less, is as bright or dark as the sheet
NARROWEST_SHEET = 0.45  # of its longer side
PAPER_OF_SHEET = 0.75  # of a sheet's area, or more, is without ink
STRAIGHT = 0.03  # of its outline's length: so far may a side be from a straight line
SHEETS_EDGE = 0.06  # of the sheet's side: left out
SURROUNDINGS = 0.8  # of the picture's outline: a desk around the sheet
IN_FRAME = 0.25  # of a frame's size: so large is a digit in it
FLAT, UNDERLINE, BELOW = 0.25, 0.8, 0.06  # an underline's height, width and distance


def to_mnist(colour: np.ndarray) -> np.ndarray:
    """Bring a photo of one digit into MNIST's form.

    From RGB, 0 to 255, shape (height, width, 3), to uint8, shape (28, 28), ink up to 255.
    """
    if has_mnists_form(colour):
        return colour[..., 0].astype("uint8")
    picture = working_size(colour)
    paper = paper_in(picture)
    try:
        digit = digit_on(paper)
    except EmptyError:
        if paper is picture:
            raise
        digit = digit_on(picture)  # it was no sheet, but a thick 1 perhaps
    return centre(fit_into_box(with_normal_stroke(digit)))


def digit_on(paper: np.ndarray) -> np.ndarray:
    """Find the digit on a picture of working size: bool, cut out, with a border of one pixel."""
    ink = even_light(paper)
    return find_digit(ink, printed_lines(ink))


def has_mnists_form(colour: np.ndarray) -> bool:
    """Say whether a picture is an MNIST image already, or one that was made like them."""
    grey = colour[..., 0]
    if grey.shape != (SIDE, SIDE) or (colour != grey[..., None]).any() or not grey.any():
        return False
    height, width = cut_out(grey > 0).shape
    middle = np.argwhere(grey > 0).T @ grey[grey > 0] / grey.sum()
    return max(height, width) in (BOX - 1, BOX) and bool(np.all(np.abs(middle - SIDE / 2) <= 1))


def working_size(colour: np.ndarray) -> np.ndarray:
    """Resize a picture so that its longer side has between 400 and 1,000 pixels."""
    height, width = colour.shape[:2]
    longer = max(height, width)
    scale = min(max(longer, SMALLEST), LARGEST) / longer
    return resized(colour.astype("float32"), scale)


def resized(picture: np.ndarray, scale: float) -> np.ndarray:
    """Resize by a factor: averages where it shrinks, smooth curves where it grows."""
    if scale == 1:
        return picture
    height, width = picture.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


# --- 0. The sheet -----------------------------------------------------------------------------


def paper_in(picture: np.ndarray) -> np.ndarray:
    """Cut out the sheet on a desk, or the board on a wall; else all of the picture is paper."""
    corners = sheet_in(picture)
    return picture if corners is None else cut_upright(picture, corners)


def sheet_in(picture: np.ndarray) -> np.ndarray | None:
    """Find a sheet of paper that lies on something darker or lighter, or a board on a wall.

    It is a filled shape with four straight sides, large, and most of it lies within the picture.

    Returned are its corners, x and y in pixels, in the order in which they are met, shape (4, 2);
    or None.
    """
    scale = SHEET_SEEN / max(picture.shape[:2])
    grey = cv2.GaussianBlur(resized(views(picture)[0], scale), (0, 0), 1)
    grey = np.clip(grey, 0, 255).astype("uint8")
    _, bright = cv2.threshold(grey, 0, 1, cv2.THRESH_OTSU)
    for parted in (bright, 1 - bright):
        labels, boxes = components(parted)
        for label in 1 + np.flatnonzero(boxes[:, 4] > LEAST_SHEET * grey.size):
            shape = labels == label
            sides = np.concatenate([shape[0], shape[-1], shape[:, 0], shape[:, -1]])
            hull = cv2.convexHull(np.argwhere(shape)[:, ::-1].astype("int32"))
            corners = cv2.approxPolyDP(hull, STRAIGHT * cv2.arcLength(hull, True), True)
            filled = boxes[label - 1, 4] > PAPER_OF_SHEET * cv2.contourArea(hull)
            across, along = sorted(cv2.minAreaRect(hull)[1])
            is_shaped = len(corners) == 4 and across > NARROWEST_SHEET * along
            if not is_shaped or not filled or sides.mean() > SHEET_CUT:
                continue
            around = cv2.fillConvexPoly(np.ones_like(grey), hull, 0) > 0
            stands_out = abs(float(grey[shape].mean()) - float(grey[around].mean()))
            if stands_out > SHEET_STANDS_OUT and parted[around].mean() < ALIKE_AROUND:
                return (corners[:, 0] + 0.5) / scale
    return None


def cut_upright(picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Cut out a sheet without its edges, turned upright, as if seen from above, in working size."""
    # The corner that is nearest to the picture's comes first; a sheet is turned by less than 45°.
    first = int(np.argmin(corners.sum(axis=1)))
    corners = np.roll(corners, -first, axis=0)
    corners = corners.mean(axis=0) + (1 - SHEETS_EDGE) * (corners - corners.mean(axis=0))
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = sides[[0, 2]].mean(), sides[[1, 3]].mean()
    upright = np.array([(0, 0), (width, 0), (width, height), (0, height)], "float32")
    turn = cv2.getPerspectiveTransform(corners.astype("float32"), upright)
    size = (round(width), round(height))
    return working_size(cv2.warpPerspective(picture, turn, size, borderMode=cv2.BORDER_REPLICATE))


# --- 1. Even light ----------------------------------------------------------------------------


def even_light(colour: np.ndarray) -> np.ndarray:
    """Take the paper and its shading away; what is left is ink.

    Ink is darker than the paper around it, or lighter on a blackboard: whichever makes the larger
    and stronger figure, since the gaps between strokes lie inside of them. It is looked for in the
    brightness and in the three colours, as red ink may be as bright as green paper, and the one in
    which ink stands out most is taken.

    From RGB, shape (height, width, 3), to the strength of ink, shape (height, width): 0 where there
    is none; dark ink as a share of the paper's brightness, light ink as a share of the step to
    white.
    """
    half = views(resized(colour, 0.5))
    dark, bright = (max(rating(view, light=light) for view in half) for light in (False, True))
    light = bright > DARK_FIRST * dark
    seen = [visibility(paper_and_ink(view, light=light)[1]) for view in half]
    paper, ink = paper_and_ink(views(colour)[int(np.argmax(seen))], light=light)
    if light:
        return ink
    # Light falls on dark ink as on its paper, so that their ratio is the same everywhere.
    return ink / np.maximum(paper, 0.15 * paper.max() + 0.004)


def views(colour: np.ndarray) -> list[np.ndarray]:
    """Return a picture's brightness, and its red, green and blue."""
    brightness = colour @ np.array((0.299, 0.587, 0.114), "float32")
    return [brightness, *np.moveaxis(colour, -1, 0)]


def paper_and_ink(view: np.ndarray, *, light: bool) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the paper behind the ink, and how far the ink differs from it.

    The paper is found by closing: whatever is darker than its surroundings and narrower than the
    window is filled up. A shadow is wider than that, and stays part of the paper. Where noise is
    strong, the picture is blurred until the ink stands out.

    Both have the view's shape, and 1 is the step from black to white. Light ink turns both round.
    """
    view = np.ascontiguousarray(255 - view if light else view) / 255
    half = resized(view, 0.5)
    window = round(min(WINDOW * max(half.shape), 2 * WINDOW * min(half.shape))) | 1
    for sigma in (1, 2, 4):
        calm = cv2.medianBlur(cv2.GaussianBlur(half, (0, 0), sigma / 2), 5)
        paper = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, np.ones((window, window), "uint8"))
        paper = cv2.resize(paper, view.shape[::-1], interpolation=cv2.INTER_LINEAR)
        ink = paper - cv2.GaussianBlur(view, (0, 0), sigma)
        ink -= np.median(paper_alone(ink))
        if strongest(ink) > 10 * noise(ink):
            break
    return paper, ink


def paper_alone(ink: np.ndarray) -> np.ndarray:
    """Return what is probably paper, of every fifth pixel of every fifth row."""
    few = ink[::5, ::5]
    low = np.quantile(few, 0.05)
    return few[few <= low + 0.6 * (few.max() - low)]


def strongest(ink: np.ndarray) -> float:
    """Return the strength of the strongest pixels but for a few specks."""
    few = min(100, ink.size // 1000)
    strong = ink[ink >= 0.25 * ink.max()]
    return float(np.sort(strong)[max(0, len(strong) - 1 - few)])


def noise(ink: np.ndarray) -> float:
    """Estimate the paper's noise: its standard deviation, if it were normal."""
    paper = paper_alone(ink)
    return 1.4826 * float(np.median(np.abs(paper - np.median(paper))))


def visibility(ink: np.ndarray) -> float:
    """Say how far the ink stands out from the noise, but for a seventh on each side.

    There, a desk may show around the paper.
    """
    height, width = ink.shape
    inner = ink[height // 7 : height - height // 7, width // 7 : width - width // 7]
    return strongest(inner) / (noise(inner) + 0.02)


def rating(view: np.ndarray, *, light: bool) -> float:
    """Rate what may be ink by its size and strength, and by how much of its outline is an edge.

    The gaps between strokes make a figure, too. But a gap is smaller than what surrounds it, or
    it is open, and has no edge there. Specks do not count.
    """
    _, ink = paper_and_ink(view, light=light)
    strong = ink > max(0.5 * strongest(ink), faintest_mark(ink))
    _, boxes = components(strong)
    if not len(boxes):
        return 0.0
    large = boxes[boxes[:, 4] >= 0.1 * boxes[:, 4].max()]
    top_left = large[:, :2].min(axis=0)
    bottom_right = (large[:, :2] + large[:, 2:4]).max(axis=0)
    size = float(np.hypot(*(bottom_right - top_left)))
    around = np.ones((5, 5), "uint8")
    # What the picture's side cuts has an outline there, too, and no edge.
    framed = np.pad(strong.astype("uint8"), 1)
    outline = strong & (cv2.erode(framed, around[:3, :3])[1:-1, 1:-1] == 0)
    steepness = cv2.morphologyEx(cv2.GaussianBlur(view, (0, 0), 1), cv2.MORPH_GRADIENT, around)
    steep = steepness[outline]
    edges = float(np.mean(steep > 0.3 * np.quantile(steep, 0.9)))
    return size * strongest(ink) ** 2 * edges**2


def faintest_mark(ink: np.ndarray) -> float:
    """Return the strength that a mark must have to be told from noise."""
    return max(FAINTEST, NOISE_FACTOR * noise(ink))


# --- 2. Printed lines -------------------------------------------------------------------------


@dataclass(frozen=True)
class Lines:
    """What is printed on the paper: ruled or squared lines, a margin."""

    # how strong the ink of the line is that runs here, 0 beside lines; float32, shape (height,
    # width)
    across: np.ndarray
    down: np.ndarray


def printed_lines(ink: np.ndarray) -> Lines:
    """Find straight thin lines that run from edge to edge."""
    return Lines(lines_across(ink), lines_across(ink.T).T)


def without_lines(marks: np.ndarray, ink: np.ndarray, lines: Lines) -> np.ndarray:
    """Erase the printed lines.

    Where a stroke crosses a line it stays: there it is much stronger than the line, or goes on
    above and below.
    """
    printed = np.maximum(lines.across, lines.down)
    kept = marks & ((printed == 0) | (ink > STRONGER_THAN_LINE * printed))
    bridged = kept.copy()
    for band, axis in ((lines.across > 0, 0), (lines.down > 0, 1)):
        if band.any():
            # Their typical thickness: their pixels for each line that is met.
            entered = np.diff(band.astype("int8"), axis=axis, prepend=0) == 1
            reach = 2 * max(1, round(band.sum() / max(1, entered.sum()))) + 1
            upright = np.ones((reach, 1) if axis == 0 else (1, reach), "uint8")
            closed = cv2.morphologyEx(kept.astype("uint8"), cv2.MORPH_CLOSE, upright)
            bridged |= (closed > 0) & band & marks
    return bridged


def lines_across(ink: np.ndarray) -> np.ndarray:
    """Find lines that cross the picture from left to right, a little askew perhaps.

    For each possible slope, the marks are counted along each line of that slope, as if the picture
    were sheared until the line lies in one row. A printed line is nearly full, at its ends too.

    Returned is how strong the line's ink is, along each line; 0 elsewhere.
    """
    height, width = ink.shape
    thick = np.ones((round(THICKEST_LINE * max(ink.shape)), 1), "uint8")
    thin = ink - cv2.morphologyEx(np.ascontiguousarray(ink), cv2.MORPH_OPEN, thick)
    y, x = np.nonzero(thin[::2, ::2] > LINE_SEEN * faintest_mark(ink))
    across, rows = (width + 1) // 2, (height + 1) // 2
    left, right = x < across // 12, x >= across - across // 12
    found: list[tuple[float, int, float]] = []
    steps = int(STEEPEST * across)
    for slope in np.arange(-steps, steps + 1) / across:
        at = np.rint(y - slope * (x - across / 2)).astype(int)
        fits = (at >= 0) & (at < rows)
        filled, left_end, right_end = (
            np.bincount(at[fits & part], minlength=rows) for part in (True, left, right)
        )
        full = (filled > LINE_FILLED * across) & (
            np.minimum(left_end, right_end) > 0.5 * (across // 12)
        )
        for middle in 2 * np.flatnonzero(full):
            way = np.rint(middle + slope * (np.arange(width) - width / 2)).astype(int)
            along = ink[np.clip(way, 0, height - 1), np.arange(width)]
            found.append((float(np.quantile(along, 0.75)), int(middle), float(slope * width / 2)))
    lines = np.zeros((height, width), "float32")
    for strength, row, rise in sorted(found):  # where lines meet, the strongest counts
        ends = (0, round(row - rise)), (width, round(row + rise))
        cv2.line(lines, *ends, color=max(strength, 1e-6), thickness=5)
    return lines


# --- 3. One digit -----------------------------------------------------------------------------


def components(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find connected marks.

    Returned are a label for each pixel, 0 where there is no mark; and, for the labels from 1 on, a
    row of left, top, width, height and area.
    """
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(marks.astype("uint8"), connectivity=8)
    return labels, boxes[1:]


@dataclass(frozen=True)
class Piece:
    """Connected marks."""

    label: int  # their number in the array of labels
    left: int  # their box
    top: int
    right: int
    bottom: int
    strength: float  # how strong their ink is

    @property
    def size(self) -> int:
        """The longer side of the box."""
        return max(self.right - self.left, self.bottom - self.top)

    def gap(self, other: Piece) -> float:
        """Return the distance of two boxes; digits stand beside, not above each other."""
        across = max(0, self.left - other.right, other.left - self.right)
        down = max(0, self.top - other.bottom, other.top - self.bottom)
        return float(np.hypot(across, ABOVE * down))

    def touches(self, shape: tuple[int, ...]) -> bool:
        """Say whether the picture's edge cuts it."""
        return min(self.left, self.top, shape[1] - self.right, shape[0] - self.bottom) <= 1


def pieces_of(marks: np.ndarray, ink: np.ndarray) -> tuple[list[Piece], np.ndarray]:
    """List the connected marks, the largest and strongest first, and return the labels' array."""
    reach = max(3, round(max(marks.shape) / 100) | 1)  # a pencil skips the paper's hollows
    bridge = np.ones((reach, reach), "uint8")
    labels, boxes = components(cv2.morphologyEx(marks.astype("uint8"), cv2.MORPH_CLOSE, bridge))
    sizes = boxes[:, 2:4].max(axis=1, initial=0)
    found: list[Piece] = []
    for k in np.flatnonzero(sizes >= max(4, 0.05 * sizes.max(initial=0))):
        left, top, width, height, _ = (int(number) for number in boxes[k])
        cut = np.s_[top : top + height, left : left + width]
        strength = float(np.quantile(ink[cut][(labels[cut] == k + 1) & marks[cut]], 0.9))
        found.append(Piece(int(k) + 1, left, top, left + width, top + height, strength))
    found.sort(key=lambda piece: -piece.size * piece.strength)
    return found, labels


class EmptyError(CourseError):
    """There are no marks, or specks only."""


class ScatteredError(CourseError):
    """A few marks that lie close together, but none is as large as a digit's main stroke."""


def find_digit(ink: np.ndarray, lines: Lines) -> np.ndarray:
    """Find the digit among the strong marks, or else among the faint ones.

    It is cut out, bool, with a border of one pixel.
    """
    faintest = faintest_mark(ink)
    refusal: CourseError = EmptyError("no digit found: the picture is (almost) empty")
    for level in (max(STRONG * strongest(ink), faintest), faintest):
        try:
            digit = digit_among(without_lines(ink > level, ink, lines), ink)
        except ScatteredError as scattered:  # the strong marks of a pencil may be
            refusal = scattered
            continue
        if digit is not None:
            return digit
    raise refusal


def digit_among(marks: np.ndarray, ink: np.ndarray) -> np.ndarray | None:
    """Choose the marks that make up the digit, and drop all others.

    The largest and strongest piece is the digit, with what lies close to it. A mark at the
    picture's edge counts only if there is no other. Small or faint marks elsewhere are dirt.

    It is cut out, with a border of one pixel; None if there are only specks.
    """
    found, labels = pieces_of(marks, ink)
    sides = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    found = [piece for piece in found if np.mean(sides == piece.label) < SURROUNDINGS]
    if not found:
        return None
    inside = [piece for piece in found if not piece.touches(marks.shape)]
    if inside and inside[0].size > LEAST_BESIDE_EDGE * min(marks.shape):
        found = inside
    digit, others = together([one for one in found if not frames_another(one, found, labels)])
    digit = without_underline(digit)
    box = whole(digit)
    at_edge = box.touches(marks.shape)
    if box.size < LEAST * max(marks.shape):
        return None
    if at_edge and (box.size < LEAST_AT_EDGE * min(marks.shape) or box.strength < STRONG_AT_EDGE):
        return None
    least = COMPARABLE * box.size, COMPARABLE * box.strength
    rivals = [piece for piece in others if piece.size > least[0] and piece.strength > least[1]]
    wide = (box.right - box.left) > WIDEST * (box.bottom - box.top)
    several = "several marks, no single digit found; cut the picture so that one digit is on it"
    if max(piece.size for piece in digit) < SCATTERED * box.size:
        raise (ScatteredError if len(digit) <= FRAGMENTS else CourseError)(several)
    if rivals or wide or side_by_side(digit):
        raise CourseError(several)
    cut = np.s_[box.top : box.bottom, box.left : box.right]
    labelled = np.isin(labels[cut], [piece.label for piece in digit])
    mask = cut_out(labelled & (ink[cut] > EDGE * box.strength))
    if is_filled(mask, at_edge=at_edge):
        raise CourseError("no digit found: a filled shape, not a pen's stroke")
    return np.pad(mask, 1)


def cut_out(mask: np.ndarray) -> np.ndarray:
    """Cut off the empty rows and columns around a shape."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def is_filled(mask: np.ndarray, *, at_edge: bool) -> bool:
    """Say whether it is a filled shape, which no pen's stroke is."""
    depth = cv2.distanceTransform(np.pad(mask, 1).astype("uint8"), cv2.DIST_L2, 5)
    width = 2 * depth.max() / max(mask.shape)
    hull = cv2.convexHull(np.argwhere(mask).astype("int32"))
    solid = mask.sum() > SOLID * cv2.contourArea(hull) and 2 * min(mask.shape) > max(mask.shape)
    return bool(width > (DOUBTFUL_BLOB if solid or at_edge else BLOB))


def together(found: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Part the pieces that lie close to the first, or to what lies close to it, from the others."""
    digit, others = found[:1], found[1:]
    while True:
        box = whole(digit)
        near = [
            piece
            for piece in others
            if min(piece.gap(one) for one in digit) < NEAR * box.size
            and piece.strength > COMPARABLE * digit[0].strength
        ]
        if not near:
            return digit, others
        digit = digit + near
        others = [piece for piece in others if piece not in near]


def frames_another(frame: Piece, found: list[Piece], labels: np.ndarray) -> bool:
    """Say whether this is a box or a circle that is drawn around a digit.

    No digit has a piece of its own in its hole that is large.
    """
    inside = [
        piece
        for piece in found
        if piece.size > IN_FRAME * frame.size
        and piece.left > frame.left
        and piece.top > frame.top
        and piece.right < frame.right
        and piece.bottom < frame.bottom
    ]
    if not inside:
        return False
    cut = np.s_[frame.top : frame.bottom, frame.left : frame.right]
    gaps, _ = components(np.pad(labels[cut] != frame.label, 1, constant_values=True))
    gaps = gaps[1:-1, 1:-1]
    outside = 1  # the border's label, as it is met first
    return any(np.all(gaps[labels[cut] == piece.label] != outside) for piece in inside)


def without_underline(digit: list[Piece]) -> list[Piece]:
    """Leave out a line below a digit; no digit stands apart from a flat piece as wide as itself."""
    for line in digit:
        rest = [piece for piece in digit if piece is not line]
        if not rest:
            continue
        box, width = whole(rest), line.right - line.left
        if (
            line.bottom - line.top < FLAT * width
            and width > UNDERLINE * (box.right - box.left)
            and line.top - box.bottom > BELOW * box.size
        ):
            return rest
    return digit


def whole(pieces: list[Piece]) -> Piece:
    """Return the box around all pieces."""
    boxes = ((piece.left, piece.top, piece.right, piece.bottom) for piece in pieces)
    left, top, right, bottom = zip(*boxes, strict=True)
    return Piece(0, min(left), min(top), max(right), max(bottom), pieces[0].strength)


def side_by_side(digit: list[Piece]) -> bool:
    """Say whether two tall pieces stand beside each other, as two digits do."""
    height = whole(digit).bottom - whole(digit).top
    tall = [piece for piece in digit if piece.bottom - piece.top > 0.7 * height]
    return any(one is not other and one.right <= other.left for one in tall for other in tall)


# --- 4. A normal stroke -----------------------------------------------------------------------


def with_normal_stroke(mask: np.ndarray) -> np.ndarray:
    """Thicken or thin the stroke until it is as wide as MNIST's, seen from the digit's size."""
    scale = int(np.ceil(10 * BOX / max(mask.shape)))
    if scale > 1:  # so that the stroke has many pixels
        mask = resized(mask.astype("float32"), scale) > 0.5
    size = max(cut_out(mask).shape)
    inside = cv2.distanceTransform(mask.astype("uint8"), cv2.DIST_L2, 5)
    width = 4 * (float(inside[mask].mean()) - 0.5)
    unit = size / BOX
    if width < NORMAL_STROKE[0] * unit:
        reach = (THIN_BECOMES * (size - width) / (BOX - THIN_BECOMES) - width) / 2
        framed = np.pad(mask, int(np.ceil(reach)) + 1)
        outside = cv2.distanceTransform((~framed).astype("uint8"), cv2.DIST_L2, 5)
        return outside <= reach
    if width > NORMAL_STROKE[1] * unit:
        return inside > min((width - THICK_BECOMES * unit) / 2, 0.35 * float(inside.max()))
    return mask


# --- 5. Into MNIST's box ----------------------------------------------------------------------


def fit_into_box(mask: np.ndarray) -> np.ndarray:
    """Shrink the digit into a box of 20×20 pixels, its proportions kept.

    Ink in [0, 1]; the longer side has 20 pixels, the strongest pixel is 1.
    """
    cut = cut_out(mask).astype("float32")
    box = resized(cut, BOX / max(cut.shape))
    return box / box.max()


def centre(digit: np.ndarray) -> np.ndarray:
    """Place a digit in a 28×28 image so that its centre of mass lies where MNIST's digits have it.

    That is pixel (14, 14), counted from 0: the mean over the test set is (13.98, 14.01).
    """
    height, width = digit.shape
    mass = digit.sum()
    down = (digit.sum(axis=1) @ np.arange(height)) / mass
    right = (digit.sum(axis=0) @ np.arange(width)) / mass
    top = int(np.clip(round(SIDE / 2 - down), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - right), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE))
    image[top : top + height, left : left + width] = digit
    return np.rint(image * 255).astype("uint8")
