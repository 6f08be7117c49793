"""How fast work goes, and how long it will still take."""

from dataclasses import dataclass

_WINDOW_S = 10.0
_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class _Mark:
    seconds: float
    done: int


class Pace:
    """The pace of one phase after another, from reports of how far the work is; seconds since it began."""

    def __init__(self) -> None:
        self.phase = ""
        self.done = 0
        self.total: int | None = None
        self._marks: list[_Mark] = []

    def note(self, phase: str, done: int, total: int | None, seconds: float) -> None:
        """Take note of a report; another phase, or one that begins anew, is measured anew."""
        if phase != self.phase or done < self.done:
            self._marks = []
        self.phase, self.done, self.total = phase, done, total
        self._marks.append(_Mark(seconds, done))
        while len(self._marks) > 2 and seconds - self._marks[1].seconds >= _WINDOW_S:
            self._marks.pop(0)

    @property
    def rate(self) -> float | None:
        """Steps a second over the last seconds; None where too little is known."""
        if len(self._marks) < 2:
            return None
        first, last = self._marks[0], self._marks[-1]
        passed = last.seconds - first.seconds
        return (last.done - first.done) / passed if passed >= _LEAST_S and last.done > first.done else None

    @property
    def seconds_left(self) -> float | None:
        """How long the phase will still take at this rate; None where that is not known."""
        rate = self.rate
        return None if rate is None or self.total is None else max(0, self.total - self.done) / rate

    def __str__(self) -> str:
        words = [f"{self.phase} {self.done:,}" + ("" if self.total is None else f" of {self.total:,}")]
        rate, left = self.rate, self.seconds_left
        words += [] if rate is None else [f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"]
        words += [] if left is None else [f"{duration(left)} left"]
        return " · ".join(words)


def duration(seconds: float) -> str:
    """A span of time as people read it: `0.04 s`, `12 s`, `3:05 min`, `2:10 h`."""
    if seconds < 2:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
