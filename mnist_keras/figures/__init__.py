"""One function, one figure; each returns the picture together with its alt text.

The alt text states what the figure shows, computed from the same data. Colours are Okabe and
Ito's, which colour-blind readers can tell apart, and no figure relies on colour alone.

- `images`: digits, pictures of any size, kernels and feature maps.
- `curves`: learning curves, experiments compared, the values that were tried.
- `answers`: labels, probabilities, right and wrong answers.
- `benchmarks`: what was measured beforehand.
- `picture`: what all of them are made with: the picture with its alt text, the colours (`SERIES`),
  sheets and axes.
"""

from mnist_keras.figures.answers import (
    accuracy_per_digit,
    class_counts,
    confusion_matrix,
    evaluation_figures,
    probabilities,
    worst_mistakes,
)
from mnist_keras.figures.benchmarks import parts_of_time, race, shares, time_and_accuracy
from mnist_keras.figures.curves import compare_curves, learning_curves, sweep, write_run_figures
from mnist_keras.figures.images import digits, feature_maps, kernels, pictures, pixels
from mnist_keras.figures.picture import Picture, save_pictures

__all__ = [
    "Picture",
    "accuracy_per_digit",
    "class_counts",
    "compare_curves",
    "confusion_matrix",
    "digits",
    "evaluation_figures",
    "feature_maps",
    "kernels",
    "learning_curves",
    "parts_of_time",
    "pictures",
    "pixels",
    "probabilities",
    "race",
    "save_pictures",
    "shares",
    "sweep",
    "time_and_accuracy",
    "worst_mistakes",
    "write_run_figures",
]
