"""Training runs on the disk; nothing here needs Keras.

- `settings`: what a run is asked to do, and each network's hyperparameters (`DEFAULTS`).
- `folder`: what it leaves behind, readable after a kill at any moment.
- `locking`: one command at a time writes to a folder.
"""
