"""Times and what is made of them: medians, interleaved rounds, geometric means."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Answer = TypeVar("Answer")

PAUSE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Timed:
    """The milliseconds of several rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """What the tables show."""
        return statistics.median(self.rounds)

    @property
    def best(self) -> float:
        """The least disturbed round."""
        return min(self.rounds)


def timed(action: Callable[[], Answer]) -> tuple[float, Answer]:
    """How many milliseconds one call takes, and what it answers."""
    start = time.perf_counter()
    answer = action()
    return (time.perf_counter() - start) * 1000, answer


def interleaved(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timed]:
    """Every action once a round, so that what disturbs the machine disturbs all of them alike.

    A pause lets the threads of the one before come to rest.
    """
    times: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds):
        names = list(actions)
        for name in names if number % 2 == 0 else reversed(names):
            time.sleep(PAUSE_SECONDS)
            times[name].append(timed(actions[name])[0])
    return {name: Timed(tuple(each)) for name, each in times.items()}


def geometric_mean(ratios: Iterable[float]) -> float:
    """Of positive ratios; not a number where there are none."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(statistics.fmean(logarithms)) if logarithms else math.nan


def median(times: Sequence[float]) -> float:
    """The median, or not a number where there is nothing."""
    return statistics.median(times) if times else math.nan
