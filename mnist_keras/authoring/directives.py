"""MyST's directives: boxes as block quotations, and what else a notebook can show."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mnist_keras.authoring import questions
from mnist_keras.authoring.inline import convert_image, convert_inline
from mnist_keras.authoring.pages import Page
from mnist_keras.authoring.tools import tool
from mnist_keras.results import measured
from mnist_keras.web.layers import known_layers

INFO = re.compile(r"\{(?P<name>[^}]+)\}\s*(?P<argument>.*)")

TITLES: Mapping[str, str] = {
    "important": "Important",
    "keypoints": "Key points",
    "note": "Note",
    "seealso": "See also",
    "solution": "Solution",
    "tip": "Tip",
    "warning": "Warning",
}


@dataclass(frozen=True)
class Directive:
    """A directive of a page."""

    name: str  # what stands on its first line: ``{name} argument``
    argument: str
    options: Mapping[str, str]  # its options, without colons
    body: str  # its text, in MyST Markdown
    line: int  # the page's lines on which it and its text start
    body_line: int
    page: Page  # the page, which also takes the errors
    convert: Callable[[str, int, Page], str]  # what converts a text, given its line and its page

    @property
    def title(self) -> str:
        """The argument in plain Markdown."""
        return convert_inline(self.argument, self.line, self.page)

    def text(self) -> str:
        """Return the body in plain Markdown."""
        return self.convert(self.body, self.body_line, self.page)


def convert_directive(
    info: str, body: Sequence[str], line: int, page: Page, convert: Callable[[str, int, Page], str]
) -> str:
    """Convert a directive to plain Markdown."""
    match = INFO.fullmatch(info)
    name = match["name"] if match else info
    if match is None or name not in DIRECTIVES:
        page.fail(line, f"unknown directive {{{name}}}")
        return ""
    converted, known = DIRECTIVES[name]
    options, count = read_options(body, line + 1, page)
    for option in sorted(set(options) - known - {"class", "name"}):
        page.fail(line, f"unknown option {option!r} of the directive {{{name}}}")
    if options and body[count:] and re.match(r"[ \t]+\S", body[count]):
        page.fail(line + 1 + count, "an option ends with its line: MyST reads this one as text")
    text, text_line = "\n".join(body[count:]), line + 1 + count
    argument = match["argument"].strip()
    return converted(Directive(name, argument, options, text, line, text_line, page, convert))


def read_options(body: Sequence[str], line: int, page: Page) -> tuple[dict[str, str], int]:
    """Return the options at the start of a directive's body, and how many lines they take."""
    if body and body[0].strip() == "---":
        end = next((i for i in range(1, len(body)) if body[i].strip() == "---"), 0)
        if end:
            return _read_yaml("\n".join(body[1:end]), line, page), end + 1
    found = questions.options_in(body)
    return dict(found), len(found)


def _read_yaml(text: str, line: int, page: Page) -> dict[str, str]:
    yaml = tool("yaml")
    try:
        options = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        options = None
    if not isinstance(options, dict):
        page.fail(line, "options between --- must be lines such as name: value")
        return {}
    return {str(key): str(value) for key, value in options.items()}


def box(title: str, body: str) -> str:
    """Return a block quotation under a bold title, which every notebook can show."""
    lines = [f"**{title}**", "", *body.splitlines()]
    return "\n".join(f"> {each}".rstrip() for each in lines).removesuffix("\n>")


def _note(directive: Directive) -> str:
    # A note has no title of its own: what stands behind its name is its first paragraph.
    body = "\n\n".join(part for part in (directive.title, directive.text()) if part)
    return box(TITLES[directive.name], body)


def _titled(directive: Directive) -> str:
    return box(directive.title or TITLES[directive.name], directive.text())


def _predict(directive: Directive) -> str:
    # On the site, colour and icon say what kind of box this is; here its title must.
    title = f"Predict first: {directive.title}" if directive.argument else "Predict first"
    return box(title, directive.text())


def _admonition(directive: Directive) -> str:
    if not directive.argument:
        directive.page.fail(directive.line, "an {admonition} needs a title")
    return box(directive.title, directive.text())


def _lesson(directive: Directive) -> str:
    return box("In this lesson you will learn to", "\n\n".join(_text_and_before(directive)))


def _text_and_before(directive: Directive) -> list[str]:
    before = convert_inline(directive.options.get("before", ""), directive.line, directive.page)
    return [directive.text()] + ([f"**Before you start:** {before}"] if before else [])


def _exercise(directive: Directive) -> str:
    stem = PurePosixPath(directive.page.path).stem
    seconds = measured("exercises")["seconds"].get(stem)
    core = [each.core for each in questions.questions_in(directive.page.text)]
    time = questions.time_of_questions(core)
    if seconds:
        minutes = max(1, round(seconds / 60))
        time += (
            f". Of that, the solution's cells run for about {minutes} "
            f"minute{'' if minutes == 1 else 's'} on two processor cores"
        )
    parts = [*_text_and_before(directive), f"**Time:** {time}."]
    return box("In this exercise you will", "\n\n".join(parts))


def _question(directive: Directive) -> str:
    page = directive.page
    try:
        asked = questions.read_question(directive.argument, directive.options, directive.body)
    except ValueError as error:
        page.fail(directive.line, str(error))
        return ""
    choices = "\n".join(
        f"- **{letter}.** {convert_inline(text, directive.line, page)}"
        for letter, (text, _) in asked.choices.items()
    )
    text = directive.convert(asked.text, directive.body_line, page)
    return box(asked.heading, "\n\n".join(part for part in (text, choices) if part))


def _solution(directive: Directive) -> str:
    return "" if "solution" in directive.page.leave_out else _titled(directive)


def _dropdown(directive: Directive) -> str:
    # Markdown is not read within HTML.
    summary = tool("markdown_it").MarkdownIt().renderInline(directive.title or "More")
    return f"<details>\n<summary>{summary}</summary>\n\n{directive.text()}\n\n</details>"


def _math(directive: Directive) -> str:
    formula = "\n".join(filter(None, (directive.argument, directive.body.strip("\n"))))
    return f"$$\n{formula}\n$$"


def _figure(directive: Directive) -> str:
    alt = re.sub(r"([\[\]])", r"\\\1", directive.options.get("alt", ""))
    image = convert_image(alt, directive.argument, directive.line, directive.page)
    caption = directive.text()
    return f"{image}\n\n{caption}" if caption else image


IMAGE = {"alt", "width", "height", "scale", "align", "target"}
# What converts each, and its options besides `class` and `name`, which all may have.
DIRECTIVES: Mapping[str, tuple[Callable[[Directive], str], set[str]]] = {
    "lesson": (_lesson, {"before"}),
    "exercise": (_exercise, {"before"}),
    "question": (_question, {*questions.OPTIONS}),
    "solution": (_solution, set()),
    "predict": (_predict, set()),
    "keypoints": (_titled, set()),
    **{name: (_note, set()) for name in ("note", "tip", "warning", "important", "seealso")},
    "admonition": (_admonition, set()),
    "dropdown": (_dropdown, {"open", "icon", "color", "animate"}),
    "math": (_math, {"label", "nowrap", "number", "enumerated"}),
    "figure": (_figure, {*IMAGE, "figwidth", "figclass"}),
    "image": (_figure, IMAGE),
    "playground": (lambda it: f"[The playground is on the course's site]({it.page.url}).", set()),
    "playground-layers": (lambda it: "\n".join(known_layers()), set()),
}
