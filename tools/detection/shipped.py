"""The weights that RUNE ships: a small network for the scenes that it renders itself, known by its digest.

`bench/train_demo_detector.py` made them; docs/demo-detector.md tells how, and how well they find what.
"""

from pathlib import Path

from solvers.errors import RuneError
from tools.hashing import hash_file

DEMO = "demo"
"""What the shipped weights are called where weights are asked for."""
FILE = "demo-yolo26n-obb.pt"
SHA256 = "43ec28ae15eddce80e75d9bd05f9f1f80b0dfc0171e34d696af63e891951d9ac"


def shipped_weights() -> Path:
    """The file of the shipped weights; RuneError where it is missing, or not what was shipped."""
    file = Path(__file__).with_name(FILE)
    if not file.is_file():
        raise RuneError(f"the weights that RUNE ships are missing: {file}; install RUNE again")
    if hash_file(file) != SHA256:
        raise RuneError(f"{file} is not the file that RUNE ships, and weights are code: install RUNE again")
    return file
