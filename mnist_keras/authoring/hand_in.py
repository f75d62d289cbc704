"""How learners hand in an exercise: its first cell asks for a name, its last says where and how."""

import re

from mnist_keras.authoring.cells import Cell, code_cell, markdown_cell
from mnist_keras.authoring.pages import Page
from mnist_keras.authoring.questions import rules_path

NAME = """\
#@title Your name, as your class list has it
my_name = ""  # between the quotation marks"""
HAND_IN = """\
## Hand in

Write your name into the cell at the top, run everything once more, and save. {how}

`check()` shows what counts: your notebook runs again, with fewer images, and its answers are held \
to the same rules. Hidden tests look further. They call your functions with other numbers, and \
show your networks images that they have not seen. A function or a network that fits only this \
notebook's data loses points there. {where}"""
# A question that has hidden tests, in the text of the rules.
TESTED = re.compile(r"\b(?:hidden|returns)\(\s*\"(\d+\.\d+)\"")


def name_cell() -> Cell:
    """Return the cell that asks for the learner's name; the grader reads it without running it."""
    return code_cell(NAME, {"cellView": "form"})


def hand_in_cell(page: Page) -> Cell:
    """Return the cell that says where and how an exercise is handed in, and how it is graded."""
    rules = page.course.root / rules_path(page.path)
    text = rules.read_text(encoding="utf-8") if rules.is_file() else ""
    hidden = sorted({*TESTED.findall(text)})
    where = f"Here they do so for {' and '.join(hidden)}." if hidden else "This exercise has none."
    return markdown_cell(HAND_IN.format(how=page.course.hand_in, where=where))
