"""Choosing among the candidates of one question."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

from agent.events import CandidateGroup
from agent.state import Candidate, Outcome
from tools.results import Model

# Where no candidate is valid, the outcome that says most about the question speaks for all.
_TELLING = (Outcome.REFUSED, Outcome.EXHAUSTED, Outcome.LIMIT, Outcome.PROVIDER_ERROR)


class Choice(Model):
    """The candidate that counts; `agreement` of the `valid` ones have its formula, the first of `groups`."""

    candidate: Candidate
    valid: int
    agreement: int
    groups: tuple[CandidateGroup, ...] = ()
    warnings: tuple[str, ...] = ()


Alike = Callable[[str, str], bool]


def choose(candidates: Sequence[Candidate], alike: Alike) -> Choice:
    """The earliest candidate of the largest group; `alike` says whether two formulas mean the same.

    Of groups of one size the more probable one wins where all probabilities are known, else the one that came first.
    Refusals are a group too: where more candidates refuse the question than agree on a formula, it is refused.
    """
    valid = [each for each in candidates if each.outcome is Outcome.VALID]
    refused = [each for each in candidates if each.outcome is Outcome.REFUSED]
    groups = _ordered(_groups(valid, alike))
    largest = groups[0] if groups else []
    if not largest or len(refused) > len(largest):
        telling = min(
            (each for each in candidates if each.outcome is not Outcome.VALID),
            key=lambda each: _TELLING.index(each.outcome),
        )
        return Choice(candidate=telling, valid=len(valid), agreement=0)
    warnings = _warnings(candidates, len(valid), len(largest)) if len(candidates) > 1 else ()
    return Choice(
        candidate=largest[0],
        valid=len(valid),
        agreement=len(largest),
        groups=tuple(_told(group) for group in groups),
        warnings=(*largest[0].warnings, *warnings),
    )


def _ordered(groups: Sequence[list[Candidate]]) -> list[list[Candidate]]:
    """The groups with the winner first; the sort keeps the order of those that nothing tells apart."""
    probable = {id(group): _log_probability(group) for group in groups}
    if any(each is None for each in probable.values()):
        return sorted(groups, key=lambda group: -len(group))
    return sorted(groups, key=lambda group: (-len(group), -(probable[id(group)] or 0.0)))


def _log_probability(group: Sequence[Candidate]) -> float | None:
    """The sum over a group's candidates, None where that of one is not known."""
    known = [each.log_probability for each in group if each.log_probability is not None]
    return math.fsum(known) if len(known) == len(group) else None


def _told(group: Sequence[Candidate]) -> CandidateGroup:
    return CandidateGroup(
        formula=group[0].formula or "",
        candidates=[each.index for each in group],
        log_probability=_log_probability(group),
    )


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
