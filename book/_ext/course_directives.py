"""The directives of this course.

``lesson`` and ``exercise`` are the card at the top of a page, ``predict`` and ``keypoints`` are
boxes; ``question`` shows a question as `mnist_keras.authoring.questions` reads it, and
``solution`` folds its text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from execution_cache import cores_of
from launch_buttons import colab_link, download_link, nbviewer_link
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import OptionSpec

from mnist_keras.authoring.questions import OPTIONS, Asked, read_question, time_of_questions

# How long learners take; teach-it.md says so too, and a test holds the two equal.
WORDS_PER_MINUTE = 150
MINUTES_A_CELL = 1
MINUTES_A_PREDICTION = 2
NOT_PROSE = (nodes.literal_block, nodes.raw, nodes.math, nodes.math_block, nodes.comment)


class TimePlaceholder(nodes.General, nodes.Element):
    """Stands where a page says how long it takes, until its words and seconds are known."""


class LaunchPlaceholder(nodes.General, nodes.Element):
    """Stands where a page links to its notebook on Colab and nbviewer, until these are known."""


def is_prose(node: nodes.Node) -> bool:
    """Tell whether a text is read as prose: neither code, its output, a formula nor a card."""
    ancestor = node.parent
    while ancestor is not None:
        if isinstance(ancestor, NOT_PROSE):
            return False
        if isinstance(ancestor, nodes.Element):
            if str(ancestor.get("nb_element", "")).startswith("cell_code"):
                return False
            if "lesson" in ancestor.get("classes", []):
                return False
        ancestor = ancestor.parent
    return True


def count_words(doctree: nodes.Element) -> int:
    """Count the words of a page's prose.

    Code, outputs, formulas and the lesson's own card are left out.
    """
    return sum(len(text.astext().split()) for text in doctree.findall(nodes.Text) if is_prose(text))


def learning_time(words: int, cells: int, predictions: int) -> str:
    """Say how long a lesson takes a learner: reading, running, predicting.

    In whole five minutes, five at least. Predictions are the questions to answer before looking.
    """
    minutes = words / WORDS_PER_MINUTE + MINUTES_A_CELL * cells + MINUTES_A_PREDICTION * predictions
    return f"about {max(5, 5 * round(minutes / 5))} minutes"


def duration(seconds: float) -> str:
    """Write a time span as a person would say it.

    Such as ``less than a second``, ``8 seconds`` or ``3 minutes 20 seconds``.
    """
    whole = round(seconds)
    if whole < 1:
        return "less than a second"
    minutes, rest = divmod(whole, 60)
    parts = [(minutes, "minute"), (rest, "second")]
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n)


def time_needed(learning: str, seconds: float | None, cores: int) -> str:
    """Write the sentence about a page's time.

    The seconds are those of the processor; None where nothing was executed.
    """
    if seconds is None:
        return f"{learning}."
    machine = f"{cores} processor core{'' if cores == 1 else 's'}"
    return (
        f"{learning}. Of that, the cells ran for {duration(seconds)} "
        f"on the machine that built this page ({machine})."
    )


def learning_of(doctree: nodes.Element) -> str:
    """Say how long learners take: for an exercise by its questions, for a lesson by its parts."""
    asked = [each["core"] for each in doctree.findall(nodes.admonition) if "core" in each]
    if asked:
        return time_of_questions(asked)
    cells = [
        each for each in doctree.findall(nodes.container) if each.get("nb_element") == "cell_code"
    ]
    seen = [
        each for each in cells if not {"tag_remove-cell", "tag_remove-input"} & {*each["classes"]}
    ]
    boxes = [each for each in doctree.findall(nodes.admonition) if "predict" in each["classes"]]
    words = count_words(doctree)
    counts = f"{words:,} words, {len(seen)} cells, {len(boxes)} predictions"
    return f"{learning_time(words, len(seen), len(boxes))} ({counts})"


def labelled(label: str, *content: nodes.Node) -> nodes.paragraph:
    """Make a paragraph that begins with a label."""
    return nodes.paragraph("", "", nodes.strong("", f"{label}:"), nodes.Text(" "), *content)


class Lesson(SphinxDirective):
    """The card at the top of a lesson: what it teaches, what it asks for, how long it takes."""

    has_content = True
    option_spec: ClassVar[OptionSpec] = {"before": directives.unchanged}
    heading: ClassVar[str] = "In this lesson you will learn to"

    def run(self) -> list[nodes.Node]:
        """Build the card, with placeholders for what only the finished page knows."""
        self.assert_has_content()
        card = nodes.admonition(classes=["lesson"])
        self.set_source_info(card)
        card += nodes.title("", self.heading)
        self.state.nested_parse(self.content, self.content_offset, card)

        if self.options.get("before"):
            inlines, messages = self.parse_inline(self.options["before"])
            before = labelled("Before you start", *inlines)
            before["classes"].append("lesson-before")
            card += [before, *messages]
        time = labelled("Time", TimePlaceholder())
        time["classes"].append("lesson-time")
        card += time

        download = download_link(self.env, self.env.docname, "Download notebook")
        if download is not None:
            card += nodes.paragraph(
                "", "", LaunchPlaceholder(), nodes.Text(" "), download, classes=["lesson-launch"]
            )
        return [card]


class ExerciseCard(Lesson):
    """The card at the top of an exercise."""

    heading = "In this exercise you will"


class Box(SphinxDirective):
    """A box with a title of its own."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    kind: ClassVar[str]
    default_title: ClassVar[str]

    def run(self) -> list[nodes.Node]:
        """Build the box."""
        self.assert_has_content()
        box = nodes.admonition(classes=[self.kind])
        self.set_source_info(box)
        inlines, messages = self.parse_inline(
            self.arguments[0] if self.arguments else self.default_title
        )
        box += [nodes.title("", "", *inlines), *messages]
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class Predict(Box):
    """A question to answer before the page shows the answer."""

    kind = "predict"
    default_title = "Predict first"


class KeyPoints(Box):
    """What to keep of a lesson."""

    kind = "keypoints"
    default_title = "Key points"


def question_text(asked: Asked) -> list[str]:
    """Write what the site shows of a question below its text, in MyST: choices, hints, reasons."""
    lines = ["", *(f"- **{letter}.** {text}" for letter, (text, _) in asked.choices.items())]
    if asked.prediction:
        return lines
    lines += ["", f"::::{{dropdown}} Hints for {asked.number}"]
    lines += [f"1. {hint}" for hint in asked.hints]
    lines += ["::::"]
    if asked.choices:
        lines += [
            "",
            f"::::{{dropdown}} What speaks for and against each answer to {asked.number}",
        ]
        lines += [f"- **{letter}.** {why}" for letter, (_, why) in asked.choices.items()]
        lines += ["::::"]
    return lines


class QuestionBox(SphinxDirective):
    """A question of an exercise: its text, its choices, and its hints, folded."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = dict.fromkeys(OPTIONS, directives.unchanged)

    def run(self) -> list[nodes.Node]:
        """Build the box."""
        try:
            asked = read_question(self.arguments[0], self.options, "\n".join(self.content))
        except ValueError as error:
            raise self.error(str(error)) from None
        kind = "predict" if asked.prediction else "question"
        box = nodes.admonition(classes=[kind], core=asked.core)
        self.set_source_info(box)
        box += nodes.title("", asked.heading)
        lines = [*asked.text.splitlines(), *question_text(asked)]
        self.state.nested_parse(StringList(lines), self.content_offset, box)
        return [box]


class Solution(SphinxDirective):
    """Text that gives a solution away, folded."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Build the fold."""
        self.assert_has_content()
        title = self.arguments[0] if self.arguments else "Solution"
        lines = StringList([f":::::{{dropdown}} {title}", *self.content, ":::::"])
        holder = nodes.container(classes=["solution"])
        self.set_source_info(holder)
        self.state.nested_parse(lines, self.content_offset - 1, holder)
        return [holder]


def name_folds(app: Sphinx, doctree: nodes.document) -> None:
    """Say on the fold of a solution's cell that it is one."""
    for cell in doctree.findall(nodes.container):
        if "tag_solution" in cell["classes"]:
            cell["prompt_show"], cell["prompt_hide"] = "Show the solution", "Hide the solution"


def fill_placeholders(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put time and Colab link into the cards of a page."""
    for time in list(doctree.findall(TimePlaceholder)):
        execution = NbMetadataCollector.get_exec_data(app.env, page)
        cache = app.config.nb_execution_cache_path
        sentence = time_needed(
            learning_of(doctree),
            execution["runtime"] if execution else None,
            cores_of(Path(cache)),
        )
        time.replace_self(nodes.Text(sentence))
    for launch in list(doctree.findall(LaunchPlaceholder)):
        links: list[nodes.Node] = []
        for text, kind, address in (
            ("Open in Colab", "open-in-colab", colab_link(app, page)),
            ("View in nbviewer", "view-in-nbviewer", nbviewer_link(app, page)),
        ):
            if address:
                links += [
                    nodes.reference("", text, refuri=address, classes=[kind]),
                    nodes.Text(" "),
                ]
        launch.replace_self(links[:-1])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.setup_extension("execution_cache")
    app.setup_extension("launch_buttons")
    app.add_node(TimePlaceholder)
    app.add_node(LaunchPlaceholder)
    app.add_directive("lesson", Lesson)
    app.add_directive("exercise", ExerciseCard)
    app.add_directive("question", QuestionBox)
    app.add_directive("solution", Solution)
    app.add_directive("predict", Predict)
    app.add_directive("keypoints", KeyPoints)
    app.connect("doctree-read", name_folds)
    app.connect("doctree-resolved", fill_placeholders)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
