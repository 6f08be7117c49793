"""A command of `rune`, and the one place where every failure of one ends."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from tui.exit_codes import ExitCode, was_interrupted
from tui.failures import Failure, JsonObject, failure_of, tell, to_json
from tui.options import OutputFormat
from tui.text import OutputClosedError, emit, narrate

Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `body` does the work and returns the exit code; its docstring is the help, `summary` the short one.

    `failed` is the JSON that stands for the answer when there is none, from the failure and the arguments as far
    as they are known; it has every key of the answer. A command of a `group` is called by the group's name and its own.
    """

    name: str
    summary: str
    body: Callable[..., ExitCode]
    failed: Callable[[Failure, Arguments], JsonObject]
    examples: tuple[str, ...]
    group: str | None = None

    @property
    def words(self) -> str:
        """What calls the command after `rune`."""
        return self.name if self.group is None else f"{self.group} {self.name}"


def end(error: BaseException, command: Command, arguments: Arguments, *, as_json: bool, told: str | None) -> ExitCode:
    """Tell of an error in every way that was asked for; `told` replaces its own words."""
    match error:
        case _ if was_interrupted(error):
            narrate("interrupted")
            return ExitCode.INTERRUPTED
        case OutputClosedError():
            # The interpreter flushes stdout once more at its end, and would complain of the closed pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitCode.FAILED
        case _:
            failure = failure_of(error, told)
            tell(error, failure)
            if as_json:
                emit(to_json(command.failed(failure, arguments)))
            return failure.code


def guarded(command: Command) -> Callable[..., ExitCode]:
    """The body of a command as typer calls it: with arguments by name, and never raising."""

    @wraps(command.body)
    def run(**arguments: object) -> ExitCode:
        try:
            return command.body(**arguments)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (all of it is told, none of it swallowed)
            as_json = arguments.get("output") is OutputFormat.JSON
            return end(error, command, arguments, as_json=as_json, told=None)

    return run
