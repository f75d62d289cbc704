"""Grading of untrusted notebooks: nothing of a learner's is run, imported or unpickled here.

A learner's notebook runs in a process that is shut off from the machine. What leaves it is plain
data, on one pipe (`mnist_keras.sandbox`), and the rules of `mnist_keras.checks` judge those. Each
module imports only those above it:

- `grades`: what a session finds out, as plain dataclasses.
- `fstrings`: what only newer Pythons read, written for this one.
- `notebooks`: an untrusted notebook file, read as cells or refused in a line.
- `contents`, `archives`, `kinds`, `listing`: the files of a folder or an archive, within limits,
  and what to ask for instead of a file that is no notebook.
- `layouts`, `naming`, `handins`, `owners`: the names that platforms and people give to files, which
  exercise a file answers, and whose it is.
- `roster`, `submissions`: who the learners are, and a row for each learner and exercise.
- `kept_outcomes`: what notebooks did before and need not do again.
- `pictures`: a learner's picture, written again so that only its pixels are left.
- `scoring`: from what the rules say to grades.
- `judging`, `hidden`: asking the rules, and the tests that notebooks do not show.
- `course`: the course's own answers, put in where a learner's fail.
- `steps`, `dialogue`: where a notebook answers each question, and what its process is asked.
- `session`: grading, a function from hand-ins and rules to grades.
- `overrides`: an instructor's corrections.
- `reports`: grades as a table, CSV, JSON and HTML pages.
- `options`, `command`: ``mnist-keras grade``; ``tests/grading/conftest.py`` is pytest in front.
- `platform_files`: the files for GitHub Classroom, Gradescope and a container.
"""
