"""``python -m mnist_keras`` is the command ``mnist-keras``."""

import sys

from mnist_keras.cli import main

sys.exit(main())
