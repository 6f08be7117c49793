"""The command line `rune`: its arguments become calls, and every outcome an exit code."""

from collections.abc import Sequence
from typing import Annotated

import typer

from tui.command import end, guarded
from tui.commands import COMMANDS, DEFAULTS, GROUPS, UNKNOWN
from tui.exit_codes import ExitCode
from tui.text import narrate
from tui.usage import command_of, is_usage_error, usage_message, wants_json

PROGRAM = "rune"


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"{PROGRAM} {version('rune-retrieval')}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Find aerial and satellite images by what is in them and how it is arranged, with proof.

    Index images once, then ask in English or rank by a formula of first-order logic.

    stdout is data, stderr is narration. Exit codes: 0 done, 1 failed, 2 usage, 3 model provider, 4 limit,
    5 logic or English that cannot be read, 130 interrupted.
    """


def command_line() -> typer.Typer:
    """The whole of `rune` with its commands, unparsed."""
    app = typer.Typer(
        name=PROGRAM,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    groups: dict[str, typer.Typer] = {}
    for command in COMMANDS:
        home = app
        if command.group is not None:
            if command.group not in groups:
                groups[command.group] = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
                app.add_typer(groups[command.group], name=command.group, help=GROUPS[command.group])
            home = groups[command.group]
        examples = "Examples:\n\n\b\n" + "\n".join(f"  {each}" for each in command.examples)
        home.command(command.name, short_help=command.summary, epilog=examples)(guarded(command))
    return app


def _with_default(arguments: list[str]) -> list[str]:
    """The arguments with the command that a group means where none of it is named: `eval FILE` is `eval run FILE`."""
    group = arguments[0] if arguments else ""
    default = DEFAULTS.get(group)
    names = {each.name for each in COMMANDS if each.group == group}
    if default is None or len(arguments) < 2 or arguments[1] in {*names, "--help", "-h"}:
        return arguments
    return [group, default, *arguments[1:]]


def run(given: Sequence[str]) -> int:
    """Run `rune` with these arguments; returns the exit code."""
    arguments = _with_default(list(given))
    try:
        outcome = command_line()(arguments, prog_name=PROGRAM, standalone_mode=False)
    except SystemExit as leaving:  # the completion options leave by themselves
        return leaving.code if isinstance(leaving.code, int) else ExitCode.FAILED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (told below)
        if not arguments or type(error).__name__ == "NoArgsIsHelpError":  # typer's and click's are two
            narrate(str(error))
            return ExitCode.USAGE
        names = list(dict.fromkeys(each.group or each.name for each in COMMANDS))
        name = command_of(arguments, names)
        command = next((each for each in COMMANDS if each.group is None and each.name == name), UNKNOWN)
        if name in GROUPS:
            within = [each for each in COMMANDS if each.group == name]
            called = command_of(arguments, [each.name for each in within])
            command = next((each for each in within if each.name == called), UNKNOWN)
            name = name if called is None else command.words
        told = usage_message(error, arguments, name, names) if is_usage_error(error) else None
        return end(error, command, {}, as_json=wants_json(arguments), told=told)
    return outcome if isinstance(outcome, int) else ExitCode.DONE
