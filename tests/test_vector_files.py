"""GeoJSON and GeoParquet as annotations: pixels of named images, map coordinates of georeferenced ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from solvers.errors import InputError
from solvers.scene import Polygon, Scene
from tests.cli_support import Rune, assert_told, caller
from tools.archive import Archive
from tools.exporting import export
from tools.georeference import transform_points
from tools.index import index_images
from tools.ontologies import load_ontology
from tools.ranking import rank
from tools.readers.faults import SkippedFaults
from tools.readers.vector import read_vector_file

# A loaded machine is no fault of what is tested.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
DOTA = load_ontology("dota")
UTM = "EPSG:32631"
ORIGIN = (500_000.0, 5_700_000.0)
GSD = 0.5
SQUARE = [(10.0, 10.0), (30.0, 10.0), (30.0, 20.0), (10.0, 20.0)]


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def feature(ring: Any, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*map(list, ring), list(ring[0])]]},
        "properties": properties,
    }


def collection(file: Path, *features: object, crs: str | None = None) -> Path:
    document: dict[str, object] = {"type": "FeatureCollection", "features": features}
    if crs is not None:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    file.write_text(json.dumps(document))
    return file


def plain(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (100, 80), "olive").save(file)
    return file


def placed(file: Path, east: float = 0.0) -> Path:
    """A GeoTIFF of 100 x 80 px whose upper left corner lies `east` metres from ORIGIN."""
    file.parent.mkdir(parents=True, exist_ok=True)
    transform = rasterio.transform.from_origin(ORIGIN[0] + east, ORIGIN[1], GSD, GSD)
    shape: dict[str, Any] = {"width": 100, "height": 80, "count": 3, "dtype": "uint8", "crs": UTM}
    with rasterio.open(file, "w", driver="GTiff", transform=transform, **shape) as dataset:
        dataset.write(np.full((3, 80, 100), 90, dtype=np.uint8))
    return file


def on_ground(ring: Any, east: float = 0.0) -> Polygon:
    return tuple((ORIGIN[0] + east + x * GSD, ORIGIN[1] - y * GSD) for x, y in ring)


def scenes_of(archive: Path) -> dict[str, Scene]:
    return {scene.image_id: scene for scene in Archive.open(archive).scenes()}


def flat(polygon: Any) -> list[float]:
    return [float(value) for corner in polygon for value in corner]


@pytest.mark.parametrize("make", [plain, placed])
@pytest.mark.parametrize("ending", ["geojson", "parquet"])
def test_what_rune_exports_is_read_again(tmp_path: Path, make: Callable[[Path], Path], ending: str) -> None:
    (tmp_path / "labels").mkdir()
    for stem in ("a", "b"):
        make(tmp_path / "images" / f"{stem}.{'png' if make is plain else 'tif'}")
        lines = "1 2 9.5 2 9.5 7 1 7 ship 0\n20 2 29 2 29 7 20 7 plane 0\n"
        (tmp_path / "labels" / f"{stem}.txt").write_text(lines)
    index_images(tmp_path / "images", archive=tmp_path / "first", labels=tmp_path / "labels")
    ranking = rank("exists x y. ship(x) & plane(y)", archive=tmp_path / "first")
    exported = export(ranking, tmp_path / f"found.{ending}", archive=tmp_path / "first")
    report = index_images(tmp_path / "images", archive=tmp_path / "second", labels=exported)
    assert (report.images, report.rejected) == (2, [])
    first, second = scenes_of(tmp_path / "first"), scenes_of(tmp_path / "second")
    for stem, scene in first.items():
        found = {each.label: shapely.Polygon(each.polygon) for each in second[stem].entities}
        assert {each.label for each in scene.entities} == set(found)
        for each in scene.entities:
            # On the ground the corners of a ring may go round the other way.
            assert found[each.label].symmetric_difference(shapely.Polygon(each.polygon)).area < 0.1


coordinates = st.floats(-1000, 1000)
rings = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=6, unique=True).filter(
    lambda ring: shapely.Polygon(ring).area > 1
)


@unhurried
@given(st.lists(st.tuples(st.sampled_from(DOTA.leaf_names), rings, st.floats(0.01, 1)), max_size=5, unique_by=repr))
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, objects: list[tuple[str, list[tuple[float, float]], float]]
) -> None:
    folder = tmp_path_factory.mktemp("vector")
    features = [feature(ring, label=label, confidence=score, image_id="a") for label, ring, score in objects]
    expected = [(label, flat(ring), score) for label, ring, score in objects]
    files = [collection(folder / "a.geojson", *features)]
    if objects:
        table = {
            "class_name": [label for label, _, _ in objects],
            "score": [score for _, _, score in objects],
            "image": "a",
        }
        frame = geopandas.GeoDataFrame(table, geometry=[shapely.Polygon(ring) for _, ring, _ in objects])
        frame.to_parquet(folder / "a.parquet")
        files.append(folder / "a.parquet")
    for file in files:
        found = read_vector_file(file, DOTA)
        assert found.crs is None
        assert [(each.label, flat(each.outline), each.confidence) for each in found.features] == expected
        assert {each.image for each in found.features} <= {"a"}


@pytest.mark.parametrize("kind", ["own crs", "degrees", "parquet"])
@pytest.mark.parametrize("named", [True, False])
def test_map_coordinates_become_pixels_of_the_image_that_they_lie_in(tmp_path: Path, kind: str, named: bool) -> None:
    placed(tmp_path / "images" / "west.tif")
    placed(tmp_path / "images" / "east.tif", east=50.0)
    right = [(90.0, 40.0), (120.0, 40.0), (120.0, 60.0), (90.0, 60.0)]
    outlines = [("west", on_ground(SQUARE)), ("west", on_ground(right)), ("east", on_ground(SQUARE, 50.0))]
    if kind == "degrees":
        outlines = [
            (name, tuple((float(x), float(y)) for x, y in transform_points(ring, UTM, "OGC:CRS84")))
            for name, ring in outlines
        ]
    properties: list[dict[str, object]] = [
        {"label": "ship", **({"image_id": name} if named else {})} for name, _ in outlines
    ]
    labels = tmp_path / "labels.geojson"
    if kind == "parquet":
        labels = tmp_path / "labels.parquet"
        rings = [shapely.Polygon(ring) for _, ring in outlines]
        geopandas.GeoDataFrame(properties, geometry=rings, crs=UTM).to_parquet(labels)
    else:
        features = [feature(ring, **told) for (_, ring), told in zip(outlines, properties, strict=True)]
        collection(labels, *features, crs=UTM if kind == "own crs" else None)
    report = index_images(tmp_path / "images", archive=tmp_path / "a", labels=labels)
    assert (report.images, report.rejected) == (2, [])
    found = {
        name: {each.index: flat(each.polygon) for each in scene.entities}
        for name, scene in scenes_of(tmp_path / "a").items()
    }
    expected = {"west": {0: flat(SQUARE), 1: flat(right)}, "east": {2: flat(SQUARE)}}
    if not named:  # what lies across both images belongs to both
        expected["east"][1] = flat([(x - 100, y) for x, y in right])
    assert {name: sorted(each) for name, each in found.items()} == {
        name: sorted(each) for name, each in expected.items()
    }
    for name, entities in expected.items():
        for index, corners in entities.items():
            assert found[name][index] == pytest.approx(corners, abs=1e-2)


def test_largest_part_known_classes_and_what_the_ontology_lacks(tmp_path: Path) -> None:
    plain(tmp_path / "images" / "a.png")
    parts = {
        "type": "MultiPolygon",
        "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]], [[*map(list, SQUARE), [10, 10]]]],
    }
    features = [
        {"type": "Feature", "geometry": parts, "properties": {"class": "Storage Tank"}},
        feature(SQUARE, category="unicorn"),
    ]
    labels = collection(tmp_path / "labels.json", *features)
    report = index_images(tmp_path / "images", archive=tmp_path / "a", labels=labels, classes="storage tank,ship")
    assert any("unicorn" in each for each in report.warnings)
    scene = scenes_of(tmp_path / "a")["a"]
    assert [(each.label, flat(each.polygon)) for each in scene.entities] == [("storage_tank", flat(SQUARE))]
    assert scene.known_labels == {"storage_tank", "ship"}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"type": "Feature", "geometry": None, "properties": {"label": "ship"}}, "must be a Polygon"),
        (
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"label": "ship"}},
            "must be a Polygon",
        ),
        (feature(SQUARE), "needs its class"),
        (feature(SQUARE, label=True), "label must be a text"),
        (feature(SQUARE, label="ship", score=2), "score lies above 0"),
        (feature([(0, 0), (1e300, 0), (0, 1)], label="ship"), "finite and at most"),
        (3, "needs its class"),
    ],
)
def test_a_broken_feature_is_named_or_skipped(tmp_path: Path, broken: object, message: str) -> None:
    file = collection(tmp_path / "a.geojson", feature(SQUARE, label="ship"), broken, feature(SQUARE, label="plane"))
    with pytest.raises(InputError, match=message) as error:
        read_vector_file(file, DOTA)
    assert str(error.value).startswith(f"{file}: features[1]: ")
    skipped = SkippedFaults()
    assert [each.index for each in read_vector_file(file, DOTA, skipped).features] == [0, 2]
    assert len(skipped.messages) == 1


def test_what_cannot_be_placed_or_read_is_told(rune: Rune, tmp_path: Path) -> None:
    plain(tmp_path / "images" / "a.png")
    plain(tmp_path / "images" / "b.png")
    base = ("index", tmp_path / "images", "--archive", tmp_path / "archive", "--output", "json")
    unnamed = collection(tmp_path / "unnamed.geojson", feature(SQUARE, label="ship"))
    answer = rune(*base, "--labels", unnamed)
    assert (answer.code, answer.json["images"], len(answer.json["rejected"])) == (1, 0, 2)
    mapped = collection(tmp_path / "mapped.geojson", feature(SQUARE, label="ship", image_id="a"), crs=UTM)
    assert "no georeference" in rune(*base, "--labels", mapped).json["rejected"][0]["reason"]
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    assert_told(rune(*base[:-2], "--labels", tmp_path / "bad.parquet"), 2, "bad.parquet")
    named = collection(tmp_path / "named.geojson", feature(SQUARE, label="ship", image_id="a"))
    assert_told(rune("index", "--labels", named, "--archive", tmp_path / "archive"), 2, "--sizes")
    (tmp_path / "sizes.json").write_text('{"a": {"width": 100, "height": 80, "gsd": 0.5}}')
    bare = ("index", "--labels", named, "--sizes", tmp_path / "sizes.json", "--archive", tmp_path / "bare")
    assert rune(*bare).code == 0
    scene = scenes_of(tmp_path / "bare")["a"]
    assert (scene.width, scene.gsd, [each.label for each in scene.entities]) == (100, 0.5, ["ship"])
