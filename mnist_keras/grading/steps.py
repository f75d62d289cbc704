"""Where in a notebook each question is answered, told by the text of its code.

A cell that answers several questions is cut into pieces between them. Nothing is run, and a name
that gets its value in a roundabout way is looked for at the notebook's end.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mnist_keras.checks.questions import Exercise, Question
from mnist_keras.checks.sources import names_bound, names_mentioned, statements
from mnist_keras.grading.course import Part, parts_of
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
    """A cell, or some of its statements."""

    cell: int  # the cell's place among the cells of code, from 0
    source: str  # the text

    @cached_property
    def nodes(self) -> list[ast.stmt]:
        """Its statements; none where it cannot be parsed."""
        return statements(self.source)

    @cached_property
    def mentions(self) -> set[str]:
        """The names that it mentions; all its words, where it cannot be parsed."""
        found = {name for node in self.nodes for name in names_mentioned(node)}
        return found if self.nodes else set(re.findall(r"\w+", self.source))

    @cached_property
    def binds(self) -> set[str]:
        """The names that it gives a value, or seems to, where it cannot be parsed."""
        if self.nodes:
            return {name for node in self.nodes for name in names_bound(node)}
        return names_given(self.source, self.mentions)


@dataclass(frozen=True)
class Visit:
    """A moment at which a question's answer is looked at."""

    after: int  # the piece after which; -1 for none
    question: Question  # the question
    last: bool  # whether the answer that is found there stands


def order_of_names(exercise: Exercise, parts: Sequence[Part]) -> dict[str, int]:
    """Return the place in the course's order of what questions ask for and of what is given."""
    order: dict[str, int] = {}
    first: dict[str | None, int] = {}
    for place, part in reversed(list(enumerate(parts))):
        first[part.question] = place
        order |= dict.fromkeys(part.names, place)
    for place, question in enumerate(exercise.questions):
        own = first.get(question.number, len(parts) + place)
        order |= dict.fromkeys(question.names, own)
    return order


def cut_into_pieces(cells: Sequence[str], order: Mapping[str, int]) -> list[Piece]:
    """Cut the cells that are about several questions, and leave the others whole."""
    return [Piece(k, piece) for k, cell in enumerate(cells) for piece in _pieces(cell, order)]


def _pieces(cell: str, order: Mapping[str, int]) -> list[str]:
    nodes = statements(cell)
    if len({order[name] for node in nodes for name in names_bound(node) & order.keys()}) < 2:
        return [cell]
    lines, starts, current = cell.splitlines(keepends=True), [0], None
    previous = 0  # the last line of the statement before
    for node in nodes:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        own = min((order[name] for name in names_bound(node) & order.keys()), default=current)
        if current is not None and own != current and first > previous:
            starts.append(first - 1)
        current, previous = own, node.end_lineno or first
    return ["".join(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]


def visits(exercise: Exercise, pieces: Sequence[Piece], order: Mapping[str, int]) -> list[Visit]:
    """Say when to look at each question, in the notebook's order.

    That is after the last piece that gives a value to what the question asks for, up to the
    last ``check()``: what comes behind it is no answer any more, unless the learner asked
    ``check("1.2")`` behind that. It is also where the learner asked so before: in case that a later
    piece overwrites a right answer, or that the piece is an empty table and a later one fills it. A
    question that no piece answers is looked at before anything needs its answer, else after the one
    before.
    """
    given = [piece.binds for piece in pieces]
    end = _end(exercise, pieces, given)
    found: list[Visit] = []
    before = -1
    for question in exercise.questions:
        own = set(question.names)
        places = [k for k in range(end) if given[k] & own]
        filled = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, question.names))}){FILLED}")
        if places:
            places += [k for k in range(places[0], end) if filled.search(pieces[k].source)]
            answered = max(places)
            last = answered
            # The pieces behind it may belong to it, as ``plt.xlabel(…)`` does.
            while last + 1 < end and pieces[last + 1].mentions and not pieces[last + 1].binds:
                last += 1
            used = (_first(given, {name}) for name in question.uses)
            last = max(last, *(k for k in used if k < end), -1)
            last = _with_what_it_uses(last, question, pieces[:end], order)
            asked = re.compile(rf"\bcheck\([\"' ]*{re.escape(question.number)}[\"' ]*\)")
            early = [k for k in range(places[0], answered) if asked.search(pieces[k].source)]
            found += [Visit(k, question, last=False) for k in early[-1:]]
            # A function of the learner's may have filled it by then.
            late = [k for k in range(last + 1, end) if asked.search(pieces[k].source)][:1]
            # It was answered once more behind the last ``check()``, and asked for again. Where
            # others are made of it, they need it before: right, or else the course's.
            behind = range(end, len(pieces))
            changed = (k for k in behind if given[k] & own or filled.search(pieces[k].source))
            corrected = next(changed, len(pieces))
            again = [k for k in range(corrected, len(pieces)) if asked.search(pieces[k].source)]
            made_of = mentioned(pieces[last + 1 : end], pieces[: last + 1]) if again else set()
            if again and not own & (made_of | _of_other_answers(exercise, question)):
                late += again
            for place in late:
                found.append(Visit(last, question, last=False))
                last = place
        else:
            hidden = any(ROUNDABOUT.search(piece.source) for piece in pieces[:end])
            needed = (k - 1 for k in range(end) if pieces[k].mentions & own)
            last = next(needed, end - 1 if hidden else before)
        found.append(Visit(last, question, last=True))
        before = last
    return sorted(found, key=lambda visit: visit.after)


def _end(exercise: Exercise, pieces: Sequence[Piece], given: Sequence[set[str]]) -> int:
    """Return the number of pieces up to the last ``check()``, if that comes after all answers."""
    last = max((k for k, p in enumerate(pieces) if CHECK_ALL.search(p.source)), default=None)
    if last is None:
        return len(pieces)
    answered = (_first(given, set(question.names)) for question in exercise.questions)
    return last + 1 if max(answered) <= last else len(pieces)


def _of_other_answers(exercise: Exercise, question: Question) -> set[str]:
    """Return the names that the course's answers to an exercise's other questions mention."""
    others = (part for part in parts_of(exercise) if part.question not in (None, question.number))
    return {name for part in others for name in Piece(-1, part.code).mentions}


def _first(given: Sequence[set[str]], wanted: set[str]) -> int:
    return next((k for k, names in enumerate(given) if names & wanted), -1)


def _with_what_it_uses(
    place: int, question: Question, pieces: Sequence[Piece], order: Mapping[str, int]
) -> int:
    """Return the last piece of the cell that gives a value to what the question uses.

    When the cell had run, that was the value which ``check()`` saw. It is not looked for behind the
    answer to another question.
    """
    own = {*question.names, *question.uses}
    for k in range(place + 1, len(pieces)):
        if pieces[k].cell != pieces[place].cell or pieces[k].binds & order.keys() - own:
            break
        if pieces[k].binds & set(question.uses):
            place = k
    return place


def mentioned(pieces: Sequence[Piece], earlier: Sequence[Piece]) -> set[str]:
    """Return the names that some pieces mention, or functions of earlier ones that they use."""
    functions: dict[str, set[str]] = defaultdict(set)
    for piece in earlier:
        # It may mention names only when it is called.
        if re.search(r"\b(?:def|class|lambda)\b", piece.source):
            for name in piece.binds:
                functions[name] |= piece.mentions
    names = {name for piece in pieces for name in piece.mentions}
    pending = list(names)
    while pending:
        more = functions.pop(pending.pop(), set()) - names
        names |= more
        pending += more
    return names
