"""The exact probability of a formula by enumeration of the possible worlds (design 6)."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from tests.reference.evaluate import Evaluator
from tests.reference.geometry import Geometry
from tests.reference.scenes import Picture
from tools.evaluation.brute_force.parse import parse

FLOOR = 0.05
MAX_UNCERTAIN = 14


def exact_score(formula: str, picture: Picture, hierarchy: Mapping[str, frozenset[str]]) -> float:
    """The probability that the formula is true when every detection is real with its confidence."""
    node = parse(formula)
    geometry = Geometry(picture)
    certain = {i for i, thing in enumerate(picture.things) if thing.confidence >= 1}
    uncertain = [i for i, thing in enumerate(picture.things) if FLOOR <= thing.confidence < 1]
    if len(uncertain) > MAX_UNCERTAIN:
        raise ValueError(f"{len(uncertain)} uncertain entities are too many to enumerate")
    total = 0.0
    for real in product((False, True), repeat=len(uncertain)):
        probability = 1.0
        present = set(certain)
        for index, is_real in zip(uncertain, real, strict=True):
            confidence = picture.things[index].confidence
            probability *= confidence if is_real else 1 - confidence
            if is_real:
                present.add(index)
        world = replace(picture, present=frozenset(present))
        if Evaluator(world, hierarchy, geometry).verdict(node) == "sat":
            total += probability
    return total


def at_threshold(picture: Picture, threshold: float = 0.25) -> Picture:
    """The picture with only the entities whose confidence reaches the threshold present."""
    kept = frozenset(i for i, thing in enumerate(picture.things) if thing.confidence >= threshold)
    return replace(picture, present=kept)
