"""An exercise and its worked solution, made from one page."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from saved_notebooks import by_colab, by_jupyter, by_vs_code

from authoring.texts import SITE, cell_id, errors, lesson, seen
from mnist_keras.authoring import check_notebooks, worked_solution, write_notebooks
from mnist_keras.cli import main
from mnist_keras.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]
PATH = "solutions/01-learning-rate.md"
PAGE = """\
# Exercise 1: Learning rate

:::{exercise}
:before: [Tiny](../book/lessons/tiny.md).

- sweep the {term}`learning rate`
:::

:::{question} 1.8 Read a loss curve
:points: 2

Look at this curve.

- **A.** The learning rate is too small.

  It would fall smoothly.

- **B.** The learning rate is too large
  for this {term}`epoch`.

  It leaps across the valley.

**Hints**

1. Which of the two leaps?
2. Look at
   both.
:::

```{code-cell} ipython3
:tags: [start, skip-execution]

answer_1_8 = ...
```

```{code-cell} ipython3
:tags: [solution, hide-cell]

answer_1_8 = "B"
```

```{code-cell} ipython3
check("1.8")
```

:::{solution} Why
The steps are too long.
:::

The end.
"""


@pytest.fixture
def notebooks(root):
    """Write the exercise of a page, and give it with the worked solution."""
    lesson(root, PAGE, PATH)
    write_notebooks(root)
    exercise = json.loads((root / "exercises/01-learning-rate.ipynb").read_text())
    return exercise, json.loads(worked_solution(root, PATH))


def code_of(notebook):
    """Give the code without the set-up cell and the one that asks for a name."""
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [source for source in code[1:] if "my_name" not in source]


def text_of(notebook):
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def test_the_exercise_has_the_starting_point_and_no_solution(notebooks):
    exercise, _ = notebooks
    assert code_of(exercise) == ["answer_1_8 = ...", 'check("1.8")']
    assert "too long" not in json.dumps(exercise)
    assert all("tags" not in cell["metadata"] for cell in exercise["cells"])


def test_the_worked_solution_has_the_solution_and_no_starting_point(notebooks):
    _, solution = notebooks
    assert code_of(solution) == ['answer_1_8 = "B"', 'check("1.8")']
    assert "> **Why**\n>\n> The steps are too long." in text_of(solution)
    assert text_of(solution).endswith("The end.")


def test_the_exercise_asks_for_a_name_and_says_how_to_hand_in(root, notebooks):
    exercise, solution = notebooks
    assert 'my_name = ""' in "".join(exercise["cells"][2]["source"])
    last = "".join(exercise["cells"][-1]["source"])
    assert "**File → Download → Download .ipynb**" in last
    assert "This exercise has none." in last
    assert "my_name" not in json.dumps(solution)

    rules = root / "mnist_keras/checks/exercises/learning_rate.py"
    rules.write_text('@hidden("1.9", share=0.5)\nother = returns(\n    "1.2", "build", share=1)')
    config = (root / "_config.yml").read_text()
    (root / "_config.yml").write_text(f"{config}\nhand_in: Put it into the blue folder.\n")
    write_notebooks(root)
    saved = json.loads((root / "exercises/01-learning-rate.ipynb").read_text())
    last = "".join(saved["cells"][-1]["source"])
    assert "Put it into the blue folder." in last
    assert "Here they do so for 1.2 and 1.9." in last


def test_the_courses_own_exercises_say_once_how_to_hand_in():
    for path in sorted((ROOT / "exercises").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
        assert text.count("## Hand in\n") == 1, path.name


@pytest.mark.parametrize("given", ["[a, list]", "''", "7", "x" * 601])
def test_how_to_hand_in_should_be_a_short_text(root, given):
    lesson(root, PAGE, PATH)
    config = (root / "_config.yml").read_text()
    (root / "_config.yml").write_text(f"{config}\nhand_in: {given}\n")
    (line,) = errors(root)
    assert line.startswith("_config.yml: `hand_in` should be a sentence or two")


def test_a_question_shows_its_choices_and_points_but_no_reasons(notebooks):
    text = text_of(notebooks[0])
    assert (
        "> **Question 1.8: Read a loss curve (extra, 2 points)**\n>\n> Look at this curve." in text
    )
    assert "> - **B.** The learning rate is too large for this [epoch](" in text
    assert "valley" not in text
    assert "leaps" not in text


def test_the_package_gets_all_texts_and_the_letter_that_the_solution_gives(root, notebooks):
    texts = json.loads((root / "mnist_keras/checks/exercises/01-learning-rate.json").read_text())
    assert texts["title"] == "Learning rate"
    (question,) = texts["questions"]
    assert question == {
        "number": "1.8",
        "title": "Read a loss curve",
        "points": 2,
        "core": False,
        "hints": ["Which of the two leaps?", "Look at both."],
        "right": "",
        "choices": {
            "A": ["The learning rate is too small.", "It would fall smoothly."],
            "B": [
                "The learning rate is too large for this {term}`epoch`.",
                "It leaps across the valley.",
            ],
        },
        "name": "answer_1_8",
        "letter": "B",
    }


def test_the_card_links_to_the_lesson_and_the_origin_to_the_page(notebooks):
    page = seen(text_of(notebooks[0]))
    assert page.links["Tiny"] == f"{SITE}book/lessons/tiny.html"
    assert page.links["The exercise's page"] == f"{SITE}solutions/01-learning-rate.html"


def test_the_notebook_is_valid_empty_and_asks_colab_for_a_gpu(notebooks):
    for notebook in notebooks:
        nbformat.validate(nbformat.from_dict(notebook))
        assert notebook["metadata"]["accelerator"] == "GPU"
        assert notebook["metadata"]["mnist_keras"] == {"generated_from": PATH}
        assert all(not cell.get("outputs") for cell in notebook["cells"])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[start, skip-execution]", "[start]", "a cell with the tag start needs skip-execution"),
        ("[solution, hide-cell]", "[solution]", "a cell with the tag solution needs hide-cell"),
        ("1.8 Read a loss curve", "1.8", "a question begins with its number and its title"),
        ("- **B.**", "- **C.**", "question 1.8: the choices should have the letters A, B, C …"),
        ("  It leaps across the valley.\n", "", "question 1.8: below each choice stands"),
        ("**Hints**", "Hints", "question 1.8: write a line **Hints**"),
        ("the valley", "the {term}`epoch`", "question 1.8: check() and hint() show"),
        (":points: 2", ":points: two", "points should be a whole number from 1 to 99"),
        (":points: 2", ":prediction:", "question 1.8: a prediction has choices, and no hints"),
        (":points: 2", ":worth: 2", "unknown option 'worth' of the directive {question}"),
        ('answer_1_8 = "B"', 'answer_1_8 = "E"', "question 1.8 has choices, so the cell of its"),
    ],
)
def test_a_mistake_in_the_page_is_named_with_its_line(root, old, new, problem):
    lesson(root, PAGE.replace(old, new), PATH)
    (line,) = errors(root)
    assert re.match(rf"solutions/01-learning-rate\.md:\d+: {re.escape(problem)}", line)


def test_a_worked_solution_with_mistakes_is_refused(root):
    lesson(root, PAGE.replace("{exercise}", "{exercice}"), PATH)
    with pytest.raises(CourseError, match="unknown directive"):
        worked_solution(root, PATH)


def test_an_edited_line_on_either_side_is_found_and_named(root, notebooks, capsys):
    path = root / "exercises/01-learning-rate.ipynb"
    generated = path.read_text()
    write_notebooks(root)
    assert path.read_text() == generated

    path.write_text(generated.replace("answer_1_8 = ...", "answer_1_8 = 1"))
    assert main(["notebooks", "--check", "--root", str(root)]) == 1
    out, err = capsys.readouterr()
    assert "exercises/01-learning-rate.ipynb: cell 5, line 1 is 'answer_1_8 = 1'" in out + err

    path.write_text(generated)
    lesson(root, PAGE.replace("The end.", "The very end."), PATH)
    (line,) = check_notebooks(root)
    assert line.startswith("exercises/01-learning-rate.ipynb: cell ")
    assert "'The end.', its source says 'The very end.'" in line


def test_an_exercise_whose_source_is_gone_is_stale(root, notebooks):
    (root / PATH).unlink()
    assert check_notebooks(root) == [
        "exercises/01-learning-rate.ipynb: stale, its source is gone",
        "mnist_keras/grading/course/01-learning-rate.json: stale, its source is gone",
        "mnist_keras/checks/exercises/01-learning-rate.json: stale, its source is gone",
    ]


@pytest.mark.parametrize("saved_by", [by_colab, by_jupyter, by_vs_code])
def test_each_cell_is_recognized_after_a_program_saved_the_notebook_again(notebooks, saved_by):
    exercise, _ = notebooks
    text = json.dumps(saved_by(exercise))
    saved = nbformat.reads(text, as_version=4)
    found = [cell_id(cell) for cell in saved.cells]
    wanted = [cell["id"] for cell in exercise["cells"]]
    assert [each for each in found if each in wanted] == wanted
    edited = {cell_id(cell): cell.source for cell in saved.cells}
    assert edited[wanted[4]] == "answer_1_8 = ..."
    assert saved.metadata.mnist_keras.generated_from == PATH
