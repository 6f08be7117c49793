"""The language: notations, canonical form, diagnostics and rewriting passes, as pairs of texts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from solvers.fol.analysis import analyse
from solvers.fol.ast import Formula
from solvers.fol.cost import normal_form_size
from solvers.fol.diagnostics import Code, Severity
from solvers.fol.parser import parse
from solvers.fol.passes.desugar import desugar
from solvers.fol.passes.drop_entailed import drop_entailed
from solvers.fol.passes.existential_form import existential_form
from solvers.fol.passes.expand_groups import expand_groups
from solvers.fol.passes.merge_quantifiers import merge_quantifiers
from solvers.fol.passes.miniscope import miniscope
from solvers.fol.passes.negation_normal_form import negation_normal_form
from solvers.fol.passes.normalise_names import normalise_names
from solvers.fol.passes.order_variables import order_variables
from solvers.fol.passes.rename_apart import rename_apart
from solvers.fol.passes.split_parts import split_parts
from solvers.fol.passes.standard_order import standard_order
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology, OntologyClass
from solvers.plan import NORMALISE, apply_passes, make_plan
from tools.equivalence import are_equivalent
from tools.ontologies import load_ontology
from tools.validate import validate_formula

FIXTURES = Path(__file__).parent / "fixtures"
DOTA = load_ontology("dota")
PASSES: dict[str, Callable[[Formula], Formula]] = {
    "normalise_names": partial(normalise_names, ontology=DOTA),
    "rename_apart": rename_apart,
    "merge_quantifiers": merge_quantifiers,
    "expand_groups": expand_groups,
    "desugar": desugar,
    "negation_normal_form": negation_normal_form,
    "miniscope": miniscope,
    "existential_form": existential_form,
    "drop_entailed": drop_entailed,
    "order_variables": order_variables,
    "standard_order": standard_order,
    "normal_form": partial(apply_passes, NORMALISE),
}


def pairs(path: Path) -> list[tuple[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
    assert len(lines) % 2 == 0
    return list(zip(lines[::2], lines[1::2], strict=True))


def read(text: str) -> Formula:
    parsed = parse(text)
    assert parsed.formula is not None, (text, parsed.diagnostics)
    return parsed.formula


@pytest.mark.parametrize(("written", "canonical"), pairs(FIXTURES / "notations.txt"))
def test_every_notation_is_read(written: str, canonical: str) -> None:
    analysis = analyse(written, DOTA)
    assert analysis.canonical == canonical, analysis.diagnostics
    assert analyse(canonical, DOTA).canonical == canonical


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [(name, *pair) for name in PASSES for pair in pairs(FIXTURES / "passes" / f"{name}.txt")],
)
def test_passes_follow_their_laws(name: str, before: str, after: str) -> None:
    assert print_formula(PASSES[name](read(before))) == after


@pytest.mark.parametrize(("before", "after"), pairs(FIXTURES / "passes" / "split_parts.txt"))
def test_the_conjuncts_at_the_top_are_the_parts(before: str, after: str) -> None:
    assert "; ".join(map(print_formula, split_parts(read(before)))) == after


@pytest.mark.parametrize(
    ("text", "code", "marked", "suggestion"),
    [
        ("exists x. plane(x", Code.SYNTAX, "", ")"),
        ("exists x. plane(x))", Code.SYNTAX, ")", "the end"),
        ("exists x. plane(x) ship(x)", Code.SYNTAX, "ship", "&"),
        ("exists x. & plane(x)", Code.SYNTAX, "&", "a predicate"),
        ("exists x. distance(x, x) < 50 ft", Code.SYNTAX, "ft", None),
        ("exists>=3 x y. plane(x)", Code.SYNTAX, "y", None),
        ("exists x. plane(x) § ship(x)", Code.SYNTAX, "§", None),
        ("", Code.SYNTAX, "", None),
        ("exists x. plane(x) ship(x) § (", Code.SYNTAX, "ship", "&"),
        ("exists x. (plane(x) & ship(x]", Code.SYNTAX, "]", ")"),
        ("exists x. plane & ship(x)", Code.SYNTAX, "&", None),
        ("exists x. pl\u202eane(x)", Code.SYNTAX, "\u202e", None),
        ("exists!=3 x. plane(x)", Code.SYNTAX, "exists!=3", None),
        ("exists x. near(x, -ship)", Code.SYNTAX, "-", "a variable"),
        ("exists x. plane(x) & true", Code.UNKNOWN_PREDICATE, "true", None),
        ("exists x. airplane(x)", Code.UNKNOWN_PREDICATE, "airplane", "plane"),
        ("exists x. plain(x)", Code.UNKNOWN_PREDICATE, "plain", "plane"),
        ("exists x y. plane(x) & nearby(x, y)", Code.UNKNOWN_PREDICATE, "nearby", "near"),
        ("exists x y. plane(x) & next_to(x, y)", Code.UNKNOWN_PREDICATE, "next_to", "near"),
        ("exists x. size(x) < 5 m2", Code.UNKNOWN_PREDICATE, "size", "area"),
        ("exists x. distance(x)", Code.UNKNOWN_PREDICATE, "distance", None),
        ("exists x. plane(x) & near(x)", Code.WRONG_ARITY, "near(x)", None),
        ("exists x. plane(x, x)", Code.WRONG_ARITY, "plane(x, x)", None),
        ("exists x. row(x)", Code.WRONG_ARITY, "row(x)", None),
        ("exists x. distance(x) < 5 m", Code.WRONG_ARITY, "distance(x)", None),
        ("plane(x)", Code.FREE_VARIABLE, "x", None),
        ("exists xs. plane(x)", Code.FREE_VARIABLE, "x", "xs"),
        ('exists x. near(x, "rina")', Code.FREE_VARIABLE, '"rina"', None),
        ("exists x. area(x) > 5", Code.UNIT_MISMATCH, "5", "m2"),
        ("exists x. area(x) > 5 m", Code.UNIT_MISMATCH, "5 m", "m2"),
        ("exists x. distance(x, x) < 50ft", Code.UNIT_MISMATCH, "50ft", "m"),
        ("exists x. area(x) > length(x)", Code.UNIT_MISMATCH, "area(x) > length(x)", None),
        ("exists x y. x < y", Code.UNIT_MISMATCH, "x < y", None),
        ("exists x. x = 5 m", Code.UNIT_MISMATCH, "x = 5 m", None),
        ("exists x. near(x, 5)", Code.UNIT_MISMATCH, "5", None),
        ("exists x. near(x, area(x))", Code.UNIT_MISMATCH, "area(x)", None),
        ("exists x. plane(x) & 1 m < 2 m", Code.UNIT_MISMATCH, "1 m < 2 m", None),
        ("exists>=9999999 x. plane(x)", Code.TOO_EXPENSIVE, "exists>=9999999", None),
    ],
)
def test_errors_say_what_where_and_what_would_be_right(
    text: str, code: Code, marked: str, suggestion: str | None
) -> None:
    analysis = analyse(text, DOTA)
    assert analysis.formula is None
    first = analysis.diagnostics[0]
    assert (first.code, first.severity, text[first.start : first.end]) == (code, Severity.ERROR, marked)
    assert suggestion is None or suggestion in (*first.expected, *first.suggestions)


def test_all_errors_of_a_formula_are_told_in_the_order_of_the_text() -> None:
    analysis = analyse("exists x. airplane(x) & near(x) & ship(y)", DOTA)
    assert [each.code for each in analysis.diagnostics] == [
        Code.UNKNOWN_PREDICATE,
        Code.WRONG_ARITY,
        Code.FREE_VARIABLE,
    ]


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("exists x y. plane(x)", Code.UNUSED_VARIABLE, Severity.WARNING),
        ("exists x. exists x. plane(x)", Code.UNUSED_VARIABLE, Severity.WARNING),
        ("exists x y. plane(x) & plane(y)", Code.NOT_DISTINCT, Severity.HINT),
        ("exists x. plane(x) & exists y. plane(y) & same_class(x, y)", Code.NOT_DISTINCT, Severity.HINT),
    ],
)
def test_warnings_and_hints_do_not_stop_a_formula(text: str, code: Code, severity: Severity) -> None:
    analysis = analyse(text, DOTA)
    assert analysis.formula is not None
    assert [(each.code, each.severity) for each in analysis.diagnostics] == [(code, severity)]


@pytest.mark.parametrize(
    "relation",
    [
        "x != y",
        "~(x = y)",
        "near(y, x)",
        "row(x, y)",
        "area(x) > area(y)",
        "distance(x, y) > 3 px",
        "~same_class(x, y)",
        "in_left(x) & ~in_left(y)",
    ],
)
def test_variables_that_are_kept_apart_get_no_hint(relation: str) -> None:
    assert analyse(f"exists x y. plane(x) & plane(y) & {relation}", DOTA).diagnostics == ()


def test_nested_equivalences_are_refused_before_they_grow() -> None:
    text = "exists x. " + " <-> ".join(["plane(x)"] * 14)
    assert normal_form_size(read(text)) > 2_000
    assert [each.code for each in analyse(text, DOTA).diagnostics] == [Code.TOO_EXPENSIVE]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("exists x. plane(x) & ship(x)", "unsatisfiable", "plane(x); ship(x)"),
        ("exists x y. overlaps(x, y) & far_from(x, y)", "unsatisfiable", "far_from"),
        ("exists x y. on(x, y) & larger_than(x, y)", "unsatisfiable", "on(x, y)"),
        ("exists x y z. left_of(x, y) & left_of(y, z) & right_of(x, z)", "unsatisfiable", "right_of"),
        ("exists x. area(x) < 5 m2 & area(x) > 6 m2", "unsatisfiable", "6 m2"),
        ("exists x. vehicle(x) & ~small_vehicle(x) & ~large_vehicle(x)", "unsatisfiable", "vehicle"),
        ("(exists x. ship(x)) & (exists y. plane(y)) & ~exists z. ship(z)", "unsatisfiable", "~exists z. ship(z)"),
        ("forall x. plane(x) -> aircraft(x)", "tautology", "every scene"),
        ("(exists x. plane(x)) | ~exists x. plane(x)", "tautology", "every scene"),
    ],
)
def test_z3_warns_of_formulas_that_tell_no_image_from_another(text: str, code: str, named: str) -> None:
    validation = validate_formula(text)
    assert validation.ok
    (warning,) = (each for each in validation.diagnostics if each.severity == "warning")
    assert warning.code == code
    assert named in warning.message
    assert text[warning.start : warning.end].strip("()") == text.strip("()")


@pytest.mark.parametrize(
    "text", ["forall x. ship(x) -> exists y. harbor(y) & near(x, y)", "exists x y z. row(x, y, z) & ship(x)"]
)
def test_z3_does_not_warn_of_others(text: str) -> None:
    assert [each for each in validate_formula(text).diagnostics if each.severity == "warning"] == []


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("exists x y. plane(x) & ship(y) & left_of(x, y)", "exists a b. ship(a) & right_of(a, b) & plane(b)", True),
        ("~exists x. plane(x)", "forall x. ~plane(x)", True),
        ("exists>=2 x. plane(x)", "exists x y. plane(x) & plane(y) & x != y", True),
        ("exists x. vehicle(x)", "exists x. small_vehicle(x) | large_vehicle(x)", True),
        ("exists x y. inside(x, y) & near(x, y)", "exists x y. contains(y, x)", True),
        ("exists x. plane(x)", "exists x. ship(x)", False),
        ("exists>=2 x. plane(x)", "exists x y. plane(x) & plane(y)", False),
        ("exists x y. near(x, y)", "exists x y. adjacent(x, y)", False),
    ],
)
def test_equivalence_is_proved_or_refuted(first: str, second: str, answer: bool) -> None:
    assert are_equivalent(first, second) is answer


@pytest.mark.parametrize(
    "text",
    [
        f"exists {' '.join(f'x{n}' for n in range(80))}. clustered({', '.join(f'x{n}' for n in range(80))})",
        f"exists {' '.join(f'x{n}' for n in range(101))}. {' & '.join(f'plane(x{n})' for n in range(101))}",
    ],
)
def test_too_many_variables_are_refused(text: str) -> None:
    assert [each.code for each in analyse(text, DOTA).diagnostics] == [Code.TOO_EXPENSIVE]


@pytest.mark.parametrize("number", ["1e999", "1e305", "9" * 400])
def test_numbers_beyond_all_lengths_are_refused(number: str) -> None:
    assert analyse(f"exists x. area(x) > {number} km2", DOTA).diagnostics[0].code is Code.UNIT_MISMATCH


def test_hints_are_few() -> None:
    names = [f"x{n}" for n in range(30)]
    planes = " & ".join(f"plane({name})" for name in names)
    assert len(analyse(f"exists {' '.join(names)}. {planes}", DOTA).diagnostics) <= 10


def test_the_users_own_classes_are_predicates() -> None:
    ontology = Ontology("own", (OntologyClass("kiosk", synonyms=("stall",)),))
    assert analyse("exists x. kiosk(x)", ontology).formula is not None
    assert analyse("exists x. stall(x)", ontology).diagnostics[0].suggestions == ("kiosk",)


def test_parts_and_clauses() -> None:
    text = "exists x y. plane(x) & storage_tank(y) & near(x, y) & (exists z. ship(z)) & exists>=2 w. harbor(w)"
    formula = analyse(text, DOTA).require()
    parts = make_plan(formula, DOTA).parts
    assert [(part.id, part.classes, [clause.text for clause in part.clauses]) for part in parts] == [
        ("p1", ("plane", "storage_tank"), ["plane(x)", "storage_tank(y)", "near(x, y)"]),
        ("p2", ("ship",), ["ship(z)"]),
        ("p3", ("harbor",), ["exists>=2 w. harbor(w)"]),
    ]
