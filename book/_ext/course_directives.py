"""The directives of this course.

``lesson`` and ``exercise`` are the card at the top of a page, ``predict`` and ``keypoints`` are
boxes; ``question`` shows a question as `mnist_keras.authoring.questions` reads it, and
``solution`` folds its text.
"""

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from execution_cache import cores_of
from launch_buttons import NBVIEWER, colab_link, download_link, opened_by
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import OptionSpec

from mnist_keras.authoring.questions import OPTIONS, Asked, read_question, time_of_questions

# How long learners take; teach-it.md says so too, and a test holds the two equal.
WORDS_PER_MINUTE = 150
MINUTES_A_CELL = 1
MINUTES_A_PREDICTION = 2
HEADINGS = {
    "lesson": "In this lesson you will learn to",
    "exercise": "In this exercise you will",
    "predict": "Predict first",
    "keypoints": "Key points",
}
UNSEEN = {"tag_remove-cell", "tag_remove-input"}  # in the classes of a cell without its code
NOT_PROSE = (nodes.literal_block, nodes.raw, nodes.math, nodes.math_block, nodes.comment)


class TimePlaceholder(nodes.General, nodes.Element):
    """Stands where a page says how long it takes, until its words and seconds are known."""


class LaunchPlaceholder(nodes.General, nodes.Element):
    """Stands where a page links to its notebook on Colab and nbviewer, until these are known."""


def count_words(node: nodes.Node) -> int:
    """Count the words of a page's prose.

    Code, its outputs, formulas and the lesson's own card are left out.
    """
    if isinstance(node, nodes.Text):
        return len(node.astext().split())
    if isinstance(node, NOT_PROSE) or not isinstance(node, nodes.Element):
        return 0
    if node.get("nb_element", "").startswith("cell_code") or "lesson" in node.get("classes", []):
        return 0
    return sum(map(count_words, node.children))


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
    cells = sum(
        each.get("nb_element") == "cell_code" and UNSEEN.isdisjoint(each["classes"])
        for each in doctree.findall(nodes.container)
    )
    boxes = sum("predict" in each["classes"] for each in doctree.findall(nodes.admonition))
    words = count_words(doctree)
    counts = f"{words:,} words, {cells} cells, {boxes} predictions"
    return f"{learning_time(words, cells, boxes)} ({counts})"


def labelled(part: str, label: str, *content: nodes.Node) -> nodes.paragraph:
    """Make a paragraph of a card that begins with a label."""
    begin = (nodes.strong("", f"{label}:"), nodes.Text(" "))
    return nodes.paragraph("", "", *begin, *content, classes=[f"lesson-{part}"])


class Course(SphinxDirective):
    """What the directives share: a text in a box."""

    has_content = True
    final_argument_whitespace = True

    def fill(self, box: nodes.Element, lines: StringList, before: int = 0) -> nodes.Element:
        """Put a text into a box, of which some lines stand before the directive's own."""
        self.set_source_info(box)
        self.state.nested_parse(lines, self.content_offset - before, box)
        return box


class Lesson(Course):
    """The card at the top of a page: what it teaches, what it asks for, how long it takes."""

    option_spec: ClassVar[OptionSpec] = {"before": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Build the card, with placeholders for what only the finished page knows."""
        self.assert_has_content()
        title = nodes.title("", HEADINGS[self.name])
        card = self.fill(nodes.admonition("", title, classes=["lesson"]), self.content)
        if self.options.get("before"):
            inlines, messages = self.parse_inline(self.options["before"])
            card += [labelled("before", "Before you start", *inlines), *messages]
        card += labelled("time", "Time", TimePlaceholder())
        download = download_link(self.env, self.env.docname, "Download notebook")
        if download is not None:
            card += nodes.paragraph(
                "", "", LaunchPlaceholder(), nodes.Text(" "), download, classes=["lesson-launch"]
            )
        return [card]


class Box(Course):
    """A box with a title of its own: a question to answer first, or what to keep of a lesson."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the box."""
        self.assert_has_content()
        title, messages = self.parse_inline((self.arguments or [HEADINGS[self.name]])[0])
        head = [nodes.title("", "", *title), *messages]
        return [self.fill(nodes.admonition("", *head, classes=[self.name]), self.content)]


def question_text(asked: Asked) -> list[str]:
    """Write what the site shows of a question below its text, in MyST: choices, hints, reasons."""
    lines = ["", *(f"- **{letter}.** {text}" for letter, (text, _) in asked.choices.items())]
    if asked.prediction:
        return lines
    folds = {"Hints for": [f"1. {hint}" for hint in asked.hints]}
    if asked.choices:
        whys = [f"- **{letter}.** {why}" for letter, (_, why) in asked.choices.items()]
        folds["What speaks for and against each answer to"] = whys
    for title, listed in folds.items():
        lines += ["", f"::::{{dropdown}} {title} {asked.number}", *listed, "::::"]
    return lines


class QuestionBox(Course):
    """A question of an exercise: its text, its choices, and its hints, folded."""

    required_arguments = 1
    option_spec: ClassVar[OptionSpec] = dict.fromkeys(OPTIONS, directives.unchanged)

    def run(self) -> list[nodes.Node]:
        """Build the box."""
        try:
            asked = read_question(self.arguments[0], self.options, "\n".join(self.content))
        except ValueError as error:
            raise self.error(str(error)) from None
        kind, title = "predict" if asked.prediction else "question", nodes.title("", asked.heading)
        box = nodes.admonition("", title, classes=[kind], core=asked.core)
        lines = [*asked.text.splitlines(), *question_text(asked)]
        return [self.fill(box, StringList(lines))]


class Solution(Course):
    """Text that gives a solution away, folded."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the fold."""
        self.assert_has_content()
        title = self.arguments[0] if self.arguments else "Solution"
        lines = StringList([f":::::{{dropdown}} {title}", *self.content, ":::::"])
        return [self.fill(nodes.container(classes=["solution"]), lines, before=1)]


def name_folds(app: Sphinx, doctree: nodes.document) -> None:
    """Say on the fold of a solution's cell that it is one."""
    for cell in doctree.findall(nodes.container):
        if "tag_solution" in cell["classes"]:
            cell["prompt_show"], cell["prompt_hide"] = "Show the solution", "Hide the solution"


def fill_placeholders(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put time and Colab link into the cards of a page."""
    for time in list(doctree.findall(TimePlaceholder)):
        execution = NbMetadataCollector.get_exec_data(app.env, page)
        seconds = execution["runtime"] if execution else None
        cores = cores_of(Path(app.config.nb_execution_cache_path))
        time.replace_self(nodes.Text(time_needed(learning_of(doctree), seconds, cores)))
    for launch in list(doctree.findall(LaunchPlaceholder)):
        links: list[nodes.Node] = []
        for text, kind, address in (
            ("Open in Colab", "open-in-colab", colab_link(app, page)),
            ("View in nbviewer", "view-in-nbviewer", opened_by(NBVIEWER, app, page)),
        ):
            if address:
                link = nodes.reference("", text, refuri=address, classes=[kind])
                links += [link, nodes.Text(" ")]
        launch.replace_self(links[:-1])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.setup_extension("execution_cache")
    app.setup_extension("launch_buttons")
    app.add_node(TimePlaceholder)
    app.add_node(LaunchPlaceholder)
    shared = {"lesson": Lesson, "exercise": Lesson, "predict": Box, "keypoints": Box}
    for name, made in (shared | {"question": QuestionBox, "solution": Solution}).items():
        app.add_directive(name, made)
    app.connect("doctree-read", name_folds)
    app.connect("doctree-resolved", fill_placeholders)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
