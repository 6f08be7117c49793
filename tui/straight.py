"""What is done before commands are parsed, which takes a while: the straight way to the chat, and compiling ahead."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tui.exit_codes import ExitCode

OPTIONS: Mapping[str, str] = MappingProxyType(
    {"--archive": "archive", "--session": "session", "--model": "model", "--base-url": "base_url"}
)
"""The options of `rune chat`, each with the name of its argument."""
HELP = frozenset({"-h", "--help"})
ASKING = frozenset({"ask", "batch", "demo", "index", "rank"})
"""The other commands that answer questions, or are followed by some."""


def chat_options(arguments: Sequence[str]) -> Mapping[str, str] | None:
    """The options of `rune chat` by the names of its arguments, where that is called and nothing in it needs judging.

    None for every other command, for help, and for whatever the parser may have to complain of.
    """
    if arguments[:1] != ["chat"] or len(arguments) % 2 == 0:
        return None
    given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    are_plain = all(name in OPTIONS and value.strip() and value[0] != "-" for name, value in given.items())
    if not are_plain or 2 * len(given) + 1 != len(arguments):
        return None
    return {OPTIONS[name]: value for name, value in given.items()}


def will_need_kernels(arguments: Sequence[str]) -> bool:
    """Whether a command will want machine code, an indexing for the questions after it: told before it is parsed.

    What compiles it, where it is not there yet, so starts a quarter of a second sooner than the command itself.
    """
    return len(arguments) > 0 and arguments[0] in ASKING and HELP.isdisjoint(arguments)


def run_chat(options: Mapping[str, str]) -> ExitCode:
    """Run the chat with these options; an error is told as that of any command."""
    try:
        from tui.chat.launch import launch

        launch(
            archive=options.get("archive"),
            session=options.get("session"),
            model=options.get("model"),
            base_url=options.get("base_url"),
        )
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (all of it is told, none of it swallowed)
        from tui.command import end
        from tui.commands.chat import CHAT

        return end(error, CHAT, options, as_json=False, told=None)
    return ExitCode.DONE
