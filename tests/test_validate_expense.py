"""`too-expensive`: what would explode is named with what would be cheaper, and everything else is judged."""

import json
import subprocess
import sys

import pytest

from solvers.fol.analysis import analyse
from tools.ontologies import load_ontology
from tools.validate import validate_formula

DOTA = load_ontology("dota")


def names(count: int) -> list[str]:
    return [f"x{number}" for number in range(count)]


def block(count: int, body: str) -> str:
    return f"exists {' '.join(names(count))}. {body}"


EQUIVALENCES = " <-> ".join(["in_left(x)", "in_top(x)"] * 7)
EXCLUSIONS = " ^ ".join(["near(x, y)"] * 12)
CROWD = f"clustered({', '.join(names(80))})"
EXACT = " ".join(f"exists=7 {name}. plane({name}) &" for name in names(20)) + " ship(x0)"
MANY = block(101, " & ".join(f"plane({name})" for name in names(101)))

TOO_MUCH = [
    (f"(exists z. ship(z)) & exists x. plane(x) & ({EQUIVALENCES})", EQUIVALENCES, "told by & and |"),
    (f"forall x y. plane(x) -> ({EXCLUSIONS})", EXCLUSIONS, "told by & and |"),
    (block(80, f"plane(x0) & {CROWD}"), CROWD, "groups of fewer variables"),
    (EXACT, EXACT, "exists>=n in place of exists=n"),
    (f"(exists y. ship(y)) & {MANY}", MANY, "a count, as in exists>=5"),
]

LEGITIMATE = [
    "exists>=100000 x. plane(x)",
    "exists=100000 x. plane(x) & exists<=99999 y. ship(y) & near(x, y)",
    " & ".join(f"(exists {name}. plane({name}) & in_left({name}))" for name in names(150)),
    " | ".join(f"(exists=3 {name}. plane({name}))" for name in names(150)),
    f"exists x y. plane(x) & ship(y) & ({' <-> '.join(['near(x, y)', 'in_left(x)'] * 4)})",
    block(60, f"clustered({', '.join(names(60))})"),
    block(30, f"row({', '.join(names(30))})"),
    block(100, " & ".join(f"near({a}, {b})" for a, b in zip(names(100), names(100)[1:], strict=False))),
    " ".join(f"exists=7 {name}. plane({name}) &" for name in names(8)) + " in_left(x0)",
    "forall a. exists b. forall c. exists d. near(a, b) & left_of(c, d) | above(b, c) & ~larger_than(a, d)",
]


@pytest.mark.parametrize(("text", "culprit", "cheaper"), TOO_MUCH)
def test_what_is_too_expensive_is_named_with_what_would_be_cheaper(text: str, culprit: str, cheaper: str) -> None:
    validation = validate_formula(text)
    (error,) = validation.diagnostics
    assert not validation.ok
    assert (error.code, error.severity) == ("too-expensive", "error")
    named = text[error.start : error.end]
    assert named in culprit
    assert len(culprit) / 2 < len(named) < len(text)
    assert error.message.startswith(f'"{named[:50]}')
    assert "at most" in error.message
    assert cheaper in error.message


@pytest.mark.parametrize("text", LEGITIMATE)
def test_what_can_be_judged_is_not_refused(text: str) -> None:
    assert analyse(text, DOTA).formula is not None


JUDGE_ALL = """
import json, re, resource, sys
from pathlib import Path
from tools.validate import validate_formula
for text in json.loads(sys.stdin.read()):
    print(json.dumps([each.code for each in validate_formula(text).diagnostics if each.severity != "hint"]), flush=True)
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
print(peak // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def test_judging_large_formulas_ends_within_memory() -> None:
    """All of them one after the other in a process of its own, which must take less than a gigabyte."""
    given = json.dumps([*(text for text, _, _ in TOO_MUCH), *LEGITIMATE])
    done = subprocess.run(
        [sys.executable, "-c", JUDGE_ALL], input=given, capture_output=True, text=True, timeout=200, check=True
    )
    *answers, memory = done.stdout.splitlines()
    found = [json.loads(answer) for answer in answers]
    assert found[: len(TOO_MUCH)] == [["too-expensive"]] * len(TOO_MUCH)
    assert all(codes == [] for codes in found[len(TOO_MUCH) :])
    assert all(int(megabytes) < 1_000 for megabytes in memory.split())
