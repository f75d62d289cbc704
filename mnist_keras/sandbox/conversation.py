"""What is said to a notebook's process: steps, what it is asked after each, and what came of it."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from mnist_keras.checks.plain import Data


@dataclass(frozen=True)
class Ask:
    """One request to a child: what is sent, and under which key the answer is kept."""

    key: str
    request: Mapping[str, object]


@dataclass(frozen=True)
class Step:
    """Something for a child to do."""

    before: tuple[str, ...] = ()  # code of the course's that it runs first
    cells: tuple[tuple[int, str], ...] = ()  # the learner's: pairs of a cell's place and its source
    asks: tuple[Ask, ...] = ()  # what it is asked when they have run


@dataclass
class Replies:
    """What came of a step: cells that had a failed statement, and data by the keys of the asks."""

    failed: frozenset[int] = frozenset()
    answers: Mapping[str, Data] = field(default_factory=dict)


Conversation = Generator[Step, Replies, None]
