"""The brute force that says which images are relevant: against the slow reference, and alone in the house."""

import ast
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.fol.analysis import analyse
from tests.conftest import REPOSITORY
from tests.reference.evaluate import Evaluator as SlowEvaluator
from tests.reference.evaluate import read_hierarchy
from tests.reference.geometry import BINARY, GROUPS, TERNARY, UNARY, Geometry
from tests.strategies import Pair, formulas, scenes
from tools.evaluation.brute_force.arrangement import Arrangement
from tools.evaluation.brute_force.evaluate import Evaluator
from tools.ontologies import load_ontology

HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")


@settings(max_examples=200, deadline=None)
@given(formulas(), st.lists(scenes(), min_size=1, max_size=3))
def test_it_says_what_the_slow_reference_says(text: str, pairs: list[Pair]) -> None:
    canonical = analyse(text, load_ontology("dota")).canonical
    for formula in (text, canonical) if canonical is not None else (text,):
        for pair in pairs:
            found = Evaluator(Arrangement(pair.picture), HIERARCHY).verdict(formula)
            assert found == SlowEvaluator(pair.picture, HIERARCHY).verdict(formula), formula


@settings(max_examples=50, deadline=None)
@given(scenes())
def test_every_relation_holds_of_the_pairs_that_the_slow_reference_names(pair: Pair) -> None:
    arrangement, slow = Arrangement(pair.picture), Geometry(pair.picture)
    things = range(len(arrangement))
    for name in sorted(UNARY):
        assert arrangement.region(name, np.array(things, dtype=int)).tolist() == [
            slow.holds(name, (each,)) for each in things
        ]
    for name, arity in [(name, 2) for name in sorted(BINARY | GROUPS)] + [
        (name, 3) for name in sorted(TERNARY | GROUPS)
    ]:
        at = np.meshgrid(*[np.array(things, dtype=int)] * arity, indexing="ij")
        found = arrangement.related(name, *at)
        for places in np.ndindex(*at[0].shape):
            expected = slow.holds(name, places)
            if found is None:  # of a thing and itself it is false all the same
                assert expected is (False if places[0] == places[1] else None)
            else:
                assert found[places] == expected, (name, places)


def test_it_imports_nothing_of_the_house_but_itself() -> None:
    for path in sorted((REPOSITORY / "tools" / "evaluation" / "brute_force").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0 and node.module is not None
                names = [node.module]
            for name in names:
                root = name.split(".")[0]
                allowed = root in sys.stdlib_module_names or root in {"numpy", "shapely"}
                assert allowed or name.startswith("tools.evaluation.brute_force."), f"{path.name} imports {name}"
