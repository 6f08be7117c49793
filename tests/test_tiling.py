"""Large images by tiles: each object once and whole, whatever the seams do to it."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.errors import InputError
from tools.detection.boxes import Box
from tools.detection.merging import TileBoxes, merge
from tools.detection.tiling import Tile, Tiling, default_overlap

SIDE = 2000
TILING = Tiling(tile=600, overlap=150)


def rectangle(x: float, y: float, length: float, width: float, degrees: float) -> shapely.Polygon:
    upright = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
    turn = math.radians(degrees)
    turned = shapely.transform(
        upright, lambda p: p @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    )
    return shapely.transform(turned, lambda p: p + np.array([x, y]))


def corners(polygon: shapely.Geometry) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in shapely.get_coordinates(polygon)[:-1])


def iou(one: shapely.Geometry, other: shapely.Geometry) -> float:
    shared = shapely.area(shapely.intersection(one, other))
    return float(shared / (shapely.area(one) + shapely.area(other) - shared))


def look_through_tiles(
    objects: Sequence[tuple[int, shapely.Polygon]],
    tiling: Tiling,
    rng: np.random.Generator,
    *,
    side: int = SIDE,
    noise: float = 1.0,
    upright: bool = False,
) -> list[TileBoxes]:
    """What a perfect network sees in each tile: boxes of what lies in it, cut at its edges, each moved a little."""
    found = []
    for row in tiling.rows(side, side):
        for tile in row:
            frame = shapely.box(tile.left, tile.top, tile.left + tile.width, tile.top + tile.height)
            boxes = []
            for label, polygon in objects:
                seen = shapely.intersection(polygon, frame)
                if shapely.area(seen) < 0.2 * shapely.area(polygon):
                    continue
                box = shapely.envelope(seen) if upright else shapely.minimum_rotated_rectangle(seen)
                shift = rng.uniform(-noise, noise, 2)
                box = shapely.transform(box, lambda p, shift=shift: p + shift)
                boxes.append(Box(label, float(rng.uniform(0.3, 1)), corners(box)))
            found.append(TileBoxes(tile, boxes))
    return found


@given(width=st.integers(1, 5000), height=st.integers(1, 5000), tile=st.integers(32, 1500), share=st.floats(0, 0.9))
def test_tiles_cover_the_image_and_overlap_as_asked(width: int, height: int, tile: int, share: float) -> None:
    tiling = Tiling(tile, int(tile * share))
    if (width + height) / (tile * (1 - share)) > 300:
        return
    rows = tiling.rows(width, height)
    tops, lefts = [row[0].top for row in rows], [each.left for each in rows[0]]
    for starts, length in ((tops, height), (lefts, width)):
        side = min(tile, length)
        assert starts[0] == 0
        assert starts[-1] + side == length
        assert all(0 < after - before <= side - tiling.overlap for before, after in pairwise(starts))
    assert all(row == [Tile(left, row[0].top, min(tile, width), min(tile, height)) for left in lefts] for row in rows)
    assert tiling.is_whole(width, height) == (len(rows) == len(rows[0]) == 1)


def test_dota_is_cut_as_its_own_splitting_does_it() -> None:
    assert [tile.left for tile in Tiling().rows(4000, 1000)[0]] == [0, 824, 1648, 2472, 2976]
    assert (default_overlap(1024), default_overlap(512)) == (200, 100)
    for tile, overlap in ((31, 0), (9000, 0), (1024, 1024), (1024, -1)):
        with pytest.raises(InputError):
            Tiling(tile, overlap)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), upright=st.booleans(), long=st.booleans())
def test_each_object_comes_out_once_and_whole(seed: int, upright: bool, long: bool) -> None:
    rng = np.random.default_rng(seed)
    # What is longer than the overlap lies whole in no tile, perhaps: its pieces have to be joined.
    longest = 420 if long else 95
    objects: list[tuple[int, shapely.Polygon]] = []
    for _ in range(60):
        length = rng.uniform(40, longest)
        width = length * rng.uniform(0.25, 1)
        degrees = float(rng.choice([0, 90])) if upright or long else rng.uniform(0, 180)
        shape = rectangle(*rng.uniform(length, SIDE - length, 2), length, width, degrees)
        if all(shapely.distance(shape, other) > 12 for _, other in objects):
            objects.append((int(rng.integers(0, 4)), shape))
    found = look_through_tiles(objects, TILING, rng, upright=upright)
    merged = merge(found, SIDE, SIDE, shape="upright" if upright else "oriented")
    for label, truth in objects:
        alike = [box for box in merged if box.class_number == label and iou(shapely.Polygon(box.polygon), truth) > 0.7]
        assert len(alike) == 1, truth
    assert len(merged) == len(objects)
    confidences = {(box.class_number, box.confidence) for each in found for box in each.boxes}
    assert all((box.class_number, box.confidence) in confidences for box in merged)


def test_dense_parking_across_seams_keeps_every_car() -> None:
    rng = np.random.default_rng(7)
    cars = [(0, rectangle(x, y, 40, 18, 65)) for x in range(100, 1900, 24) for y in range(100, 1900, 60)]
    found = look_through_tiles(cars, TILING, rng, noise=0.7)
    merged = merge(found, SIDE, SIDE)
    assert len(merged) == len(cars)
    tree = shapely.STRtree([polygon for _, polygon in cars])
    nearest = tree.nearest([shapely.centroid(shapely.Polygon(box.polygon)) for box in merged])
    assert len(set(nearest.tolist())) == len(cars)
    assert (
        min(iou(shapely.Polygon(box.polygon), cars[at][1]) for box, at in zip(merged, nearest.tolist(), strict=True))
        > 0.7
    )


LEFT, RIGHT = Tile(0, 0, 600, 600), Tile(450, 0, 600, 600)


def _one(tile: Tile, *boxes: tuple[int, float, shapely.Geometry], coarse: bool = False) -> TileBoxes:
    return TileBoxes(tile, [Box(label, sure, corners(each)) for label, sure, each in boxes], coarse)


def _merged(*found: TileBoxes) -> list[tuple[int, float]]:
    return [(box.class_number, box.confidence) for box in merge(found, 1050, 600)]


def test_a_piece_gives_way_to_the_whole_even_where_the_network_took_it_for_something_else() -> None:
    whole, piece = shapely.box(560, 100, 640, 140), shapely.box(560, 100, 600, 140)
    assert _merged(_one(LEFT, (0, 0.9, piece)), _one(RIGHT, (0, 0.5, whole))) == [(0, 0.5)]
    assert _merged(_one(LEFT, (1, 0.9, piece)), _one(RIGHT, (0, 0.5, whole))) == [(0, 0.5)]
    field = shapely.box(470, 50, 900, 400)
    assert _merged(_one(LEFT, (1, 0.9, piece)), _one(RIGHT, (0, 0.5, field))) == [(1, 0.9), (0, 0.5)]
    assert _merged(_one(LEFT, (0, 0.9, piece)), _one(RIGHT)) == [(0, 0.9)]


def test_at_the_images_own_border_nothing_is_cut() -> None:
    at_border = shapely.box(0, 100, 60, 140)
    assert _merged(_one(LEFT, (0, 0.9, at_border), (0, 0.8, shapely.box(100, 560, 140, 600)))) == [(0, 0.9), (0, 0.8)]


def test_neighbours_and_what_one_tile_tells_apart_stay() -> None:
    one, beside = shapely.box(470, 100, 520, 140), shapely.box(470, 142, 520, 182)
    assert _merged(_one(LEFT, (0, 0.9, one)), _one(RIGHT, (0, 0.8, beside))) == [(0, 0.9), (0, 0.8)]
    assert _merged(_one(LEFT, (0, 0.9, one), (0, 0.8, one))) == [(0, 0.9), (0, 0.8)]
    nested = shapely.box(480, 110, 500, 130)
    assert _merged(_one(LEFT, (0, 0.9, one)), _one(RIGHT, (1, 0.8, nested))) == [(0, 0.9), (1, 0.8)]
    assert _merged(_one(LEFT, (0, 0.8, one)), _one(RIGHT, (1, 0.9, one))) == [(1, 0.9)]


def test_what_is_larger_than_any_tile_comes_from_the_coarse_look_at_the_whole() -> None:
    runway, everything = shapely.box(20, 200, 1030, 260), Tile(0, 0, 1050, 600)
    left, right = shapely.box(20, 200, 600, 260), shapely.box(450, 200, 1030, 260)
    pieces = _one(LEFT, (0, 0.7, left)), _one(RIGHT, (0, 0.8, right))
    (joined,) = merge(pieces, 1050, 600)
    assert iou(shapely.Polygon(joined.polygon), runway) > 0.99
    assert joined.confidence == 0.8
    assert _merged(*pieces, _one(everything, (0, 0.6, runway), coarse=True)) == [(0, 0.6)]
    car = shapely.box(100, 100, 140, 120)
    assert _merged(_one(LEFT, (0, 0.5, car)), _one(everything, (0, 0.6, car), coarse=True)) == [(0, 0.5)]


def test_outlines_are_joined_as_they_are() -> None:
    bend = shapely.union(shapely.box(100, 200, 900, 260), shapely.box(100, 200, 160, 500))
    frames = [shapely.box(each.left, 0, each.left + 600, 600) for each in (LEFT, RIGHT)]
    found = [_one(tile, (0, 0.7, bend.intersection(frame))) for tile, frame in zip((LEFT, RIGHT), frames, strict=True)]
    (joined,) = merge(found, 1050, 600, shape="outline")
    assert iou(shapely.Polygon(joined.polygon), bend) > 0.99


def test_boxes_of_no_area_and_boxes_that_cross_themselves_do_no_harm() -> None:
    flat = Box(0, 0.9, ((500.0, 10.0), (500.0, 10.0), (500.0, 10.0), (500.0, 10.0)))
    bow = Box(0, 0.8, ((480.0, 100.0), (520.0, 140.0), (520.0, 100.0), (480.0, 140.0)))
    assert len(merge([TileBoxes(LEFT, [flat, bow]), TileBoxes(RIGHT, [flat, bow])], 1050, 600)) <= 3
    assert merge([], 1050, 600) == []


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_tiles_and_boxes_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = [rectangle(*rng.uniform(0, SIDE, 2), *rng.uniform(20, 300, 2), rng.uniform(0, 180)) for _ in range(40)]
    objects = [(int(rng.integers(0, 3)), shape) for shape in shapes]
    found = look_through_tiles(objects, TILING, rng, noise=5)
    shuffled = [TileBoxes(each.tile, [each.boxes[i] for i in rng.permutation(len(each.boxes))]) for each in found]
    rng.shuffle(shuffled)
    assert merge(found, SIDE, SIDE) == merge(shuffled, SIDE, SIDE)
