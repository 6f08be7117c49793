"""How RUNE's time grows with the number of entities in an image."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.archives import synthetic_archive
from bench.generator import Recipe
from bench.queries import QUERIES
from bench.timing import Timed, interleaved
from tools import rank
from tools.archive import Archive


@dataclass(frozen=True, slots=True)
class Growth:
    """One question of two variables over as many images of few and of many entities each, rounds in ms."""

    query: str
    images: int
    few: int
    many: int
    small: Timed
    large: Timed

    @property
    def times(self) -> float:
        """How many times longer the larger scenes take."""
        return self.large.median / self.small.median


def measure_growth(folder: Path, images: int, few: int, many: int, rounds: int) -> list[Growth]:
    """A row for each question of two variables."""
    archives = [
        Archive.open(synthetic_archive(folder, images, Recipe(seed=3, entities=entities))) for entities in (few, many)
    ]
    rows = []
    for query in (each for each in QUERIES if each.variables == 2):
        actions = {
            str(number): partial(rank, query.formula, archive=archive, top_k=10)
            for number, archive in enumerate(archives)
        }
        for action in actions.values():
            action()
        times = interleaved(actions, rounds)
        rows.append(Growth(query.name, images, few, many, times["0"], times["1"]))
    return rows
