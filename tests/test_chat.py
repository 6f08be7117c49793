"""The terminal chat: a whole conversation on the real app, with the offline model and a real archive."""

import asyncio
from pathlib import Path

import pytest

from tests.chat_support import chat_app, last_turn, running, say, screen_text, small_archive, told


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("chat"))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))


def test_a_whole_conversation(archive: Path) -> None:
    async def converse() -> None:
        app = chat_app(archive)
        async with running(app) as pilot:
            assert "4 images with 9 objects" in told(app)
            await pilot.press(*"two planes", "enter")
            await say(pilot, "with a storage tank")
            assert "I looked for images with at least two planes, and with a storage tank." in last_turn(app)
            assert "1 of 4 images satisfies it" in last_turn(app)
            assert app.results.order[0] == "field"
            assert "✓ sat" in screen_text(app)
            await say(pilot, "threshold 0.5")
            assert app.state.threshold == 0.5
            await say(pilot, "a red plane")
            assert '"red" is a colour' in last_turn(app)
            assert app.state.formula == "(exists>=2 x. plane(x)) & exists y. storage_tank(y)"
            await say(pilot, "why not bay?")
            assert "bay does not satisfy the formula" in last_turn(app)
            assert app.state.image_id == "bay"
            await say(pilot, "undo")
            assert app.state.threshold == 0.25
            await say(pilot, "start over")
            assert app.state.formula is None
            assert app.results.row_count == 0

    asyncio.run(converse())
