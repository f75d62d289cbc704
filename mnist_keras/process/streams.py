"""Standard output and standard error that are there, and that do not end the work.

The process that started a command may have closed them, sent them to a full disk or to ``head``,
or have a terminal that knows ASCII only.
"""

import codecs
import io
import json
import os
import sys
import unicodedata
from typing import TextIO

READABLE = "readable"  # name of the error handler
IN_ASCII = {"×": "x", "·": ".", "±": "+/-", "→": "->", "━": "=", "−": "-", "–": "-", "—": "-"}
IN_ASCII |= {"…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "\N{NO-BREAK SPACE}": " "}


class Patient(io.FileIO):
    """A descriptor that takes everything; what could not be written is lost, and known to be."""

    error: OSError | None = None  # what the system first said, if it took less

    def write(self, content: object) -> int:
        """Write, or forget."""
        try:
            return super().write(content)  # type: ignore[arg-type]
        except OSError as error:
            self.error = self.error or error
            return len(content)  # type: ignore[arg-type]


def settle_streams() -> None:
    """Make this process's standard streams ready, unless they are a notebook's or a test's."""
    # A file that a descriptor was free for would be written to by anything that prints.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    codecs.register_error(READABLE, readable)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _settled(sys.stdout, 1)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _settled(sys.stderr, 2)


def _settled(stream: TextIO | None, descriptor: int) -> TextIO:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=READABLE)
        if type(getattr(stream.buffer, "raw", stream.buffer)) is not io.FileIO:
            return stream  # a console of Windows
    return io.TextIOWrapper(
        io.BufferedWriter(Patient(descriptor, "w", closefd=False)),
        encoding=getattr(stream, "encoding", "utf-8"),
        errors=READABLE,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )


def output_status(status: int) -> int:
    """Return a command's exit status, which is 2 where standard output did not take all of it.

    A pipe that was closed wanted no more, so that is no error.
    """
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    error = raw.error if isinstance(raw, Patient) else None
    if error is None or isinstance(error, BrokenPipeError):
        return status
    print(
        f"mnist-keras: standard output could not be written: {error.strerror}; "
        "the work was done: run the same command again, with its output elsewhere",
        file=sys.stderr,
    )
    return 2


def printable_json(text: str) -> str:
    """Escape in JSON what standard output's encoding lacks, so that it means the same."""
    if sys.stdout.encoding.lower().startswith("utf"):
        return text
    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)


def readable(error: UnicodeError) -> tuple[bytes, int]:
    """Write in ASCII what the terminal's encoding lacks; an error handler of `codecs`.

    Bytes of a file's name that are no text stay what they are.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = bytearray()
    for character in error.object[error.start : error.end]:
        if "\udc80" <= character <= "\udcff":
            found.append(ord(character) - 0xDC00)
        else:
            plain = IN_ASCII.get(character) or unicodedata.normalize("NFKD", character)
            found += plain.encode("ascii", "ignore") or b"?"
    return bytes(found), error.end
