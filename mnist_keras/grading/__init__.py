"""Grading of untrusted notebooks: nothing of a learner's is run, imported or unpickled here.

A learner's notebook runs in a child that is shut off from the machine. What leaves it is plain
data, on one pipe, and the rules of `mnist_keras.checks` judge those. Each module imports only those
above it:

- `grades`: what a grading session finds out, as plain dataclasses.
- `submissions`: which files of a folder are whose, and which exercise they answer.
- `notebooks`: an untrusted notebook file, read as cells or refused in a line.
- `protocol`: what goes over the pipe, and the limits of what comes back.
- `sandbox`: what shuts a child off, and how far this machine can.
- `zygote`, `child`: the process that has imported TensorFlow, and what runs in its forks.
- `runner`: gives each notebook a child, watches it, tries once more, and collects the answers.
- `results`: what was graded before and need not be graded again.
- `pictures`: a learner's picture, written anew so that only its pixels are left.
- `overrides`: an instructor's corrections.
- `reports`: grades as a table, CSV, JSON, JUnit XML and HTML pages.
- `plugin`: the pytest session that grades.
"""
