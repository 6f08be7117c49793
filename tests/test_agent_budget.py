"""What a run may spend, and what it comes to where that is spent."""

from importlib import import_module
from pathlib import Path

import pytest

import agent
from agent import Budget, ScriptedModel
from agent.batch.run import run_batch
from agent.budget import BudgetError, Meter, Stopwatch
from agent.events import ModelAnswered, ModelCalled, ToolFinished
from solvers.errors import InputError, LimitError
from tests.agent_support import GOOD, QUERY, of_kind, planes_archive, result_of, without_environment
from tests.fake_server import FakeServer, Hang, formula
from tui.deliver import CODES

PLAN = "exists x. plan(x)"
MODEL = "openai:tiny"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_environment(monkeypatch)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planes_archive(tmp_path_factory.mktemp("budget"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"model_calls": 0},
        {"model_calls": True},
        {"model_calls": 2.5},
        {"tokens": -1},
        {"seconds": 0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
    ],
)
def test_a_budget_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(InputError, match=name):
        Budget(**wrong)  # type: ignore[arg-type]


def test_a_run_may_ask_the_model_so_often_and_no_more(archive: Path) -> None:
    for calls, status in ((1, "limit"), (2, "limit"), (3, "ok")):
        model = ScriptedModel.of(*[ScriptedModel.formula(PLAN)] * 2, ScriptedModel.formula(GOOD))
        events = list(agent.stream(QUERY, archive=archive, model=model, budget=Budget(model_calls=calls)))
        result = result_of(events)
        assert result.status == status
        assert CODES[result.status] == (4 if status == "limit" else 0)
        assert len(model.asked) == calls == len(of_kind(events, ModelCalled)) == len(of_kind(events, ModelAnswered))
        assert len(result.attempts) == calls
    assert result.error is None


def test_the_limit_is_told_with_the_formulas_that_were_tried() -> None:
    model = ScriptedModel.of(ScriptedModel.formula(PLAN), repeat=True)
    result = agent.translate(QUERY, model=model, budget=Budget(model_calls=2))
    assert result.error == "the run has asked the model 2 times, as often as its budget allows"
    assert [each.formula for each in result.attempts] == [PLAN, PLAN]


def test_candidates_share_the_calls_and_those_that_were_made_count() -> None:
    model = ScriptedModel.of(ScriptedModel.formula(GOOD), repeat=True)
    result = agent.translate(QUERY, model=model, candidates=5, budget=Budget(model_calls=3))
    assert (result.status, result.formula) == ("ok", GOOD)
    assert len(model.asked) == 3
    assert "2 of 5 candidates came to no valid formula (2 limit)" in result.warnings


def test_tokens_are_those_that_the_server_counts() -> None:
    with FakeServer(formula(PLAN), formula(PLAN), formula(GOOD)) as server:  # 18 tokens each, as it says
        settings = {"model": MODEL, "base_url": server.base_url}
        spent = agent.translate(QUERY, budget=Budget(tokens=10_000), **settings)
    assert spent.status == "ok"
    with FakeServer(formula(PLAN), formula(GOOD)) as server:
        result = agent.translate(QUERY, model=MODEL, base_url=server.base_url, budget=Budget(tokens=40))
        assert len(server.requests) == 1
    assert (result.status, result.error) == ("limit", "the run has used the 40 tokens of its budget")


def test_tokens_are_estimated_where_nobody_counts_them() -> None:
    model = ScriptedModel.of(ScriptedModel.formula(PLAN), "no " * 4_000, ScriptedModel.formula(GOOD))
    assert agent.translate(QUERY, model=model).status == "ok"
    size = sum(len(each.text) for each in model.asked[1]) // 4
    small = ScriptedModel.of(*model.answers)
    result = agent.translate(QUERY, model=small, budget=Budget(tokens=2 * size))
    assert (result.status, len(small.asked)) == ("limit", 2)


def test_the_time_of_a_budget_is_a_limit_and_that_of_the_model_is_not() -> None:
    with FakeServer(Hang()) as server:
        budget = agent.translate(QUERY, model=MODEL, base_url=server.base_url, budget=Budget(seconds=0.2))
        model = agent.translate(QUERY, model=MODEL, base_url=server.base_url, timeout=0.2)
    assert (budget.status, budget.error) == ("limit", "the run has taken the 0.2 s of its budget")
    assert model.status == "provider_error"


def test_a_ranking_has_the_time_that_is_left(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def rank(*_: object, timeout: float, **__: object) -> object:
        given.append(timeout)
        raise LimitError("too long")

    monkeypatch.setattr(import_module("tools.ranking"), "rank", rank)
    model = ScriptedModel.of(ScriptedModel.formula(GOOD))
    events = list(agent.stream(QUERY, archive=archive, model=model, budget=Budget(seconds=500)))
    assert 0 < given[0] < 500
    assert of_kind(events, ToolFinished)[-1].refused == "too long"
    assert (result_of(events).status, result_of(events).formula) == ("limit", GOOD)


def test_each_question_of_a_batch_has_a_budget_of_its_own(archive: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text("".join(f'{{"id": {n}, "query": "two planes"}}\n' for n in range(3)), encoding="utf-8")
    answers = [ScriptedModel.formula(GOOD), *[ScriptedModel.formula(PLAN)] * 2, ScriptedModel.formula(GOOD)]
    model = ScriptedModel.of(*answers)
    settings = {"archive": archive, "model": model, "jobs": 1, "budget": Budget(model_calls=2)}
    summary = run_batch(queries, out=tmp_path / "results.jsonl", **settings)  # type: ignore[arg-type]
    assert summary.statuses == {"limit": 1, "ok": 2}


def test_the_meter_goes_by_the_clock_that_it_is_given() -> None:
    now = [100.0]
    meter = Meter(Budget(model_calls=9, tokens=9, seconds=5), clock=lambda: now[0])
    meter.take_call()
    assert meter.seconds_left == 5
    now[0] = 105.0
    with pytest.raises(BudgetError, match="5 s"):
        meter.take_call()
    now[0] = 101.0
    meter.spend(9)
    with pytest.raises(BudgetError, match="9 tokens"):
        meter.take_call()


def test_the_time_of_a_model_passes_only_while_it_is_asked() -> None:
    now = [0.0]
    watch = Stopwatch(10, clock=lambda: now[0])
    now[0] = 5.0
    assert watch.left == 10
    with watch.running():
        now[0] = 7.0
        assert watch.left == 8
        with watch.running():  # another candidate, at the same time
            now[0] = 8.0
        assert watch.left == 7
        now[0] = 9.0
    now[0] = 100.0
    assert watch.left == 6
