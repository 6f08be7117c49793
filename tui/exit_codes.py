"""What the process ends with, and which failure means which."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `rune`; a run without a match is done, not failed."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PROVIDER = 3
    LIMIT = 4
    UNREPAIRABLE = 5
    INTERRUPTED = 130


def was_interrupted(error: BaseException) -> bool:
    """Whether control-C is behind the error; the import of an enum, for one, wraps it in a RuntimeError."""
    return isinstance(error, KeyboardInterrupt) or (error.__cause__ is not None and was_interrupted(error.__cause__))


def exit_code_for(error: BaseException) -> ExitCode:
    """The exit code of a run that this error ended."""
    from solvers.errors import InputError, LimitError, ProviderError
    from solvers.fol.diagnostics import FormulaError
    from tui.usage import is_usage_error

    match error:
        case _ if was_interrupted(error):
            return ExitCode.INTERRUPTED
        case FormulaError():
            return ExitCode.UNREPAIRABLE
        case InputError():
            return ExitCode.USAGE
        case ProviderError():
            return ExitCode.PROVIDER
        case LimitError():
            return ExitCode.LIMIT
        case _:
            return ExitCode.USAGE if is_usage_error(error) else ExitCode.FAILED
