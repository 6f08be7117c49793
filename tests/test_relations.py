"""Every relation of design 5 over arrays of pairs, against the brute-force reference: random, degenerate, real."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from solvers.fol.parser import parse
from solvers.quantities import axes_of, compare
from solvers.relations import COMPASS, RELATION_TABLES, Measured, is_known
from solvers.scene import Scene
from tests.geometry_support import FAMILIES, mixed, picture_scene, scene_of
from tests.reference.geometry import BINARY, TERNARY, UNARY, Geometry
from tests.reference.scenes import Picture, read_label_folder, read_sizes

DIRECTED = {"parallel", "perpendicular", "aligned"}
"""They rest on the axis, which the design leaves open where two rectangles share the least area."""
FEW = 14
"""So many entities' triples are all looked at."""


def arity(name: str) -> int:
    return 1 if name in UNARY else 3 if name in TERNARY else 2


def assert_agree(scene: Scene, picture: Picture) -> int:
    """All relations hold of the same entities for both; returns how many tuples hold of any."""
    measured, reference = Measured(scene), Geometry(picture)
    tied = {index for index, shape in enumerate(reference.shapes) if shape.tied}
    held = 0
    for name in sorted(UNARY | BINARY | TERNARY):
        if not is_known(name, measured):
            assert name in COMPASS
            continue
        count = len(scene.entities) if arity(name) < 3 else min(FEW, len(scene.entities))
        indices = np.arange(count)
        found = RELATION_TABLES[name](measured, *[indices] * arity(name))
        for places in product(range(count), repeat=arity(name)):
            if name in DIRECTED and tied & set(places):
                continue
            expected = reference.holds(name, places)
            assert found[places] == expected, (name, [picture.things[place] for place in places])
            held += bool(expected)
    return held


@pytest.mark.parametrize(("family", "seed"), [*product(FAMILIES, range(4)), *(("mixed", seed) for seed in range(8))])
def test_relations_are_those_of_the_definitions(family: str, seed: int) -> None:
    pair = scene_of(FAMILIES.get(family, mixed), seed, 24)
    assert assert_agree(pair.scene, pair.picture) > 1000


def test_relations_of_real_entities_are_those_of_the_definitions(shared_data: Path) -> None:
    dota = shared_data / "dota"
    pictures = read_label_folder(dota / "labelTxt-hbb", read_sizes(dota / "image_sizes.json"))
    pictures += read_label_folder(
        dota / "labelTxt", {path.stem: {"width": 1000, "height": 1000} for path in dota.rglob("*.txt")}
    )
    few = [picture for picture in pictures if 2 < len(picture.things) <= 60]
    assert len(few) > 10
    for picture in few:
        assert assert_agree(picture_scene(picture), picture) > 0


@pytest.mark.parametrize("family", ["grid_box", "turned_box", "degenerate"])
def test_functions_are_those_of_the_definitions(family: str) -> None:
    pair = scene_of(FAMILIES[family], 1, 20)
    measured, reference = Measured(pair.scene), Geometry(pair.picture)
    every = np.arange(len(pair.scene.entities))
    for limit, sign in product((0, 4, 10, 20), ("<", "<=", "=", "!=", ">=", ">")):
        for name, unit in (("distance(x, y)", "px"), ("cx(x)", "px"), ("area(x)", "px2")):
            literal = parse(f"{name} {sign} {limit} {unit}").formula
            names = ("x", "y") if "y" in name else ("x",)
            found = compare(literal, axes_of(names, dict.fromkeys(names, every)), measured)
            for places in np.ndindex(found.shape):
                value = reference.measure(name.split("(")[0], places)
                assert found[places] == _COMPARE[sign](value, limit), (literal, places)


_COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


def test_identical_boxes() -> None:
    box = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    pair = scene_of(lambda _: box, 0, 3)
    measured, every = Measured(pair.scene), np.arange(3)
    off_diagonal = ~np.eye(3, dtype=bool)
    for name in ("near", "adjacent", "overlaps", "parallel"):
        assert (RELATION_TABLES[name](measured, every, every) == off_diagonal).all(), name
    for name in ("left_of", "upper_left_of", "north_of", "inside", "on", "larger_than", "aligned", "far_from"):
        assert not RELATION_TABLES[name](measured, every, every).any(), name
    for name in ("collinear", "between"):
        assert not RELATION_TABLES[name](measured, every, every, every).any(), name


def test_subsets_in_any_order_and_none_at_all() -> None:
    pair = scene_of(mixed, 3, 20)
    measured = Measured(pair.scene)
    every, some, others = np.arange(20), np.array([7, 2, 11, 2]), np.array([5, 7])
    for name in sorted(BINARY):
        table = RELATION_TABLES[name]
        assert (table(measured, some, others) == table(measured, every, every)[np.ix_(some, others)]).all(), name
        assert table(measured, every[:0], others).shape == (0, 2)
    for name in sorted(TERNARY):
        whole = RELATION_TABLES[name](measured, every, every, every)
        assert (RELATION_TABLES[name](measured, some, others, some) == whole[np.ix_(some, others, some)]).all()
