"""Where in a notebook each question is answered, told by the text of its code.

A cell that answers several questions is cut into pieces between them. Nothing is run, and a name
that gets its value in a roundabout way is looked for at the notebook's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mnist_keras.checks.questions import Exercise, Question
from mnist_keras.checks.sources import names_bound, statements
from mnist_keras.grading.course import Part
from mnist_keras.grading.notebooks import names_given

ROUNDABOUT = re.compile(r"\b(?:exec|globals|locals|vars|setattr)\b|\bimport \*|%(?:run|load)\b")
# What a name's object is filled by, and not only read: "histories[1] = …", "lost.append(…)".
READING = (
    "argmax|argmin|astype|copy|count_params|evaluate|get|get_weights|index|items|keys|max|mean|min|"
    "predict|reshape|round|save|std|sum|summary|to_dict|to_json|to_string|tolist|values"
)
FILLED = rf"(?:\[[^\n]{{0,200}}?\][ \t]*[-+*/|]?=(?!=)|[ \t]*[-+*/|]=|\.(?!(?:{READING})\b)\w+\()"
CHECK_ALL = re.compile(r"(?m)^[ \t]*check\([ \t]*\)")


@dataclass(frozen=True)
class Piece:
    """A cell, or some of its statements.

    Attributes
    ----------
    cell
        The cell's place among the cells of code, from 0.
    source
        The text.
    """

    cell: int
    source: str

    @property
    def words(self) -> set[str]:
        """The names, and all other words, that it mentions."""
        return set(re.findall(r"\w+", self.source))


@dataclass(frozen=True)
class Visit:
    """A moment at which a question's answer is looked at.

    Attributes
    ----------
    after
        The piece after which; -1 for none.
    question
        The question.
    last
        Whether the answer that is found there stands.
    """

    after: int
    question: Question
    last: bool


def order_of_names(exercise: Exercise, parts: Sequence[Part]) -> dict[str, int]:
    """Give the place in the course's order of what questions ask for and of what is given."""
    order: dict[str, int] = {}
    first = {part.question: place for place, part in reversed(list(enumerate(parts)))}
    for place, part in enumerate(parts):
        for name in part.names:
            order.setdefault(name, place)
    for place, question in enumerate(exercise.questions):
        own = first.get(question.number, len(parts) + place)
        order |= dict.fromkeys(question.names, own)
    return order


def cut_into_pieces(cells: Sequence[str], order: Mapping[str, int]) -> list[Piece]:
    """Cut the cells that are about several questions, and leave the others whole."""
    return [
        Piece(place, piece) for place, cell in enumerate(cells) for piece in _pieces(cell, order)
    ]


def _pieces(cell: str, order: Mapping[str, int]) -> list[str]:
    if len({order[name] for name in names_given(cell, order)}) < 2:
        return [cell]
    lines, starts, current = cell.splitlines(keepends=True), [0], None
    previous = 0  # the last line of the statement before
    for node in statements(cell):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        own = min((order[name] for name in names_bound(node) & order.keys()), default=current)
        if current is not None and own != current and first > previous:
            starts.append(first - 1)
        current, previous = own, node.end_lineno or first
    return ["".join(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]


def visits(exercise: Exercise, pieces: Sequence[Piece], order: Mapping[str, int]) -> list[Visit]:
    """Say when each question is to be looked at, in the notebook's order.

    That is after the last piece that gives a value to what the question asks for, up to the
    last ``check()``: what comes behind it is no answer any more. It is also where the learner asks
    ``check("1.2")``, in case that a later piece overwrites a right answer.
    """
    given = [names_given(piece.source, order) for piece in pieces]
    end = _end(exercise, pieces, given)
    found: list[Visit] = []
    before = -1
    for question in exercise.questions:
        own = set(question.names)
        places = [k for k in range(end) if given[k] & own]
        filled = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, question.names))}){FILLED}")
        if places:
            places += [k for k in range(places[0], end) if filled.search(pieces[k].source)]
            last = _until_next(max(places), question, given[:end], order)
            used = [_first(given, name) for name in question.uses]
            last = max(last, *(k for k in used if k < end), -1)
            asked = re.compile(rf"\bcheck\([\"' ]*{re.escape(question.number)}[\"' ]*\)")
            early = (k for k in range(places[0], last) if asked.search(pieces[k].source))
            found += [Visit(k, question, last=False) for k in early]
        elif any(ROUNDABOUT.search(piece.source) for piece in pieces[:end]):
            last = end - 1
        else:
            last = before
        found.append(Visit(last, question, last=True))
        before = last
    return sorted(found, key=lambda visit: visit.after)


def _end(exercise: Exercise, pieces: Sequence[Piece], given: Sequence[set[str]]) -> int:
    """Give the number of pieces up to the last ``check()``, if that comes after all answers."""
    last = max((k for k, p in enumerate(pieces) if CHECK_ALL.search(p.source)), default=None)
    if last is None:
        return len(pieces)
    answered = [
        next((k for k, names in enumerate(given) if names & set(question.names)), -1)
        for question in exercise.questions
    ]
    return last + 1 if max(answered) <= last else len(pieces)


def _first(given: Sequence[set[str]], name: str) -> int:
    return next((k for k, names in enumerate(given) if name in names), -1)


def _until_next(
    place: int, question: Question, given: Sequence[set[str]], order: Mapping[str, int]
) -> int:
    """Give the last piece before the one that begins with what comes next in the course."""
    own = max(order[name] for name in question.names)
    for k in range(place + 1, len(given)):
        if any(order[name] > own for name in given[k]):
            return k - 1
    return place


def words_of(sources: Iterable[str]) -> set[str]:
    """Give the words that some code mentions."""
    return {word for source in sources for word in re.findall(r"\w+", source)}
