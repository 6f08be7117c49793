"""The loop of the process: a line is a request, and the desk does the rest."""

import os
import threading
from importlib import import_module
from typing import BinaryIO

from tools.kernels import compile_ahead
from tui.chat.host.desk import Desk
from tui.chat.host.protocol import Report, read_request

_SOON_NEEDED = ("agent.conversation.conversation", "agent.runner", "agent.conversation.taking", "tools.ranking")


def serve(requests: BinaryIO, reports: BinaryIO) -> None:
    """Take requests until there are none; then the process ends at once, whatever is still under way."""

    def report(told: Report) -> None:
        reports.write(told.model_dump_json().encode("utf-8", "backslashreplace") + b"\n")

    desk = Desk(report)
    threading.Thread(target=_warm_up, name="rune-warm-up", daemon=True).start()
    for line in requests:
        desk.take(read_request(line))
    os._exit(0)  # threads may be deep in a solver; what was committed stays


def _warm_up() -> None:
    """Load what the first question needs while it is being typed; compiled code that is not there yet is made."""
    for name in _SOON_NEEDED:
        import_module(name)
    compile_ahead()
