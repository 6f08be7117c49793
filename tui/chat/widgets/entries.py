"""What stands in the conversation: a turn with its steps and its outcome, or a word of the program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.chat.safe_text import MUTED, lines, plain, safe_lines
from tui.chat.widgets.steps import Step

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from agent.events import Event

MOST_STREAMED = 4_000


class Note(Static):
    """A word of the program itself; `kind` is told by a sign too."""

    SIGNS = {"info": "·", "error": "✗", "warning": "!"}  # noqa: RUF012

    def __init__(self, text: str, kind: str = "info") -> None:
        style = {"error": "$text-error", "warning": "$text-warning"}.get(kind, MUTED)
        super().__init__(
            Content.assemble((f"{self.SIGNS[kind]} ", style), lines(text, style)), markup=False, classes="note"
        )


class TurnEntry(Vertical):
    """One turn: what was said, the steps that were taken, the model's words as they come, and the outcome."""

    def __init__(self, text: str) -> None:
        super().__init__(classes="turn")
        self.text = text
        self._steps: list[Step] = []
        self._open: dict[str, tuple[Step, float]] = {}
        self._streamed = ""
        self._showing: Timer | None = None
        self._answer = Static("", markup=False, classes="answer")

    def compose(self) -> ComposeResult:
        """What was said; the steps come before the answer."""
        yield Static(Content.assemble(("❯ ", "bold $primary"), lines(self.text, "bold")), markup=False, classes="said")
        self._answer.display = False
        yield self._answer

    @property
    def steps(self) -> list[Step]:
        """The steps, in order."""
        return self._steps

    def happen(self, event: Event, seconds: float) -> None:
        """Show an event."""
        match event.type:
            case "model_called":
                name = f"model, answer {event.call}" if not event.candidate else f"candidate {event.candidate + 1}"
                self._begin(f"model {event.candidate}", name, "", seconds)
            case "model_streamed":
                self._stream(event.piece, event.part, f"model {event.candidate}")
            case "model_retried":
                self.add_step("asked again").end(event.wait, event.reason)
            case "model_answered":
                self._end(f"model {event.candidate}", seconds)
            case "formula_validated":
                said = "\n".join([event.formula, *(each.message for each in event.diagnostics)])
                self.add_step("formula is valid" if event.ok else "✗ formula is not valid", said).end(0.0)
            case "formula_questioned":
                self.add_step("formula questioned", "\n".join(event.reasons)).end(0.0)
            case "formula_chosen":
                self.say([plain(event.reading)])
            case "candidates_compared":
                told = "\n".join(f"{len(each.candidates)}: {each.formula}" for each in event.groups)
                self.add_step(f"{event.agreement} of {event.valid} valid formulas agree", told).end(0.0)
            case "tool_started":
                told = "\n".join(f"{name}: {value}" for name, value in event.arguments.items())
                self._begin(event.tool, event.tool.replace("_", " "), told, seconds)
            case "tool_finished":
                self._end(event.tool, seconds, event.refused)
            case _:
                pass

    def say(self, said: Iterable[Content]) -> None:
        """Show the outcome, in place of what was streamed."""
        told = list(said)
        self._streamed = ""
        self._answer.display = bool(told)
        self._answer.update(Content("\n").join(told))

    def close(self, state: str) -> None:
        """Nothing more comes: steps that did not end are marked."""
        for step in self._steps:
            step.drop(state)

    def add_step(self, name: str, detail: str = "") -> Step:
        """Another step, above the outcome."""
        step = Step(name, detail)
        self._steps.append(step)
        self.mount(step, before=self._answer)
        return step

    def _begin(self, key: str, name: str, detail: str, seconds: float) -> None:
        self._open[key] = (self.add_step(name, detail), seconds)

    def _end(self, key: str, seconds: float, refused: str | None = None) -> None:
        if key in self._open:
            step, began = self._open.pop(key)
            step.end(seconds - began, refused)

    def _stream(self, piece: str, part: str, key: str) -> None:
        if key in self._open:
            self._open[key][0].add_detail(piece)
        if part == "text":
            self._streamed = (self._streamed + piece)[-MOST_STREAMED:]
            if self._showing is None:  # a few times a second, however fast it comes
                self._showing = self.set_timer(0.1, self._show_speech)

    def _show_speech(self) -> None:
        self._showing = None
        if self._streamed:
            self._answer.display = True
            self._answer.update(Content.styled(safe_lines(self._streamed), f"italic {MUTED}"))
