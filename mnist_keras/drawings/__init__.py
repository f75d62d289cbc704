"""Pictures that explain an idea, drawn when a page is built; each comes with its alt text.

`mnist_keras.figures` shows what was measured; these show how something works. What they show is
computed too, from the numbers that the text is about. Each has a title that everyone sees.

- `canvas`: the empty sheet, arrows, boxes and grids that all are drawn with.
- `data`, `layers`, `convolution`, `training`: a drawing a function, by what it explains.
- `moving`: drawings that move, until the reader pauses them.
"""

from mnist_keras.drawings.convolution import max_pooling, shapes_through, sliding_kernel
from mnist_keras.drawings.data import axes_of_images, batches, broadcasting, nearest_average, sets
from mnist_keras.drawings.layers import activations, backpropagation, dense_network, neuron
from mnist_keras.drawings.moving import downhill, sliding
from mnist_keras.drawings.training import calibration, fits, log_loss, margins, mistakes_found

__all__ = [
    "activations",
    "axes_of_images",
    "backpropagation",
    "batches",
    "broadcasting",
    "calibration",
    "dense_network",
    "downhill",
    "fits",
    "log_loss",
    "margins",
    "max_pooling",
    "mistakes_found",
    "nearest_average",
    "neuron",
    "sets",
    "shapes_through",
    "sliding",
    "sliding_kernel",
]
