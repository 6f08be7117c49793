"""What English means, against logic that was written by hand: the translator's formula is proved equivalent to it."""

from pathlib import Path

import pytest

from agent.offline import translate_english
from tools.equivalence import are_equivalent
from tools.ontologies import load_ontology
from tools.validate import validate_formula

DOTA = load_ontology("dota")
FIXTURE = Path(__file__).parent / "fixtures" / "offline_meanings.txt"


def pairs() -> list[tuple[str, str]]:
    lines = [line for line in FIXTURE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
    assert len(lines) % 2 == 0
    return list(zip(lines[::2], lines[1::2], strict=True))


def test_there_are_enough_meanings() -> None:
    english = [each for each, _ in pairs()]
    assert len(set(english)) == len(english) >= 150


@pytest.mark.parametrize(("english", "meaning"), pairs(), ids=[english for english, _ in pairs()])
def test_english_means_what_a_person_writes(english: str, meaning: str) -> None:
    translation = translate_english(english, DOTA)
    assert translation.formula is not None, translation.problems
    validation = validate_formula(translation.formula, DOTA)
    assert validation.canonical == translation.formula
    assert [each for each in validation.diagnostics if each.severity == "error"] == []
    assert are_equivalent(translation.formula, meaning, DOTA) is True, translation.formula


@pytest.mark.parametrize(
    ("english", "other"),
    [
        ("a ship near every harbor", "a ship in every harbor"),
        ("a plane near a tank left of a ship", "a plane near a tank, left of a ship"),
        ("the largest ship on the left", "the largest of the ships on the left"),
        ("no plane is near every truck", "no plane is near any truck"),
        ("a ship closer to a bridge than to a harbor", "a ship closer to a bridge than any other ship"),
        ("images without both ships and planes", "images that do not have both ships and planes"),
        ("a single ship", "one ship"),
        ("exactly two ships near a harbor", "two ships near a harbor"),
    ],
)
def test_what_differs_in_english_differs_in_logic(english: str, other: str) -> None:
    one, two = (translate_english(each, DOTA).formula for each in (english, other))
    assert one is not None
    assert two is not None
    assert are_equivalent(one, two, DOTA) is False
