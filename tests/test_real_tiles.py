"""Real scenes and their tiles: the same objects, whichever way they come into an archive."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from solvers.scene import Entity, Scene
from tests.test_tiling import corners, iou
from tools.archive import Archive
from tools.detection.boxes import Box
from tools.detection.merging import TileBoxes, merge
from tools.detection.tiling import Tiling
from tools.index import index_images

NAME = re.compile(r"(P\d+)__1__(\d+)___(\d+)")


@pytest.fixture(scope="module")
def whole(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """Scenes as annotated: three with their pixels, the others by their sizes."""
    dota, folder = shared_data / "dota", tmp_path_factory.mktemp("whole")
    sizes = json.loads((dota / "image_sizes.json").read_text())
    images = sorted((dota / "images").iterdir())
    (folder / "labels").mkdir()
    for label in sorted((dota / "labelTxt").iterdir()):
        if label.stem in sizes and not any(image.stem == label.stem for image in images):
            (folder / "labels" / label.name).write_text(label.read_text())
    (folder / "sizes.json").write_text(json.dumps(sizes))
    index_images(images, archive=folder / "a", labels=dota / "labelTxt")
    index_images(archive=folder / "a", labels=folder / "labels", sizes=folder / "sizes.json")
    return {scene.image_id: scene for scene in Archive.open(folder / "a").scenes()}


def _polygons(entities: Sequence[Entity], right: float = 0, down: float = 0) -> np.ndarray:
    shapes = shapely.polygons(
        [shapely.linearrings(np.array(each.polygon) + np.array([right, down])) for each in entities]
    )
    return np.where(shapely.is_valid(shapes), shapes, shapely.convex_hull(shapes))


def test_tiles_hold_the_objects_of_their_scenes(shared_data: Path, tmp_path: Path, whole: dict[str, Scene]) -> None:
    tiles = shared_data / "dota" / "tiles"
    report = index_images([tiles / "images"], archive=tmp_path / "a", labels=tiles / "labelTxt")
    assert (report.images, report.rejected) == (17, [])
    compared = 0
    for tile in Archive.open(tmp_path / "a").scenes():
        matched = NAME.fullmatch(tile.image_id)
        assert matched is not None
        stem, left, top = matched[1], float(matched[2]), float(matched[3])
        if stem not in whole:
            continue
        frame = shapely.box(left, top, left + tile.width, top + tile.height)
        ours, theirs = _polygons(tile.entities, left, top), _polygons(whole[stem].entities)
        inside = shapely.contains(frame, theirs)
        for shape, entity in zip(theirs[inside], np.array(whole[stem].entities, object)[inside], strict=True):
            alike = [
                each
                for each, own in zip(tile.entities, ours, strict=True)
                if each.label == entity.label and iou(own, shape) > 0.95
            ]
            assert alike, (tile.image_id, entity)
            compared += 1
    assert compared > 150


def test_scenes_that_are_cut_and_merged_are_the_scenes(whole: dict[str, Scene]) -> None:
    total = found = extra = 0
    for scene in whole.values():
        shapes = _polygons(scene.entities)
        labels = sorted({each.label for each in scene.entities})
        looks = []
        for tile in (tile for row in Tiling().rows(scene.width, scene.height) for tile in row):
            frame = shapely.box(tile.left, tile.top, tile.left + tile.width, tile.top + tile.height)
            boxes = []
            for entity, shape in zip(scene.entities, shapes, strict=True):
                seen = shapely.intersection(shape, frame)
                if seen.area < 0.2 * shape.area or seen.area == 0:
                    continue
                is_whole = seen.area >= 0.999 * shape.area
                box = shape if is_whole else shapely.minimum_rotated_rectangle(seen)
                boxes.append(Box(labels.index(entity.label), 1 - entity.index / 1e6, corners(box)))
            looks.append(TileBoxes(tile, boxes))
        merged = merge(looks, scene.width, scene.height)
        tree = shapely.STRtree([shapely.Polygon(box.polygon) for box in merged])
        used = set()
        for entity, shape in zip(scene.entities, shapes, strict=True):
            alike = [
                at
                for at in tree.query(shape).tolist()
                if labels[merged[at].class_number] == entity.label and iou(tree.geometries[at], shape) > 0.7
            ]
            total += 1
            found += bool(alike)
            used.update(alike)
        extra += len(merged) - len(used)
    assert total > 1400
    assert found >= 0.998 * total
    assert extra <= 0.002 * total
