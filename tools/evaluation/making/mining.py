"""What is true of the things of one scene: the stuff that questions are made of."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np

from solvers.ontology import Ontology
from tools.evaluation.brute_force.arrangement import Arrangement
from tools.evaluation.making.meaning import Place, Size
from tools.evaluation.making.wording import REGIONS

SURFACES = frozenset(
    {
        "airport", "baseball_diamond", "basketball_court", "bridge", "court", "flooded_road", "ground_track_field",
        "harbor", "helipad", "non_flooded_road", "road", "roundabout", "soccer_ball_field", "tennis_court",
    }
)  # fmt: skip
"""What things can lie on; on others they are said to be inside."""
HOLDERS = frozenset({"airport", "ground_track_field", "harbor", "roundabout", "soccer_ball_field"})
"""What one would expect things inside of."""
_WEIGHTS = {
    "inside": 4.0, "on": 2.0, "overlaps": 1.5, "adjacent": 3.0, "near": 4.0,
    "left_of": 1.5, "right_of": 1.5, "above": 1.5, "below": 1.5,
    "upper_left_of": 0.5, "upper_right_of": 0.5, "lower_left_of": 0.5, "lower_right_of": 0.5,
    "north_of": 1.0, "south_of": 1.0, "east_of": 1.0, "west_of": 1.0,
    "parallel": 0.3, "perpendicular": 0.5,
}  # fmt: skip
_PARTNERS = 6


TypicalSizes = Mapping[tuple[str, str], float]
"""The median of a function, area or length, over the entities of a class, in pixels."""


def typical_sizes(arrangements: Sequence[Arrangement]) -> TypicalSizes:
    """What is large and what is small of each class."""
    found: dict[tuple[str, str], list[float]] = {}
    for each in arrangements:
        for function, values in (("area", each.area), ("length", each.length)):
            for label, value in zip(each.labels.tolist(), values.tolist(), strict=True):
                found.setdefault((label, function), []).append(value)
    return {key: float(np.median(values)) for key, values in found.items()}


class Sight:
    """One scene, looked at by a question maker; entities by their places in it."""

    def __init__(
        self,
        arrangement: Arrangement,
        ontology: Ontology,
        random: Random,
        used: Mapping[str, int],
        typical: TypicalSizes,
    ) -> None:
        self.arrangement = arrangement
        self._ontology = ontology
        self._random = random
        self._used = used
        self._typical = typical
        self.labels: list[str] = arrangement.labels.tolist()
        self.counts = Counter(self.labels)

    @property
    def gsd(self) -> float | None:
        """Metres per pixel."""
        return self.arrangement.picture.gsd

    def entity(self, name: str | None = None, but: Sequence[str] = ()) -> int | None:
        """An entity of a class, or of any but some, seldom used classes before others; None where there is none."""
        names = [each for each in sorted(self.counts) if each not in but] if name is None else self._leaves(name)
        if not names:
            return None
        [label] = self._random.choices(names, [1 / (1 + self._used[each] / 8) for each in names])
        return self._random.choice([place for place, each in enumerate(self.labels) if each == label])

    def name(self, entity: int) -> str:
        """The entity's class, seldom the class above."""
        label = self.labels[entity]
        parent = self._ontology.by_name[label].parent
        return parent if parent is not None and self._random.random() < 0.12 else label

    def count(self, name: str) -> int:
        """How many there are of a class."""
        return sum(self.counts[each] for each in self._leaves(name))

    def _leaves(self, name: str) -> list[str]:
        return [each for each in sorted(self._ontology.leaves_of[name]) if self.counts[each]]

    def partner(self, entity: int) -> int | None:
        """Another entity, one of the closest more often than not, of another class more often than not."""
        others = [each for each in range(len(self.labels)) if each != entity]
        strangers = [each for each in others if self.labels[each] != self.labels[entity]]
        if strangers and self._random.random() < 0.85:
            others = strangers
        if not others:
            return None
        if self._random.random() < 0.75:
            gaps = self.arrangement.gap(np.full(len(others), entity), np.array(others))
            others = [others[place] for place in np.argsort(gaps, kind="stable")[:_PARTNERS].tolist()]
        return self._random.choice(others)

    def gap(self, entity: int, other: int) -> float:
        """The distance between two entities in pixels."""
        return float(self.arrangement.gap(np.array([entity]), np.array([other]))[0])

    def holds(self, relation: str, *entities: int) -> bool:
        """Whether a relation holds."""
        found = self.arrangement.related(relation, *(np.array([each]) for each in entities))
        return found is not None and bool(found[0])

    def relation(self, entity: int, other: int, *, allowed: Sequence[str] = tuple(_WEIGHTS)) -> str | None:
        """A relation that holds of two entities and that people would speak of."""
        names = [
            name
            for name in allowed
            if self.holds(name, entity, other) and (name != "on" or self.labels[other] in SURFACES)
        ]
        return self._random.choices(names, [_WEIGHTS[name] for name in names])[0] if names else None

    def place(self, entity: int) -> Place:
        """A part of the image that the entity is in."""
        at = np.array([entity])
        names = [name for name in REGIONS if bool(self.arrangement.region(name, at)[0])]
        return Place((self._random.choice(names),)) if names else Place(("in_left", "in_right"))

    def size(self, entity: int) -> Size | None:
        """A bound on the entity's own area or length: from below where it is large for its class."""
        function = self._random.choice(("area", "length"))
        value = float(self.arrangement.measure(function, np.array([entity]))[0])
        large = value >= self._typical[self.labels[entity], function]
        unit = "px2" if function == "area" else "px"
        if self.gsd is not None:
            value, unit = value * self.gsd ** (2 if function == "area" else 1), unit.replace("px", "m")
        if value < 1:
            return None
        if large:
            return Size(function, self._random.choice((">=", ">")), rounded(value * 0.95, up=False), unit)
        return Size(function, self._random.choice(("<", "<=")), rounded(value * 1.05, up=True), unit)

    def distance(self, pixels: float, *, up: bool) -> tuple[float, str]:
        """A round distance near one in pixels, in metres where the scene has them."""
        if self.gsd is None:
            return rounded(max(pixels, 10.0), up=up), "px"
        return rounded(max(pixels * self.gsd, 5.0), up=up), "m"


def overlapping(one: str, other: str) -> bool:
    """Whether two regions are named by the same sides, as the top left and the far left are."""
    sides = {"left", "right", "top", "bottom", "center", "border"}
    return bool(sides & set(one.split("_")) & set(other.split("_")))


def rounded(value: float, *, up: bool) -> float:
    """A round number of one digit and a half (1, 1.5, 2, 2.5, 3, 4 ... times a power of ten), above or below."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    if up:
        best = next(step for step in steps if step * power >= value * (1 - 1e-9))
    else:
        best = max(step for step in steps if step * power <= value * (1 + 1e-9))
    found = best * power
    return float(round(found)) if found >= 3 else float(math.ceil(found) if up else max(1, math.floor(found)))
