"""When reports are shown: at once where nobody types, else after the echo of a key, in order and none lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import pytest

from tui.chat.flow import PAUSE_S, TYPING_PAUSE_S, TYPING_S, Flow
from tui.chat.host.protocol import Found, Printed


@dataclass
class Timer:
    at: float
    callback: Callable[[], None]
    is_stopped: bool = False

    def stop(self) -> None:
        self.is_stopped = True


@dataclass
class FakeScreen:
    """A screen whose time passes when a test says so."""

    now: float = 100.0
    timers: list[Timer] = field(default_factory=list)
    pictures: list[Callable[[], None]] = field(default_factory=list)

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, callback))
        return self.timers[-1]

    def call_after_refresh(self, callback: Callable[[], None]) -> bool:
        self.pictures.append(callback)
        return True

    def batch_update(self) -> AbstractContextManager[None]:
        return nullcontext()

    def draw(self) -> None:
        due, self.pictures = self.pictures, []
        for each in due:
            each()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for each in [each for each in self.timers if not each.is_stopped and each.at <= self.now + 1e-9]:
            self.timers.remove(each)
            each.callback()


@pytest.fixture
def screen() -> FakeScreen:
    return FakeScreen()


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def flow(screen: FakeScreen, shown: list[str]) -> Flow:
    return Flow(screen, lambda report: shown.append(getattr(report, "text", "")), lambda: screen.now)


def come(flow: Flow, *texts: str) -> None:
    for text in texts:
        flow.put(Printed(text=text))
        flow.come()


def test_what_comes_while_nobody_types_is_shown_at_once_and_a_burst_together(
    flow: Flow, screen: FakeScreen, shown: list[str]
) -> None:
    come(flow, "a", "b", "c")
    assert shown == ["a"]
    screen.wait(PAUSE_S)
    assert shown == ["a", "b", "c"]


def test_what_comes_while_somebody_types_waits_for_the_echo(flow: Flow, screen: FakeScreen, shown: list[str]) -> None:
    flow.typed()
    come(flow, "a", "b")
    assert shown == []
    screen.draw()
    assert shown == ["a", "b"]
    flow.typed()
    come(flow, "c")
    screen.draw()
    assert shown == ["a", "b"]  # so soon the screen is not laid out again
    screen.wait(TYPING_PAUSE_S)
    flow.typed()
    screen.draw()
    assert shown == ["a", "b", "c"]


def test_nothing_waits_for_ever_for_a_key(flow: Flow, screen: FakeScreen, shown: list[str]) -> None:
    flow.typed()
    screen.draw()
    come(flow, "a")
    assert shown == []
    screen.wait(TYPING_S)
    assert shown == ["a"]


def test_the_answer_to_a_key_is_shown_at_once_after_what_came_before(
    flow: Flow, screen: FakeScreen, shown: list[str]
) -> None:
    flow.typed()
    come(flow, "a")
    flow.put(Found(number=1, text="b", image_ids=[]))
    flow.come()
    assert shown == ["a", "b"]
