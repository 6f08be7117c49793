"""The renderer of the sample archive: the same bytes for the same seed, and boxes that are true."""

import math
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import Polygon

from solvers.errors import InputError
from solvers.scene import Entity
from tools.ontologies import load_ontology
from tools.progress import Progress
from tools.readers.dota import parse_dota
from tools.readers.records import ImageSize
from tools.readers.sizes import read_sizes
from tools.sample import LABELS, RECIPES, RenderedScene, label_text, render_scene, sample_scenes, write_sample

# The default sample is costly to render, so that every test of it stays in one process.

SOLID = ("plane", "ship", "storage_tank", "small_vehicle", "large_vehicle", "helicopter", "tennis_court")


@pytest.fixture(scope="module")
def scenes() -> tuple[RenderedScene, ...]:
    """The 24 scenes that the demo shows."""
    return tuple(sample_scenes(7, 24))


def _entities(scenes: tuple[RenderedScene, ...], *labels: str) -> Iterator[tuple[RenderedScene, Entity]]:
    for scene in scenes:
        for entity in scene.entities:
            if not labels or entity.label in labels:
                yield scene, entity


def _rows_and_columns(scene: RenderedScene, entity: Entity) -> np.ndarray:
    """The pixels in which an entity shows, shape (n, 2)."""
    corners = np.array(entity.polygon)
    left, top = np.maximum(corners.min(axis=0).astype(int) - 4, 0)
    right, bottom = corners.max(axis=0).astype(int) + 5
    return np.argwhere(scene.owners[top:bottom, left:right] == entity.index + 1) + np.array((top, left))


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    first = write_sample(tmp_path / "a", seed=3, count=3, size=192)
    second = write_sample(tmp_path / "b", seed=3, count=3, size=192)
    other = write_sample(tmp_path / "c", seed=4, count=3, size=192)

    def written(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}

    assert sorted(written(tmp_path / "a")) == [
        *(f"images/S000{number}.png" for number in (1, 2, 3)),
        *(f"labelTxt/S000{number}.txt" for number in (1, 2, 3)),
        "sizes.json",
    ]
    assert written(tmp_path / "a") == written(tmp_path / "b")
    assert not set(written(tmp_path / "a").values()) & set(written(tmp_path / "c").values())
    assert [path.name for path in first.images] == [path.name for path in second.images] == [*map(_name, other.images)]


def _name(path: Path) -> str:
    return path.name


def test_the_recipe_and_the_seed_decide_the_scene() -> None:
    assert np.array_equal(render_scene(5, 96, "marina").pixels, render_scene(5, 96, "marina").pixels)
    assert not np.array_equal(render_scene(5, 96, "marina").pixels, render_scene(6, 96, "marina").pixels)
    assert render_scene(5, 96, "port").recipe == "port"
    assert {render_scene(seed, 64).recipe for seed in range(40)} > {"airport", "marina", "tank_farm"}


def test_every_written_line_is_read_again(tmp_path: Path) -> None:
    written = write_sample(tmp_path, seed=11, count=5, size=320)
    truth = list(sample_scenes(11, 5, 320))
    ontology, sizes = load_ontology("dota"), read_sizes(written.sizes)
    for image, scene in zip(written.images, truth, strict=True):
        assert sizes[image.stem] == ImageSize(320, 320, scene.gsd)
        file = written.labels_dir / f"{image.stem}.txt"
        header, gsd, *lines = file.read_text(encoding="utf-8").splitlines()
        assert header == "imagesource:rune-sample"
        assert gsd == f"gsd:{scene.gsd!r}"
        assert len(lines) == len(scene.entities)
        read = parse_dota(file.read_bytes(), str(file), ontology)
        assert read.gsd == scene.gsd
        assert tuple(read.entities) == scene.entities
        with Image.open(image) as picture:
            assert np.array_equal(np.asarray(picture), scene.pixels)


def test_entities_are_valid_and_lie_in_the_picture(scenes: tuple[RenderedScene, ...]) -> None:
    leaves = set(load_ontology("dota").leaf_names)
    assert set(LABELS) <= leaves
    for scene in scenes:
        height, width = scene.pixels.shape[:2]
        assert scene.pixels.dtype == np.uint8
        assert scene.pixels.shape == (768, 768, 3)
        assert 0.1 < scene.gsd < 1
        assert [entity.index for entity in scene.entities] == list(range(len(scene.entities)))
        for entity in scene.entities:
            assert entity.label in LABELS
            assert entity.confidence == 1.0
            assert len(entity.polygon) == 4
            assert all(0 <= x <= width and 0 <= y <= height for x, y in entity.polygon)
            box = Polygon(entity.polygon)
            assert box.is_valid
            assert box.area == pytest.approx(box.minimum_rotated_rectangle.area, rel=0.02, abs=1.0)


def test_boxes_are_tight_around_what_was_drawn(scenes: tuple[RenderedScene, ...]) -> None:
    for scene, entity in _entities(scenes):
        seen = _rows_and_columns(scene, entity)
        assert len(seen), f"{scene.recipe}: entity {entity.index} ({entity.label}) does not show"
        corners = np.array(entity.polygon)
        for axis in (corners[1] - corners[0], corners[3] - corners[0]):
            along = axis / np.hypot(*axis)
            drawn = (seen[:, ::-1] + 0.5) @ along
            box = corners @ along
            # A pixel belongs to an object that touches any part of it, so its middle may lie half a diagonal outside.
            where = f"{scene.recipe}: entity {entity.index} ({entity.label})"
            assert box.min() - 1.3 <= drawn.min() <= box.min() + 2.0, where
            assert box.max() - 2.0 <= drawn.max() <= box.max() + 1.3, where


def test_what_a_box_holds_differs_from_its_surroundings(scenes: tuple[RenderedScene, ...]) -> None:
    """The pixels of planes, tanks and ships stand out from the ground around them."""
    for scene, entity in _entities(scenes, "plane", "storage_tank", "ship"):
        seen = _rows_and_columns(scene, entity)
        (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0)
        window = (slice(max(0, top - 6), bottom + 7), slice(max(0, left - 6), right + 7))
        light, owners = scene.pixels[window].astype(np.float32).mean(axis=2), scene.owners[window]
        mine, ground = light[owners == entity.index + 1], light[owners == 0]
        stands_out = mine.std() + abs(mine.mean() - ground.mean())
        assert stands_out > 6, f"{scene.recipe}: entity {entity.index} ({entity.label})"


def test_ships_lie_on_water_and_planes_and_tanks_on_land(scenes: tuple[RenderedScene, ...]) -> None:
    assert any(scene.water.any() for scene in scenes)
    for scene, entity in _entities(scenes, "ship"):
        rows, columns = _rows_and_columns(scene, entity).T
        assert scene.water[rows, columns].mean() > 0.97, f"{scene.recipe}: ship {entity.index}"
    for scene, entity in _entities(scenes, "plane", "storage_tank", "helicopter", "swimming_pool"):
        rows, columns = _rows_and_columns(scene, entity).T
        assert not scene.water[rows, columns].any(), f"{scene.recipe}: {entity.label} {entity.index}"


def test_solid_objects_do_not_overlap(scenes: tuple[RenderedScene, ...]) -> None:
    for scene in scenes:
        boxes = [(entity, Polygon(entity.polygon)) for entity in scene.entities if entity.label in SOLID]
        for (first, one), (second, two) in combinations(boxes, 2):
            if one.intersects(two):
                shared = one.intersection(two).area / min(one.area, two.area)
                assert shared < 0.12, f"{scene.recipe}: {first.label} {first.index} and {second.label} {second.index}"


def test_questions_tell_the_scenes_apart(scenes: tuple[RenderedScene, ...]) -> None:
    def near(one: Polygon, two: Polygon) -> bool:
        return bool(one.distance(two) <= 2 * max(math.sqrt(one.area), math.sqrt(two.area)))

    satisfied = dict.fromkeys(("planes at a tank", "ship, no plane", "lonely tank", "all moored", "free bridge"), 0)
    for scene in scenes:
        boxes = {label: [Polygon(each.polygon) for each in scene.entities if each.label == label] for label in LABELS}
        planes, ships, tanks = boxes["plane"], boxes["ship"], boxes["storage_tank"]
        satisfied["planes at a tank"] += any(sum(near(plane, tank) for plane in planes) >= 3 for tank in tanks)
        satisfied["ship, no plane"] += bool(ships) and not planes
        satisfied["lonely tank"] += any(not any(near(tank, car) for car in boxes["small_vehicle"]) for tank in tanks)
        satisfied["all moored"] += bool(ships) and all(
            any(near(ship, pier) for pier in boxes["harbor"]) for ship in ships
        )
        satisfied["free bridge"] += bool(boxes["bridge"]) and not ships
    assert all(1 <= count <= 14 for count in satisfied.values()), satisfied
    assert any(not scene.entities for scene in scenes), "no scene is empty"
    assert {entity.label for _, entity in _entities(scenes)} >= {
        "plane",
        "ship",
        "storage_tank",
        "small_vehicle",
        "harbor",
    }


def test_every_recipe_renders_at_other_sizes() -> None:
    for name in RECIPES:
        scene = render_scene(21, 160, name)
        assert scene.pixels.shape == (160, 160, 3)
        assert scene.pixels.std() > 3, f"{name} is blank"
        assert all(0 <= value <= 160 for entity in scene.entities for corner in entity.polygon for value in corner)


def test_objects_too_small_to_tell_are_marked_difficult() -> None:
    scene = render_scene(2, 160, "car_park")
    assert scene.entities
    flags = [line.rsplit(" ", 1)[1] for line in label_text(scene).splitlines()[2:]]
    assert flags == [str(int(entity.difficult)) for entity in scene.entities]
    for entity in scene.entities:
        corners = np.array(entity.polygon)
        shorter = min(np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1])))
        assert entity.difficult or shorter > 3.4
    assert "1" in flags


def test_progress_counts_every_scene(tmp_path: Path) -> None:
    heard: list[Progress] = []
    write_sample(tmp_path, count=2, size=64, progress=heard.append)
    assert [(each.done, each.total) for each in heard] == [(0, 2), (1, 2), (2, 2)]


def test_what_cannot_be_rendered_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'volcano' is not a kind of scene; there are airport"):
        render_scene(1, 128, "volcano")
    with pytest.raises(InputError, match="at least 64 px"):
        render_scene(1, 16)
    with pytest.raises(InputError, match="at least 1"):
        write_sample(tmp_path, count=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_sample(tmp_path / "file", count=1, size=64)
