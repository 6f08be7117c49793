"""The brute-force reference's relations and measures against the text of the design, worked out by hand."""

import math

import pytest

from tests.reference.geometry import Geometry
from tests.reference_support import AT, Polygon, box, holds, judge, picture

BOW_TIE = ((0.0, 0.0), (30.0, 20.0), (30.0, 0.0), (0.0, 20.0))
"""Crosses itself at (15, 10); its hull is 30 x 20 px around the same point."""
SEGMENT = ((0.0, 0.0), (40.0, 0.0), (20.0, 0.0))
"""No area; the mean of its corners is (20, 0)."""

CASES = [
    ("left_of", (AT, box(120, 120)), True),
    ("left_of", (AT, box(120, 120.1)), False),
    ("left_of", (AT, box(100, 100)), False),
    ("left_of", (box(120, 100), AT), False),
    ("right_of", (box(120, 80), AT), True),
    ("right_of", (AT, box(120, 80)), False),
    ("above", (AT, box(120, 120)), True),
    ("above", (AT, box(120.1, 120)), False),
    ("below", (box(100, 130), AT), True),
    ("below", (AT, box(100, 130)), False),
    ("upper_left_of", (AT, box(100.1, 100.1)), True),
    ("upper_left_of", (AT, box(100, 120)), False),
    ("upper_right_of", (AT, box(90, 120)), True),
    ("upper_right_of", (AT, box(110, 120)), False),
    ("lower_left_of", (AT, box(110, 90)), True),
    ("lower_left_of", (AT, box(90, 90)), False),
    ("lower_right_of", (AT, box(90, 90)), True),
    ("lower_right_of", (AT, box(110, 90)), False),
    ("near", (AT, box(130, 100)), True),
    ("near", (AT, box(130.01, 100)), False),
    ("near", (box(130.01, 100), box(150, 100, 12, 10)), True),
    ("near", (AT, box(140, 100, 20, 20)), True),
    ("near", (AT, box(160, 100, 20, 20)), False),
    ("far_from", (AT, box(130, 100)), False),
    ("far_from", (AT, box(130.01, 100)), True),
    ("adjacent", (AT, box(112.5, 100)), True),
    ("adjacent", (AT, box(112.51, 100)), False),
    ("overlaps", (AT, box(110, 100)), False),
    ("overlaps", (AT, box(109.9999, 100)), True),
    ("overlaps", (AT, box(109.99999995, 100)), False),
    ("inside", (AT, box(106, 100, 20, 20)), True),
    ("inside", (AT, box(106.1, 100, 20, 20)), False),
    ("inside", (AT, AT), False),
    ("inside", (box(100, 100, 20, 20), AT), False),
    ("inside", (SEGMENT, box(20, 0, 100, 100)), False),
    ("contains", (box(100, 100, 20, 20), AT), True),
    ("on", (AT, box(110, 100, 20, 20)), True),
    ("on", (AT, box(110.1, 100, 20, 20)), False),
    ("on", (box(100, 100, 20, 20), AT), False),
    ("on", (SEGMENT, box(20, 0, 100, 100)), True),
    ("larger_than", (box(0, 0, 10, 10.1), AT), True),
    ("larger_than", (box(0, 0), AT), False),
    ("smaller_than", (AT, box(0, 0, 10, 10.1)), True),
    ("smaller_than", (AT, box(0, 0)), False),
    ("parallel", (box(0, 0, 30, 10), box(50, 0, 30, 10, 9.9)), True),
    ("parallel", (box(0, 0, 30, 10), box(50, 0, 30, 10, 10.1)), False),
    ("parallel", (box(0, 0, 30, 10), box(50, 0, 30, 10, 175)), True),
    ("parallel", (box(0, 0, 30, 10), box(50, 0, 30, 10, 90)), False),
    ("parallel", (box(0, 0, 30, 10), box(50, 0, 11.9, 10, 90)), True),
    ("parallel", (box(0, 0, 30, 10), box(50, 0, 12.1, 10, 90)), False),
    ("parallel", (box(0, 0, 11, 10), box(50, 0, 30, 10, 85)), True),
    ("parallel", (box(0, 0, 11, 10), box(50, 0, 30, 10, 45)), False),
    ("perpendicular", (box(0, 0, 30, 10), box(50, 0, 30, 10, 80.1)), True),
    ("perpendicular", (box(0, 0, 30, 10), box(50, 0, 30, 10, 79.9)), False),
    ("perpendicular", (box(0, 0, 30, 10, 170), box(50, 0, 30, 10, 80)), True),
    ("aligned", (box(0, 0, 30, 10), box(100, 0, 30, 10)), True),
    ("aligned", (box(0, 0, 30, 10), box(0, 100, 30, 10)), True),
    ("aligned", (box(0, 0, 30, 10), box(100, 17, 30, 10)), True),
    ("aligned", (box(0, 0, 30, 10), box(100, 18, 30, 10)), False),
    ("aligned", (box(0, 0, 30, 10), box(100, 17, 30, 10, -9)), False),
    ("aligned", (box(0, 0, 30, 10), box(100, 0, 30, 10, 90)), False),
    ("aligned", (box(0, 0, 30, 10), box(0, 0, 60, 20)), False),
    # The bend at b is 15 degrees for dy = 100 tan 15 = 26.79.
    ("collinear", (box(0, 0), box(100, 0), box(200, 26.7)), True),
    ("collinear", (box(0, 0), box(100, 0), box(200, 26.9)), False),
    ("collinear", (box(0, 0), box(200, 0), box(100, 0)), False),
    ("collinear", (box(0, 0), box(0, 0), box(100, 0)), False),
    ("collinear", (box(0, 0), box(100, 0), box(100, 0)), False),
    ("collinear", (box(0, 0), box(100, 0), box(0, 0)), False),
    ("between", (box(50, 25), box(0, 0), box(100, 0)), True),
    ("between", (box(50, 25.1), box(0, 0), box(100, 0)), False),
    ("between", (box(0, 0), box(0, 10), box(100, 10)), False),
    ("between", (box(0.1, 0), box(0, 10), box(100, 10)), True),
    ("between", (box(100, 0), box(0, 10), box(100, 10)), False),
    ("between", (box(0, 0), box(50, 0), box(50, 0)), False),
    # The image is 600 x 300 px: thirds at 200, 400 and 100, 200; sixths at 100, 500 and 50, 250.
    ("in_left", (box(199.9, 150),), True),
    ("in_left", (box(200, 150),), False),
    ("in_middle_column", (box(200, 150),), True),
    ("in_middle_column", (box(400, 150),), False),
    ("in_right", (box(400, 150),), True),
    ("in_right", (box(399.9, 150),), False),
    ("in_top", (box(300, 99.9),), True),
    ("in_top", (box(300, 100),), False),
    ("in_middle_row", (box(300, 100),), True),
    ("in_middle_row", (box(300, 200),), False),
    ("in_bottom", (box(300, 200),), True),
    ("in_center", (box(300, 150),), True),
    ("in_center", (box(300, 50),), False),
    ("in_center", (box(100, 150),), False),
    ("in_top_left", (box(199, 99),), True),
    ("in_top_left", (box(201, 99),), False),
    ("in_top_right", (box(401, 99),), True),
    ("in_top_right", (box(401, 101),), False),
    ("in_bottom_left", (box(199, 201),), True),
    ("in_bottom_left", (box(199, 199),), False),
    ("in_bottom_right", (box(401, 201),), True),
    ("in_bottom_right", (box(399, 201),), False),
    ("in_far_left", (box(99.9, 150),), True),
    ("in_far_left", (box(100, 150),), False),
    ("in_far_right", (box(500.1, 150),), True),
    ("in_far_right", (box(499.9, 150),), False),
    ("in_far_top", (box(300, 49.9),), True),
    ("in_far_top", (box(300, 50),), False),
    ("in_far_bottom", (box(300, 250.1),), True),
    ("in_far_bottom", (box(300, 249.9),), False),
    ("at_border", (box(6, 150),), True),
    ("at_border", (box(6.1, 150),), False),
    ("at_border", (box(594, 150),), True),
    ("at_border", (box(593.9, 150),), False),
    ("at_border", (box(300, 6),), True),
    ("at_border", (box(300, 294),), True),
    ("at_border", (box(300, 293.9),), False),
    ("row", (box(0, 0), box(100, 0), box(200, 20)), True),
    ("row", (box(200, 20), box(100, 0), box(0, 0)), False),
    ("row", (box(0, 0), box(100, 0), box(200, 30)), False),
    ("row", (box(0, 0), box(100, 100.1)), False),
    ("column", (box(0, 0), box(0, 100), box(20, 200)), True),
    ("column", (box(0, 0), box(100, 0), box(200, 20)), False),
    ("aligned", (box(0, 0, 30, 10), box(100, 0, 30, 10, 45), box(200, 20)), True),
    ("aligned", (box(0, 0), box(100, 0), box(200, 0), box(300, 30)), False),
    ("clustered", (box(0, 0), box(30, 0), box(60, 0)), True),
    ("clustered", (box(0, 0), box(30, 0), box(60.1, 0)), False),
]


@pytest.mark.parametrize(("name", "polygons", "expected"), CASES)
def test_relation_at_and_beside_its_threshold(name: str, polygons: tuple[Polygon, ...], expected: bool) -> None:
    assert holds(name, *polygons) is expected


BINARY_NAMES = sorted({name for name, polygons, _ in CASES if len(polygons) == 2})


@pytest.mark.parametrize("name", BINARY_NAMES)
def test_relation_of_an_entity_with_itself_is_false(name: str) -> None:
    assert Geometry(picture(("ship", AT))).holds(name, (0, 0)) is False


def test_same_class_compares_labels_and_is_reflexive() -> None:
    scene = Geometry(picture(("ship", AT), ("ship", box(0, 0)), ("plane", AT)))
    assert [scene.holds("same_class", pair) for pair in ((0, 0), (0, 1), (0, 2))] == [True, True, False]


@pytest.mark.parametrize(("name", "entities"), [("collinear", (0, 1, 0)), ("between", (0, 0, 1)), ("row", (0, 0))])
def test_longer_relations_need_distinct_entities(name: str, entities: tuple[int, ...]) -> None:
    assert Geometry(picture(("ship", AT), ("ship", box(0, 0)))).holds(name, entities) is False


def test_compass_follows_the_ground() -> None:
    # North lies to the right of the image: columns lead north, rows lead east.
    sideways = (0.0, 2.0, 0.0, 2.0, 0.0, 0.0)
    assert holds("north_of", box(200, 100), AT, transform=sideways) is True
    assert holds("south_of", AT, box(200, 100), transform=sideways) is True
    assert holds("east_of", box(100, 200), AT, transform=sideways) is True
    assert holds("west_of", AT, box(100, 200), transform=sideways) is True
    assert holds("east_of", box(200, 100), AT, transform=sideways) is False
    upright = (0.5, 0.0, 0.0, 0.0, -0.5, 0.0)
    assert holds("north_of", AT, box(100, 200), transform=upright) is True
    assert holds("east_of", box(200, 100), AT, transform=upright) is True


def test_compass_without_a_georeference_is_unknown() -> None:
    assert holds("north_of", AT, box(100, 200)) is None
    assert judge("exists x y. north_of(x, y)", ("ship", AT), ("ship", box(0, 0))) == "unknown"
    assert judge("exists x y. plane(x) & north_of(x, y)", ("ship", AT), ("ship", box(0, 0))) == "unsat"


def test_measures_of_a_turned_box() -> None:
    scene = Geometry(picture(("ship", box(100, 50, 30, 10, 30)), ("ship", box(145, 50, 10, 40))))
    measured = [scene.measure(name, (0,)) for name in ("area", "length", "width", "cx", "cy")]
    assert measured == pytest.approx([300, 30, 10, 100, 50])
    assert [scene.measure(name, (1,)) for name in ("length", "width")] == pytest.approx([40, 10])
    right_edge = 100 + 15 * math.cos(math.radians(30)) + 5 * math.sin(math.radians(30))
    assert scene.measure("distance", (0, 1)) == pytest.approx(140 - right_edge)


def test_the_smallest_rectangle_is_of_least_area_not_of_least_width() -> None:
    # On the base it is 10 x 8, on the slanted side 9 sqrt(2) x 5 sqrt(2): narrower, but larger.
    quad = ((0.0, 0.0), (10.0, 0.0), (2.0, 8.0), (0.0, 8.0))
    scene = Geometry(picture(("ship", quad)))
    assert [scene.measure(name, (0,)) for name in ("length", "width")] == pytest.approx([10, 8])


def test_rectangles_of_equal_area_are_told() -> None:
    # Both 65 x 78 upright, and one turned by 0.73 degrees of the same area.
    real_plane = ((1675.0, 795.0), (1675.0, 730.0), (1753.0, 731.0), (1752.0, 792.0))
    scene = Geometry(picture(("plane", real_plane), ("ship", box(0, 0)), ("ship", box(0, 0, 30, 10, 20))))
    assert [shape.tied for shape in scene.shapes] == [True, True, False]


def test_a_polygon_that_crosses_itself_is_its_hull() -> None:
    scene = Geometry(picture(("ship", BOW_TIE), ("ship", box(36, 10, 2, 2))))
    assert [scene.measure(name, (0,)) for name in ("area", "cx", "cy")] == pytest.approx([600, 15, 10])
    assert scene.measure("distance", (0, 1)) == pytest.approx(5)


def test_a_polygon_without_area_is_the_mean_of_its_corners() -> None:
    scene = Geometry(picture(("ship", SEGMENT), ("ship", ((7.0, 9.0),) * 4)))
    assert [scene.measure(name, (0,)) for name in ("area", "cx", "cy", "length", "width")] == [0, 20, 0, 40, 0]
    assert [scene.measure(name, (1,)) for name in ("area", "cx", "cy", "length", "width")] == [0, 7, 9, 0, 0]
    assert scene.measure("distance", (0, 1)) == 9
