"""How the agent chooses among candidates: the largest group of formulas that mean the same, or what failed best."""

from collections.abc import Iterator

from agent.selection import Choice, choose
from agent.state import Candidate, Outcome


def _candidate(index: int, formula: str | None, outcome: Outcome = Outcome.VALID) -> Candidate:
    return Candidate(index=index, outcome=outcome, formula=formula)


def _candidates(*formulas: str) -> Iterator[Candidate]:
    yield from (_candidate(index, each) for index, each in enumerate(formulas))


def same_letter(first: str, second: str) -> bool:
    return first.lower() == second.lower()


def chosen(*formulas: str) -> Choice:
    return choose(list(_candidates(*formulas)), same_letter)


def test_formulas_that_mean_the_same_are_one_group() -> None:
    choice = chosen("b", "a", "A", "b", "A")
    assert (choice.candidate.index, choice.agreement) == (1, 3)


def test_the_largest_group_wins_and_the_earliest_of_equals() -> None:
    assert chosen("b", "a", "a").candidate.index == 1
    assert chosen("b", "a", "c", "a", "b").candidate.index == 0
    assert chosen("b", "a", "c", "a", "b").agreement == 2
    assert chosen("a").warnings == ()


def test_candidates_that_failed_are_counted_in_words() -> None:
    choice = choose(
        [_candidate(0, None, Outcome.EXHAUSTED), _candidate(1, None, Outcome.PROVIDER_ERROR), *_two_valid()],
        same_letter,
    )
    assert choice.candidate.formula == "a"
    assert choice.valid == choice.agreement == 2
    assert choice.warnings[1] == "2 of 4 candidates came to no valid formula (1 exhausted, 1 provider error)"


def _two_valid() -> list[Candidate]:
    return [_candidate(2, "a"), _candidate(3, "a")]


def test_refusals_are_a_group_too() -> None:
    refusals = [_candidate(index, None, Outcome.REFUSED) for index in range(2)]
    assert choose([*refusals, _candidate(2, "a")], same_letter).candidate.outcome is Outcome.REFUSED
    assert choose([*refusals, *_two_valid()], same_letter).candidate.formula == "a"


def test_without_a_valid_candidate_the_most_telling_failure_speaks() -> None:
    failed = [Outcome.PROVIDER_ERROR, Outcome.LIMIT, Outcome.EXHAUSTED]
    choice = choose([_candidate(index, None, outcome) for index, outcome in enumerate(failed)], same_letter)
    assert choice.candidate.outcome is Outcome.EXHAUSTED
