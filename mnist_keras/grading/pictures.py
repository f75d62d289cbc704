"""A learner's picture, taken apart and written again, so that only its pixels are left."""

import io
import struct

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_BYTES = 2 * 1024 * 1024
MAX_SIDE = 4000  # pixels


class PictureError(Exception):
    """A picture that no report shows; the message says why, in one line."""


def checked_png(data: bytes) -> bytes:
    """Check a PNG file, and write its first frame again as RGB or RGBA, without its metadata.

    PictureError says why it cannot be shown.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(f"the picture is larger than {MAX_BYTES // 1024**2} MiB")
    # The size is read here first: Pillow would begin to make room for any.
    if not data.startswith(SIGNATURE) or len(data) < 33 or data[12:16] != b"IHDR":
        raise PictureError("the picture is no PNG file")
    _check_size(*struct.unpack(">II", data[16:24]))
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            # A second header in the file may have set another size.
            _check_size(*image.size)
            image.load()
            see_through = "A" in image.getbands() or "transparency" in image.info
            pixels = image.convert("RGBA" if see_through else "RGB")
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise whatever damaged bytes lead them to.
        raise PictureError(f"the picture is damaged ({type(error).__name__})") from error
    buffer = io.BytesIO()
    pixels = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    pixels.save(buffer, format="PNG")
    if buffer.tell() > MAX_BYTES:
        raise PictureError(f"the picture takes more than {MAX_BYTES // 1024**2} MiB")
    return buffer.getvalue()


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        found, most = f"{width:,} × {height:,}", f"{MAX_SIDE:,} × {MAX_SIDE:,}"
        raise PictureError(f"the picture has {found} pixels; at most {most} are shown")
