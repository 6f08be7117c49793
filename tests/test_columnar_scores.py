"""How far estimated scores are from the probability that enumerating every world gives.

The enumeration shares nothing with the solver: relations from `tests/reference`, each formula written out in numpy.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pytest

from solvers.scene import Entity, Scene
from solvers.worlds import MAX_ENUMERATED, PERMUTATIONS, WORLDS
from tests.columnar_support import DOTA, HIERARCHY, judge_of
from tests.reference.geometry import Geometry
from tests.reference.scenes import Picture, Thing

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
SIDE = 120
LEAVES = frozenset(DOTA.leaf_names)
LABELS = ("plane", "ship", "small_vehicle", "large_vehicle")
SHARES = ((0.4, 0.4, 0.1, 0.1), (0.1, 0.3, 0.3, 0.3), (0.2, 0.1, 0.5, 0.2))
SCENES = 960


@dataclass(frozen=True)
class Enumerated:
    """All worlds of a scene: `there` (n, worlds) says who is real in each, `weights` (worlds) how probable each is."""

    picture: Picture
    there: Booleans
    weights: Floats
    geometry: Geometry
    _related: dict[str, Singles] = field(default_factory=dict)

    def places(self, name: str) -> list[int]:
        """The entities of a class."""
        return [place for place, thing in enumerate(self.picture.things) if thing.label in HIERARCHY[name]]

    def of(self, name: str) -> Booleans:
        """In which worlds each entity of a class is real."""
        return np.asarray(self.there[self.places(name)])

    def related(self, relation: str) -> Singles:
        if relation not in self._related:
            every = range(len(self.there))
            holds = [[self.geometry.holds(relation, (a, b)) is True for b in every] for a in every]
            self._related[relation] = np.array(holds, np.float32)
        return self._related[relation]

    def partners(self, own: str, relation: str, name: str, real: Booleans | None = None) -> Singles:
        """How many of a class, or of those of it that are marked, each entity of another has beside it, by world."""
        between = self.related(relation)[np.ix_(self.places(own), self.places(name))]
        return np.asarray(between @ (self.of(name) if real is None else real).astype(np.float32))

    def probability(self, held: Booleans) -> float:
        return min(1.0, float(self.weights[held].sum()))


Truth = Callable[[Enumerated], Booleans]


def some(rows: Booleans) -> Booleans:
    """In which worlds any row holds."""
    return np.asarray(rows.any(axis=0))


def lonely(scene: Enumerated) -> Booleans:
    return some(scene.of("plane") & (scene.partners("plane", "near", "ship") == 0))


def pair(scene: Enumerated) -> Booleans:
    return some(scene.of("plane") & (scene.partners("plane", "near", "ship") > 0))


def two_beside_one(scene: Enumerated) -> Booleans:
    return some(scene.of("plane") & (scene.partners("plane", "near", "vehicle") >= 2))


def three_with_one(scene: Enumerated) -> Booleans:
    return np.asarray((scene.of("vehicle") & (scene.partners("vehicle", "near", "ship") > 0)).sum(axis=0) >= 3)


def exactly_two_and_pair(scene: Enumerated) -> Booleans:
    return np.asarray((scene.of("plane").sum(axis=0) == 2) & pair(scene))


def every_one_has(scene: Enumerated) -> Booleans:
    return ~some(scene.of("plane") & (scene.partners("plane", "near", "vehicle") == 0))


def shared_by_two_parts(scene: Enumerated) -> Booleans:
    left, near = scene.partners("plane", "left_of", "ship"), scene.partners("plane", "near", "vehicle")
    return some(scene.of("plane") & (left > 0)) & some(scene.of("plane") & (near > 0))


def at_most_and_none_beside(scene: Enumerated) -> Booleans:
    few = (scene.of("ship") & (scene.partners("ship", "left_of", "vehicle") > 0)).sum(axis=0) <= 1
    return np.asarray(few & some(scene.of("vehicle") & (scene.partners("vehicle", "near", "ship") == 0)))


def chain(scene: Enumerated) -> Booleans:
    middle = scene.of("vehicle") & (scene.partners("vehicle", "near", "ship") > 0)
    return some(scene.of("plane") & (scene.partners("plane", "near", "vehicle", middle) > 0))


def either(scene: Enumerated) -> Booleans:
    many = scene.of("ship").sum(axis=0) >= 4
    return np.asarray(many | ~some(scene.of("plane") & (scene.partners("plane", "above", "ship") > 0)))


def larger_than_all(scene: Enumerated) -> Booleans:
    others = scene.of("vehicle").sum(axis=0) - 1
    return some(scene.of("vehicle") & (scene.partners("vehicle", "larger_than", "vehicle") >= others))


FORMULAS: dict[str, tuple[tuple[str, ...], Truth]] = {
    "exists x. plane(x) & ~exists y. ship(y) & near(x, y)": (("plane", "ship"), lonely),
    "exists x y. plane(x) & ship(y) & near(x, y)": (("plane", "ship"), pair),
    "exists x. plane(x) & exists>=2 y. vehicle(y) & near(x, y)": (("plane", "vehicle"), two_beside_one),
    "exists>=3 x. vehicle(x) & exists y. ship(y) & near(x, y)": (("vehicle", "ship"), three_with_one),
    "(exists=2 x. plane(x)) & exists y z. plane(y) & ship(z) & near(y, z)": (("plane", "ship"), exactly_two_and_pair),
    "forall x. plane(x) -> exists y. vehicle(y) & near(x, y)": (("plane", "vehicle"), every_one_has),
    "(exists x y. plane(x) & ship(y) & left_of(x, y)) & exists z w. plane(z) & vehicle(w) & near(z, w)": (
        ("plane", "ship", "vehicle"), shared_by_two_parts,
    ),
    "(exists<=1 x. ship(x) & exists y. vehicle(y) & left_of(x, y)) & exists z. vehicle(z) & ~exists w. ship(w)"
    " & near(z, w)": (("ship", "vehicle"), at_most_and_none_beside),
    "exists x y z. plane(x) & vehicle(y) & ship(z) & near(x, y) & near(y, z)": (("plane", "vehicle", "ship"), chain),
    "(exists>=4 x. ship(x)) | ~exists y z. plane(y) & ship(z) & above(y, z)": (("ship", "plane"), either),
    "exists x. vehicle(x) & forall y. vehicle(y) & y != x -> larger_than(x, y)": (("vehicle",), larger_than_all),
}  # fmt: skip


def scenes() -> Iterator[tuple[Scene, Enumerated]]:
    """Ten to fourteen unsure boxes a scene, their confidences as a detector's are, and up to two sure ones.

    Their indices have gaps, as a source's have, so that no two scenes draw on the same permutations.
    """
    generator = np.random.Generator(np.random.Philox(2024))
    for number in range(SCENES):
        unsure = 10 + number % 5
        size = unsure + int(generator.integers(3))
        confidences = np.ones(size)
        confidences[:unsure] = np.round(0.05 + 0.94 * generator.beta(0.8, 1.6, unsure), 4)
        corners, sides = generator.integers(0, SIDE - 20, (size, 2)), generator.choice((5, 8, 12, 20), (size, 2))
        labels = generator.choice(LABELS, size, p=SHARES[number % len(SHARES)])
        indices = np.sort(generator.choice(3 * PERMUTATIONS, size, replace=False)).tolist()
        boxes = zip(corners.tolist(), sides.tolist(), labels.tolist(), confidences.tolist(), strict=True)
        things = tuple(
            Thing(label, ((x, y), (x + w, y), (x + w, y + h), (x, y + h)), confidence)
            for (x, y), (w, h), label, confidence in boxes
        )
        picture = Picture(str(number), SIDE, SIDE, things)
        entities = tuple(
            Entity(index, thing.label, thing.confidence, thing.polygon)
            for index, thing in zip(indices, things, strict=True)
        )
        yield Scene(str(number), SIDE, SIDE, entities, LEAVES), enumerated(picture)


def enumerated(picture: Picture) -> Enumerated:
    """All worlds of a scene."""
    confidences = np.array([thing.confidence for thing in picture.things])[:, None]
    unsure = np.cumsum(confidences < 1)[:, None] - 1
    bits = (np.arange(1 << int(unsure[-1, 0] + 1)) >> unsure) & 1 == 1
    there = np.where(confidences < 1, bits, True)
    return Enumerated(picture, there, np.where(there, confidences, 1 - confidences).prod(axis=0), Geometry(picture))


@dataclass(frozen=True)
class Case:
    """One formula on one scene whose worlds are too many for the solver to enumerate."""

    formula: str
    probability: float
    score: float


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """All formulas on all scenes; where the solver enumerates its score is exact, and no case."""
    every, exact = [], []
    for scene, worlds in scenes():
        every.append(scene)
        exact.append([worlds.probability(truth(worlds)) for _, truth in FORMULAS.values()])
    found: list[Case] = []
    for (formula, (classes, _)), probabilities in zip(FORMULAS.items(), np.array(exact).T.tolist(), strict=True):
        scores = judge_of(formula, every).settled_scores(np.arange(len(every)))
        covered = frozenset[str]().union(*(HIERARCHY[name] for name in classes))
        for scene, probability, score in zip(every, probabilities, scores.tolist(), strict=True):
            unsure = sum(entity.confidence < 1 and entity.label in covered for entity in scene.entities)
            if unsure > MAX_ENUMERATED:
                found.append(Case(formula, probability, score))
            else:
                assert score == pytest.approx(probability, abs=1e-9), (formula, scene.image_id)
    return found


def within_three_errors(cases: list[Case]) -> tuple[Booleans, Floats]:
    """Which estimates lie within three standard errors, sqrt(p(1-p)/256), and how probably independent draws would."""
    exact = np.array([case.probability for case in cases])
    slack = 3 * np.sqrt(exact * (1 - exact) / WORLDS) + 1e-12
    held = np.arange(WORLDS + 1)
    ways = np.array([math.lgamma(WORLDS + 1) - math.lgamma(n + 1) - math.lgamma(WORLDS - n + 1) for n in held.tolist()])
    chance = np.clip(exact, 1e-300, 1 - 1e-16)[:, None]
    mass = np.exp(ways + held * np.log(chance) + (WORLDS - held) * np.log1p(-chance))
    drawn = (mass * (np.abs(held / WORLDS - exact[:, None]) <= slack[:, None])).sum(axis=1)
    return np.abs(np.array([case.score for case in cases]) - exact) <= slack, drawn


def test_estimates_have_the_stated_error(cases: list[Case]) -> None:
    """Issue 3's figures: the error of 256 independent draws is at most 0.5 / 16 = 0.03125 for any probability.

    Measured over 5,397 cases: 0.0131, the largest 2.3 times 0.03125; within three standard errors of their own
    probability 99.93 per cent, of independent draws it would be 99.73.
    """
    error = np.array([case.score - case.probability for case in cases])
    assert len(cases) > 5_000
    assert np.sqrt(np.mean(error**2)) <= 0.016
    assert np.abs(error).max() <= 3 * 0.5 / WORLDS**0.5
    told, drawn = within_three_errors(cases)
    assert told.mean() >= max(0.997, drawn.mean())


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_kind_of_formula_is_estimated_worse_or_to_one_side(formula: str, cases: list[Case]) -> None:
    mine = [case for case in cases if case.formula == formula]
    error = np.array([case.score - case.probability for case in mine])
    exact = np.array([case.probability for case in mine])
    assert len(mine) > 150
    assert np.sqrt(np.mean(error**2)) <= 0.032
    assert abs(error.mean()) <= 3 * np.sqrt(np.mean(exact * (1 - exact)) / WORLDS / len(mine))
