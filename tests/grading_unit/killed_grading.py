"""Grade as the command does, and be killed at a moment.

Run as ``python -P killed_grading.py WHEN PATTERN grade CLASS --out OUT``; see `killing.die_at`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from killing import die_at

from mnist_keras.cli import main

if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2])
    sys.exit(main(sys.argv[3:]))
