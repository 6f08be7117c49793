"""Numbers in text files from outside."""

import re

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""A finite decimal number; Python's own `float` would also take nan, inf and 1_000."""


def is_number(text: str) -> bool:
    """Whether a text is a decimal number."""
    return NUMBER.fullmatch(text) is not None
