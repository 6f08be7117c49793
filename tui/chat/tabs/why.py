"""The tab Why: what proves that the chosen image is an answer, or what fails and what it would take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.chat.safe_text import MUTED, VERDICTS, lines, plain, verdict
from tui.chat.widgets.stock import SCROLL

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.chat.host.protocol import Looked

NOTHING = "No image is chosen: ask, and choose one in Results, or say /why IMAGE."
_MOST_ENTITIES = 30


class Why(VerticalScroll, inherit_bindings=False):
    """The explanation, in words made from the logic."""

    BINDINGS = SCROLL

    def __init__(self) -> None:
        super().__init__(id="why")
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, looked: Looked | None, waiting_for: str | None, error: str | None) -> None:
        """The explanation of an image, or that it is being made."""
        if error is not None:
            self._text.update(Content.assemble(("✗ ", "$text-error"), lines(error, "$text-error")))
        elif looked is not None:
            self._text.update(Content("\n").join(_told(looked)))
        elif waiting_for is not None:
            self._text.update(plain(f"Looking at {waiting_for} …", MUTED))
        else:
            self._text.update(plain(NOTHING, MUTED))


def _told(looked: Looked) -> Iterator[Content]:
    check = looked.check
    yield Content.assemble(plain(looked.image_id, "bold"), "  ", verdict(looked.verdict), f"  score {check.score:.3f}")
    yield Content("")
    yield from (lines(each) for each in looked.words)
    if len(check.parts) > 1:
        yield Content("")
        yield Content.styled("Parts", "bold")
        for part in check.parts:
            yield Content.assemble("  ", plain(part.id, "bold"), "  ", verdict(part.verdict), f"  {part.score:.3f}")
    if check.why_not:
        yield Content("")
        yield Content.styled("Fails together", "bold")
        for each in check.why_not:
            yield Content.assemble(f"  {VERDICTS['unsat'][0][0]} ", plain(f"{each.part}: {each.clause}"))
    if check.nearest_miss is not None and check.nearest_miss.broken:
        yield Content("")
        yield Content.styled("What it would take", "bold")
        for broken in check.nearest_miss.broken:
            yield plain(f"  {broken.clause}")
            yield plain(f"    found {broken.found}; needed {broken.needed}", MUTED)
    if check.entities:
        yield Content("")
        yield Content.styled("Objects", "bold")
        for entity in check.entities[:_MOST_ENTITIES]:
            across = [x for x, _ in entity.polygon]
            down = [y for _, y in entity.polygon]
            where = f"({(min(across) + max(across)) / 2:.0f}, {(min(down) + max(down)) / 2:.0f})"
            yield plain(f"  #{entity.index} {entity.label} {entity.confidence:.2f} at {where}")
    told = "\n".join(looked.words)
    yield from (plain(f"! {each}", "$text-warning") for each in check.warnings if each not in told)
