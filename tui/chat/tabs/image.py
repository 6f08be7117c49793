"""The tab Image: the chosen picture with its proof drawn, and in any case where its file lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.chat.pictures import picture_widget
from tui.chat.safe_text import MUTED, plain, verdict

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.chat.host.protocol import Looked

ROOM = 100
DRAWN = "drawn: "
NOTHING = "No image is chosen: ask, and choose one in Results."


class ImageTab(Vertical):
    """The picture, in the way that the terminal can draw it, and its path."""

    def __init__(self) -> None:
        super().__init__(id="image")
        self._caption = Static("", id="image-caption", markup=False)
        self._frame = Vertical(id="image-frame")
        self._drawn: tuple[str | None, str] = (None, "")

    def compose(self) -> ComposeResult:
        """The words first: they are there whatever the terminal can draw."""
        yield self._caption
        yield self._frame

    def show(self, looked: Looked | None, waiting_for: str | None, mode: str) -> None:
        """The picture of an image, or that it is being drawn."""
        if looked is None:
            self._caption.update(plain(f"Drawing {waiting_for} …" if waiting_for else NOTHING, MUTED))
            self._draw(None, mode)
            return
        said = [Content.assemble(plain(looked.image_id, "bold"), "  ", verdict(looked.verdict))]
        said.append(plain(looked.path or "indexed without its pixels", MUTED))
        if looked.picture is not None:
            room = (self.scrollable_content_region.width or ROOM) - len(DRAWN)
            said.append(plain(f"{DRAWN}{_end_of(looked.picture, room)}", MUTED))
        if looked.no_picture is not None:
            said.append(plain(f"! {looked.no_picture}", "$text-warning"))
        self._caption.update(Content("\n").join(said))
        self._draw(looked.picture, mode)

    def _draw(self, picture: str | None, mode: str) -> None:
        if (picture, mode) == self._drawn:
            return
        self._drawn = (picture, mode)
        self._frame.remove_children()
        drawn: Widget | None = None if picture is None else picture_widget(picture, mode)
        if drawn is not None:
            self._frame.mount(drawn)
        elif picture is not None:
            self._frame.mount(Static("Pictures are off: /images auto draws them.", markup=False))


def _end_of(path: str, room: int) -> str:
    """A path in one line: of a long one the end, which says more."""
    return path if len(path) <= room else f"…{path[1 - room :]}"
