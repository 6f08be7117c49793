"""Qualities that an ontology has classes for: "every building is flooded", "the damaged ones"."""

import pytest

from agent.offline import translate_english
from tools.equivalence import are_equivalent
from tools.ontologies import load_ontology

MEANINGS = [
    ("floodnet", "every building is flooded", "(exists x. building(x)) & ~exists x. non_flooded_building(x)"),
    ("floodnet", "no road is passable", "~exists x. non_flooded_road(x)"),
    ("floodnet", "two roads, one of which is flooded", "(exists>=2 x. road(x)) & exists x. flooded_road(x)"),
    ("floodnet", "a dry road near a building which is not flooded",
     "exists x y. non_flooded_road(x) & non_flooded_building(y) & near(x, y)"),
    ("floodnet", "flooded roads next to dry ones", "exists x y. flooded_road(x) & non_flooded_road(y) & near(x, y)"),
    ("floodnet", "all houses near the water are flooded",
     "exists y. water(y) & (exists x. building(x) & near(x, y)) & "
     "forall x. building(x) & near(x, y) -> flooded_building(x)"),
    ("floodnet", "buildings or roads that are flooded", "(exists x. flooded_building(x)) | exists x. flooded_road(x)"),
    ("floodnet", "houses under water", "exists x. flooded_building(x)"),
    ("floodnet", "a flooded structure", "exists x. flooded_building(x)"),
    ("xbd", "all homes are damaged", "(exists x. building(x)) & forall x. building(x) -> damaged_building(x)"),
    ("xbd", "exactly one house is still intact", "exists=1 x. no_damage_building(x)"),
    ("xbd", "a house that is neither destroyed nor heavily damaged",
     "exists x. building(x) & ~destroyed_building(x) & ~major_damage_building(x)"),
    ("xbd", "a damaged home that isn't destroyed", "exists x. minor_damage_building(x) | major_damage_building(x)"),
    ("xbd", "the largest building is destroyed",
     "exists x. destroyed_building(x) & forall y. building(y) & x != y -> larger_than(x, y)"),
    ("xbd", "a house with minor damage near a building that has no damage",
     "exists x y. minor_damage_building(x) & no_damage_building(y) & near(x, y)"),
    ("xbd", "destroyed houses next to intact ones",
     "exists x y. destroyed_building(x) & no_damage_building(y) & near(x, y)"),
    ("dota", "every vehicle near a pool is small",
     "(exists x y. vehicle(x) & swimming_pool(y) & near(x, y)) & forall x. (exists y. swimming_pool(y) & near(x, y)) & "
     "vehicle(x) -> small_vehicle(x)"),
    ("dota", "a small vehicle next to a large one", "exists x y. small_vehicle(x) & large_vehicle(y) & near(x, y)"),
]  # fmt: skip


@pytest.mark.parametrize(("ontology", "english", "meaning"), MEANINGS, ids=[english for _, english, _ in MEANINGS])
def test_a_quality_is_a_narrower_class(ontology: str, english: str, meaning: str) -> None:
    translation = translate_english(english, load_ontology(ontology))
    assert translation.formula is not None, translation.problems
    assert are_equivalent(translation.formula, meaning, ontology) is True, translation.formula


@pytest.mark.parametrize(
    ("ontology", "english", "word", "suggestion"),
    [
        ("dota", "a car that is small", "small", "smaller than"),
        ("dota", "a ship that is large", "large", "larger than"),
        ("dota", "a truck near a small one", "small one", None),
        ("dota", "a large ship", "large", "larger than"),
        ("floodnet", "a vehicle that is flooded", "flooded", "flooded building"),
        ("floodnet", "a vehicle under water", "under water", None),
        ("floodnet", "the intact road", "intact", "intact building"),
        ("floodnet", "everything is flooded", "flooded", "flooded building"),
        ("xbd", "every destroyed house is damaged", "damaged", "damaged building"),
    ],
)
def test_a_quality_goes_with_its_classes_only(ontology: str, english: str, word: str, suggestion: str | None) -> None:
    (problem,) = translate_english(english, load_ontology(ontology)).problems
    assert problem.word == word
    assert suggestion is None or suggestion in problem.suggestions
