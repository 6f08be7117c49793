"""What the gates of a translation do: repair by comparison, and a second look at formulas that tell nothing apart."""

import asyncio
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

import agent
from agent import ScriptedModel
from agent.budget import Meter
from agent.choice import choose_model
from agent.events import FormulaQuestioned, RepairRequested
from agent.graph import build_run_graph, initial_state
from agent.opening import opened_provider
from agent.pump import events_of
from agent.request import RunRequest
from agent.state import RunContext
from agent.toolbox import offered_tools
from agent.translation import candidate_graph
from tests.agent_support import ALWAYS, GOOD, NEVER, OTHER, QUERY, of_kind, planes_archive, result_of
from tools.archive import Archive
from tools.registry import ToolContext

formula = ScriptedModel.formula


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planes_archive(tmp_path_factory.mktemp("gates"))


def told(model: ScriptedModel, request: int) -> str:
    """What the model was told last before it answered for the `request`-th time, counted from 0."""
    return str(model.asked[request][-1].content)


# A second look


@pytest.mark.parametrize(
    ("doubtful", "words"),
    [(NEVER, "no scene can satisfy all of these at once: plane(x); ship(x)"), (ALWAYS, "every scene satisfies")],
)
def test_a_formula_that_tells_nothing_apart_goes_back_once_with_the_reason(
    archive: Path, doubtful: str, words: str
) -> None:
    model = ScriptedModel.of(formula(doubtful), formula(GOOD))
    events = list(agent.stream(QUERY, archive=archive, model=model))
    result = result_of(events)
    assert (result.status, result.formula) == ("ok", GOOD)
    assert [each.formula for each in result.attempts] == [doubtful, GOOD]
    assert result.warnings == []
    assert words in told(model, 1)
    (questioned,) = of_kind(events, FormulaQuestioned)
    assert any(words in each for each in questioned.reasons)
    assert of_kind(events, RepairRequested) == []


@pytest.mark.parametrize("second", [NEVER, "exists y. ship(y) & plane(y)", ALWAYS])
def test_a_model_that_insists_gets_its_formula_with_the_warning(archive: Path, second: str) -> None:
    model = ScriptedModel.of(formula(NEVER), formula(second))
    result = agent.run(QUERY, archive=archive, model=model)
    assert (result.status, result.formula) == ("ok", NEVER)
    assert "no scene can satisfy" in result.warnings[0]
    assert result.counts is not None
    assert result.counts.sat == 0
    assert len(model.asked) == 2


def test_what_comes_after_the_second_look_never_loses_the_valid_formula() -> None:
    for answers in (
        [formula("exists x. plan(x)")] * 4,
        ["I am not sure."] * 4,
        [ScriptedModel.call("describe_ontology")] * 9,
        [ConnectionError("gone")],
    ):
        model = ScriptedModel.of(formula(NEVER), *answers)
        result = agent.translate(QUERY, model=model)
        assert (result.status, result.formula) == ("ok", NEVER)
        assert any("asked to look at its formula again" in each for each in result.warnings)
        assert any("no scene can satisfy" in each for each in result.warnings)


def test_a_refusal_after_the_second_look_stands() -> None:
    model = ScriptedModel.of(formula(NEVER), ScriptedModel.refusal("two", "there is no such thing"))
    result = agent.translate(QUERY, model=model)
    assert (result.status, result.formula) == ("unrepairable", None)


def test_nothing_goes_back_where_no_repair_is_allowed_or_to_the_offline_model() -> None:
    model = ScriptedModel.of(formula(NEVER))
    assert agent.translate(QUERY, model=model, max_repairs=0).formula == NEVER
    offline = agent.translate("exists x. plane(x) & ship(x)")
    assert (offline.status, offline.formula) == ("ok", NEVER)
    assert "no scene can satisfy" in offline.warnings[0]


def test_a_second_look_takes_no_repair_away() -> None:
    model = ScriptedModel.of(formula(NEVER), *[formula("exists x. plan(x)")] * 3, formula(GOOD))
    result = agent.translate(QUERY, model=model, max_repairs=3)
    assert (result.status, result.formula) == ("ok", GOOD)
    assert len(model.asked) == 5


def test_of_several_formulas_at_once_the_first_that_tells_images_apart_counts() -> None:
    both = AIMessage("", tool_calls=[*formula(NEVER).tool_calls, *formula(OTHER).tool_calls])
    model = ScriptedModel.of(both)
    assert agent.translate(QUERY, model=model).formula == OTHER
    assert len(model.asked) == 1


# Repair


def test_a_repair_is_compared_with_the_formula_before_it() -> None:
    model = ScriptedModel.of(
        formula("exists x. plan(x) & near(x)"), formula("exists x. plan(x) & shipp(x)"), formula(GOOD)
    )
    assert agent.translate(QUERY, model=model).status == "ok"
    assert "Mended" not in told(model, 1)
    second = told(model, 2)
    assert 'Mended since the formula before it: wrong-arity at "near(x)".' in second
    assert 'Still wrong: unknown-predicate at "plan".' in second
    assert 'New: unknown-predicate at "shipp".' in second
    assert '"expected"' in second
    assert '"suggestions": [' in second
    assert '"plane"' in second


def test_a_model_without_tools_is_told_in_messages_of_the_user() -> None:
    model = ScriptedModel.of("formula: exists x. plan(x)", f"formula: {NEVER}", f"formula: {GOOD}")
    assert agent.translate(QUERY, model=model).formula == GOOD
    assert all(isinstance(each[-1], HumanMessage) for each in model.asked)
    calling = ScriptedModel.of(formula("exists x. plan(x)"), formula(GOOD))
    assert agent.translate(QUERY, model=calling).formula == GOOD
    assert isinstance(calling.asked[1][-1], ToolMessage)


# Tools on a formula that was valid before


def test_a_formula_in_force_opens_the_tools_for_itself_alone(archive: Path) -> None:
    """As in a conversation: the model looks at an image by the formula of the turn before, then submits a new one."""
    model = ScriptedModel.of(
        ScriptedModel.call("explain", formula="exists>=2 a. plane(a)", image_id="bay"),
        ScriptedModel.call("explain", formula=GOOD, image_id="bay"),
        ScriptedModel.call("check_image", formula=OTHER, image_id="bay"),
        ScriptedModel.call("check_image", formula=GOOD, image_id="nowhere"),
        ScriptedModel.call("summarise_archive"),
        formula(OTHER),
    )
    opened = Archive.open(archive)
    earlier = (HumanMessage("two planes"), AIMessage(f"formula: {GOOD}"))
    request = RunRequest(
        "why not the bay?", choose_model(model), opened.ontology, opened, earlier=earlier, in_force=GOOD
    )
    result = result_of(events_of(request))
    assert (result.status, result.formula) == ("ok", OTHER)
    assert tuple(model.asked[0][1:3]) == earlier
    assert "explain was refused" in told(model, 1)
    assert "bay does not satisfy the formula" in told(model, 2)
    assert "check_image was refused" in told(model, 3)
    assert "no image 'nowhere'" in told(model, 4)
    assert '"name":"plane"' in told(model, 5)


def test_the_nodes_are_named_as_the_graph_names_them() -> None:
    assert set(candidate_graph().get_graph().nodes) == {"__start__", "model", "tools", "validate", "judge", "__end__"}
    assert set(build_run_graph().get_graph().nodes) == {"__start__", "candidate", "choose", "rank", "__end__"}


def test_the_graph_keeps_its_state_with_a_checkpointer_and_the_state_can_be_read_back(archive: Path) -> None:
    saver = InMemorySaver()
    kept = build_run_graph(saver)
    opened = Archive.open(archive)
    request = RunRequest(QUERY, choose_model(ScriptedModel.of(formula(GOOD))), opened.ontology, opened)
    tools = ToolContext(ontology=opened.ontology, archive=opened)

    async def ranked() -> None:
        async with opened_provider(
            request.model, opened.ontology, seconds=20, samples=1, emit=lambda _: None
        ) as provider:
            context = RunContext(
                request=request,
                provider=provider,
                tools=tools,
                offered=offered_tools(tools, formula_is_valid=False),
                emit=lambda _: None,
                meter=Meter(request.budget),
            )
            await kept.ainvoke(initial_state(), RunnableConfig(configurable={"thread_id": "one"}), context=context)

    asyncio.run(ranked())
    state = kept.get_state(RunnableConfig(configurable={"thread_id": "one"})).values
    assert state["chosen"].formula == GOOD
    assert state["ranking"].results[0].image_id == "field"
