"""What the model is told: prompts from files, filled with the vocabulary that the code knows."""

import json
import tomllib
from collections.abc import Sequence
from importlib import resources
from string import Template

from langchain_core.messages import HumanMessage, SystemMessage

from solvers.ontology import Ontology
from tools.describe import ClassDescription, OntologyDescription, describe_ontology
from tools.results import AttemptModel, Model

_PROMPTS = resources.files("agent") / "prompts"
_TAG = "question"
_WORD_CHARACTERS = 40
_WORDS = 5


class Example(Model):
    """A question, and either the formula that means it or what no formula can express."""

    question: str
    formula: str | None = None
    refused: tuple[str, ...] = ()


def load_examples() -> tuple[Example, ...]:
    """The in-context examples, in the order of the file."""
    document = tomllib.loads(_read("examples.toml"))
    return tuple(Example.model_validate(each) for each in document["example"])


def system_message(ontology: Ontology, query: str) -> SystemMessage:
    """The instructions for one question over an ontology; the question itself is not in them."""
    described = describe_ontology(ontology)
    return SystemMessage(
        _filled(
            "system.md",
            tag=_tag_for(query),
            ontology=_as_data(described.name),
            classes="\n".join(_class_line(each) for each in described.classes),
            relations="\n".join(_relation_lines(described)),
            functions="\n".join(_function_lines(described)),
            examples="\n\n".join(_example_text(each) for each in load_examples()),
        )
    )


def question_message(query: str) -> HumanMessage:
    """The question, alone in a message, between tags that it does not contain itself."""
    tag = _tag_for(query)
    return HumanMessage(f"<{tag}>\n{query}\n</{tag}>")


def question_of(message: HumanMessage) -> str:
    """The question that `question_message` put into a message."""
    return "\n".join(message.text.split("\n")[1:-1])


def repair_text(
    attempt: AttemptModel, best: AttemptModel, tries_left: int, previous: AttemptModel | None = None
) -> str:
    """What the model is told of a formula that did not pass; `best` is the one that it is to mend.

    Where there is a `previous` attempt, what has gone, stayed and come since is said too.
    """
    findings = {
        "formula": attempt.formula,
        "diagnostics": [
            {**each.model_dump(), "at": attempt.formula[each.start : each.end]} for each in attempt.diagnostics
        ],
    }
    comparison = "" if previous is None else _compared(previous, attempt)
    if best != attempt:
        comparison += (
            f"It is no better than the formula before it, which has {error_count(best)} error(s) and stays the one to "
            f"mend: {json.dumps(best.formula, ensure_ascii=False)}\n"
        )
    return _filled(
        "repair.md",
        findings=json.dumps(findings, ensure_ascii=False, indent=1),
        comparison=comparison,
        left=_tries(tries_left),
    )


def doubt_text(reasons: Sequence[str]) -> str:
    """What the model is told of a valid formula that no scene, or every scene, satisfies."""
    return _filled("doubt.md", reasons="; ".join(reasons) + ".")


def unreadable_text(reason: str, tries_left: int) -> str:
    """What the model is told of an answer that nothing can be done with."""
    return _filled("unreadable.md", reason=reason, left=_tries(tries_left))


def refused_tool_text(tool: str) -> str:
    """What the model is told of a tool that it called before a formula had passed validation."""
    return _filled("refused_tool.md", tool=tool)


def error_count(attempt: AttemptModel) -> int:
    """How many errors a formula has; warnings and hints do not count."""
    return sum(each.severity == "error" for each in attempt.diagnostics)


def _compared(previous: AttemptModel, attempt: AttemptModel) -> str:
    """The errors of an attempt beside those of the one before it, in words."""
    before, now = _errors(previous), _errors(attempt)
    said = [
        f"{what}: {', '.join(found)}.\n"
        for what, found in (
            ("Mended since the formula before it", [each for each in before if each not in now]),
            ("Still wrong", [each for each in now if each in before]),
            ("New", [each for each in now if each not in before]),
        )
        if found
    ]
    return "".join(said)


def _errors(attempt: AttemptModel) -> list[str]:
    found = [
        f"{each.code} at {json.dumps(attempt.formula[each.start : each.end], ensure_ascii=False)}"
        for each in attempt.diagnostics
        if each.severity == "error"
    ]
    return list(dict.fromkeys(found))


def _read(name: str) -> str:
    return (_PROMPTS / name).read_text(encoding="utf-8")


def _filled(name: str, **values: str) -> str:
    return Template(_read(name)).substitute(values).strip()


def _tag_for(query: str) -> str:
    number = 1
    tag = _TAG
    while tag in query.lower():
        number += 1
        tag = f"{_TAG}_{number}"
    return tag


def _tries(left: int) -> str:
    return f"Tries left: {left}."


def _class_line(each: ClassDescription) -> str:
    synonyms = [word for name in each.synonyms if (word := _as_data(name)).count(" ") < _WORDS]
    words = f": {', '.join(synonyms)}" if synonyms else ""
    kind = f" (a kind of {each.parent})" if each.parent else "" if each.leaf else " (covers others)"
    return f"- {each.name}{kind}{words}"


def _as_data(text: str) -> str:
    """A name from a user's own ontology, on one line and short, so that it cannot pass for instructions."""
    line = " ".join("".join(each if each.isalnum() or each in "-'_/&." else " " for each in text).split())
    return line[:_WORD_CHARACTERS]


def _relation_lines(described: OntologyDescription) -> Sequence[str]:
    return [
        f"- {each.name}({', '.join('xyz'[: each.arity])}{', ...' if each.variadic else ''}): {each.meaning}"
        for each in described.relations
    ]


def _function_lines(described: OntologyDescription) -> Sequence[str]:
    return [
        f"- {each.name}({', '.join('xyz'[: each.arity])}), in {', '.join(each.units)}: {each.meaning}"
        for each in described.functions
    ]


def _example_text(example: Example) -> str:
    if example.formula is not None:
        return f"{example.question}\n    {example.formula}"
    return f"{example.question}\n    refuse_query: {'; '.join(example.refused)}"
