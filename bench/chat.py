"""How fast the terminal chat answers its user: `python bench/chat.py [--images 100000] [--rounds 9]`.

Drives the real program in a pseudo-terminal, as a terminal does. **Start**: from the call of `rune chat` until a key
that was typed at once is echoed in the prompt. **Echo**: from a key until it is on the screen, at rest and while
rankings over the archive run one after the other, the very first, which reads the columns, among them; and, beside it,
the same where the rankings run in threads of the process that draws the screen. Prints medians, 95th percentiles and
maxima in milliseconds; ends with an error where a figure is missed: 600 ms to start in the median, 50 ms to echo for
every key.
"""

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archives import default_folder, synthetic_archive
from bench.generator import Recipe
from bench.queries import QUERIES

START_MS = 600.0
ECHO_MS = 50.0
KEYS = "ĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮį"
"""Letters that are on no screen of the chat, so that one of them in the output is the echo of its key."""
PROGRAM = "from tui.main import entry; entry()"
IN_ONE_PROCESS = (
    "import sys; from tui.chat.launch import launch; from tui.chat.links import LocalLink; "
    "launch(archive=sys.argv[3], link=LocalLink())"
)
PATIENCE_S = 120.0
PAUSE_S = 0.06
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
"""The sign of life that moves while work is under way."""
QUIET = 8
"""So many keys without a sign of life, which comes with every third at the latest, and the ranking is there."""
PASTE, PASTED = "\x1b[200~", "\x1b[201~"
"""What a terminal puts round a text that is pasted."""


class Terminal:
    """The program in a pseudo-terminal of 120 x 36 cells, and what it has written so far."""

    def __init__(self, code: str, arguments: Sequence[str], home: Path) -> None:
        self.began = time.perf_counter()
        self._main, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        modes = termios.tcgetattr(slave)
        modes[3] &= ~termios.ECHO  # what is shown is the program's own
        termios.tcsetattr(slave, termios.TCSANOW, modes)
        environment = {**os.environ, "TERM": "xterm-256color", "RUNE_HOME": str(home)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that is installed is compiled
        command = [sys.executable, "-c", code, *arguments]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        self._seen = b""

    def type(self, text: str) -> float:
        """Type a text; returns when."""
        typed = time.perf_counter()
        os.write(self._main, text.encode())
        return typed

    def wait_for(self, text: str) -> float:
        """Wait until a text is written that was not before; returns when."""
        wanted, start = text.encode(), len(self._seen)
        end = time.perf_counter() + PATIENCE_S
        while wanted not in self._seen[max(0, start - len(wanted) + 1) :]:
            ready, _, _ = select.select([self._main], [], [], PATIENCE_S)
            if not ready or time.perf_counter() > end:
                raise SystemExit(f"{text!r} did not come onto the screen: {self._seen[-2000:]!r}")
            self._seen += os.read(self._main, 65_536)
        return time.perf_counter()

    def rest(self, seconds: float) -> bytes:
        """Read what comes in so long."""
        start, end = len(self._seen), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([self._main], [], [], left)
            if ready:
                self._seen += os.read(self._main, 65_536)
        return self._seen[start:]

    def close(self) -> None:
        """Leave the chat."""
        self.type("\x11")
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._main)


@contextmanager
def terminal(code: str, archive: Path, home: Path) -> Iterator[Terminal]:
    """The chat over an archive."""
    opened = Terminal(code, ["chat", "--archive", str(archive)], home)
    try:
        yield opened
    finally:
        opened.close()


def start_ms(archive: Path, home: Path) -> float:
    """Milliseconds until the prompt is drawn with a key that was typed when the program was called."""
    with terminal(PROGRAM, archive, home) as opened:
        opened.type(KEYS[0])
        return (opened.wait_for(KEYS[0]) - opened.began) * 1000


def echoes_ms(opened: Terminal, count: int) -> list[float]:
    """Milliseconds from keys to their echoes; what was typed is taken back by control-U."""
    times = []
    for number in range(count):
        key = KEYS[number % len(KEYS)]
        typed = opened.type(key)
        times.append((opened.wait_for(key) - typed) * 1000)
        opened.rest(PAUSE_S)
        if number % len(KEYS) == len(KEYS) - 1:
            opened.type("\x15")
            opened.rest(PAUSE_S)
    opened.type("\x15")
    opened.rest(PAUSE_S)
    return times


def while_ranking_ms(opened: Terminal, rounds: int) -> list[float]:
    """Echoes while the questions of the bench are ranked one after the other, each so many times.

    A formula is pasted and sent, then one key after another is typed until its ranking is there.
    """
    times: list[float] = []
    for _ in range(rounds):
        for query in QUERIES:
            opened.type(f"{PASTE}{query.formula}{PASTED}\r")
            times += _until_ranked_ms(opened)
            opened.type("\x15")
            opened.rest(PAUSE_S)
    return times


def _until_ranked_ms(opened: Terminal) -> list[float]:
    """Echoes of keys until nothing moves any more; those after that do not count."""
    times: list[float] = []
    quiet = 0
    opened.rest(PAUSE_S)
    while quiet < QUIET:
        key = KEYS[len(times) % len(KEYS)]
        typed = opened.type(key)
        times.append((opened.wait_for(key) - typed) * 1000)
        output = opened.rest(PAUSE_S)
        quiet = 0 if any(frame.encode() in output for frame in FRAMES) else quiet + 1
        if len(times) % len(KEYS) == 0:
            opened.type("\x15")
            opened.rest(PAUSE_S)
    return times[: len(times) - QUIET]


def row(name: str, times: Sequence[float]) -> str:
    """One line of the table."""
    middle, high = statistics.median(times), percentile(times)
    return f"| {name} | {len(times)} | {middle:.1f} | {high:.1f} | {max(times):.1f} |"


def percentile(times: Sequence[float]) -> float:
    """The 95th percentile."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def main() -> None:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, default=default_folder())
    options = parser.parse_args()
    archive = synthetic_archive(options.folder, options.images, Recipe())
    with TemporaryDirectory() as home:
        start_ms(archive, Path(home))
        starts = [start_ms(archive, Path(home)) for _ in range(options.rounds)]
        found = {}
        for name, code in (("process of its own", PROGRAM), ("thread beside the screen", IN_ONE_PROCESS)):
            with terminal(code, archive, Path(home)) as opened:
                opened.wait_for("images with")
                at_rest = echoes_ms(opened, 60)
                found[name] = (at_rest, while_ranking_ms(opened, 2))
    print("| what | keys | median ms | 95 % ms | maximum ms |")
    print("| --- | --- | --- | --- | --- |")
    print(row("start to echo", starts))
    for name, (at_rest, busy) in found.items():
        print(row(f"echo at rest, {name}", at_rest))
        print(row(f"echo while {options.images:,} images are ranked, {name}", busy))
    at_rest, busy = found["process of its own"]
    start, echo = statistics.median(starts), max(*at_rest, *busy)
    if start > START_MS or echo > ECHO_MS:
        raise SystemExit(f"start {start:.0f} ms, at most {START_MS:.0f}; echo {echo:.0f} ms, at most {ECHO_MS:.0f}")


if __name__ == "__main__":
    main()
