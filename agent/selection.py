"""Choosing among the candidates of one question."""

from collections import Counter
from collections.abc import Callable, Sequence

from agent.state import Candidate, Outcome
from tools.results import Model

# Where no candidate is valid, the outcome that says most about the question speaks for all.
_TELLING = (Outcome.REFUSED, Outcome.EXHAUSTED, Outcome.LIMIT, Outcome.PROVIDER_ERROR)


class Choice(Model):
    """The candidate that counts; `agreement` of the `valid` ones have its formula."""

    candidate: Candidate
    valid: int
    agreement: int
    warnings: tuple[str, ...] = ()


Alike = Callable[[str, str], bool]


def choose(candidates: Sequence[Candidate], alike: Alike) -> Choice:
    """The earliest candidate of the largest group; `alike` says whether two formulas mean the same.

    Refusals are a group too: where more candidates refuse the question than agree on a formula, it is refused.
    """
    valid = [each for each in candidates if each.outcome is Outcome.VALID]
    refused = [each for each in candidates if each.outcome is Outcome.REFUSED]
    groups = _groups(valid, alike)
    largest = max(groups, key=len, default=[])  # the earliest of equals
    if not largest or len(refused) > len(largest):
        telling = min(
            (each for each in candidates if each.outcome is not Outcome.VALID),
            key=lambda each: _TELLING.index(each.outcome),
        )
        return Choice(candidate=telling, valid=len(valid), agreement=0)
    warnings = _warnings(candidates, len(valid), len(largest)) if len(candidates) > 1 else ()
    return Choice(candidate=largest[0], valid=len(valid), agreement=len(largest), warnings=warnings)


def _groups(valid: Sequence[Candidate], alike: Alike) -> list[list[Candidate]]:
    groups: list[list[Candidate]] = []
    for candidate in valid:
        for group in groups:
            first, other = group[0].formula, candidate.formula
            if first == other or (first is not None and other is not None and alike(first, other)):
                group.append(candidate)
                break
        else:
            groups.append([candidate])
    return groups


def _warnings(candidates: Sequence[Candidate], valid: int, agreement: int) -> tuple[str, ...]:
    total = len(candidates)
    warnings = [f"{agreement} of {total} candidates agree on this formula or on one that Z3 proves equivalent"]
    if valid < total:
        failed = Counter(
            each.outcome.value.replace("_", " ") for each in candidates if each.outcome is not Outcome.VALID
        )
        said = ", ".join(f"{number} {what}" for what, number in sorted(failed.items()))
        warnings.append(f"{total - valid} of {total} candidates came to no valid formula ({said})")
    return tuple(warnings)
