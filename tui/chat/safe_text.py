"""Text from outside as the screen may show it: never markup, and nothing that a terminal acts on."""

from textual.content import Content

from tui.text import safe, safe_character

MUTED = "$foreground 65%"
"""For what matters less."""

VERDICTS = {
    "sat": ("✓ sat", "$text-success"),
    "unsat": ("✗ unsat", "$text-error"),
    "unknown": ("? unknown", "$text-warning"),
}
"""How a verdict is shown: a sign and a word, and only then a colour."""


def safe_lines(text: str) -> str:
    """Text of several lines with all but its line ends escaped; a tab becomes blanks."""
    if text.isascii() and text.isprintable():
        return text
    joined = text.replace("\r\n", "\n").expandtabs(4)
    return "".join(each if each == "\n" else safe_character(each) for each in joined)


def plain(text: str, style: str = "") -> Content:
    """One line of text from outside."""
    return Content.styled(safe(text), style)


def lines(text: str, style: str = "") -> Content:
    """Text of several lines from outside."""
    return Content.styled(safe_lines(text), style)


def verdict(name: str) -> Content:
    """A verdict as sign and word."""
    word, style = VERDICTS.get(name, (safe(name), ""))
    return Content.styled(word, style)
