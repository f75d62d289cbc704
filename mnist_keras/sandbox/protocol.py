"""What goes over the pipe between the grader and a learner's child, and the limits of it.

A message is JSON behind its length. All that a child sends may be forged, so each message is
measured before it is read, and its content is taken apart to plain data before a rule sees it.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import struct
import time
from typing import TYPE_CHECKING, Any

from mnist_keras.checks.plain import Data

if TYPE_CHECKING:
    import numpy as np

LENGTH = struct.Struct(">I")
MOST_BYTES = 4 * 2**20  # of all that one notebook may send
LARGEST_ANSWER = 500_000  # values in the data of one question
DEEPEST_ANSWER = 40
LOOK_EVERY = 0.25  # seconds
LONGEST_TEXT = 600_000
SCALARS = (bool, int, float, str, type(None))


class ProtocolError(Exception):
    """What came is not what was asked for; the message says so in a line."""


class Ended(ProtocolError):  # noqa: N818 - it is an event, and no fault of the protocol's
    """The other side closed the pipe."""


class Late(ProtocolError):  # noqa: N818
    """Nothing came in time."""


def encoded(message: Any) -> bytes:
    """Return a message as it goes over the pipe."""
    content = json.dumps(message, separators=(",", ":")).encode()
    return LENGTH.pack(len(content)) + content


def send(descriptor: int, message: Any) -> None:
    """Write a message, waiting while the pipe is full."""
    content = memoryview(encoded(message))
    while content:
        content = content[os.write(descriptor, content) :]


def receive(descriptor: int) -> Any:
    """Read a message of a trusted sender's, waiting for it; raise `Ended` when there is none."""
    (length,) = LENGTH.unpack(_read(descriptor, LENGTH.size))
    return json.loads(_read(descriptor, length))


def _read(descriptor: int, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = os.read(descriptor, min(count - len(parts), 2**20))
        if not part:
            raise Ended("the pipe was closed")
        parts += part
    return bytes(parts)


class Channel:
    """The grader's end of the pipes to a child."""

    def __init__(self, requests: int, replies: int) -> None:
        self._requests, self._replies = requests, replies
        self._waiting = bytearray()
        self._left = MOST_BYTES
        os.set_blocking(requests, False)
        os.set_blocking(replies, False)

    def send(self, message: Any, deadline: float) -> None:
        """Write a message; `Late` says that it was not read in time, `Ended` that nobody can."""
        content = memoryview(encoded(message))
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_WRITE)
            while content:
                if not _is_open(selector, deadline):
                    continue
                try:
                    content = content[os.write(self._requests, content[: 2**16]) :]
                except BrokenPipeError as error:
                    raise Ended("the child is gone") from error

    def receive(self, deadline: float) -> Any:
        """Read a message.

        `Late` says that it is not there before the deadline, `Ended` that the child is gone,
        ProtocolError that it is not JSON or that the child has sent too much.
        """
        (length,) = LENGTH.unpack(self._take(LENGTH.size, deadline))
        if length > self._left:
            raise ProtocolError(f"it sent more than {MOST_BYTES // 2**20} MiB of answers")
        return decoded(self._take(length, deadline))

    def _take(self, count: int, deadline: float) -> bytes:
        """Read so many bytes, looking at the clock whether something comes or not."""
        self._left -= count
        with selectors.DefaultSelector() as selector:
            selector.register(self._replies, selectors.EVENT_READ)
            # What is here already is not waited for; the clock is looked at all the same.
            while len(self._waiting) < count:
                if _is_open(selector, deadline):
                    part = os.read(self._replies, 2**16)
                    if not part:
                        raise Ended("the child is gone")
                    self._waiting += part
        if time.monotonic() > deadline:
            raise Late("nothing came in time")
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken


def _is_open(selector: selectors.BaseSelector, deadline: float) -> bool:
    """Wait a little for a pipe; whether it can be used now."""
    left = deadline - time.monotonic()
    if left < 0:
        raise Late("nothing came in time")
    return bool(selector.select(min(left, LOOK_EVERY)))


def decoded(content: bytes) -> Any:
    """Read an untrusted message, whose values are counted before memory is made for them."""
    if sum(content.count(mark) for mark in (b",", b"[", b"{", b":")) > 2 * LARGEST_ANSWER:
        raise ProtocolError("the answers are too large or nested too deep")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("an answer is not what was asked for") from error


def as_text(numbers: Any) -> str:
    """Return an array's numbers as float32 in base64: a quarter of what they take as JSON."""
    import numpy as np

    return base64.b64encode(np.asarray(numbers, dtype="<f4").tobytes()).decode()


def from_text(value: object, columns: int) -> np.ndarray:
    """Return the numbers of an untrusted text, in rows."""
    import numpy as np

    try:
        numbers = np.frombuffer(base64.b64decode(value, validate=True), "<f4")  # type: ignore[arg-type]
        return numbers.reshape(-1, columns).astype(float)
    except (ValueError, TypeError) as error:
        raise ProtocolError("what came is not what was asked for") from error


def plain_data(message: Any) -> dict[str, Data]:
    """Check that a message is a dictionary of plain data, of a size that rules can work on."""
    if not isinstance(message, dict):
        raise ProtocolError("the answers are not what was asked for")
    left = LARGEST_ANSWER
    pending: list[tuple[Any, int]] = [(message, 0)]
    while pending:
        value, depth = pending.pop()
        left -= 1
        if left < 0 or depth > DEEPEST_ANSWER:
            raise ProtocolError("the answers are too large or nested too deep")
        if isinstance(value, dict | list):
            inside = value.values() if isinstance(value, dict) else value
            pending += [(each, depth + 1) for each in inside]
        elif isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise ProtocolError("an answer is a text that is too long")
        elif not isinstance(value, SCALARS):
            raise ProtocolError("the answers are not what was asked for")
    return message
