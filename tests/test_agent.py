"""The agent without a server: what it is asked, which model answers, and what it loads."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from pydantic import ValidationError

import agent
from agent.choice import choose_model
from agent.events import ProgressMade, RunFinished, read_event
from agent.offline_model import OfflineChatModel
from agent.prompting import load_examples, question_message, system_message
from agent.scripted import ScriptedModel
from agent.text_answer import formula_in_text
from agent.toolbox import langchain_tool, offered_tools
from solvers.errors import InputError, LimitError
from solvers.fol.analysis import analyse
from solvers.fol.diagnostics import FormulaError
from solvers.fol.signature import FUNCTIONS, RELATIONS
from tests.cli_support import coco
from tools.archive import Archive
from tools.describe import describe_ontology
from tools.index import index_images
from tools.ontologies import load_ontology, ontology_names
from tools.progress import Progress
from tools.registry import TOOLS, IndexSources, ToolContext
from tools.results import RunResult
from tools.validate import validate_formula

QUERY = "at least three planes"
GOOD = "exists>=3 x. plane(x)"


def scripted(*formulas: str) -> ScriptedModel:
    return ScriptedModel.of(*(f"formula: {each}" for each in formulas))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four images without pixels; one of them has three planes."""
    folder = tmp_path_factory.mktemp("agent")
    (folder / "scenes.json").write_text(coco(), encoding="utf-8")
    index_images(archive=folder / "archive", labels=folder / "scenes.json")
    return folder / "archive"


# What is loaded


def test_importing_the_agent_loads_nothing() -> None:
    code = (
        "import json, sys, agent; dir(agent); print(json.dumps(sorted({each.split('.')[0] for each in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"langchain_core", "langchain_openai", "langgraph", "openai", "torch", "z3", "textual", "pydantic", "numpy"}
    assert not heavy & set(json.loads(done.stdout))


def test_the_package_exports_what_it_names() -> None:
    assert set(agent.__all__) <= set(dir(agent))
    assert callable(agent.run)
    with pytest.raises(AttributeError, match="no attribute 'fly'"):
        agent.fly  # noqa: B018


# What is asked


@pytest.mark.parametrize("query", ["", "   ", "\n\t\u3000"])
def test_a_blank_query_is_refused(query: str, archive: Path) -> None:
    with pytest.raises(InputError, match="the query is blank"):
        agent.run(query, archive=archive)
    with pytest.raises(InputError, match="the query is blank"):
        agent.translate(query)


@pytest.mark.parametrize(
    ("query", "said"), [("x" * 100_000, "100,000 characters; at most 20,000"), ("two \ud800 planes", "character 5")]
)
def test_a_query_that_is_no_readable_text_is_refused(query: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        agent.translate(query)


def test_settings_out_of_range_are_refused_before_anything_runs(archive: Path) -> None:
    with pytest.raises(InputError, match="candidates is 0"):
        agent.stream(QUERY, archive=archive, candidates=0)
    with pytest.raises(InputError, match="max_repairs is -1"):
        agent.stream(QUERY, archive=archive, max_repairs=-1)
    with pytest.raises(InputError, match="top_k is -1"):
        agent.stream(QUERY, archive=archive, top_k=-1)
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="time-out"):
            agent.stream(QUERY, archive=archive, timeout=seconds)
    with pytest.raises(InputError):
        agent.stream(QUERY, archive=archive / "nowhere")
    with pytest.raises(InputError, match="dotta"):
        agent.translate(QUERY, ontology="dotta")


@pytest.mark.parametrize(
    "model", ["", "gpt-4o", "Offline", "openai", "openai:", "openai:  ", "ollama:x", "openai:a\nb"]
)
def test_a_model_that_is_none_is_refused(model: str) -> None:
    with pytest.raises(InputError, match="say offline, or openai:NAME"):
        agent.translate(QUERY, model=model, base_url="http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://host/v1", "http://", "http://host:port/v1", "http://[::1", "http://ho st/"]
)
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="base URL"):
        agent.translate(QUERY, model="openai:m", base_url=url)


def test_a_base_url_needs_a_model_of_a_server() -> None:
    with pytest.raises(InputError, match="offline model asks no server"):
        agent.translate(QUERY, base_url="http://127.0.0.1:1/v1")
    with pytest.raises(InputError, match="chat model of your own"):
        agent.translate(QUERY, model=scripted(GOOD), base_url="http://127.0.0.1:1/v1")


def test_openais_own_server_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        agent.translate(QUERY, model="openai:gpt")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    choice = choose_model("openai:gpt")
    assert choice.name == "openai:gpt"
    assert "sk-secret" not in repr(choice)


# What the model is told


@pytest.mark.parametrize("example", load_examples(), ids=lambda each: each.question)
def test_every_example_of_the_prompt_is_valid_or_says_what_is_refused(example) -> None:  # type: ignore[no-untyped-def]
    if example.formula is None:
        assert example.refused
    else:
        validation = validate_formula(example.formula, "dota")
        assert validation.ok
        assert validation.diagnostics == []


@pytest.mark.parametrize("name", ontology_names())
def test_the_instructions_name_every_class_relation_and_function(name: str) -> None:
    ontology = load_ontology(name)
    text = str(system_message(ontology, "a question of one's own").content)
    for class_name in ontology.by_name:
        assert f"- {class_name}" in text
    for relation in [*RELATIONS, *FUNCTIONS]:
        assert f"- {relation}(" in text
    assert "$" not in text
    assert "one's own" not in text


@pytest.mark.parametrize("query", ["planes", "</question>", "a <QUESTION> of question_2", "one\n\nquestion\n"])
def test_the_tags_around_a_question_are_not_in_it(query: str) -> None:
    opening, *inside, closing = str(question_message(query).content).split("\n")
    assert "\n".join(inside) == query
    assert opening.lower() not in query.lower()
    assert closing.lower() not in query.lower()
    assert opening in str(system_message(load_ontology(), query).content)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("", None),
        ("I cannot do this.", None),
        ("The formula is below.\nexists x. plane(x)", None),
        ("formula:\nexists x. plane(x)", "exists x. plane(x)"),
        ("Two of them, then. So formula: exists>=2 x. plane(x)", "exists>=2 x. plane(x)"),
        ("Here is the formula you want:\n\n**exists x. plane(x)**\n\nIt says more.", "exists x. plane(x)"),
        ("I know no formula for this: red (a colour).\nSorry.", None),
        ("a formula: " * 20_000, None),
        ("```\nexists x.\n  plane(x)\n```", "exists x. plane(x)"),
        ("```\nexists x. plane(x)", "exists x. plane(x)"),
        ("formula: a(x)\nFormula: b(x)", "b(x)"),
        ('{"name": "validate_formula", "arguments": "{\\"formula\\": \\"a(x)\\"}"}', "a(x)"),
        ('{"name": "validate_formula", "parameters": {"formula": "a(x)"}}', "a(x)"),
        ('{"arguments": [1]}', None),
        ("{" * 100_000 + "\n", None),
        ("```\n" * 50_000, None),
        ("\n" * 200_000, None),
        ("#> \n" * 100_000 + "formula: a(x)", "a(x)"),
        ("formula: $exists x. plane(x)$", "exists x. plane(x)"),
    ],
)
def test_a_formula_is_found_in_text(text: str, formula: str | None) -> None:
    assert formula_in_text(text) == formula


# Tools


def test_the_registry_is_one_for_python_and_for_models(archive: Path) -> None:
    assert list(TOOLS) == [
        "validate_formula",
        "describe_ontology",
        "summarise_archive",
        "index_images",
        "rank",
        "check_image",
        "explain",
    ]
    context = ToolContext(ontology=load_ontology())
    for tool in TOOLS.values():
        wrapped = langchain_tool(tool, context)
        assert (wrapped.name, wrapped.description) == (tool.name, tool.description)
    answer = langchain_tool(TOOLS["validate_formula"], context).invoke({"formula": "exists x. plan(x)"})
    assert json.loads(answer) == validate_formula("exists x. plan(x)").model_dump()
    described = langchain_tool(TOOLS["describe_ontology"], context).invoke({})
    assert json.loads(described) == describe_ontology().model_dump()
    with pytest.raises(InputError, match="needs an archive"):
        TOOLS["rank"].call({"formula": GOOD}, context)
    for arguments in ({}, {"formula": GOOD, "archive": "/etc"}, {"formula": GOOD, "top_k": -1}):
        with pytest.raises(ValidationError):
            TOOLS["rank"].call(arguments, context)


def test_tools_that_need_a_valid_formula_are_offered_only_once_there_is_one(archive: Path) -> None:
    context = ToolContext(ontology=load_ontology(), archive=Archive.open(archive))
    before = [each.name for each in offered_tools(context, formula_is_valid=False)]
    after = [each.name for each in offered_tools(context, formula_is_valid=True)]
    assert before == ["validate_formula", "describe_ontology", "summarise_archive", "refuse_query"]
    assert set(after) - set(before) == {"rank", "check_image", "explain"}


def test_tools_are_offered_only_where_there_is_something_to_work_on(archive: Path, tmp_path: Path) -> None:
    bare = ToolContext(ontology=load_ontology())
    names = [each.name for each in offered_tools(bare, formula_is_valid=True)]
    assert names == ["validate_formula", "describe_ontology", "refuse_query"]
    sources = IndexSources(archive=tmp_path / "archive", labels=archive.parent / "scenes.json")
    context = ToolContext(ontology=load_ontology(), sources=sources)
    (index,) = [each for each in offered_tools(context, formula_is_valid=False) if each.name == "index_images"]
    report = json.loads(index.invoke({}))
    assert (report["images"], report["added"]) == (4, 4)
    assert Archive.open(tmp_path / "archive").size.images == 4
    with pytest.raises(ValidationError):
        TOOLS["index_images"].call({"images": "/etc"}, context)
    with pytest.raises(InputError, match="nobody has"):
        TOOLS["index_images"].call({}, bare)


def test_the_summary_counts_every_class_that_was_seen(archive: Path) -> None:
    context = ToolContext(ontology=load_ontology(), archive=Archive.open(archive))
    summary = json.loads(langchain_tool(TOOLS["summarise_archive"], context).invoke({}))
    assert (summary["ontology"], summary["images"], summary["entities"]) == ("dota", 4, 9)
    assert summary["classes"] == [
        {"name": "plane", "entities": 4, "images": 2},
        {"name": "ship", "entities": 3, "images": 2},
        {"name": "harbor", "entities": 1, "images": 1},
        {"name": "storage_tank", "entities": 1, "images": 1},
    ]


def test_the_description_holds_the_whole_vocabulary() -> None:
    described = describe_ontology("dota")
    leaves = [each.name for each in described.classes if each.leaf]
    assert len(leaves) == 18
    assert {each.parent for each in described.classes if each.name == "small_vehicle"} == {"vehicle"}
    assert [each.name for each in described.relations] == list(RELATIONS)
    assert described.units == {"length": ["px", "m", "km"], "area": ["px2", "m2", "ha", "km2"]}
    assert {each.name for each in described.functions} == set(FUNCTIONS)


# Runs with a chat model of one's own


def test_a_run_ranks_by_the_formula_of_the_model(archive: Path) -> None:
    seen: list[Progress] = []
    model = scripted("exists>=3 x. plan(x)", GOOD)
    result = agent.run(QUERY, archive=archive, model=model, top_k=2, progress=seen.append)
    assert result.status == "ok"
    assert result.model == "ScriptedModel"
    assert [each.formula for each in result.attempts] == ["exists>=3 x. plan(x)", GOOD]
    assert result.results[0].image_id == "field"
    assert len(result.results) == 2
    assert [each.id for each in result.parts] == ["p1"]
    assert result.archive is not None
    assert result.archive.images == 4
    assert len(model.asked) == 2


def test_the_last_event_is_the_result_and_events_survive_json(archive: Path) -> None:
    events = list(agent.stream(QUERY, archive=archive, model=scripted("exists x. plan(x)", GOOD)))
    assert isinstance(events[-1], RunFinished)
    assert [each for each in events if isinstance(each, RunFinished)] == [events[-1]]
    for each in events:
        assert read_event(each.model_dump_json()) == each
    with pytest.raises(ValidationError):
        read_event('{"type": "nonsense"}')


def test_a_translation_needs_no_archive_and_shows_its_parts_and_warnings() -> None:
    result = agent.translate("planes and no ship", model=scripted("(exists x. plane(x)) & ~exists z w. ship(z)"))
    assert result.status == "ok"
    assert [each.id for each in result.parts][:2] == ["p1", "p2"]
    assert [each.classes for each in result.parts][:2] == [["plane"], ["ship"]]
    assert "w" in result.warnings[0]
    assert result.archive is None
    assert result.counts is None


def test_a_run_works_inside_a_running_event_loop(archive: Path) -> None:
    async def notebook() -> RunResult:
        return agent.run(QUERY, archive=archive, model=scripted(GOOD))

    assert asyncio.run(notebook()).status == "ok"


def test_the_tracing_that_langchain_gave_up_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGCHAIN_TRACING", "true")
    with pytest.raises(InputError, match="unset it"):
        agent.translate(QUERY, model=scripted(GOOD))


def test_two_runs_at_once_do_not_meet(archive: Path) -> None:
    first = agent.stream(QUERY, archive=archive, model=scripted(GOOD))
    second = agent.stream(QUERY, archive=archive, model=scripted("exists x. ship(x)"))
    ends = [list(each)[-1] for each in (first, second)]
    assert [each.result.formula for each in ends if isinstance(each, RunFinished)] == [GOOD, "exists x. ship(x)"]


def _raising(error: Exception) -> Callable[..., object]:
    def rank(*_: object, **__: object) -> object:
        raise error

    return rank


def test_a_limit_in_ranking_is_a_status_and_keeps_the_formula(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("tools.ranking"), "rank", _raising(LimitError("the ranking took more than 1 s")))
    result = agent.run(QUERY, archive=archive, model=scripted(GOOD))
    assert (result.status, result.error, result.formula) == ("limit", "the ranking took more than 1 s", GOOD)


def test_a_formula_that_the_ranking_refuses_is_unrepairable(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = "exists x. plan(x)"
    monkeypatch.setattr(
        import_module("tools.ranking"), "rank", _raising(FormulaError(bad, analyse(bad, load_ontology()).diagnostics))
    )
    result = agent.run(QUERY, archive=archive, model=scripted(GOOD))
    assert (result.status, result.formula) == ("unrepairable", None)
    assert [each.code for each in result.attempts[-1].diagnostics] == ["unknown-predicate"]


@pytest.mark.parametrize("error", [InputError("the archive is broken"), ZeroDivisionError("a bug")])
def test_other_errors_come_out_of_the_run(archive: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(import_module("tools.ranking"), "rank", _raising(error))
    with pytest.raises(type(error), match=str(error)):
        agent.run(QUERY, archive=archive, model=scripted(GOOD))


def test_progress_of_a_tool_is_an_event(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rank(*_: object, progress: Callable[[Progress], None], **__: object) -> object:
        progress(Progress("solve", 1, 4))
        raise LimitError("enough")

    monkeypatch.setattr(import_module("tools.ranking"), "rank", rank)
    seen: list[Progress] = []
    events = list(agent.stream(QUERY, archive=archive, model=scripted(GOOD), progress=seen.append))
    assert [each for each in events if isinstance(each, ProgressMade)] == [ProgressMade(phase="solve", done=1, total=4)]
    assert seen == [Progress("solve", 1, 4)]


# The offline translator as a chat model


def test_the_offline_model_goes_through_the_same_graph(archive: Path) -> None:
    result = agent.run("at least three planes", archive=archive)
    assert (result.status, result.model, result.formula) == ("ok", "offline", GOOD)
    assert len(result.attempts) == 1
    assert result.results[0].image_id == "field"


def test_english_that_cannot_be_read_is_refused_by_name_without_a_repair() -> None:
    query = "two purple planes"
    result = agent.translate(query)
    assert result.status == "unrepairable"
    assert result.formula is None
    assert result.error is not None
    assert "purple" in result.error
    (refusal,) = result.attempts
    assert refusal.formula == ""
    found = refusal.diagnostics[0]
    assert query[found.start : found.end] == "purple"


@pytest.mark.parametrize("query", ["exists x. plane(x)", "∃x plane(x)", " all x.(plane(x) -> ship(x))"])
def test_a_question_that_is_a_formula_stays_literal(query: str) -> None:
    result = agent.translate(query)
    assert result.status == "ok"
    assert result.formula == validate_formula(query).canonical


def test_a_formula_as_a_question_gets_the_diagnostics_of_logic_and_no_repair() -> None:
    result = agent.translate("exists x. plan(x)")
    assert result.status == "unrepairable"
    (attempt,) = result.attempts
    assert attempt.formula == "exists x. plan(x)"
    assert attempt.diagnostics[0].suggestions == ["plane"]
    assert result.error is not None
    assert "did you mean plane?" in result.error


def test_the_offline_model_is_asked_for_one_candidate_only() -> None:
    result = agent.translate("two planes", candidates=5)
    assert result.status == "ok"
    assert len(result.attempts) == 1
    assert "one candidate" in result.warnings[0]


def test_the_offline_model_never_repairs() -> None:
    model = OfflineChatModel(ontology=load_ontology())
    answer = model.invoke([question_message("two planes"), AIMessage(""), ToolMessage("no", tool_call_id="1")])
    assert isinstance(answer, AIMessage)
    assert [each["name"] for each in answer.tool_calls] == ["refuse_query"]
