"""Searching architectures: the space, the search on Keras Tuner's oracles, and its report.

- `settings`, `space`, `spaces`: what a search is asked, the course's own space, and others'.
- `search` proposes (`proposals`), lets trials run, and keeps what they found (`record`, `board`).
- `work` is one trial. It runs in a forked process (`workers`) or as a step of a Slurm job (`steps`,
  `step`); `crews` chooses which, and `allocation` reads how many have room.
- `report` with `figures` and `importance` shows what was found; `retrain` measures its best.

A new hyperparameter is a line of `space`, a new column of the table a field of `record.Trial`.
"""
