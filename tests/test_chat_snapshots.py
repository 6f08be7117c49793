"""The main screens as they look, in both themes at two sizes: `pytest --snapshot-update` accepts a change.

A change of Textual's own may move a sign here and there; look at the pictures before you accept them.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chat_support import ChatPilot, chat_app, running_ready, say, settled, small_archive
from tui.chat import themes
from tui.chat.app import ChatApp
from tui.chat.host import looking
from tui.chat.settings import Settings

SIZES = {"80x24": (80, 24), "140x40": (140, 40)}
SCREENS = {
    "results": ("f2",),
    "logic": ("f3",),
    "why": ("f2", "f8", "f5"),
    "image": ("f2", "f8", "f4"),
    "help": ("f1",),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("coast", numbered=False))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT])
def test_the_screens_look_as_they_did(
    snap_compare: Callable[..., bool],
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    theme: str,
    size: str,
) -> None:
    """All screens of a theme and size in one app: the picture is taken of each after its keys."""
    monkeypatch.setenv("RUNE_HOME", str(archive.parent / f"{theme}-{size}"))
    for name in ("NO_COLOR", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    # The folder of what is drawn is another one in every run of the tests.
    monkeypatch.setattr(looking, "_draw", lambda *_: Path("chat", "field.png"))
    for keys in SCREENS.values():

        async def prepare(pilot: ChatPilot, keys: tuple[str, ...] = keys) -> None:
            assert isinstance(pilot.app, ChatApp)
            await running_ready(pilot)
            pilot.app.prompt.cursor_blink = False
            if keys != SCREENS["help"]:
                await say(pilot, "two planes")
                await say(pilot, "with a storage tank")
            for key in keys:
                await pilot.press(key)
                await settled(pilot)

        app = chat_app(archive, settings=Settings(theme=theme, images="off"), session=f"coast {keys[-1]}")
        assert snap_compare(app, terminal_size=SIZES[size], run_before=prepare)
