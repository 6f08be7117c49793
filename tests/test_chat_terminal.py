"""The real program in a real terminal: tmux starts it, types, and reads the screen."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat_support import small_archive

PATIENCE_S = 60.0
ROOT = Path(__file__).parent.parent


class Tmux:
    """One terminal of 80 x 24 in a server of its own."""

    def __init__(self, folder: Path, command: str) -> None:
        self._socket = str(folder / "tmux")
        set_here = {"RUNE_HOME": str(folder / "home"), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self._environment = {**os.environ, **set_here}
        started = f"{command}; echo ENDED $?; sleep 99"
        self._run("-f", "/dev/null", "-u", "new-session", "-d", "-x", "80", "-y", "24", started)

    def type(self, text: str) -> None:
        """Type a text as it stands."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by their names."""
        self._run("send-keys", *keys)

    def screen(self) -> str:
        """What is on the screen."""
        return self._run("capture-pane", "-p")

    def wait_for(self, *texts: str) -> str:
        """Wait until all the texts are on the screen at once; returns it."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            screen = self.screen()
            if all(each in screen for each in texts):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{texts} did not come onto the screen:\n{self.screen()}")

    def close(self) -> None:
        """End the terminal and all in it."""
        self._run("kill-server")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env=self._environment,
            timeout=PATIENCE_S,
        )
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux, which is not installed here")
    archive = small_archive(tmp_path / "coast")
    opened = Tmux(tmp_path, f"cd {ROOT} && {sys.executable} -m tui chat --archive {archive}")
    yield opened
    opened.close()


def test_the_program_in_a_terminal(terminal: Tmux) -> None:
    terminal.type("/he")  # at once: what is typed while the program starts is not lost
    terminal.wait_for("RUNE", "│ /he", "4 images")
    terminal.wait_for("/help", "Every key and command")
    terminal.press("Escape")
    terminal.press("C-c")
    terminal.wait_for("Ask, such as")
    terminal.type("at least two planes")
    terminal.press("Enter")
    screen = terminal.wait_for("1 of 4 images satisfies it", "field", "✓ sat")
    assert "I looked for images with at" in screen
    assert "\x1b" not in screen
    terminal.press("F5")
    terminal.wait_for("field satisfies the formula")
    terminal.press("F4")
    terminal.wait_for("indexed without its pixels", "▀▀▀▀")
    terminal.press("Up")
    terminal.wait_for("│ at least two planes")
    terminal.press("C-c")
    terminal.wait_for("Ask, such as")
    terminal.press("C-c")
    terminal.wait_for("Ctrl+C again leaves")
    terminal.press("C-c")
    terminal.wait_for("ENDED 0")
