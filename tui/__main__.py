"""`python -m tui` is `rune`."""

from tui.main import entry

entry()
