"""Answers to each question, right and wrong, as a learner might write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from checks.slices import compiled, names_read, needed, statements
from mnist_keras.checks.exercises import EXERCISES

GIVEN = ("keras", "layers", "np", "plt")


@dataclass(frozen=True)
class Cases:
    """Code by its description; each piece starts from a notebook whose answers are all right."""

    right: Mapping[str, str]
    wrong: Mapping[str, str]


@dataclass(frozen=True)
class ExerciseCases:
    """The cases of an exercise.

    Attributes
    ----------
    exercise
        The exercise's name.
    notebook
        Code that answers every question rightly without training anything.
    questions
        By number.
    """

    exercise: str
    notebook: str
    questions: Mapping[str, Cases] = field(default_factory=dict)

    def namespace(self, *code: str, names: Collection[str] | None = None) -> dict[str, object]:
        """Run the notebook and then the code, and give the variables.

        Parameters
        ----------
        code
            What is run after the notebook.
        names
            The variables that are asked for: of the notebook, only what they and the code depend
            on is run. All of it, unless they are given.
        """
        # Here, because the site lists the cases without running them.
        import keras
        import numpy as np
        from keras import layers
        from matplotlib import pyplot as plt

        values: dict[str, object] = {"keras": keras, "layers": layers, "np": np, "plt": plt}
        notebook = statements(self.notebook, GIVEN)
        if names is None:
            run = [each.node for each in notebook]
        else:
            run = needed(notebook, frozenset(names).union(*map(names_read, code)))
        exec(compiled(run), values)
        for each in code:
            exec(compile(each, "case", "exec"), values)
        plt.close("all")
        return values


def letters(name: str, right: str, wrong: str = "") -> Cases:
    """Return the cases of a question with choices A to D; a prediction has no wrong letters."""
    number = ".".join(name.split("_")[1:])
    questions = {each.number: each for exercise in EXERCISES for each in exercise.questions}
    text = questions[number].choices[right].text
    other = "A" if right != "A" else "B"
    written = {
        "a capital": right,
        "a small letter": right.lower(),
        "with white space": f" {right} ",
        "with a full stop": f"{right}.",
        "with a bracket": f"{right})",
        "in brackets": f"({right})",
        "in bold": f"**{right}**",
        "a small letter before the text": f"{right.lower()}) {text}",
        "the letter and a colon before the text": f"{right}: {text}",
        "the text alone": text,
        "after a word": f"Answer: {right}",
        "in a sentence": f"The answer is ({right}).",
    }
    good = {what: f"{name} = {each!r}" for what, each in written.items()}
    good["a text of NumPy's"] = f'{name} = np.str_("{right}")'
    bad = {
        "a letter that is not offered": f'{name} = "E"',
        "the number of the answer": f"{name} = {ord(right) - 64}",
        "two letters": f'{name} = "AB"',
        "two letters with a word between": f'{name} = "{right} or {other}"',
        "two letters in brackets": f'{name} = "{right}), {other})"',
        "a list": f'{name} = ["{right}"]',
        "True": f"{name} = True",
        "an empty text": f'{name} = ""',
    }
    return Cases(good, bad | {f"the wrong answer {w}": f'{name} = "{w}"' for w in wrong})
