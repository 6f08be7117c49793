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


def exit_code_for(error: BaseException) -> ExitCode:
    """The exit code of a run that this error ended."""
    from solvers.errors import InputError, LimitError, ProviderError
    from solvers.fol.diagnostics import FormulaError
    from tui.usage import is_usage_error

    match error:
        case KeyboardInterrupt():
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
