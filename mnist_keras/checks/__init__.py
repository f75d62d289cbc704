"""What is asked of an answer: the rules, their messages and points, in a notebook and in grading.

A rule never sees a learner's objects. `facts` and `plain` turn what a notebook holds into plain
data, and the rules work on that, so that they hold for every way of writing an answer, and so that
a grader can take the data from another process. Nothing here imports TensorFlow or trains.

Each module imports only those above it:

- `plots`: the axes of a plot as plain data.
- `plain`: Python values, arrays, tables and figures as plain data.
- `tables`: a table, however it was written.
- `facts`: what a question reads of a notebook, Keras's objects and results of calls too, as plain
  data.
- `answers`: the collected data, read with a sentence for each thing that is not as expected.
- `sources`: what the text of the code tells: which answers were typed in.
- `parts`: what several exercises ask alike: runs that can be compared, tables, plots, numbers.
- `rules`: what a module of rules is made of: rules and hidden tests.
- `unseen`: images that no notebook shows.
- `questions`: a question, an exercise, and the verdict on an answer.
- `exercises`: the course's exercises: of each its texts, generated from its page, and its rules.
- `notebook`: `check()` and `hint()`.
"""

from mnist_keras.checks.notebook import open_exercise
from mnist_keras.checks.questions import Choice, Exercise, Question, Status, Verdict

__all__ = ["Choice", "Exercise", "Question", "Status", "Verdict", "open_exercise"]
