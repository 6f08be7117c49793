"""What made questions mean and how they are said: the wordings are read back by the offline translator."""

from random import Random

import pytest

from agent.offline.translate import translate_english
from solvers.fol.analysis import analyse
from tools.equivalence import are_equivalent
from tools.evaluation.making.logic import formula_of
from tools.evaluation.making.meaning import (
    NONE,
    SOME,
    Amount,
    AwayFromAll,
    Between,
    Choice,
    Closer,
    Every,
    Group,
    Having,
    HavingWithin,
    Linked,
    NoneHas,
    OnlyKinds,
    PairApart,
    Place,
    Size,
    Statement,
    TheExtreme,
    There,
    Thing,
    Within,
)
from tools.evaluation.making.phenomena import phenomena_of
from tools.evaluation.making.sentences import SentenceWriter
from tools.evaluation.making.wording import Nouns, plural_of
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
SHIP, PLANE, HARBOR, TANK = (Thing(name) for name in ("ship", "plane", "harbor", "storage_tank"))
NEAR_HARBOR = Linked("near", (HARBOR,))

CASES: list[tuple[Statement, str, str]] = [
    (There(Amount(">=", 3), PLANE), "exists>=3 x. plane(x)", "count"),
    (There(Amount("=", 1), SHIP), "exists=1 x. ship(x)", "count"),
    (There(Amount(">=", 2, 5), SHIP), "(exists>=2 x. ship(x)) & exists<=5 y. ship(y)", "count"),
    (There(NONE, SHIP), "~exists x. ship(x)", "negation"),
    (
        There(SOME, Thing("ship", (Place(("in_top_left",)), NEAR_HARBOR))),
        "exists x. ship(x) & in_top_left(x) & exists y. harbor(y) & near(x, y)",
        "attribute relation",
    ),
    (
        There(Amount(">=", 2), Thing("vehicle", (Linked("left_of", (Thing("small_vehicle"),)),))),
        "exists>=2 x. vehicle(x) & exists y. small_vehicle(y) & x != y & left_of(x, y)",
        "count relation",
    ),
    (
        There(SOME, Thing("harbor", (Having("inside", Amount(">=", 2), SHIP), Having("near", NONE, PLANE)))),
        "exists x. harbor(x) & (exists>=2 y. ship(y) & inside(y, x)) & ~exists z. plane(z) & near(z, x)",
        "count negation relation",
    ),
    (
        There(SOME, Thing("ship", (Linked("near", (HARBOR, TANK), denied=True),))),
        "exists x. ship(x) & ~((exists y. harbor(y) & near(x, y)) | exists z. storage_tank(z) & near(x, z))",
        "disjunction negation relation",
    ),
    (
        There(SOME, Thing("storage_tank", (Within("<=", 50, "m", PLANE), Size("area", ">", 400, "m2")))),
        "exists x. storage_tank(x) & (exists y. plane(y) & distance(x, y) <= 50 m) & area(x) > 400 m2",
        "attribute distance",
    ),
    (
        There(SOME, Thing("harbor", (HavingWithin(NONE, 300, "px", PLANE),))),
        "exists x. harbor(x) & ~exists y. plane(y) & distance(y, x) <= 300 px",
        "distance negation",
    ),
    (
        There(SOME, Thing("plane", (AwayFromAll(SHIP),))),
        "exists x. plane(x) & forall y. ship(y) -> far_from(x, y)",
        "relation universal",
    ),
    (
        There(SOME, Thing("plane", (Closer(TANK, SHIP),))),
        "exists x. plane(x) & exists y. storage_tank(y) & exists z. ship(z) & distance(x, y) < distance(x, z)",
        "distance",
    ),
    (
        There(SOME, Thing("bridge", (Between(HARBOR, HARBOR),))),
        "exists x. bridge(x) & exists y. harbor(y) & exists z. harbor(z) & y != z & between(x, y, z)",
        "relation",
    ),
    (
        There(SOME, Thing("ship", (Linked("near", (Thing("harbor", (Place(("in_left",)),)),)),))),
        "exists x. ship(x) & exists y. harbor(y) & in_left(y) & near(x, y)",
        "attribute nesting relation",
    ),
    (
        Every(SHIP, NEAR_HARBOR),
        "(exists x. ship(x)) & forall y. ship(y) -> exists z. harbor(z) & near(y, z)",
        "relation universal",
    ),
    (
        Every(SHIP, NEAR_HARBOR, denied=True),
        "(exists x. ship(x)) & ~forall y. ship(y) -> exists z. harbor(z) & near(y, z)",
        "negation relation universal",
    ),
    (NoneHas(SHIP, NEAR_HARBOR), "~exists x. ship(x) & exists y. harbor(y) & near(x, y)", "negation relation"),
    (OnlyKinds(("ship",)), "(exists x. ship(x)) & forall y. ship(y)", "universal"),
    (
        TheExtreme(Thing("ship", (), "largest"), NEAR_HARBOR),
        "exists x. ship(x) & (forall y. ship(y) & x != y -> larger_than(x, y)) & exists z. harbor(z) & near(x, z)",
        "relation superlative",
    ),
    (
        Group("row", "plane", 3),
        "exists x y z. plane(x) & plane(y) & plane(z) & x != y & x != z & y != z & row(x, y, z)",
        "group",
    ),
    (
        PairApart("ship", "<=", 30, "m"),
        "exists x y. ship(x) & ship(y) & x != y & distance(x, y) <= 30 m",
        "distance",
    ),
    (
        PairApart("ship", ">=", 50, "m", every=True),
        "forall x y. ship(x) & ship(y) & x != y -> distance(x, y) >= 50 m",
        "distance universal",
    ),
    (
        Choice(There(SOME, PLANE), There(SOME, SHIP), exclusive=True),
        "(exists x. plane(x)) ^ exists y. ship(y)",
        "disjunction",
    ),
]


@pytest.mark.parametrize(("statement", "formula", "kinds"), CASES, ids=[case[1] for case in CASES])
def test_a_statement_means_what_its_english_means(statement: Statement, formula: str, kinds: str) -> None:
    """Its formula is that of the design; and however it is said, the translator reads that or refuses."""
    gold = analyse(formula_of([statement], DOTA), DOTA).canonical
    assert gold is not None
    assert are_equivalent(gold, formula, DOTA) is True
    assert phenomena_of([statement]) == tuple(kinds.split())
    said = {SentenceWriter(Nouns(DOTA), Random(seed)).question([statement]) for seed in range(12)}
    assert len(said) >= 8
    read = [(text, translate_english(text, DOTA).formula) for text in sorted(said)]
    understood = [(text, found) for text, found in read if found is not None]
    assert understood
    for text, found in understood:
        assert found == gold or are_equivalent(found, gold, DOTA) is True, (text, found)


def test_several_statements_are_one_question() -> None:
    statements = [
        There(NONE, PLANE),
        There(Amount(">=", 2), Thing("ship", (NEAR_HARBOR,))),
        TheExtreme(Thing("harbor", (), "largest"), Place(("in_right",))),
    ]
    texts = [SentenceWriter(Nouns(DOTA), Random(seed)).question(statements) for seed in range(4)]
    assert texts == [
        "I need pictures in which there are two ships near a pier; "
        "the biggest of all piers is in the right part of the image; and there is no aeroplane anywhere.",
        "Show me images in which there are two or more ships beside a harbor; "
        "the biggest of all harbors is in the right third; and there is no plane.",
        "Is there an image in which there are at least two vessels in the vicinity of a harbour; "
        "the biggest of all harbours is on the right; and there are no aeroplanes anywhere?",
        "Is there an image in which at least two ships are in the vicinity of a pier; "
        "the biggest of all piers is on the right-hand side; and there are no planes?",
    ]


@pytest.mark.parametrize(
    ("noun", "irregular", "plural"),
    [
        ("jetty", ("jetties", "wharves"), "jetties"),
        ("bus", ("lorries", "buses"), "buses"),
        ("aircraft", ("aircraft", "aircrafts"), "aircraft"),
        ("soccer pitch", (), "soccer pitches"),
        ("rotary", (), "rotaries"),
        ("bay", (), "bays"),
        ("storage tank", (), "storage tanks"),
    ],
)
def test_plurals(noun: str, irregular: tuple[str, ...], plural: str) -> None:
    assert plural_of(noun, irregular) == plural
