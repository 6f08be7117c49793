"""The complexity of formulas, worked out by hand from the definition."""

import pytest

from tools.evaluation.complexity import Complexity, complexity_of
from tools.ontologies import load_ontology

CASES = [
    ("exists x. plane(x)", Complexity(variables=1), 1, 1),
    ("exists>=2 x. plane(x)", Complexity(variables=2), 2, 1),
    ("exists>=9 x. plane(x)", Complexity(variables=4), 4, 2),
    ("exists=1 x. plane(x)", Complexity(variables=1, negations=1), 2, 1),
    ("exists<=2 x. plane(x)", Complexity(variables=3, negations=1), 4, 2),
    ("exists x. plane(x) & in_top_left(x)", Complexity(variables=1, attributes=1), 2, 1),
    ("exists x y. ship(x) & harbor(y) & near(x, y)", Complexity(variables=2, relations=1), 3, 2),
    ("exists x y. ship(x) & ship(y) & x != y & distance(x, y) < 50 px", Complexity(variables=2, attributes=1), 3, 2),
    ("exists x. exists y. exists z. between(x, y, z)", Complexity(variables=3, relations=1), 4, 2),
    ("exists x y z. row(x, y, z)", Complexity(variables=3, relations=2), 5, 2),
    ("(exists x. plane(x)) | exists y. ship(y)", Complexity(variables=2, disjunctions=1), 3, 2),
    ("exists>=3 x. plane(x) & exists y. storage_tank(y) & near(x, y)", Complexity(variables=4, relations=1), 5, 2),
    ("~exists x. ship(x)", Complexity(variables=1, negations=1, universals=1), 4, 2),
    (
        "~exists x y. ship(x) & harbor(y) & near(x, y)",
        Complexity(variables=2, relations=1, negations=1, universals=1),
        6,
        3,
    ),
    (
        "exists x. ship(x) & forall y. ship(y) & x != y -> larger_than(x, y)",
        Complexity(variables=2, relations=1, universals=1, alternations=1),
        7,
        3,
    ),
    (
        "(exists x. ship(x)) & forall y. ship(y) -> exists z. harbor(z) & near(y, z)",
        Complexity(variables=3, relations=1, universals=1, alternations=1),
        8,
        3,
    ),
    (
        "exists x. harbor(x) & ~exists y. ship(y) & near(y, x)",
        Complexity(variables=2, relations=1, negations=1, universals=1, alternations=1),
        8,
        3,
    ),
    # (p & ~q) | (~p & q)
    (
        "(exists x. plane(x)) ^ exists y. ship(y)",
        Complexity(variables=4, negations=2, universals=2, disjunctions=1),
        11,
        4,
    ),
    (
        "(forall x. plane(x) -> exists>=5 y. ship(y) & near(x, y)) & exists z. ship(z) & (in_left(z) | in_right(z))"
        " & forall w. ~harbor(w)",
        Complexity(7, 1, 2, 1, 2, 1, 1),
        18,
        5,
    ),
]


@pytest.mark.parametrize(("formula", "expected", "total", "level"), CASES, ids=[case[0] for case in CASES])
def test_it_is_as_worked_out_by_hand(formula: str, expected: Complexity, total: int, level: int) -> None:
    found = complexity_of(formula, load_ontology("dota"))
    assert found == expected
    assert (found.total, found.level) == (total, level)


def test_the_same_in_other_words_is_as_complex() -> None:
    dota = load_ontology("dota")
    one = complexity_of("forall x. ship(x) -> exists y. harbor(y) & near(x, y)", dota)
    assert one == complexity_of("~exists x. ship(x) & ~exists y. harbor(y) & near(x, y)", dota)
    assert one == complexity_of("forall x. ~ship(x) | ~forall y. harbor(y) -> ~near(x, y)", dota)
