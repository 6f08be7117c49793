"""The program `rune`: its arguments go to the command line, those of the chat to the chat."""

import io
import os
import sys
from collections.abc import Sequence

from tui.exit_codes import ExitCode
from tui.process_memory import economise, leave_to_the_system
from tui.straight import chat_options, run_chat, will_need_kernels


def main(argv: Sequence[str] | None = None) -> int:
    """Run `rune` with these arguments (those of the process if None); returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = chat_options(arguments)
    if options is not None:
        return run_chat(options)
    if will_need_kernels(arguments):
        from tools.kernels import compile_ahead

        compile_ahead()
    from tui.command_line import run

    return run(arguments)


def entry() -> None:
    """What the console script `rune` calls."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    economise()
    code = main()
    if code == ExitCode.INTERRUPTED:  # a ranking that still runs in its thread must not keep the terminal
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    leave_to_the_system()
    sys.exit(code)
