"""What was typed before, in this session and in earlier ones: a line of JSON each, readable by its owner only."""

import contextlib
import json
import os
from pathlib import Path

MOST = 1_000
LONGEST = 20_000


class History:
    """The texts that were sent, oldest first, and a place among them that the arrows move; nothing is kept twice.

    With a file the texts outlive the program; one that cannot be read or written is done without.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._texts: list[str] = []
        self._place: int | None = None
        self._draft = ""
        self._is_read = False

    def add(self, text: str) -> None:
        """Remember a text that was sent."""
        texts = self._known()
        self._place = None
        if not text.strip() or len(text) > LONGEST or (texts and texts[-1] == text):
            return
        texts.append(text)
        del texts[:-MOST]
        self._write(text)

    def older(self, shown: str) -> str | None:
        """The text before the one that is shown; None at the oldest. What was being typed is kept for the way back."""
        texts = self._known()
        if self._place is None:
            self._draft, self._place = shown, len(texts)
        if self._place == 0:
            return None
        self._place -= 1
        return texts[self._place]

    def newer(self) -> str | None:
        """The text after the one that is shown, at last what was being typed; None where that is shown already."""
        if self._place is None:
            return None
        self._place += 1
        texts = self._known()
        if self._place < len(texts):
            return texts[self._place]
        self._place = None
        return self._draft

    def _known(self) -> list[str]:
        if not self._is_read:
            self._is_read = True
            self._texts = self._read()
        return self._texts

    def _read(self) -> list[str]:
        if self._file is None:
            return []
        try:
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:  # the first start, or a file of somebody else
            return []
        texts = []
        for line in lines[-MOST:]:
            with contextlib.suppress(ValueError):  # a line that was cut short when the program was killed
                read = json.loads(line)
                texts += [read] if isinstance(read, str) else []
        return texts

    def _write(self, text: str) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # a history that cannot be kept is no reason to stop
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(json.dumps(text) + "\n")
