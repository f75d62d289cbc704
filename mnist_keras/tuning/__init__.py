"""Searching architectures: the space, the search on Keras Tuner's oracles, and its report.

- `settings`, `default_space`, `space_sources`: what a search is asked, the course's own space, and
  others'.
- `search` proposes (`proposals`), lets trials run, says how it goes (`progress`), and keeps what
  they found (`record`, `tensorboard`).
- `trial_task` is one trial. It runs in a forked process (`trial_processes`) or as a step of a Slurm
  job (`trial_steps`); `crews` chooses which. `progress` keeps and shows what it tells.
- `report` with `search_figures` and `importance` shows what was found; `retrain` measures its best.

A new hyperparameter is a line of `default_space`, a new column of the table a field of
`record.Trial`.
"""
