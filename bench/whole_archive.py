"""A whole archive ranked by each question, warm in memory: RUNE, DuckDB, the embedding search; answers compared."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.peers.duck import DuckPeer, SqlAnswer
from bench.peers.embedding import EmbeddingPeer, make_encoder, make_vectors
from bench.queries import QUERIES, Query
from bench.timing import Timed, interleaved
from tools import check_image, rank
from tools.archive import Archive
from tools.results import Ranking

EVERY_VERDICT_UP_TO = 1_000
"""Archives up to so many images have the verdict of every image compared, larger ones the counts and the tops."""


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """One question on one archive: how many images are sat, and the times of `rune`, `duckdb` and `embedding`."""

    archive: str
    images: int
    entities: int
    query: str
    variables: int
    sat: int
    times: Mapping[str, Timed]

    def ratio(self, peer: str) -> float:
        """RUNE's median time by the peer's: below 1 RUNE is the faster one."""
        return self.times["rune"].median / self.times[peer].median


def measure_archive(path: Path, rounds: int, queries: Sequence[Query] = QUERIES) -> list[ArchiveRow]:
    """A row a question; raises SystemExit where RUNE and DuckDB differ."""
    archive = Archive.open(path)
    size = archive.size
    embedding = EmbeddingPeer(make_encoder(), make_vectors(size.images))
    rows = []
    with closing(DuckPeer(archive)) as duck:
        for query in queries:
            sat = _compared(query, archive, duck)
            actions: dict[str, Callable[[], object]] = {
                "rune": partial(rank, query.formula, archive=archive, top_k=10),
                "duckdb": partial(duck.answer, query.name),
                "embedding": embedding.search,
            }
            times = interleaved(actions, rounds)
            rows.append(ArchiveRow(path.name, size.images, size.entities, query.name, query.variables, sat, times))
    return rows


def _compared(query: Query, archive: Archive, duck: DuckPeer) -> int:
    """How many images are sat, once both agree on it; this also warms both up."""
    ranking = rank(query.formula, archive=archive, top_k=10)
    answer = duck.answer(query.name)
    counts, images = ranking.counts, archive.size.images
    expected = (answer.sat, images - answer.sat, 0)
    if (counts.sat, counts.unsat, counts.unknown) != expected:
        raise SystemExit(f"{query.name}: RUNE counts {counts}, DuckDB {answer.sat} sat of {images}")
    _compare_tops(query, archive, ranking, answer, duck.sat_images(query.name))
    if images <= EVERY_VERDICT_UP_TO:
        every = rank(query.formula, archive=archive, top_k=0)
        _compare_verdicts(query, archive, every, duck.sat_images(query.name))
    return counts.sat


def _compare_tops(
    query: Query, archive: Archive, ranking: Ranking, answer: SqlAnswer, sat_images: frozenset[int]
) -> None:
    """What RUNE shows has DuckDB's verdict, and what DuckDB shows has RUNE's, by Z3."""
    _compare_verdicts(query, archive, ranking, sat_images)
    for number, _, _ in answer.top:
        image_id = archive.image_ids[number]
        verdict = check_image(query.formula, archive=archive, image_id=image_id).verdict
        if verdict != "sat":
            raise SystemExit(f"{query.name} on {image_id}: DuckDB says sat, RUNE {verdict}")


def _compare_verdicts(query: Query, archive: Archive, ranking: Ranking, sat_images: frozenset[int]) -> None:
    sat_ids = {archive.image_ids[number] for number in sat_images}
    for result in ranking.results:
        if (result.verdict == "sat") != (result.image_id in sat_ids):
            raise SystemExit(f"{query.name} on {result.image_id}: RUNE says {result.verdict}, DuckDB the opposite")
