"""The nearest valid names to one that is not valid."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3


def nearest(word: str, candidates: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """At most `most` of the candidates that look like the word, whatever the case, the best first."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    return tuple(
        by_folded[folded] for folded in get_close_matches(word.casefold(), list(by_folded), n=most, cutoff=0.5)
    )


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """The end of an error's sentence: "; the nearest are a, b", or nothing where nothing is near."""
    found = nearest(word, candidates)
    if not found:
        return ""
    return f"; the nearest {'is' if len(found) == 1 else 'are'} {', '.join(found)}"
