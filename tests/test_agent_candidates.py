"""Several candidates of one question: asked side by side, grouped by what Z3 proves, ties broken by probability."""

import threading
from pathlib import Path

import pytest

import agent
from agent import ScriptedModel
from agent.events import CandidatesCompared
from agent.selection import choose
from agent.state import Candidate, Outcome
from tests.agent_support import GOOD, OTHER, QUERY, of_kind, planes_archive, result_of, without_environment
from tests.fake_server import FakeServer, Finished, Recorded, Reply, Status, formula

MODEL = "openai:tiny"
SAME = "exists x y. plane(x) & plane(y) & x != y"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planes_archive(tmp_path_factory.mktemp("candidates"))


class Meeting(FakeServer):
    """Answers only when as many questions are there as are to come."""

    def __init__(self, *replies: Reply, together: int) -> None:
        super().__init__(*replies)
        self._barrier = threading.Barrier(together)

    def _next(self, request: Recorded) -> Reply:
        self._barrier.wait(20)
        return super()._next(request)


def test_candidates_are_asked_for_side_by_side() -> None:
    with Meeting(formula(GOOD), together=10) as server:
        result = agent.translate(QUERY, model=MODEL, base_url=server.base_url, candidates=10)
        assert len(server.requests) == 10
    assert result.status == "ok"
    assert "10 of 10 candidates agree" in result.warnings[0]


def test_the_largest_group_of_proved_equivalents_wins_and_is_told(archive: Path) -> None:
    model = ScriptedModel.of(*map(ScriptedModel.formula, [OTHER, GOOD, SAME, "~~exists>=2 y. plane(y)"]))
    events = list(agent.stream(QUERY, archive=archive, model=model, candidates=4))
    (compared,) = of_kind(events, CandidatesCompared)
    assert (compared.candidates, compared.valid, compared.agreement, compared.formula) == (4, 4, 3, GOOD)
    assert [(each.formula, each.candidates) for each in compared.groups] == [(GOOD, [1, 2, 3]), (OTHER, [0])]
    result = result_of(events)
    assert result.formula == GOOD
    assert result.warnings[0] == "3 of 4 candidates agree on this formula or on one that Z3 proves equivalent"
    assert len(result.attempts) == 4


def probabilities_asked_for(server: FakeServer) -> list[bool]:
    return [bool(each.body.get("logprobs")) for each in server.requests]


def test_a_tie_goes_to_the_more_probable_group() -> None:
    replies = [Finished(formula(OTHER), probabilities=[-3.0, -2.0]), Finished(formula(GOOD), probabilities=[-0.5])]
    for order in (replies, replies[::-1]):
        with FakeServer(*order) as server:
            result = agent.translate(QUERY, model=MODEL, base_url=server.base_url, candidates=2)
            assert probabilities_asked_for(server) == [True, True]
        assert result.formula == GOOD


def test_probabilities_are_not_asked_for_where_nothing_is_compared() -> None:
    with FakeServer(formula(GOOD)) as server:
        agent.translate(QUERY, model=MODEL, base_url=server.base_url)
        assert probabilities_asked_for(server) == [False]


def test_a_server_that_refuses_probabilities_is_asked_without_them() -> None:
    with FakeServer(Status(400, "logprobs are not supported by this model"), formula(GOOD)) as server:
        result = agent.translate(QUERY, model=MODEL, base_url=server.base_url, candidates=2)
        asked = probabilities_asked_for(server)
    assert (result.status, result.formula) == ("ok", GOOD)
    assert asked.count(True) in {1, 2}
    assert asked[-1] is False


def candidate(index: int, formula_: str, probability: float | None) -> Candidate:
    return Candidate(index=index, outcome=Outcome.VALID, formula=formula_, log_probability=probability)


@pytest.mark.parametrize(
    ("probabilities", "winner"),
    [
        ((-2.0, -1.0, -0.5, -9.0), "a"),  # -2.5 beside -10
        ((-9.0, -1.0, -0.5, -1.0), "b"),
        ((-9.0, None, -0.5, -1.0), "a"),  # one is not known: the first
        ((-1.0, -1.0, -1.0, -1.0), "a"),
        ((None, None, None, None), "a"),
    ],
)
def test_the_sum_of_a_groups_probabilities_breaks_a_tie(probabilities: tuple[float | None, ...], winner: str) -> None:
    candidates = [
        candidate(index, name, each) for index, (name, each) in enumerate(zip("abab", probabilities, strict=True))
    ]
    choice = choose(candidates, lambda one, two: one == two)
    assert (choice.candidate.formula, choice.agreement) == (winner, 2)
    assert choice.groups[0].formula == winner


def test_a_larger_group_wins_against_a_more_probable_one() -> None:
    candidates = [candidate(0, "a", -0.1), candidate(1, "b", -9.0), candidate(2, "b", -9.0)]
    assert choose(candidates, lambda one, two: one == two).candidate.formula == "b"
