"""Bad models: what they say, what the agent does, and what the run ends with."""

import json

from tests.fake_server import Call, Calls, Events, Finished, Hang, Raw, Say, chunk, formula
from tests.nasty_common import (
    AT_ONCE,
    GOOD,
    ON,
    PLAN,
    SECRET,
    TOLD,
    Case,
    case,
    completion,
    failed,
    mended,
    submitting,
    tool_calls,
)

MODELS: tuple[Case, ...] = (
    mended(
        "arguments that are no JSON", Call("validate_formula", '{"formula'), formula(GOOD), said="not a JSON object"
    ),
    case(
        "arguments that are never JSON",
        TOLD,
        Call("validate_formula", "x"),
        status="unrepairable",
        requests=4,
        said="no formula",
    ),
    mended(
        "arguments nested 100,000 deep", Call("validate_formula", "[" * 100000), formula(GOOD), said="not a JSON object"
    ),
    case("arguments that are an object, not a text of one", ON, tool_calls(submitting({"formula": GOOD}))),
    mended(
        "arguments of the wrong type", Call("validate_formula", {"formula": [GOOD]}), formula(GOOD), said="do not fit"
    ),
    mended(
        "arguments beside those that there are",
        Call("validate_formula", {"formula": GOOD, "path": "/etc"}),
        formula(GOOD),
        said="do not fit",
    ),
    mended("an unknown tool", Call("run_shell", {"command": "id"}), formula(GOOD), said="there is no tool"),
    case(
        "unknown tools without end", TOLD, Call("run_shell", {}), status="unrepairable", requests=4, said="no formula"
    ),
    mended(
        "a tool without a name",
        tool_calls({"id": "1", "type": "function", "function": {"name": "", "arguments": "{}"}}),
        formula(GOOD),
        said="there is no tool",
    ),
    case(
        "a ranking before a formula is valid",
        "refuses it and tells the model",
        Call("rank", {}),
        formula(GOOD),
        requests=2,
        said="was refused",
    ),
    case(
        "a tool that only asks, without end",
        "stops it",
        Call("describe_ontology", {}),
        status="limit",
        requests=9,
        said="came to no formula",
    ),
    case(
        "a thousand calls at once",
        "reads eight of them",
        Calls([formula(PLAN)] * 1000),
        formula(GOOD),
        requests=2,
        said="plan",
    ),
    case(
        "two calls with one id",
        "gives them ids of its own",
        tool_calls(submitting(json.dumps({"formula": PLAN})), submitting(json.dumps({"formula": PLAN}))),
        formula(GOOD),
        requests=2,
        said="plan",
    ),
    case(
        "a predicate that does not exist",
        "tells the model the nearest names",
        formula(PLAN),
        formula(GOOD),
        requests=2,
        said="plane",
    ),
    case(
        "predicates that do not exist, without end", TOLD, formula(PLAN), status="unrepairable", requests=4, said="plan"
    ),
    case(
        "ever new wrong formulas",
        TOLD,
        *(formula(f"exists x. thing_{n}(x)") for n in range(9)),
        status="unrepairable",
        requests=4,
        said="thing_0",
    ),
    mended("an empty answer", Say(""), formula(GOOD), said="holds no formula"),
    case("empty answers without end", TOLD, Say(""), status="unrepairable", requests=4, said="no formula"),
    case(
        "a content that is null",
        TOLD,
        Raw(completion({"role": "assistant", "content": None})),
        status="unrepairable",
        requests=4,
        said="no formula",
    ),
    case(
        "talk about the weather",
        TOLD,
        Say("It is a fine day (for me).\nIs it not?"),
        status="unrepairable",
        requests=4,
        said="no formula",
    ),
    case("a formula in the text", ON, Say(f"Gladly:\n```\n{GOOD}\n```")),
    mended(
        "a formula only in its thoughts",
        Say(f"<think>formula: {PLAN}</think>Hm."),
        formula(GOOD),
        said="holds no formula",
    ),
    case(
        "a refusal",
        "ends the run and names the word",
        Say("", refusal="I cannot see planes."),
        status="unrepairable",
        said="cannot see planes",
    ),
    case(
        "a refusal by the tool for it",
        "ends the run and names the word",
        Call("refuse_query", {"problems": [{"word": "two", "message": "no numbers here"}]}),
        status="unrepairable",
        said="no numbers",
    ),
    case(
        "an answer cut off at the server's length limit",
        "does not use the half of it, and tells the model",
        Finished(formula("exists x. ship(x)"), "length"),
        formula(GOOD),
        requests=2,
        said="cut off",
    ),
    failed(
        "an answer that a content filter withheld",
        AT_ONCE,
        Finished(Say("formula: exists x. ship(x)"), "content_filter"),
        said="content filter",
        requests=1,
    ),
    case(
        "terminal escapes in a formula",
        "takes them out, and tells the model",
        formula("\x1b[2J\x1b]0;owned\x07exists x. plane(x)"),
        formula(GOOD),
        requests=2,
        said="syntax",
    ),
    mended(
        "half of a character",
        Call("validate_formula", '{"formula": "exists x. \\ud83d(x)"}'),
        formula(GOOD),
        said="syntax",
    ),
    mended("a formula of 30,000 characters", formula("x" * 30000), formula(GOOD), said="30,000 characters"),
    case(
        "the key, shown back in a formula",
        "takes it out",
        formula(f"exists x. plane(x) & {SECRET}"),
        formula(GOOD),
        requests=2,
        said="[key]",
    ),
    mended(
        "a count of tokens that is none",
        Raw(completion({"role": "assistant", "content": GOOD}, usage={"prompt_tokens": "many"})),
        formula(GOOD),
    ),
    case(
        "a formula that no scene satisfies",
        "sends it back once with the parts that conflict",
        formula("exists x. plane(x) & ship(x)"),
        formula(GOOD),
        requests=2,
        said="no scene can satisfy",
    ),
    case(
        "a formula that no scene satisfies, again",
        "uses it, with a warning",
        formula("exists x. plane(x) & ship(x)"),
        requests=2,
        said="no scene can satisfy",
    ),
    case(
        "more calls than the budget has",
        "stops",
        Call("describe_ontology", {}),
        status="limit",
        requests=2,
        said="as often as its budget allows",
        model_calls=2,
    ),
    case(
        "more tokens than the budget has",
        "stops",
        Events([chunk({"content": "and " * 50})], forever=True),
        status="limit",
        said="tokens of its budget",
        tokens=9000,
    ),
    case("more time than the budget has", "stops", Hang(), status="limit", said="0.3 s of its budget", seconds=0.3),
)
