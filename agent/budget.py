"""What one run may spend, and the meter that it is spent from."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from solvers.errors import InputError, LimitError

DEFAULT_MODEL_CALLS = 200
DEFAULT_TOKENS = 2_000_000
DEFAULT_SECONDS = 3_600.0
_CHARACTERS_PER_TOKEN = 4


class BudgetError(LimitError):
    """The budget of a run is spent; the message says which part of it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may spend; past it the run ends with the status `limit`.

    `model_calls` counts the answers that are asked for, over all candidates; `tokens` what goes in and comes out, as
    the server counts it, else one for every four characters; `seconds` is the clock of the whole run. Raises InputError
    for what is no budget.
    """

    model_calls: int = DEFAULT_MODEL_CALLS
    tokens: int = DEFAULT_TOKENS
    seconds: float = DEFAULT_SECONDS

    def __post_init__(self) -> None:
        for name, value in (("model_calls", self.model_calls), ("tokens", self.tokens)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"the budget's {name} is {value!r}; it is a whole number above 0")
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise InputError(f"the budget's seconds is {self.seconds}; it is a number above 0")


def estimated_tokens(characters: int) -> int:
    """How many tokens a text has, where nobody counts them."""
    return math.ceil(characters / _CHARACTERS_PER_TOKEN)


class Stopwatch:
    """The seconds that a model has for its answers: they pass only while at least one is being asked for."""

    def __init__(self, seconds: float, clock: Callable[[], float] = perf_counter) -> None:
        self.seconds = seconds
        self._clock = clock
        self._passed = 0.0
        self._since = 0.0
        self._asking = 0

    @property
    def left(self) -> float:
        """How many of the seconds are left."""
        return self.seconds - self._passed - (self._clock() - self._since if self._asking else 0.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The time of the block counts, once where several blocks run at a time."""
        if not self._asking:
            self._since = self._clock()
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            if not self._asking:
                self._passed += self._clock() - self._since


class Meter:
    """What a run has spent of its budget; shared by its candidates, which run in one event loop."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = perf_counter) -> None:
        self._budget = budget
        self._clock = clock
        self._started = clock()
        self._calls = 0
        self._tokens = 0

    @property
    def seconds_left(self) -> float:
        """How long the run may go on."""
        return self._budget.seconds - (self._clock() - self._started)

    def take_call(self) -> None:
        """Take note of a question to the model; raises BudgetError where it may not be asked."""
        self.check_time()
        if self._tokens >= self._budget.tokens:
            raise self._tokens_spent()
        if self._calls >= self._budget.model_calls:
            raise BudgetError(f"the run has asked the model {self._calls} times, as often as its budget allows")
        self._calls += 1

    def spend(self, tokens: int) -> None:
        """Take note of the tokens of a whole answer."""
        self._tokens += tokens

    def check_stream(self, tokens: int) -> None:
        """Raise BudgetError where an answer that has come to so many tokens so far is more than is left."""
        if self._tokens + tokens > self._budget.tokens:
            raise self._tokens_spent()

    def check_time(self) -> None:
        """Raise BudgetError where the time is up."""
        if self.seconds_left <= 0:
            raise self.time_is_up()

    def time_is_up(self) -> BudgetError:
        """The error of a run that has taken all of its time."""
        return BudgetError(f"the run has taken the {self._budget.seconds:g} s of its budget")

    def _tokens_spent(self) -> BudgetError:
        return BudgetError(f"the run has used the {self._budget.tokens:,} tokens of its budget")
