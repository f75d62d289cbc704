"""What the grader says to a notebook's process: step after step, with a judgement after each.

A question is judged as soon as the cells that answer it have run. Then the next ones run, with the
learner's own answer if it was right, and else with the course's in its place, so that a mistake is
paid for once. The course's answer is sent only when the learner's has been judged for good.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from mnist_keras.checks.plain import Data
from mnist_keras.checks.questions import Exercise, Question, Status, Verdict
from mnist_keras.checks.sources import TypedNames
from mnist_keras.grading import steps
from mnist_keras.grading.course import parts_of
from mnist_keras.grading.steps import Piece, Visit, mentioned
from mnist_keras.sandbox.conversation import Ask, Conversation, Replies, Step

ABSENT = "absent"  # the key of the ask for given names that have no value
Judgement = Callable[[Question, Mapping[str, Data], Collection[str]], Verdict]


class Dialogue:
    """The conversation with one learner's notebook, whose code cells have the sources ``cells``.

    ``asks`` says what is asked about each question, by its number; first what its rule reads. By
    number are, too, the ``verdicts``, the answers that were ``typed`` in, and the names that had
    the ``course``'s value when the question was judged.
    """

    def __init__(
        self,
        exercise: Exercise,
        cells: Sequence[str],
        asks: Mapping[str, Sequence[Ask]],
        judge: Judgement,
    ) -> None:
        self._asks, self._judge = asks, judge
        self._parts = parts_of(exercise)
        order = steps.order_of_names(exercise, self._parts)
        self._pieces = steps.cut_into_pieces(cells, order)
        self._visits = [v for v in steps.visits(exercise, self._pieces, order) if self._asks_of(v)]
        self._given = {name for part in self._parts if not part.question for name in part.names}
        self._absent = self._given - {name for piece in self._pieces for name in piece.binds}
        self._typed = TypedNames()
        self._wrong: dict[str, Question] = {}  # those whose answers were not put in yet
        self._put: set[str] = set()  # names that have the course's value
        self.verdicts: dict[str, Verdict] = {}
        self.typed: dict[str, list[str]] = {}
        self.course: dict[str, list[str]] = {}

    def steps(self) -> Conversation:
        """Say what to do next, and hear what came of it."""
        done = -1
        for place in sorted({visit.after for visit in self._visits}):
            own = self._pieces[done + 1 : place + 1]
            now = [v for v in self._visits if v.after == place and not self._is_right(v.question)]
            asks = [ask for visit in now for ask in self._asks_of(visit)]
            asks.append(Ask(ABSENT, {"ask": "absent", "names": sorted(self._given)}))
            used = {name for visit in now for name in visit.question.uses}
            before = self._before(mentioned(own, self._pieces[: done + 1]), used)
            cells = tuple((piece.cell, piece.source) for piece in own)
            replies = yield Step(before, cells, tuple(asks))
            done = place
            for node in (node for piece in own for node in piece.nodes):
                self._typed.follow(node)
            self._note_absent(replies)
            for visit in now:
                self._look(visit, replies)
                if visit.last and not self._is_right(visit.question):
                    self._wrong[visit.question.number] = visit.question

    def _asks_of(self, visit: Visit) -> Sequence[Ask]:
        return self._asks.get(visit.question.number, ())

    def _is_right(self, question: Question) -> bool:
        verdict = self.verdicts.get(question.number)
        return verdict is not None and verdict.status is Status.CORRECT

    def _look(self, visit: Visit, replies: Replies) -> None:
        question = visit.question
        read = self._pieces[: visit.after + 1]
        typed = self._typed.names & set(question.computed)
        self.typed[question.number] = sorted(typed)
        data = replies.answers.get(question.number)
        if isinstance(data, Mapping):
            self.verdicts[question.number] = self._judge(question, data, typed)
        own = [piece for piece in read if piece.binds & set(question.names)]
        needed = mentioned(own, read) | set(question.uses)
        self.course[question.number] = sorted(needed & self._put - set(question.names))

    def _before(self, needed: set[str], used: set[str]) -> tuple[str, ...]:
        """Return the course's code to run next.

        That is its answers in place of wrong ones, and cells that every learner is given and this
        notebook has not, as far as the next pieces, or what is put in itself, mention them.
        """
        wanted: set[int] = set()
        grown = True
        while grown:
            answers = {n for n, q in self._wrong.items() if needed & set(q.names)}
            names = {name for number in answers for name in self._wrong.pop(number).names}
            lacking = self._absent & (needed | used)
            more = {
                place
                for place, part in enumerate(self._parts)
                if part.question in answers
                or (not part.question and part.names & (names | lacking))
            }
            self._absent -= {name for place in more for name in self._parts[place].names}
            self._put |= names
            needed = needed.union(*(Piece(-1, self._parts[place].code).mentions for place in more))
            wanted |= more
            grown = bool(more)
        return tuple(self._parts[place].code for place in sorted(wanted))

    def _note_absent(self, replies: Replies) -> None:
        """Take note of given names that a cell was to give, but something in it failed."""
        absent = replies.answers.get(ABSENT)
        if isinstance(absent, list):
            for piece in self._pieces:
                if piece.cell in replies.failed:
                    self._absent |= {n for n in self._given & piece.binds if n in absent}
