"""What goes over the pipe between the grader and a learner's child, and the limits of it.

A message is JSON behind its length. All that a child sends may be forged, so each message is
measured before it is read, and its content is taken apart to plain data before a rule sees it.
"""

from __future__ import annotations

import json
import os
import selectors
import struct
import time
from collections.abc import Callable
from typing import Any

from mnist_keras.checks.plain import Data

LENGTH = struct.Struct(">I")
LARGEST_MESSAGE = 32 * 2**20
LARGEST_ANSWER = 500_000  # values in the data of one question
DEEPEST_ANSWER = 40
WATCH_EVERY = 0.25  # seconds
LONGEST_TEXT = 100_000
SCALARS = (bool, int, float, str, type(None))


class ProtocolError(Exception):
    """What came is not what was asked for; the message says so in a line."""


class Ended(ProtocolError):  # noqa: N818 - it is an event, and no fault of the protocol's
    """The other side closed the pipe."""


class Late(ProtocolError):  # noqa: N818
    """Nothing came in time."""


def encoded(message: Any) -> bytes:
    """Give a message as it goes over the pipe."""
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
    """The grader's end of the pipes to a child.

    Parameters
    ----------
    requests
        Descriptor to write to.
    replies
        Descriptor to read from.
    watch
        Called several times a second while the grader waits; it may raise to end the waiting.
    """

    def __init__(self, requests: int, replies: int, watch: Callable[[], None]) -> None:
        self._requests, self._replies, self._watch = requests, replies, watch
        self._waiting = bytearray()
        os.set_blocking(requests, False)
        os.set_blocking(replies, False)

    def close(self) -> None:
        """Close both ends."""
        os.close(self._requests)
        os.close(self._replies)

    def send(self, message: Any, deadline: float) -> None:
        """Write a message.

        Raises
        ------
        Late
            If the child does not read it before the deadline, in `time.monotonic` seconds.
        Ended
            If the child is gone.
        """
        content = memoryview(encoded(message))
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_WRITE)
            while content:
                self._wait(selector, deadline)
                try:
                    content = content[os.write(self._requests, content) :]
                except BrokenPipeError as error:
                    raise Ended("the child is gone") from error

    def receive(self, deadline: float) -> Any:
        """Read a message.

        Raises
        ------
        Late
            If it is not there, whole, before the deadline.
        Ended
            If the child is gone.
        ProtocolError
            If it is too long or not JSON.
        """
        if time.monotonic() > deadline:  # a child may send without end
            raise Late("nothing came in time")
        (length,) = LENGTH.unpack(self._take(LENGTH.size, deadline))
        if length > LARGEST_MESSAGE:
            raise ProtocolError("an answer is too large")
        content = self._take(length, deadline)
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("an answer is not what was asked for") from error

    def _take(self, count: int, deadline: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._replies, selectors.EVENT_READ)
            while len(self._waiting) < count:
                self._wait(selector, deadline)
                part = os.read(self._replies, 2**20)
                if not part:
                    raise Ended("the child is gone")
                self._waiting += part
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken

    def _wait(self, selector: selectors.BaseSelector, deadline: float) -> None:
        while not selector.select(WATCH_EVERY):
            self._watch()
            if time.monotonic() > deadline:
                raise Late("nothing came in time")


def plain_data(message: Any) -> dict[str, Data]:
    """Check that a message is a dictionary of plain data, of a size that rules can work on.

    Raises
    ------
    ProtocolError
        If it is not.
    """
    if not isinstance(message, dict):
        raise ProtocolError("the answers are not what was asked for")
    left = LARGEST_ANSWER
    pending: list[tuple[Any, int]] = [(message, 0)]
    while pending:
        value, depth = pending.pop()
        left -= 1
        if left < 0 or depth > DEEPEST_ANSWER:
            raise ProtocolError("the answers are too large or nested too deep")
        if isinstance(value, dict):
            pending += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list):
            pending += [(each, depth + 1) for each in value]
        elif isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise ProtocolError("an answer is a text that is too long")
        elif not isinstance(value, SCALARS):
            raise ProtocolError("the answers are not what was asked for")
    return message
