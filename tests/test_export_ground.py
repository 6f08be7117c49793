"""Exports on the ground: geopandas, as a GIS does, opens them at the right place."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image
from rasterio.transform import Affine

from tests.cli_support import Rune, caller
from tests.test_georeference import UTM, write_geotiff
from tools.archive import Archive
from tools.exporting import export
from tools.georeference import WGS84, ground_of, transform_points
from tools.index import index_images
from tools.ranking import rank

geopandas = pytest.importorskip("geopandas")


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


FORMULA = "exists x y. plane(x) & ship(y)"
TURNED = Affine.translation(500_000, 5_000_000) * Affine.rotation(30) * Affine.scale(0.5, -0.5)


def _archive(folder: Path, *images: tuple[str, Affine | None, str]) -> Path:
    """An archive of images of 200 x 100 px, each with a plane and a ship."""
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    for stem, transform, crs in images:
        if transform is None:
            Image.new("L", (200, 100)).save(folder / "images" / f"{stem}.png")
        else:
            write_geotiff(folder / "images" / f"{stem}.tif", transform, crs)
        lines = "20 20 40 20 40 30 20 30 plane 0", "120 60 140 60 140 70 120 70 ship 0"
        (folder / "labels" / f"{stem}.txt").write_text("\n".join(lines))
    index_images([folder / "images"], archive=folder / "a", labels=folder / "labels")
    return folder / "a"


def _where(archive: Path, stem: str, pixels: list[tuple[float, float]], crs: str) -> np.ndarray:
    georeference = Archive.open(archive).scene(stem).georeference
    assert georeference is not None
    return transform_points(ground_of(georeference, pixels), georeference.crs, crs)


@pytest.mark.parametrize("ending", ["geojson", "parquet"])
def test_footprints_and_objects_lie_where_they_are(tmp_path: Path, rune: Rune, ending: str) -> None:
    archive = _archive(tmp_path, ("P1", TURNED, UTM))
    answer = rune("rank", FORMULA, "--archive", archive, "--export", tmp_path / f"out.{ending}")
    assert (answer.code, f"out.{ending}" in answer.err) == (0, True)
    read = geopandas.read_parquet if ending == "parquet" else geopandas.read_file
    frame = read(tmp_path / f"out.{ending}")
    assert frame.crs.to_epsg() == (32631 if ending == "parquet" else 4326)
    assert frame["kind"].tolist() == ["image", "object", "object"]
    assert frame["label"].tolist()[1:] == ["plane", "ship"]
    assert frame["variable"].tolist()[1:] == ["x", "y"]
    assert frame["gsd"].tolist() == [0.5] * 3
    crs = UTM if ending == "parquet" else WGS84
    for geometry, corners in zip(
        frame.geometry,
        [[(0, 0), (200, 0), (200, 100), (0, 100)], [(20, 20), (40, 20), (40, 30), (20, 30)]],
        strict=False,
    ):
        expected = _where(archive, "P1", corners, crs)
        found = np.array(geometry.exterior.coords)[:-1]
        near = np.abs(found[:, None, :] - expected[None, :, :]).max(axis=2).min(axis=1)
        assert near.max() < (1e-4 if ending == "parquet" else 2e-9)
        assert geometry.exterior.is_ccw
    in_metres = frame.to_crs(UTM)
    assert in_metres.geometry.area.iloc[0] == pytest.approx(200 * 100 * 0.25, rel=1e-4)


def test_images_of_two_systems_meet_in_longitude_and_latitude(tmp_path: Path) -> None:
    archive = _archive(tmp_path, ("P1", TURNED, UTM), ("P2", Affine(1e-5, 0, 8, 0, -1e-5, 50), "EPSG:4326"))
    frame = geopandas.read_parquet(export(rank(FORMULA, archive=archive), tmp_path / "out.parquet", archive=archive))
    assert frame.crs.equals("OGC:CRS84")
    assert frame[frame["image_id"] == "P2"].total_bounds.tolist() == pytest.approx([8, 49.999, 8.002, 50])
    geo = json.loads(pyarrow.parquet.read_schema(tmp_path / "out.parquet").metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert geo["columns"]["geometry"]["bbox"] == frame.total_bounds.tolist()


def test_plain_images_are_in_pixels_and_beside_placed_ones_have_no_place(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    archive = _archive(tmp_path / "plain", ("P1", None, ""))
    result = rank(FORMULA, archive=archive)
    for path in (tmp_path / "out.geojson", tmp_path / "out.geoparquet"):
        export(result, path, archive=archive)
    frame = geopandas.read_parquet(tmp_path / "out.geoparquet")
    assert frame.crs is None
    assert frame.total_bounds.tolist() == [0, 0, 200, 100]
    told = json.loads((tmp_path / "out.geojson").read_text())
    assert told["frame"] == "pixels, x to the right, y down"
    assert told["features"][1]["geometry"]["coordinates"] == [[[20, 20], [40, 20], [40, 30], [20, 30], [20, 20]]]

    (tmp_path / "mixed").mkdir()
    archive = _archive(tmp_path / "mixed", ("P1", None, ""), ("P2", TURNED, UTM))
    told = json.loads(export(rank(FORMULA, archive=archive), tmp_path / "m.geojson", archive=archive).read_text())
    plain, placed = told["features"][1], told["features"][4]
    assert (plain["geometry"], plain["properties"]["pixels"][0]) == (None, [20.0, 20.0])
    assert (placed["geometry"]["type"], placed["properties"]["image_id"]) == ("Polygon", "P2")


def test_a_footprint_across_the_antimeridian_is_cut_there(tmp_path: Path) -> None:
    archive = _archive(tmp_path, ("P1", Affine(0.001, 0, 179.9, 0, -0.001, 10), "EPSG:4326"))
    told = json.loads(export(rank(FORMULA, archive=archive), tmp_path / "out.geojson", archive=archive).read_text())
    footprint = told["features"][0]["geometry"]
    assert footprint["type"] == "MultiPolygon"
    longitudes = sorted({x for polygon in footprint["coordinates"] for x, _ in polygon[0]})
    assert longitudes == pytest.approx([-180, -179.9, 179.9, 180])
    assert all(math.isfinite(x) for x in longitudes)


def test_an_ending_that_is_no_format_is_refused_before_any_work(tmp_path: Path, rune: Rune) -> None:
    answer = rune("rank", FORMULA, "--archive", tmp_path / "absent", "--export", tmp_path / "out.shp")
    assert (answer.code, "'.shp' names no export format" in answer.err) == (2, True)
