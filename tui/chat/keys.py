"""Keys as people write them."""

_NAMES = {"escape": "Esc", "enter": "Enter", "tab": "Tab", "space": "Space", "up": "↑", "down": "↓"}


def key_words(keys: str) -> str:
    """Such as `Ctrl+P` for `ctrl+p`, and `Enter, Space` for `enter,space`."""
    if not keys:
        return ""
    return ", ".join("+".join(map(_word, key.split("+"))) for key in keys.split(","))


def _word(part: str) -> str:
    return _NAMES.get(part, part.capitalize())
