"""`grades.json`: all that a session found out.

An object with sorted keys, ASCII only:

- ``isolation`` (string), ``quick`` (boolean), ``versions`` (object of strings), ``problems`` (array
  of strings);
- ``exercises``: an object, by name what each is worth (integer), and ``exercise_order``: an array
  of their names;
- ``points``: what all exercises are worth together (integer);
- ``learners``: an array in the order of the class, each an object with ``learner`` (string),
  ``earned`` (number), ``percent`` (number with one decimal, or null where there is nothing to earn)
  and ``notebooks``: an array, each an object with ``exercise`` (string, empty where it could not be
  told), ``file`` (string, empty where none was handed in), ``state`` (``"graded"``, ``"could not be
  graded"``, ``"not handed in"``), ``reason`` (string), ``earned``, ``points`` (numbers), ``notes``
  (array of strings), ``figures`` (array of the numbers of questions that have one; the pictures
  themselves stand on the learner's page) and ``questions``: an array, each an object with
  ``number``, ``title``, ``status``, ``message`` (strings), ``earned`` (number), ``points``
  (integer) and ``corrected`` (boolean: whether an instructor set ``earned``).

Texts of learners stand as they are, escaped; only halves of surrogate pairs are replaced.
"""

import json
from dataclasses import asdict

from mnist_keras.grading.grades import ClassGrades
from mnist_keras.grading.reports.totals import points_of_all, total
from mnist_keras.reports.text import percent


def grades_json(grades: ClassGrades) -> str:
    """Write the class as JSON."""
    points = points_of_all(grades)
    data = asdict(grades) | {"exercise_order": [*grades.exercises], "points": points}
    for learner, row in zip(grades.learners, data["learners"], strict=True):
        row["earned"] = total(grades, learner)
        row["percent"] = percent(row["earned"], points)
        for notebook, cells in zip(learner.notebooks, row["notebooks"], strict=True):
            cells |= {"earned": notebook.earned, "points": notebook.points}
            cells |= {"figures": [*notebook.figures], "state": notebook.state.value}
    text = json.dumps(data, ensure_ascii=False).encode("utf-16", "surrogatepass")
    whole = json.loads(text.decode("utf-16", "replace"))
    return json.dumps(whole, indent=1, sort_keys=True, allow_nan=False) + "\n"
