"""Every rewriting pass keeps the three-valued verdict of a formula, by the reference evaluator, and its own promise."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings

from solvers.fol.analysis import analyse
from solvers.fol.ast import (
    Atom,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Quantifier,
    bound_variables,
    children,
    free_variables,
    subformulas,
)
from solvers.fol.cost import normal_form_size, smallest_beyond, variable_count
from solvers.fol.diagnostics import Code
from solvers.fol.parser import parse
from solvers.fol.passes.desugar import desugar
from solvers.fol.passes.existential_form import existential_form
from solvers.fol.passes.expand_groups import expand_groups
from solvers.fol.passes.merge_quantifiers import merge_quantifiers
from solvers.fol.passes.miniscope import miniscope
from solvers.fol.passes.negation_normal_form import negation_normal_form
from solvers.fol.passes.order_variables import binding_order, share
from solvers.fol.passes.rename_apart import rename_apart
from solvers.fol.passes.split_parts import split_clauses, split_parts
from solvers.fol.passes.standard_order import standard_order
from solvers.fol.printer import print_formula
from solvers.plan import MAKE_READY, NORMALISE, Pass, make_plan
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.strategies import Pair, formulas, is_vague, scenes
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")
PASSES: tuple[Pass, ...] = (rename_apart, merge_quantifiers, *NORMALISE, *MAKE_READY)
PROPERTY = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def read(text: str) -> Formula:
    formula = parse(text).formula
    assert formula is not None
    return formula


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_every_pass_keeps_the_verdict(text: str, pair: Pair) -> None:
    """The passes run one after the other, as they do in a plan; the reference reads what each one prints."""
    assume(not is_vague(text, pair, DOTA))
    reference = Evaluator(pair.picture, HIERARCHY)
    expected = reference.verdict(text)
    formula = read(text)
    for each in PASSES:
        formula = each(formula)
        assert reference.verdict(print_formula(formula)) == expected, each.__name__
    for each in (standard_order, lambda given: standard_order(expand_groups(given))):
        assert reference.verdict(print_formula(each(rename_apart(read(text))))) == expected


@PROPERTY
@given(formulas(), scenes(certain=True))
def test_the_parts_and_their_clauses_are_the_formula(text: str, pair: Pair) -> None:
    assume(not is_vague(text, pair, DOTA))
    reference = Evaluator(pair.picture, HIERARCHY)
    parts = make_plan(analyse(text, DOTA).require(), DOTA).parts
    verdicts = {reference.verdict(part.text) for part in parts}
    assert next(each for each in ("unsat", "unknown", "sat") if each in verdicts) == reference.verdict(text)
    for part in parts:
        joined = " & ".join(f"({clause.text})" for clause in part.clauses)
        again = f"exists {' '.join(part.variables)}. {joined}" if part.variables else joined
        assert reference.verdict(again) == reference.verdict(part.text)


@PROPERTY
@given(formulas())
def test_every_pass_keeps_its_promise(text: str) -> None:
    """What a pass removes is gone after it: shadowed names, groups, sugar, negations above connectives, universals."""
    renamed = rename_apart(read(text))
    names = [variable.name for each in subformulas(renamed) for variable in bound_variables(each)]
    assert len(names) == len(set(names))
    core = desugar(expand_groups(renamed))
    predicates = {each.predicate for each in subformulas(core) if isinstance(each, Atom)}
    assert not predicates & {"row", "column", "clustered"}
    normal = negation_normal_form(core)
    for each in subformulas(normal):
        if isinstance(each, Not):
            assert isinstance(each.body, Atom | Counted)
    assert normal_form_size(renamed) >= sum(not isinstance(each, Not) for each in subformulas(normal))
    assert negation_normal_form(normal) == normal
    narrow = miniscope(normal)
    assert free_variables(narrow) == frozenset()
    assert miniscope(narrow) == narrow
    assert all(len(split_parts(part)) == 1 for part in split_parts(narrow))
    ready = existential_form(narrow)
    assert not [each for each in subformulas(ready) if isinstance(each, Quantified) and not is_existential(each)]


def is_existential(formula: Quantified) -> bool:
    return formula.quantifier is Quantifier.EXISTS


@PROPERTY
@given(formulas())
def test_the_order_of_binding_is_one_of_the_same_variables(text: str) -> None:
    """Parts and witnesses keep their names; a bound block is connected wherever a conjunct connects it."""
    for part in make_plan(analyse(text, DOTA).require(), DOTA).parts:
        if not part.variables:
            continue
        ordered, conjuncts = split_clauses(part.formula)
        names = [variable.name for variable in ordered]
        assert sorted(names) == sorted(part.variables)
        linked = [free_variables(conjunct) & set(names) for conjunct in conjuncts if share(conjunct) < 1.0]
        for place in range(1, len(names)):
            bound, waiting = set(names[:place]), set(names[place:])
            crossing = [each for each in linked if each & bound and each & waiting]
            assert not crossing or any(names[place] in each for each in crossing)


def test_ties_keep_the_order_of_the_text() -> None:
    ordered, conjuncts = split_clauses(read("exists c a b. plane(a) & plane(b) & plane(c) & a != b & b != c"))
    assert binding_order(ordered, conjuncts) == ordered


NESTED = " <-> ".join(["plane(x)"] * 12)
GROUP = f"clustered({', '.join(['x'] * 70)})"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"exists x. ship(x) & ({NESTED}) & bridge(x)", NESTED.rsplit(" <-> ", 2)[0]),
        (f"exists x. ship(x) & ~({GROUP} | bridge(x))", GROUP),
    ],
)
def test_too_expensive_names_the_innermost_sub_formula(text: str, named: str) -> None:
    analysis = analyse(text, DOTA)
    (error,) = analysis.diagnostics
    assert error.code is Code.TOO_EXPENSIVE
    found = text[error.start : error.end]
    assert found.strip("()") in (named.strip("()"), named)
    assert "at most" in error.message


@pytest.mark.parametrize("measure", [normal_form_size, variable_count])
def test_nothing_is_named_within_the_limit(measure: Callable[[Formula], int]) -> None:
    formula = read("exists x y. (plane(x) <-> ship(y)) ^ near(x, y)")
    limit = measure(formula)
    assert smallest_beyond(formula, measure, limit) is None
    beyond = smallest_beyond(formula, measure, limit - 1)
    assert beyond is not None
    assert all(measure(child) < limit for child in children(beyond))


def test_a_canonical_text_that_could_not_be_read_again_is_refused() -> None:
    text = f"∃x({'∧'.join(['ground_track_field(x)'] * 900)})"
    assert len(text) < 20_000
    assert [each.code for each in analyse(text, DOTA).diagnostics] == [Code.TOO_EXPENSIVE]


def test_negation_normal_form_refuses_what_is_not_desugared() -> None:
    with pytest.raises(TypeError, match="desugar"):
        negation_normal_form(read("exists x. plane(x) -> ship(x)"))


def test_a_disjunction_is_one_part_with_one_clause() -> None:
    (part,) = make_plan(analyse("(exists x. plane(x)) | exists y. ship(y)", DOTA).require(), DOTA).parts
    assert isinstance(part.formula, Or)
    assert part.variables == ()
    assert [clause.text for clause in part.clauses] == [part.text]
