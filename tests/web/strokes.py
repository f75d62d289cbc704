"""Ten digits as a hand may draw them, none of them a training image."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]

# Lines of points: x and y in hundredths of the field.
DRAWN = {
    0: ["55,12 38,16 26,34 24,58 32,79 48,88 66,80 75,60 75,38 66,19 53,12"],
    1: ["58,10 55,30 51,52 48,72 45,90"],
    2: ["27,30 33,17 49,10 66,16 71,32 62,49 47,66 28,86 50,85 77,88"],
    3: ["30,18 47,10 65,17 67,32 57,43 44,47 62,52 72,66 66,82 48,90 29,82"],
    4: [
        "38,12 32,32 27,53 45,54 76,51",
        "66,22 63,45 60,68 58,90",
    ],
    5: [
        "38,13 36,30 33,47 50,42 66,50 70,66 62,82 46,89 29,83",
        "38,13 55,12 72,11",
    ],
    6: ["62,10 46,23 34,44 29,66 37,84 54,88 67,78 66,62 52,55 37,62 31,72"],
    7: ["25,17 45,15 73,14 64,34 54,55 47,74 43,90"],
    8: ["66,22 53,11 38,18 37,32 50,44 64,58 67,75 54,89 37,83 34,67 45,52 60,38 67,25"],
    9: ["68,28 57,14 41,16 32,31 39,46 55,46 67,32 68,24 65,48 60,70 55,90"],
}
DIGITS: dict[int, list[list[Point]]] = {
    digit: [
        [(float(x) / 100, float(y) / 100) for x, y in (point.split(",") for point in line.split())]
        for line in lines
    ]
    for digit, lines in DRAWN.items()
}
WIDTHS = ("thin", "middle", "thick")


def as_strokes(lines: Sequence[Sequence[Point]], width: float, side: float = 400) -> list[dict]:
    """Give lines as the playground keeps them; a point every 40 milliseconds."""
    return [
        {
            "width": width,
            "points": [
                {"x": x * side, "y": y * side, "t": 40 * k} for k, (x, y) in enumerate(line)
            ],
        }
        for line in lines
    ]
