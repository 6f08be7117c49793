"""Work for the tests of workers; worker processes import it by name."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from solvers.limits import Tick
from solvers.worker_process import Work

KILLS, HANGS, FAILS, CRAWLS = -1, -2, -3, -4


@dataclass(frozen=True)
class Numbers:
    """A chunk of numbers; negative ones make trouble."""

    numbers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def part(self, first: int, last: int) -> "Numbers":
        return Numbers(self.numbers[first:last])


def chunks_of(numbers: Sequence[int], size: int) -> list[Numbers]:
    return [Numbers(tuple(numbers[first : first + size])) for first in range(0, len(numbers), size)]


def make_doubling() -> Work[Numbers, Sequence[int]]:
    def double(chunk: Numbers, tick: Tick) -> Sequence[int]:
        return [_double(number, tick) for number in chunk.numbers]

    return double


def _double(number: int, tick: Tick) -> int:
    print("a library may print")
    tick()
    match number:
        case -1:
            os.kill(os.getpid(), signal.SIGKILL)
        case -2:
            time.sleep(600)
        case -3:
            raise ValueError("minus three cannot be doubled")
        case -4:
            for _ in range(15):
                time.sleep(0.1)
                tick()
    return 2 * number


def make_badly() -> Work[Numbers, Sequence[int]]:
    raise ValueError("nothing can be made")


def make_and_die() -> Work[Numbers, Sequence[int]]:
    os._exit(3)


def make_pid() -> Work[Numbers, Sequence[int]]:
    def pid(chunk: Numbers, tick: Tick) -> Sequence[int]:
        time.sleep(0.02)
        return [os.getpid()] * len(chunk)

    return pid
