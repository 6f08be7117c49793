"""Choosing among the candidates of one question."""

from collections import Counter
from collections.abc import Sequence

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


def choose(candidates: Sequence[Candidate]) -> Choice:
    """The earliest candidate of the largest group; candidates are alike where their canonical texts are equal.

    Refusals are a group too: where more candidates refuse the question than agree on a formula, it is refused.
    """
    valid = [each for each in candidates if each.outcome is Outcome.VALID]
    refused = [each for each in candidates if each.outcome is Outcome.REFUSED]
    groups = Counter(each.formula for each in valid)
    agreement = max(groups.values(), default=0)
    if not valid or len(refused) > agreement:
        telling = min(
            (each for each in candidates if each.outcome is not Outcome.VALID),
            key=lambda each: _TELLING.index(each.outcome),
        )
        return Choice(candidate=telling, valid=len(valid), agreement=0)
    chosen = next(each for each in valid if groups[each.formula] == agreement)
    warnings = _warnings(candidates, len(valid), agreement) if len(candidates) > 1 else ()
    return Choice(candidate=chosen, valid=len(valid), agreement=agreement, warnings=warnings)


def _warnings(candidates: Sequence[Candidate], valid: int, agreement: int) -> tuple[str, ...]:
    total = len(candidates)
    warnings = [
        f"{agreement} of {total} candidates agree on this formula; they are compared by their canonical text, so "
        "formulas that mean the same and are written differently count as different"
    ]
    if valid < total:
        failed = Counter(
            each.outcome.value.replace("_", " ") for each in candidates if each.outcome is not Outcome.VALID
        )
        said = ", ".join(f"{number} {what}" for what, number in sorted(failed.items()))
        warnings.append(f"{total - valid} of {total} candidates came to no valid formula ({said})")
    return tuple(warnings)
