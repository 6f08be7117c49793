"""What the offline translator cannot read: which words it names, and what it offers instead."""

import pytest

from agent.offline import translate_english
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
DIOR = load_ontology("dior")


def refused(english: str) -> list[str]:
    translation = translate_english(english, DOTA)
    assert translation.formula is None, translation.formula
    for problem in translation.problems:
        assert problem.word == english[problem.start : problem.end] != ""
        assert problem.message
    return [problem.word for problem in translation.problems]


@pytest.mark.parametrize(
    ("english", "words"),
    [
        ("cars driving on a bridge", ["driving"]),
        ("an empty helipad", ["empty"]),
        ("cars parked around a roundabout", ["around"]),
        ("a car is parked behind a truck", ["behind"]),
        ("a ship very close to a bridge", ["very"]),
        ("a ship directly above the bridge", ["directly"]),
        ("two rows of planes", ["rows"]),
        ("vehicles surrounding a roundabout", ["surrounding"]),
        ("the northernmost ship", ["northernmost"]),
        ("twice as many cars as trucks", ["twice", "many"]),
        ("a 200 m long ship", ["200 m long"]),
        ("a ship with a length of 100 m", ["with a length of 100 m"]),
        ("ships of more than 100 metres", ["of more than 100 metres"]),
        ("cars on both sides of the bridge", ["on both sides of"]),
        ("cars to the left and to the right of the bridge", ["to the left and to the right of"]),
        ("a plane on the left and on the right", ["a plane"]),
        ("an airport with 5 planes", ["with 5 planes"]),
        ("the planes are in a row", ["the planes"]),
        ("all planes are in a row", ["all planes"]),
        ("a plane next to a helicopter and both are near a tank", ["both are near a tank"]),
        ("a plane near a ship and they are near a tank", ["they are near a tank"]),
        ("planes outside the airport and cars inside it", ["it"]),
        ("a plane and a ship but not both", ["but not both"]),
        ("a plane closer to a tank than a ship", ["than a ship"]),
        ("find all ships near a harbor", ["all"]),
        ("a pool with a pink flamingo", ["pink", "flamingo"]),
        ("planes with wingspan over 30 m", ["wingspan"]),
        ("crowded parking lot", ["crowded", "parking lot"]),
        ("the last largest ship from the left", ["last largest"]),
    ],
)
def test_the_words_that_stand_in_the_way_are_named(english: str, words: list[str]) -> None:
    assert refused(english) == words


def test_nothing_spelled_alike_offers_the_classes() -> None:
    (problem,) = translate_english("a building near a plane", DOTA).problems
    assert problem.word == "building"
    assert set(problem.suggestions) == {each.name.replace("_", " ") for each in DOTA.classes}
    (other,) = translate_english("a building near a plane", DIOR).problems
    assert set(other.suggestions) == {each.name.replace("_", " ") for each in DIOR.classes}


@pytest.mark.parametrize(
    ("english", "suggestion"),
    [
        ("a helicoptr", "helicopter"),
        ("a storage tnak", "storage tank"),
        ("a roundabot", "roundabout"),
        ("a plane nxt to a tank", "next"),
        ("a harbor wiht ships in it", "with"),
        ("bridge carrying cars", "with a car on it"),
        ("an airport with 5 planes", "in it"),
        ("a ship of more than 100 m", "long"),
        ("the topernmost ship", "topmost"),
    ],
)
def test_what_could_be_meant_is_offered(english: str, suggestion: str) -> None:
    suggestions = [each for problem in translate_english(english, DOTA).problems for each in problem.suggestions]
    assert suggestion in suggestions


def test_no_constraint_is_dropped() -> None:
    for word in ("white", "wooden", "large", "moving", "several", "parked", "round", "very"):
        assert translate_english("a ship near a harbor", DOTA).formula is not None
        assert word in refused(f"a {word} ship near a harbor")[0]
