"""Which answers were typed in, told by the text of the code."""

import pytest

from mnist_keras.checks.exercises import exercise_named
from mnist_keras.checks.notebook import judged
from mnist_keras.checks.sources import typed_names

TYPED = {
    "a number": ("best = 7", "best"),
    "a signed number": ("gap = -0.03", "gap"),
    "several at once": ("fastest, best = 1024, 16", "best fastest"),
    "unpacked from a list": ("[a, b] = [1, 2]", "a b"),
    "with a type": ("best: int = 7", "best"),
    "a list": ("lost = [0.1, 1.0]", "lost"),
    "a dictionary": ('ratios = {"relu": 0.9, "sigmoid": 1e-6}', "ratios"),
    "sums of what was read off": ("gap = 0.98 - 0.91", "gap"),
    "rounded": ("gap = round(0.98 - 0.91, 3)", "gap"),
    "a function of NumPy's": ("import numpy as np\nm = np.mean([0.97, 0.98])", "m"),
    "by another name": ("n = 7\nbest = n", "best n"),
    "as an item": ('entry = {"parameters": 850, "text": final.to_json()}', 'entry["parameters"]'),
    "as a later item": ('entry = dict(final)\nentry["parameters"] = 850', 'entry["parameters"]'),
    "beside a magic": ("%matplotlib inline\n!ls\nbest = 7", "best"),
    "on a line that is timed": ("%time best = 7\nother = 3", "best other"),
    "beside a call of one's own function": ("def show(x): print(x)\nbest = 7\nshow(3)", "best"),
    "in a cell that is timed": ("%%time\nbest = 7", "best"),
    "put in one by one": ("lost = []\nlost.append(0.1)", "lost"),
    "put in on no condition": ("lost = []\nif True:\n    lost.append(0.1)", "lost"),
    "in a context": ("with open(file) as text:\n    best = 7", "best"),
}
COMPUTED = {
    "by a function": "best = max(histories, key=lambda rate: histories[rate])",
    "a comprehension": "lost = [rate for rate in histories if histories[rate] > 2.3]",
    "a loop": "lost = []\nfor rate in rates:\n    if loss[rate] > 2.3:\n        lost.append(rate)",
    "a loop that keeps the best": "b = 0\nfor one in rates:\n    if one > b:\n        b = one",
    "a condition": "if lead < margin:\n    within = True\nelse:\n    within = False",
    "a function of one's own": "def find():\n    return 7\nbest = find()",
    "a function that hides Python's": "def max(numbers):\n    return numbers[0]\nbest = max(3)",
    "a global of a function": "best = 0\ndef find():\n    global best\n    best = run()\nfind()",
    "items by a loop": "noise = {}\nfor size in sizes:\n    noise[size] = np.std(means[size])",
    "put in on a condition": "lost = []\nif loss[0.1] > 2.3:\n    lost.append(0.1)",
    "counted": "counts = np.zeros(10)\nfor digit in labels:\n    counts[digit] += 1",
    "filled by NumPy": "import numpy as np\ncounts = np.zeros(10)\nnp.add.at(counts, labels, 1)",
    "filled by a function of one's own": (
        "import numpy as np\ndef count(table):\n    table[0, 1] += 1\n"
        "confusion = np.zeros((10, 10))\ncount(confusion)"
    ),
    "filled by a function that names it": (
        "lost = []\ndef find():\n    lost.append(worst(histories))\nfind()"
    ),
    "filled while something else is computed": (
        "lost = []\ndef find(into):\n    into.append(1)\n    return len(into)\nn = find(lost)"
    ),
    "on a line that is timed": "%time best = max(histories, key=histories.get)",
    "drawn at random": "import numpy as np\nrng = np.random.default_rng(0)\nk = rng.normal(size=3)",
    "added to": "score = 0.0\nscore += bias[3]",
    "typed first, computed then": "best = 7\nbest = find(losses)",
    "an item computed": 'entry = {}\nentry["parameters"] = final.count_params()',
    "a cell with an error": "best = 7 7",
    "a script": "%%bash\nbest=7",
}


@pytest.mark.parametrize("case", TYPED)
def test_what_was_typed_in_is_found(case):
    code, names = TYPED[case]
    assert typed_names([code]) == set(names.split())


@pytest.mark.parametrize("case", COMPUTED)
def test_what_was_computed_is_not_taken_for_typed(case):
    assert typed_names([COMPUTED[case]]) == set()


def test_the_last_cell_that_ran_decides():
    assert typed_names(["best = 7", "best = find(losses)"]) == set()
    assert typed_names(["best = find(losses)", "best = 7"]) == {"best"}


def test_a_long_or_deep_cell_is_left_alone():
    assert typed_names(["best = " + "(" * 5_000 + "7" + ")" * 5_000]) == set()
    assert typed_names(["best = 7\n" + "#" * 200_000]) == set()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "gap = 0.25",
            "not yet. Right for this run; let Python find `gap`, so that it stays right.",
        ),
        ("gap = run['accuracy'][-1] - run['val_accuracy'][-1]", "correct. After the last epoch"),
    ],
)
def test_check_takes_a_right_number_only_where_it_was_computed(cell, said):
    run = {"loss": [0.5], "val_loss": [0.6], "accuracy": [0.75], "val_accuracy": [0.5]}
    exercise = exercise_named("03-epochs")
    namespace = {"long_run": run, "gap": 0.25, "In": ["", cell, 'check("3.5")']}
    assert said in repr(judged(exercise, namespace, exercise.question("3.5")))
