"""Reading the answer of a model that writes text instead of calling tools."""

import json
import re
from collections.abc import Mapping

_END_OF_THOUGHT = "</think>"
_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_FORMULA_LINE = re.compile(r"^[ \t>*_#-]*formula[*_]*[ \t]*:[*_]*\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_FORMULA_ANNOUNCED = re.compile(r"\bformula\b[^:\n]{0,40}:[*_]*", re.IGNORECASE)
_APPLIED = re.compile(r"\w\(")
_CANNOT_LINE = re.compile(r"^[ \t>*_#-]*cannot[*_]*[ \t]*:[*_]*[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_TOOL_CALL_TAGS = re.compile(r"</?tool_call>")
_WRAPPERS = ("**", "`", "$")


def formula_in_text(text: str) -> str | None:
    """The formula of an answer: its last fenced block, else its last line that starts with `formula:`.

    A tool call written out as JSON counts, so does what a sentence announces ("the formula is: ..."), and so does an
    answer that is a single line with a bracket in it. None where there is none of these.
    """
    said = _after_thought(text)
    called = _formula_in_json(_TOOL_CALL_TAGS.sub("", said))
    if called is not None:
        return called
    blocks = [block.strip() for block in _FENCED.findall(said) if block.strip()]
    if blocks:
        return _formula_in_json(blocks[-1]) or _in_line(blocks[-1]) or _unwrapped(blocks[-1])
    labelled = _in_line(said)
    if labelled is not None:
        return labelled
    whole = said.strip()
    return _unwrapped(whole) if "(" in whole and "\n" not in whole else None


def refusal_in_text(text: str) -> str | None:
    """What an answer says cannot be put into logic, on its last line that starts with `cannot:`; None without one.

    An answer in JSON says it under the key `cannot`.
    """
    match _json(_after_thought(text)):
        case {"cannot": str(cannot)} if cannot.strip():
            return _unwrapped(cannot)
    found = _CANNOT_LINE.findall(_after_thought(text))
    return _unwrapped(found[-1]) if found else None


def _after_thought(text: str) -> str:
    return text.rpartition(_END_OF_THOUGHT)[2]


def _in_line(text: str) -> str | None:
    found = _FORMULA_LINE.findall(text)
    if found:
        return _unwrapped(found[-1])
    announced = list(_FORMULA_ANNOUNCED.finditer(text))
    after = text[announced[-1].end() :].strip() if announced else ""
    line = after.partition("\n")[0]
    return _unwrapped(line) if _APPLIED.search(line) else None


def _unwrapped(text: str) -> str:
    line = " ".join(text.split())
    for mark in _WRAPPERS:
        if len(line) > 2 * len(mark) and line.startswith(mark) and line.endswith(mark):
            line = line[len(mark) : -len(mark)].strip()
    return line


def _formula_in_json(text: str) -> str | None:
    match _json(text):
        case {"formula": str(formula)} if formula.strip():
            return formula
        case {"arguments": arguments} | {"parameters": arguments}:
            inner = _json(arguments) if isinstance(arguments, str) else arguments
            called = inner.get("formula") if isinstance(inner, Mapping) else None
            return called if isinstance(called, str) else None
        case _:
            return None


def _json(text: str) -> object:
    stripped = text.strip()
    if not stripped.startswith("{"):
        return None
    try:
        value: object = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return value
