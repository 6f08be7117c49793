"""Every action of the registry: by its key, by its slash command, by the palette."""

import asyncio
from pathlib import Path

import pytest

from tests.chat_support import (
    chat_app,
    last_note,
    last_turn,
    running,
    say,
    screen_text,
    settled,
    small_archive,
    told,
    until,
)
from tui.chat import themes
from tui.chat.actions.registry import ACTIONS, BY_ID, SLASH, remappable
from tui.chat.app import ChatApp
from tui.chat.keys import key_words
from tui.chat.screens.help import HelpScreen
from tui.chat.settings import Settings
from tui.chat.widgets.steps import Step

KEYED = [each for each in ACTIONS if each.keys]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("chat"))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def seen(app: ChatApp) -> dict[str, object]:
    """What an action may change, so that a key and its action can be compared."""
    return {
        "screen": type(app.screen).__name__,
        "tab": app.screen_stack[0].query_one("#tabs").active,  # type: ignore[attr-defined]
        "prompt": app.prompt.text,
        "talk": told(app),
        "displays": (app.talk.display, app.screen_stack[0].query_one("#tabs").display),
        "unfolded": [each.unfolded for each in app.talk.query(Step)],
        "order": app.results.order,
        "cursor": app.results.cursor_row,
        "focused": None if app.focused is None else app.focused.id,
        "theme": app.theme,
        "is_running": app.is_running and app._exit is False,
    }


async def prepared(app: ChatApp, scope: str, pilot: object) -> None:
    """Where the key of a scope holds, after one answer."""
    if scope == "step":
        app.talk.query(Step).first().focus()
    elif scope == "results":
        app.results.focus()
    elif scope == "logic":
        app.looking.show("logic")
        app.logic._editor.focus()
    await settled(pilot)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", KEYED, ids=lambda each: each.id)
def test_a_key_does_what_its_action_does(action: object, archive: Path) -> None:
    """Each is pressed where it holds, and compared with the action as the registry runs it in another app."""
    known = BY_ID[action.id]  # type: ignore[attr-defined]

    async def after(*, by_key: bool, keys: str, number: int) -> tuple[dict[str, object], dict[str, object]]:
        app = chat_app(archive, session=f"session {number}")
        async with running(app) as pilot:
            await say(pilot, "a ship")
            app.prompt.text = "/th" if known.id == "complete" else "two planes" if known.scope == "prompt" else ""
            await pilot.pause()
            await prepared(app, known.scope, pilot)
            before = seen(app)
            if by_key:
                await pilot.press(keys)
            else:
                known.run(app, "")
            await pilot.pause()
            if app.is_running:
                await settled(pilot)
            return before, seen(app)

    async def compare() -> None:
        before, told_by_action = await after(by_key=False, keys="", number=0)
        assert told_by_action != before or known.id in {"cancel", "previous", "sort", "newer", "results", "clear"}
        for number, key in enumerate(known.keys.split(","), start=1):
            _, told_by_key = await after(by_key=True, keys=key, number=number)
            assert told_by_key == told_by_action, key

    asyncio.run(compare())


def test_every_slash_command(archive: Path, tmp_path: Path) -> None:
    """One conversation that uses all of them; the set at the end says that none is left out."""
    expected: list[tuple[str, str]] = [
        ("/archive", "The archive is"),
        ("/model", "The model is offline"),
        ("/model openia:x", "there is no model 'openia:x'"),
        ("/candidates", "writes 1 formula"),
        ("/candidates 3", "with 3 candidate(s)"),
        ("/candidates 0", "a number from 1 to 64"),
        ("/threshold", "The threshold is 0.25"),
        ("/threshold 2", "a confidence above 0"),
        ("/topk", "The best 10 images"),
        ("/topk -1", "how many images"),
        ("/filter", "All images are asked"),
        ("/filter ships", "takes --area, --area-crs, --since"),
        ("/images", "Pictures are drawn as halfblocks"),
        ("/images off", "Pictures are drawn as off"),
        ("/images nowhere", "pictures can be drawn as"),
        ("/theme rune-light", "The theme is rune-light"),
        ("/theme", "The theme is rune-contrast"),
        ("/theme pink", "the themes are"),
        ("/export", "it is /export FORMAT [FILE]"),
        ("/export pdf", "takes one of markdown"),
        ("/export geojson out.geojson", "no images have been ranked"),
        ("/copy formula", "there is no formula to copy"),
        ("/copy everything", "takes one of answer"),
        ("/index", "it is /index IMAGES..."),
        ("/index --nonsense", "unrecognized arguments"),
        ("/index 'unclosed", "No closing quotation"),
        ("/nothing", "there is no command /nothing"),
        ("/sessions", "No conversation is kept yet"),
    ]
    used = set()

    async def use() -> None:
        app = chat_app(archive)
        async with running(app) as pilot:

            async def send(text: str) -> None:
                used.add(text.split(maxsplit=1)[0])
                await say(pilot, text)

            for text, words in expected:
                await send(text)
                assert words in last_note(app), text
            assert (app.theme, app.state.images, app.state.candidates) == (themes.CONTRAST, "off", 3)
            await send("two planes")
            for text, changed in (("/threshold 0.5", "from 0.25 to 0.5"), ("/topk 2", "the best 2"), ("/undo", "")):
                await send(text)
                assert changed in last_turn(app), text
            await send("/filter --folder field.png")
            assert "1 of 4 images pass" in last_turn(app)
            assert "of 1 images" in last_turn(app)
            assert "only --folder field.png" in screen_text(app)
            await send("/filter")
            assert "Only images of --folder field.png" in last_note(app)
            await send("/filter none")
            assert "all images are asked" in last_turn(app)
            await send("/threshold plane 0.9")
            assert dict(app.state.class_thresholds) == {"plane": 0.9}
            for form, name in (("markdown", "a.md"), ("jsonl", "a.jsonl"), ("geojson", "a.geojson"), ("csv", "a.csv")):
                await send(f"/export {form} {name}")
                assert (tmp_path / name).stat().st_size > 0
            await send("/export json")
            assert (tmp_path / "test.json").is_file()
            for what in ("answer", "formula", "image", "results"):
                await send(f"/copy {what}")
                assert "copied" in last_note(app), what
            await send("/copy path")
            assert "there is no path to copy" in last_note(app)  # the archive has no pixels
            for tab in ("results", "logic", "image", "why", "trace"):
                await send(f"/{tab}")
                assert app.open_tab_name == tab
            await send("/why water")
            assert (app.state.image_id, app.open_tab_name) == ("water", "why")
            await send("/why nowhere")
            assert "no image 'nowhere'" in str(app.why._text.visual)
            await send("/sort image")
            assert app.results.order == sorted(app.results.order)
            await send("/reverse")
            assert app.results.order == sorted(app.results.order, reverse=True)
            await send("/zoom")
            assert not app.screen.query_one("#tabs").display
            assert app.talk.outer_size.width == app.size.width
            await send("/new")
            assert app.state.formula is None
            await send(f"/index --labels {archive.parent / 'scenes.json'} --archive {tmp_path / 'other'}")
            await settled(pilot)
            assert app.state.archive == str(tmp_path / "other")
            await send("/resume test")
            assert app.state.archive == str(archive)
            await send("/sessions")
            await until(pilot, lambda: len(app.screen_stack) == 2)
            await pilot.press("escape")
            await send("/help")
            assert isinstance(app.screen, HelpScreen)
            await pilot.press("escape")
            await send("/quit")
            await until(pilot, lambda: not app.is_running)

    asyncio.run(use())
    assert used - {"/nothing", "two"} == {f"/{each.id}" for each in SLASH} - {"/demo"}


def test_the_demo_is_a_command_away(tmp_path: Path) -> None:
    """The first start: three lines that say what to type, and the sample."""

    async def first_start() -> None:
        app = chat_app(None)
        async with running(app) as pilot:
            assert len(last_note(app).splitlines()) == 3
            await say(pilot, "a plane")  # nothing is open
            assert "/demo" in last_note(app)
            await pilot.press("up")
            assert app.prompt.text == "a plane"
            await say(pilot, "/demo")
            await settled(pilot)
            assert app.state.image_count == 24
            assert "sample/archive (24 images)" in screen_text(app)
            await say(pilot, "a ship near a harbor and no storage tank")
            assert "3 of 24 images satisfy it" in last_turn(app)
            await pilot.press("f4")
            await settled(pilot)
            looked = app.state.looked
            assert looked is not None
            assert looked.picture is not None
            assert looked.path is not None
            assert Path(looked.picture).is_file()
            assert app.image.query(".picture")
            assert looked.path in str(app.image._caption.visual)

    asyncio.run(first_start())


def test_the_palette_has_every_action_that_holds_everywhere(archive: Path) -> None:
    async def search() -> None:
        app = chat_app(archive)
        async with running(app) as pilot:
            await pilot.press("ctrl+p")
            await pilot.pause()
            await pilot.press(*"sort the")
            await until(pilot, lambda: "/sort [COLUMN]" in screen_text(app))
            await pilot.press("ctrl+u", *"formula; change")
            await until(pilot, lambda: "/sort [COLUMN]" not in screen_text(app))
            await asyncio.sleep(0.3)
            await pilot.press("enter", "enter")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            assert app.open_tab_name == "logic"

    asyncio.run(search())


def test_every_binding_has_an_id_and_can_be_remapped(archive: Path) -> None:
    async def remap() -> None:
        keys = {"help": "f12", "send": "ctrl+r", "edit.cursor_left": "ctrl+b"}
        app = chat_app(archive, settings=Settings(images="off", keys=keys))
        async with running(app) as pilot:
            for widget in (app, app.prompt, app.results, app.talk, app.logic._editor, app.logic._tree, app.why):
                for _, binding in widget._bindings:
                    assert binding.id in remappable(), (widget, binding)
            await pilot.press("f1")
            assert len(app.screen_stack) == 1
            await pilot.press("f12")
            assert isinstance(app.screen, HelpScreen)
            await pilot.press("escape")
            await pilot.press(*"two sips", "ctrl+b", "ctrl+b", "ctrl+b", "h", "ctrl+r")
            await settled(pilot)
            assert "at least two ships" in last_turn(app)

    asyncio.run(remap())


def test_keys_as_people_write_them() -> None:
    assert key_words("ctrl+p") == "Ctrl+P"
    assert key_words("enter,space") == "Enter, Space"
    assert key_words("f1") == "F1"
