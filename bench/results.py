"""Everything that one run of the bench measured, and the figures that are made of it."""

import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from bench.cold import Cold
from bench.growth import Growth
from bench.memory import Memory
from bench.one_image import OneImageRow
from bench.proofs import ProofRow
from bench.timing import geometric_mean
from bench.whole_archive import ArchiveRow

PEERS = ("numpy", "numba", "z3-solver", "clingo", "duckdb", "torch", "pyarrow", "shapely")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the run ran on; `load` is the number of processes that others kept busy as it began."""

    processors: int
    system: str
    python: str
    load: float
    packages: dict[str, str]

    @classmethod
    def here(cls) -> "Machine":
        """This machine, now."""
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan
        packages = {name: version(name) for name in PEERS}
        return cls(
            os.cpu_count() or 1, f"{platform.system()} {platform.machine()}", platform.python_version(), load, packages
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure to reach: what was measured, what is wanted, and whether less or more is better."""

    name: str
    measured: float
    wanted: float
    at_most: bool = True

    @property
    def reached(self) -> bool:
        """Whether the measured value is good enough."""
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted


@dataclass
class Results:
    """Filled group by group, so that a run that is stopped still has what came before."""

    machine: Machine
    archives: list[ArchiveRow] = field(default_factory=list)
    one_image: list[OneImageRow] = field(default_factory=list)
    cold: Cold | None = None
    growth: list[Growth] = field(default_factory=list)
    proofs: list[ProofRow] = field(default_factory=list)
    memory: Memory | None = None

    def figures(self) -> list[Figure]:
        """The figures that this run can tell of."""
        return [*self._archive_figures(), *self._image_figures(), *self._other_figures()]

    def names(self) -> list[str]:
        """The archives, in the order of their first row."""
        return list(dict.fromkeys(row.archive for row in self.archives))

    def rows_of(self, archive: str) -> list[ArchiveRow]:
        """The rows of one archive."""
        return [row for row in self.archives if row.archive == archive]

    def largest(self) -> str | None:
        """The largest synthetic archive, which the figures are about."""
        sizes = [row.images for row in self.archives if row.archive == str(row.images)]
        return str(max(sizes)) if sizes else None

    def _archive_figures(self) -> Iterable[Figure]:
        name = self.largest()
        if name is not None:
            rows = self.rows_of(name)
            by_embedding = [row.ratio("embedding") for row in rows]
            by_duckdb = [1 / row.ratio("duckdb") for row in rows]
            yield Figure(f"{name} images: RUNE / embedding search, geometric mean", geometric_mean(by_embedding), 1.0)
            yield Figure(f"{name} images: RUNE / embedding search, worst", max(by_embedding), 2.0)
            yield Figure(f"{name} images: DuckDB / RUNE, geometric mean", geometric_mean(by_duckdb), 5.0, at_most=False)
            yield Figure(f"{name} images: DuckDB / RUNE, worst", min(by_duckdb), 1.0, at_most=False)
        grown = list(_grown(self.archives))
        if grown:
            yield Figure("ten times the images, geometric mean", geometric_mean(grown), 12.0)
            yield Figure("ten times the images, worst", max(grown), 12.0)

    def _image_figures(self) -> Iterable[Figure]:
        for entities in dict.fromkeys(row.entities for row in self.one_image):
            rows = [row for row in self.one_image if row.entities == entities]
            quantified = [row.quantified / row.z3 for row in rows if row.quantified is not None]
            clingo = [row.clingo / row.z3 for row in rows]
            at = f"one image of {entities}"
            yield Figure(
                f"{at}: Z3 with quantifiers / RUNE's Z3, geometric mean",
                geometric_mean(quantified),
                500.0,
                at_most=False,
            )
            yield Figure(f"{at}: clingo / RUNE's Z3, geometric mean", geometric_mean(clingo), 3.0, at_most=False)

    def _other_figures(self) -> Iterable[Figure]:
        if self.proofs:
            cheaper = geometric_mean(row.one_by_one / max(row.batched, 1e-6) for row in self.proofs)
            cores = [time for row in self.proofs for time in row.why_not.rounds]
            yield Figure("certifying: one solver an image / batches, geometric mean", cheaper, 5.0, at_most=False)
            yield Figure("why not: median ms", sorted(cores)[len(cores) // 2], 10.0)
            yield Figure("why not: maximum ms", max(cores), 500.0)
        if self.cold is not None:
            yield Figure("first query after an install, s", self.cold.first.median / 1000, 5.0)
            yield Figure("cold start: RUNE / embedding search", self.cold.ratio, 3.0)
        if self.growth:
            few, many = self.growth[0].few, self.growth[0].many
            yield Figure(f"{few} to {many} entities an image, worst", max(each.times for each in self.growth), 30.0)
        if self.memory is not None:
            yield Figure("resident bytes an entity", self.memory.resident, 100.0)


def _grown(rows: Sequence[ArchiveRow]) -> Iterable[float]:
    """The time on an archive by that on the one with a tenth of the images, for the largest two such."""
    sizes = sorted({row.images for row in rows if row.archive == str(row.images)})
    pairs = [(small, 10 * small) for small in sizes if 10 * small in sizes]
    if not pairs:
        return
    small, large = pairs[-1]
    before = {row.query: row.times["rune"].median for row in rows if row.archive == str(small)}
    for row in rows:
        if row.archive == str(large):
            yield row.times["rune"].median / before[row.query]
