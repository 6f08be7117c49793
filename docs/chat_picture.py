"""Writes docs/chat.svg, the picture of the chat in the README: `python docs/chat_picture.py`.

The real app over the sample archive, with the offline model and a clock that stands still; the same every time.
"""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.sample_archive import sample_archive
from tui.chat.app import ChatApp
from tui.chat.links import LocalLink
from tui.chat.settings import Settings
from tui.chat.start import Start

PICTURE = Path(__file__).parent / "chat.svg"
SIZE = (124, 33)
SAID = ("a ship near a harbor", "and no storage tank", "why not S0015?")


async def drawn(archive: Path) -> str:
    """The picture after a short conversation."""
    start = Start(archive=str(archive), session="fleet", new_session=lambda: "fleet", is_still=True)
    app = ChatApp(start, Settings(images="off"), LocalLink(clock=lambda: 0.0))
    async with app.run_test(size=SIZE) as pilot:
        await _idle(app)
        for text in SAID:
            app.conversing.submit(text)
            await _idle(app)
            if app.state.turn is None or (app.state.turn.text, app.state.turn.status) != (text, "ok"):
                raise SystemExit(f"{text!r} was not answered")
        app.prompt.cursor_blink = False
        await pilot.pause()
        return app.export_screenshot(title="rune chat")


async def _idle(app: ChatApp) -> None:
    for _ in range(6_000):
        await asyncio.sleep(0.05)
        if not (app.archiving.is_opening or app.work.is_busy or app.conversing.waiting or app.looking.is_asking):
            return
    raise SystemExit("the chat did not come to rest")


def main() -> None:
    """Write the file."""
    with TemporaryDirectory() as folder:
        os.environ["RUNE_HOME"] = folder
        sample = sample_archive(Path(folder) / "scenes")
        PICTURE.write_text(asyncio.run(drawn(sample.archive.rename(Path(folder) / "sample"))), encoding="utf-8")


if __name__ == "__main__":
    main()
