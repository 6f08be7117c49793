"""The shapes of entities by the definitions of design 5, against exact arithmetic and brute force."""

import random
from pathlib import Path

import numpy as np
import pytest
import shapely

from solvers.geometry import Shapes
from solvers.outlines import Kind, kinds_of
from solvers.rings import measure, rectangles
from solvers.scene import Entity
from tests.geometry_support import DEGENERATE, FAMILIES, Polygon, mixed, picture_scene
from tests.reference.scenes import read_label_folder
from tools.evaluation.brute_force.shapes import Shape, shape_of, turn

CLOSE = 1e-12


def shapes_of(*polygons: Polygon) -> Shapes:
    return Shapes(tuple(Entity(index, "ship", 1.0, polygon) for index, polygon in enumerate(polygons)))


def flat(polygons: list[Polygon]) -> tuple[np.ndarray, np.ndarray]:
    """The polygons as corners and offsets."""
    corners = np.array([corner for polygon in polygons for corner in polygon])
    return corners, np.concatenate([[0], np.cumsum([len(polygon) for polygon in polygons])])


def assert_same_shape(shapes: Shapes, place: int, expected: Shape, polygon: Polygon) -> None:
    """One shape is as the reference has it; where two rectangles share the least area, it is one of them."""
    scale = max(abs(value) for corner in polygon for value in corner)
    assert shapes.area[place] == pytest.approx(expected.area, rel=CLOSE, abs=CLOSE * scale), polygon
    assert shapes.centroid[place] == pytest.approx((expected.x, expected.y), rel=CLOSE, abs=CLOSE * scale), polygon
    assert tuple(shapes.bounds[place]) == expected.outline.bounds
    length, width, axis = shapes.length[place], shapes.width[place], shapes.axis[place]
    assert length >= width
    assert 0 <= axis < 180
    assert length * width == pytest.approx(expected.length * expected.width, rel=1e-8, abs=1e-9), polygon
    if not expected.tied:
        assert (length, width) == pytest.approx((expected.length, expected.width), rel=1e-9, abs=1e-9), polygon
        assert turn(axis, expected.angle) <= 1e-6, polygon
    outline = shapes.polygons[place]
    assert shapely.is_valid(outline)
    assert outline.equals(expected.outline) or _differ_by(outline, expected.outline) <= 1e-9 * scale, polygon


def _differ_by(first: shapely.Geometry, second: shapely.Geometry) -> float:
    return float(shapely.hausdorff_distance(first, second))


@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_are_those_of_the_definitions(family: str) -> None:
    rng = random.Random(family)
    polygons = [FAMILIES[family](rng) for _ in range(150)]
    shapes = shapes_of(*polygons)
    for place, polygon in enumerate(polygons):
        assert_same_shape(shapes, place, shape_of(polygon), polygon)


def test_real_shapes_are_those_of_the_definitions(shared_data: Path) -> None:
    sizes = {path.stem: {"width": 1000.0, "height": 1000.0} for path in (shared_data / "dota/labelTxt").glob("*.txt")}
    pictures = read_label_folder(shared_data / "dota" / "labelTxt", sizes)
    assert sum(len(picture.things) for picture in pictures) > 1000
    for picture in pictures:
        shapes = Shapes(picture_scene(picture).entities)
        for place, thing in enumerate(picture.things):
            assert_same_shape(shapes, place, shape_of(thing.polygon), thing.polygon)


def test_a_centre_on_the_grid_is_met_exactly() -> None:
    rng = random.Random(5)
    polygons = [FAMILIES["grid_box"](rng) for _ in range(300)]
    shapes = shapes_of(*polygons)
    expected = [shape_of(polygon) for polygon in polygons]
    assert shapes.centroid.tolist() == [[shape.x, shape.y] for shape in expected]
    assert shapes.area.tolist() == [shape.area for shape in expected]
    sides = np.stack([shapes.length, shapes.width], axis=1)
    assert sides.tolist() == [[shape.length, shape.width] for shape in expected]


# Area, centroid, length, width, worked out by hand.
HAND = [
    ("a point", 0, (7, 9), 0, 0),
    ("a segment", 0, (20, 0), 40, 0),
    ("a bow tie", 600, (15, 10), 30, 20),
    ("a bow tie with its crossing as corner", 1600, (20, 20), 40, 40),
    ("two triangles that kiss", 800, (20, 20), 40, 40),
    ("a corner on an edge", 800, (20, 40 / 3), 40, 40),
    ("a spike outwards", 100, (5, 5), 15, 10),
    ("a spike inwards", 100, (5, 5), 10, 10),
    ("a hole by a bridge", 91, ((500 - 9 * 4.5) / 91, (500 - 9 * 4.5) / 91), 10, 10),
    ("a box gone round twice", 16, (2, 2), 4, 4),
    ("corners on a line", 16, (2, 2), 4, 4),
    ("corners given twice", 24, (3, 2), 6, 4),
]


@pytest.mark.parametrize(("name", "area", "centroid", "length", "width"), HAND)
def test_degenerate_polygons(
    name: str, area: float, centroid: tuple[float, float], length: float, width: float
) -> None:
    shapes = shapes_of(DEGENERATE[name])
    assert shapes.area[0] == pytest.approx(area)
    assert tuple(shapes.centroid[0]) == pytest.approx(centroid)
    assert (shapes.length[0], shapes.width[0]) == pytest.approx((length, width))


def test_a_spike_counts_for_the_gap_and_a_mouth_does_not() -> None:
    spike, beside = DEGENERATE["a spike outwards"], ((18.0, 4.0), (20.0, 4.0), (20.0, 6.0), (18.0, 6.0))
    hole, within = DEGENERATE["a hole by a bridge"], ((4.0, 4.0), (5.0, 4.0), (5.0, 5.0), (4.0, 5.0))
    shapes = shapes_of(spike, beside, hole, within)
    pairs = shapes.gaps(np.array([0, 2]), np.array([1, 3]))
    assert pairs[0, 0] == 3
    assert pairs[1, 1] == pytest.approx(1)


def test_values_do_not_depend_on_the_company() -> None:
    rng = random.Random(11)
    polygons = [mixed(rng) for _ in range(400)]
    together = measure(*flat(polygons))
    boxes = rectangles(*flat(polygons))
    order = rng.sample(range(len(polygons)), len(polygons))
    for size in (1, 7, 100):
        for start in range(0, len(order), size):
            some = order[start : start + size]
            own = flat([polygons[place] for place in some])
            for apart, whole in zip((*measure(*own), rectangles(*own)), (*together, boxes), strict=True):
                assert apart.tobytes() == whole[some].tobytes()


def test_plain_are_the_simple_convex_rings_with_an_area() -> None:
    rng = random.Random(3)
    polygons = [mixed(rng) for _ in range(600)]
    plain = measure(*flat(polygons)).plain
    for polygon, found in zip(polygons, plain, strict=True):
        drawn = shapely.Polygon(polygon)
        expected = drawn.is_valid and drawn.area > 0 and drawn.convex_hull.area - drawn.area <= 1e-9 * drawn.area
        assert found == expected, polygon
    assert 100 < plain.sum() < 500


def test_kinds_of_degenerate_polygons() -> None:
    kinds = dict(zip(DEGENERATE, kinds_of(*flat(list(DEGENERATE.values()))), strict=True))
    assert {name for name, kind in kinds.items() if kind == Kind.TOUCHING} == {
        "two triangles that kiss", "a corner on an edge", "a spike outwards", "a spike inwards", "a hole by a bridge",
    }  # fmt: skip
    assert {name for name, kind in kinds.items() if kind == Kind.SIMPLE} == {"an arrow"}
    assert kinds["a pentagram"] == kinds["a box gone round twice"] == Kind.CROSSED


def test_the_axis_of_a_square_does_not_depend_on_rounding_or_the_first_corner() -> None:
    rng = random.Random(2)
    for degrees in (0, 10, 45, 80):
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        square = [(500 + 5 * (a * cos - b * sin), 700 + 5 * (a * sin + b * cos)) for a, b in _SQUARE]
        noisy = [
            tuple((x + rng.uniform(-1, 1) * 1e-12, y + rng.uniform(-1, 1) * 1e-12) for x, y in square)
            for _ in range(50)
        ]
        turned = [polygon[start:] + polygon[:start] for polygon in noisy for start in range(4)]
        found = shapes_of(*turned, *(polygon[::-1] for polygon in turned)).axis
        assert np.ptp(found) <= 1e-9
        assert found[0] == pytest.approx(degrees, abs=1e-9)


_SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def test_no_polygons_at_all() -> None:
    shapes = shapes_of()
    assert (len(shapes.area), shapes.centroid.shape, shapes.bounds.shape) == (0, (0, 2), (0, 4))
    assert (len(shapes.axis), len(shapes.polygons)) == (0, 0)
