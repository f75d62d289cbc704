"""The process that a command is: how it starts, what a terminal shows of it, how it is stopped.

- `startup`: Keras soon, TensorFlow without its start-up lines, and memory that it can use again.
- `streams`: standard output and standard error that are there, and do not end the work.
- `progress`, `durations`: how training goes, in lines that renew themselves.
- `stopping`: Ctrl-C while a network trains.
"""
