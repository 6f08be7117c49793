"""What tests of `rune batch` share: its questions, a server that answers by what is asked, and runs in processes."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.cli_support import ROOT, Outcome
from tests.fake_server import FakeServer, Recorded, Reply, formula

Line = dict[str, object]
ENGLISH = ["at least two ships", "a white plane", "a ship near a harbor", "three planes", "a ship but no plane"]
LINES: list[Line] = [{"id": f"q{number}", "query": text} for number, text in enumerate(ENGLISH)]
FORMULA = "exists x. ship(x)"
WAIT_S = 30.0


def written(path: Path, lines: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    return path


def answered(path: Path) -> list[dict[str, object]]:
    text = path.read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def untimed(content: bytes) -> bytes:
    return re.sub(rb'"timings_ms": \{[^}]*\}', b"", content)


class AskedServer(FakeServer):
    """Answers by what is asked, with the formula of three ships unless told; `held` questions wait for `release`."""

    def __init__(self, replies: Mapping[str, Reply] | None = None, held: Sequence[str] = ()) -> None:
        super().__init__()
        self.replies = dict(replies or {})
        self.held = set(held)
        self.release = threading.Event()
        self.asked: list[str] = []
        self.most_at_once = 0
        self._now = 0
        self._counting = threading.Lock()

    def _next(self, request: Recorded) -> Reply:
        conversation = str(request.messages[1]["content"])
        [text] = [each for each in {*self.replies, *self.held, *ENGLISH} if each in conversation]
        with self._counting:
            self.asked.append(text)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        if text in self.held:
            self.release.wait(WAIT_S)
        else:
            time.sleep(0.02)
        with self._counting:
            self._now -= 1
        return self.replies.get(text, formula("exists>=3 x. ship(x)"))

    @property
    def options(self) -> tuple[str, ...]:
        return ("--model", "openai:tiny", "--base-url", self.base_url)


class Running:
    """`rune batch` in a process of its own."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", "batch", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )

    def wait_for(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + WAIT_S
        while not condition():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end
            time.sleep(0.01)

    def end_by(self, number: signal.Signals) -> Outcome:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=WAIT_S)
        return Outcome(self.process.returncode, out.decode(), err.decode())
