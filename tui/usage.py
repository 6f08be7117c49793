"""What the arguments alone say: how they were misused, and what they asked for before anything could be run."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol, TypeGuard, runtime_checkable

END_OF_OPTIONS = "--"
TAKES_A_FORMULA = frozenset({"rank", "check", "validate"})


@runtime_checkable
class UsageError(Protocol):
    """What typer raises about the arguments; older releases take it from click, newer ones carry it themselves."""

    exit_code: int

    def format_message(self) -> str:
        """The sentence for the user."""


def is_usage_error(error: BaseException) -> TypeGuard[UsageError]:
    """Whether the error is about the arguments and not about the work."""
    return isinstance(error, UsageError)


def options_of(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments before the `--` that ends the options."""
    end = arguments.index(END_OF_OPTIONS) if END_OF_OPTIONS in arguments else len(arguments)
    return arguments[:end]


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether JSON was asked for, read without a parser because the parser may have refused the arguments."""
    options = options_of(arguments)
    formats = [each.removeprefix("--output=") for each in options if each.startswith("--output=")]
    formats += [value for name, value in pairwise(options) if name == "--output"]
    return "json" in formats


def command_of(arguments: Sequence[str], names: Iterable[str]) -> str | None:
    """The command among `names` that the arguments call, or None."""
    known = frozenset(names)
    return next((each for each in options_of(arguments) if each in known), None)


def usage_message(error: UsageError, arguments: Sequence[str], command: str | None, names: Sequence[str]) -> str:
    """The sentence about the arguments, with the hints that the parser does not give."""
    message = error.format_message().replace("Value error, ", "").rstrip(".")
    options = options_of(arguments)
    if command is None:
        if "Did you mean" in message:
            return f"{message} (try: rune --help)"
        return f"{message}; the commands are {', '.join(names)} (try: rune --help)"
    looks_like_logic = any(each.startswith("-") and "(" in each for each in options)
    if command in TAKES_A_FORMULA and looks_like_logic and len(options) == len(arguments):
        return f"{message}; a formula that begins with '-' goes last, after '--': rune {command} ... -- '-(...)'"
    return f"{message} (try: rune {command} --help)"
