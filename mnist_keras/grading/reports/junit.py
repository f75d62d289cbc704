"""`junit.xml`: a suite a learner and exercise, a case a question.

There are no times in it, so that the same grades give the same bytes. A question that earned less
than it is worth is a failure, whose ``type`` is its status. A notebook that could not be graded is
an error of its cases, one that is missing skips its only case.
"""

from __future__ import annotations

from xml.etree import ElementTree

from mnist_keras.grading.grades import (
    ClassGrades,
    LearnerGrades,
    NotebookGrade,
    QuestionGrade,
    State,
)
from mnist_keras.grading.reports.sums import entries, is_right
from mnist_keras.grading.reports.text import clean, name_of, number, worth

Element = ElementTree.Element
COUNTS = ("tests", "failures", "errors", "skipped")


def junit_xml(grades: ClassGrades) -> str:
    """Write the class as JUnit XML."""
    root = Element("testsuites", name="mnist-keras grade")
    root.extend(suite(grades, learner, notebook) for learner, notebook in entries(grades))
    sums = [{key: int(each.get(key, "0")) for key in COUNTS} for each in root]
    for key in COUNTS:
        root.set(key, str(sum(each[key] for each in sums)))
    ElementTree.indent(root)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + ElementTree.tostring(root, encoding="unicode")
        + "\n"
    )


def suite(grades: ClassGrades, learner: LearnerGrades, notebook: NotebookGrade) -> Element:
    """Write a notebook as a suite."""
    name, exercise = name_of(learner.learner), clean(notebook.exercise or notebook.file)
    cases = [case(name, exercise, notebook, question) for question in notebook.questions]
    if not cases:
        cases = [bare_case(name, exercise, notebook)]
    element = Element("testsuite", name=f"{name}: {exercise}", tests=str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(key, str(sum(each.find(tag) is not None for each in cases)))
    properties = ElementTree.SubElement(element, "properties")
    points = notebook.points or grades.exercises.get(notebook.exercise, 0)
    facts = {
        "learner": name,
        "exercise": exercise,
        "file": clean(notebook.file),
        "state": notebook.state.value,
        "earned": number(notebook.earned),
        "points": str(points),
        "isolation": clean(grades.isolation),
        "quick": "true" if grades.quick else "false",
        **{f"note {place}": clean(note) for place, note in enumerate(notebook.notes, 1)},
    }
    for key, value in facts.items():
        ElementTree.SubElement(properties, "property", name=key, value=value)
    element.extend(cases)
    return element


def case(learner: str, exercise: str, notebook: NotebookGrade, question: QuestionGrade) -> Element:
    """Write a question as a case."""
    title = clean(f"{question.number} {question.title}")
    element = Element("testcase", classname=f"{learner}.{exercise}", name=title)
    message = clean(question.message)
    earned = f"{worth(question.earned, question.points)} points"
    if question.corrected:
        earned += ", set by the instructor"
    if notebook.state is State.GRADED or question.corrected:
        if is_right(question):
            ElementTree.SubElement(element, "system-out").text = f"{earned}. {message}"
        else:
            _trouble(element, "failure", clean(question.status), f"{earned}. {message}")
    elif notebook.state is State.NOT_GRADED:
        _trouble(element, "error", notebook.state.value, clean(notebook.reason))
    else:
        ElementTree.SubElement(element, "skipped", message=notebook.state.value)
    return element


def bare_case(learner: str, exercise: str, notebook: NotebookGrade) -> Element:
    """Write a notebook without questions as a case."""
    element = Element("testcase", classname=f"{learner}.{exercise}", name="notebook")
    if notebook.state is State.NOT_GRADED:
        _trouble(element, "error", notebook.state.value, clean(notebook.reason))
    elif notebook.state is State.MISSING:
        ElementTree.SubElement(element, "skipped", message=notebook.state.value)
    return element


def _trouble(element: Element, tag: str, kind: str, message: str) -> None:
    ElementTree.SubElement(element, tag, type=kind, message=message).text = message
