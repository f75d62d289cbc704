"""Short pictures that move, as SVG with CSS: each can be paused, and keeps still if asked to.

Where the system asks for less motion, all that the moving picture leaves behind is shown at once.
"""

import base64
import hashlib
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from PIL import Image

from mnist_keras.drawings.convolution import feature_map
from mnist_keras.figures.picture import BLUE, GREY, ORANGE

PAGE = """<figure class="picture moving {mark}"><style>
.{mark} svg {{ background: #fff; border-radius: 0.5rem; height: auto; max-width: 100%; }}
.{mark} label {{ cursor: pointer; padding: 0.4rem; }}
.{mark} svg {{ display: block; margin: 0 auto; }}
.{mark} input:checked ~ svg * {{ animation-play-state: paused; }}
{style}
@media (prefers-reduced-motion: reduce) {{
.{mark} svg * {{ animation: none !important; }}
.{mark} :is(input, label) {{ display: none; }}
}}
</style><input type="checkbox" id="{mark}"><label for="{mark}">Pause</label>
<svg role="img" aria-label="{alt}" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
font-family="DejaVu Sans, sans-serif" font-size="15" fill="#222" text-anchor="middle">
<text x="{middle}" y="24" font-weight="bold" font-size="17">{title}</text>
{body}
</svg></figure>"""


@dataclass(frozen=True)
class Moving:
    """A picture that moves, and what it shows in words."""

    title: str  # what everyone sees above it
    alt: str  # one or two sentences that state the finding
    body: str  # SVG
    style: str  # CSS; each animation's name and each class begin with ``MARK``
    width: int = 560  # in pixels
    height: int = 300

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        # Of several on a page, none may take another's style.
        mark = "m" + hashlib.sha256(f"{self.body}{self.style}".encode()).hexdigest()[:8]
        page = PAGE.format(
            mark=mark,
            style=self.style.replace("MARK", mark),
            alt=html.escape(self.alt),
            title=html.escape(self.title),
            body=self.body.replace("MARK", mark),
            width=self.width,
            height=self.height,
            middle=self.width // 2,
        )
        return {"text/html": page, "text/plain": self.alt}


def pixels(values: np.ndarray, colours: str, x: float, y: float, size: float) -> str:
    """Draw an image, shape (n, n) in [0, 1], as a square of this size in a colour map."""
    buffer = io.BytesIO()
    shown = (255 * colormaps[colours](values)[..., :3]).round().astype("uint8")
    Image.fromarray(shown).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<image x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" '
        f'style="image-rendering: pixelated" href="data:image/png;base64,{data}"/>'
    )


def sliding(image: np.ndarray, kernel: np.ndarray, seconds_a_row: float = 0.5) -> Moving:
    """Let a kernel slide over an image, row by row, and the feature map grow.

    The image has the shape (n, n), in [0, 1], and the kernel (k, k).
    """
    n, k = len(image), len(kernel)
    places = n - k + 1
    result = feature_map(image, kernel)
    dot = 9.0  # pixels of the picture for one of the image
    left, right, top = 16.0, 560 - 16 - places * dot, 64.0
    side = places * dot
    whole = seconds_a_row * places
    scaled = 0.5 + 0.5 * result / max(abs(result).max(), 1e-9)
    # What is still to come is covered: all rows below, and the rest of the row at work.
    body = f"""
<text x="{left + n * dot / 2:g}" y="52" fill="{GREY}">image</text>
<text x="{right + side / 2:g}" y="52" fill="{GREY}">feature map</text>
<clipPath id="MARK-clip">
<rect x="{right:g}" y="{top:g}" width="{side:g}" height="{side:g}"/></clipPath>
{pixels(1 - image, "gray", left, top, n * dot)}
{pixels(scaled, "PuOr", right, top, side)}
<g clip-path="url(#MARK-clip)" fill="#e9e9e9">
<rect class="MARK-below" x="{right:g}" y="{top + dot:g}" width="{side:g}" height="{side:g}"/>
<g class="MARK-down">
<rect class="MARK-rest" x="{right + dot:g}" y="{top:g}" width="{side:g}" height="{dot:g}"/></g>
</g>
<g fill="none" stroke="{ORANGE}" stroke-width="3">
<g class="MARK-down">
<rect class="MARK-right" x="{left:g}" y="{top:g}" width="{k * dot:g}" height="{k * dot:g}"/></g>
<g class="MARK-down">
<rect class="MARK-right" x="{right:g}" y="{top:g}" width="{dot:g}" height="{dot:g}"/></g>
</g>"""
    style = f"""
@keyframes MARK-y {{ to {{ transform: translateY({side:g}px); }} }}
@keyframes MARK-x {{ to {{ transform: translateX({side:g}px); }} }}
.MARK-down, .MARK-below {{ animation: MARK-y {whole:g}s steps({places}) infinite; }}
.MARK-right, .MARK-rest {{ animation: MARK-x {seconds_a_row:g}s steps({places}) infinite; }}
@media (prefers-reduced-motion: reduce) {{ .MARK-below, .MARK-rest {{ visibility: hidden; }} }}"""
    alt = (
        f"A window of {k} by {k} pixels slides over an image of {n} by {n}, row by row. At each of "
        f"its {places} times {places} places, one pixel of the feature map appears."
    )
    return Moving("A kernel slides over an image", alt, body, style, height=int(top + n * dot + 12))


def downhill(rates: Sequence[float], steps: int = 8) -> Moving:
    """Walk downhill in the valley of w², with several learning rates side by side.

    The slope of w² is 2 w, so a rate of 0.5 would arrive in one step.
    """
    wide, low, high = 560 / len(rates), 250.0, 170.0
    across, up = (wide - 24) / 4.8, high / 2.4**2  # pixels for 1 of the weight, and of its square
    whole = f"{0.7 * (steps + 2):g}s step-end infinite"
    body, style, told = [], [], []
    share = 100 / (steps + 2)  # of the time for each step; the end is shown a little longer
    for number, rate in enumerate(rates):
        middle = wide * (number + 0.5)
        path = -1.8 * (1 - 2 * rate) ** np.arange(steps + 1)
        points = [(middle + across * w, low - up * w**2) for w in path]
        curve = " ".join(
            f"{middle + across * w:.1f},{low - up * w**2:.1f}" for w in np.linspace(-2.4, 2.4, 49)
        )
        name = f"MARK-{number}"
        body.append(
            f'<clipPath id="{name}-clip"><rect x="{wide * number + 6:g}" y="66" '
            f'width="{wide - 12:g}" height="{low - 56:g}"/></clipPath>'
            f'<text x="{middle:g}" y="56">rate {rate:g}</text>'
            f'<polyline points="{curve}" fill="none" stroke="{GREY}" stroke-width="2"/>'
            f'<g clip-path="url(#{name}-clip)">'
        )
        for step, (x, y) in enumerate(points):
            seen = f"{name}-{step}"
            body.append(f'<circle class="{seen}" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{ORANGE}"/>')
            style.append(
                f"@keyframes {seen} {{ 0% {{ opacity: 0; }} "
                f"{share * step:.2f}%, 100% {{ opacity: 1; }} }}"
                f".{seen} {{ animation: {seen} {whole}; }}"
            )
        moves = "".join(
            f"{share * step:.2f}% {{ transform: translate({x - points[0][0]:.1f}px, "
            f"{y - points[0][1]:.1f}px); }}"
            for step, (x, y) in enumerate(points)
        )
        last = moves.rpartition("% ")[2]
        style.append(
            f"@keyframes {name} {{ {moves}100% {last} }}.{name} {{ animation: {name} {whole}; }}"
        )
        x, y = points[0]
        body.append(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="8" fill="{BLUE}"/></g>')
        end = path[-1] ** 2
        verdict = f"ends at {end:.2f}" if end >= 0.005 else "ends close to 0"
        verdict = "leaves the valley" if end > path[0] ** 2 else verdict
        body.append(f'<text x="{middle:g}" y="{low + 30:g}">{verdict}</text>')
        told.append(f"with {rate:g} it {verdict}")
    alt = (
        f"{steps} steps downhill in a valley, from a loss of {1.8**2:.2g}: {', '.join(told)}. The "
        "blue dot goes from place to place, and leaves an orange one where it was."
    )
    title = f"Downhill with {len(rates)} learning rates: the loss after {steps} steps"
    return Moving(title, alt, "\n".join(body), "\n".join(style), height=296)
