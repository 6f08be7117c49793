"""The order of a ranking: score, then the share of clauses that the best assignment satisfies, then the image's id."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Candidate:
    """One image to be ordered; `share` is asked for only where scores tie."""

    image_id: str
    score: float
    share: Callable[[], float]


def order(candidates: Iterable[Candidate], top_k: int) -> Sequence[Candidate]:
    """The first `top_k` (0: all): score descending, share descending, image_id by code point; compared unrounded."""
    ranked = sorted(candidates, key=lambda each: -each.score)
    wanted = len(ranked) if top_k == 0 else min(top_k, len(ranked))
    ordered: list[Candidate] = []
    for _, tied in groupby(ranked, key=lambda each: each.score):
        group = list(tied)
        shares = {each.image_id: each.share() if len(group) > 1 else 0.0 for each in group}
        ordered.extend(sorted(group, key=lambda each: (-shares[each.image_id], each.image_id)))
        if len(ordered) >= wanted:
            break
    return ordered[:wanted]
