"""Searching architectures: the space, the search on Keras Tuner's oracles, and its report."""
