"""The failure kinds of RUNE; whatever is none of these is a programmer's error and keeps its traceback."""


class RuneError(Exception):
    """Something that the user is told in one sentence, and that ends the run in order."""


class InputError(RuneError):
    """What the user gave cannot be used: a missing file, a broken line, an unknown image (exit code 2)."""


class LimitError(RuneError):
    """A resource limit was reached before an answer was certain (exit code 4)."""


class ProviderError(RuneError):
    """The model provider gave no usable answer (exit code 3); the message never holds a key."""
