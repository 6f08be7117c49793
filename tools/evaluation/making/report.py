"""A query set in numbers."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from pydantic import Field

from tools.evaluation.making.phenomena import PHENOMENA
from tools.evaluation.queryset import LEVELS, EvaluationQuery
from tools.results import SCHEMA_VERSION, Model


class QuerySetReport(Model):
    """What making queries came to: how many by level and by phenomenon, and what share of the images is relevant."""

    schema_version: int = SCHEMA_VERSION
    status: str = "ok"
    archive: str
    images: int
    out: str
    asked: int
    queries: int
    levels: dict[str, int]
    kinds: dict[str, int]
    least_share: float
    median_share: float
    most_share: float
    warnings: list[str] = Field(default_factory=list)
    error: str | None = None


def report_on(queries: Sequence[EvaluationQuery], *, archive: str, images: int, out: str, asked: int) -> QuerySetReport:
    """The numbers of made queries, of which there is one at least."""
    levels = Counter(each.level for each in queries)
    kinds = Counter(kind for each in queries for kind in each.kinds)
    shares = [len(each.relevant or ()) / images for each in queries]
    warnings = []
    if len(queries) < asked:
        warnings.append(f"the archive allows {len(queries)} queries, not {asked}: all others that were tried are alike")
    return QuerySetReport(
        archive=archive,
        images=images,
        out=out,
        asked=asked,
        queries=len(queries),
        levels={str(level): levels[level] for level in range(1, LEVELS + 1)},
        kinds={kind: kinds[kind] for kind in PHENOMENA},
        least_share=min(shares),
        median_share=median(shares),
        most_share=max(shares),
        warnings=warnings,
    )
