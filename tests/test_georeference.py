"""Where images lie: what their files tell, in metres and with north, through the archive to an answer."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyproj import CRS, Geod
from rasterio.control import GroundControlPoint
from rasterio.transform import Affine

from solvers.scene import Georeference
from tools.archive import Archive
from tools.georeference import WGS84, ground_of, pixels_at, read_placement, transform_points
from tools.index import index_images
from tools.ranking import rank

UTM = "EPSG:32631"
NORTH_UP = Affine(0.5, 0.0, 500_000.0, 0.0, -0.5, 5_000_000.0)
WORLD = "0.5\n0\n0\n-0.5\n500000.25\n4999999.75\n"


def write_geotiff(path: Path, transform: Affine = NORTH_UP, crs: str | None = UTM, **more: object) -> Path:
    """An empty GeoTIFF of 200 x 100 px."""
    form = {"driver": "GTiff", "width": 200, "height": 100, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", **form, crs=crs, transform=transform, **more) as dataset:
        dataset.write(np.zeros((1, 100, 200), np.uint8))
    return path


def _rotated(degrees: float, side: float = 0.5) -> Affine:
    return Affine.translation(500_000, 5_000_000) * Affine.rotation(degrees) * Affine.scale(side, -side)


@pytest.mark.parametrize("kind", ["png", "jpg", "jpeg", "bmp", "webp", "tif", "tiff"])
@pytest.mark.parametrize("extension", ["first-last", "whole", "wld", "upper"])
def test_a_world_file_with_its_prj_places_an_image_of_any_kind(tmp_path: Path, kind: str, extension: str) -> None:
    Image.new("RGB", (200, 100)).save(tmp_path / f"P1.{kind}")
    short = f"{kind[0]}{kind[-1]}w"
    name = {"first-last": short, "whole": f"{kind}w", "wld": "wld", "upper": short.upper()}[extension]
    (tmp_path / f"P1.{name}").write_text(WORLD)
    without = read_placement(tmp_path / f"P1.{kind}", 200, 100)
    assert (without.georeference, without.gsd) == (None, None)
    assert "its CRS is not told" in (without.problem or "")
    (tmp_path / "P1.prj").write_text(CRS.from_user_input(UTM).to_wkt("WKT1_ESRI"))
    placed = read_placement(tmp_path / f"P1.{kind}", 200, 100)
    assert placed.georeference == Georeference(UTM, (0.5, 0, 500_000, 0, -0.5, 5_000_000))
    assert (placed.gsd, placed.problem) == (0.5, None)


@pytest.mark.parametrize(
    ("crs", "transform", "gsd"),
    [
        (UTM, NORTH_UP, 0.5),
        (UTM, _rotated(30), 0.5),
        (UTM, Affine(0.5, 0, 500_000, 0, 0.5, 5_000_000), 0.5),  # south up
        ("EPSG:25832+7837", NORTH_UP, 0.5),  # with heights
        ("EPSG:2263", Affine(2.0, 0, 980_000, 0, -2.0, 200_000), 2 * 0.3048006096),  # US survey feet
        ("EPSG:3857", Affine(2.0, 0, 0, 0, -2.0, 8_399_800), None),  # stretched to twice the length at 60 degrees
        ("EPSG:4326", Affine(2e-5, 0, 8.0, 0, -1e-5, 60.0005), None),
        ("EPSG:4807", Affine(2e-5, 0, 2.0, 0, -1e-5, 55.0), None),  # grads, from Paris
    ],
)
def test_pixels_are_measured_in_metres_in_any_crs(
    tmp_path: Path, crs: str, transform: Affine, gsd: float | None
) -> None:
    path = write_geotiff(tmp_path / "P1.tif", transform, crs)
    placed = read_placement(path, 200, 100)
    assert placed.georeference is not None
    assert placed.georeference.transform == pytest.approx(tuple(transform)[:6])
    if gsd is None:  # an independent measure: the ground that the whole image covers
        ring = ground_of(placed.georeference, [(0, 0), (200, 0), (200, 100), (0, 100)])
        lonlat = transform_points(ring, placed.georeference.crs, WGS84)
        area, _ = Geod(ellps="WGS84").polygon_area_perimeter(lonlat[:, 0], lonlat[:, 1])
        gsd = math.sqrt(abs(area) / (200 * 100))
    assert placed.gsd == pytest.approx(gsd, rel=1e-3)


def test_a_stated_resolution_is_kept_where_the_projection_is_true_to_scale(tmp_path: Path) -> None:
    far_east = Affine(0.5, 0, 730_000, 0, -0.5, 5_000_000)
    assert read_placement(write_geotiff(tmp_path / "P1.tif", far_east), 200, 100).gsd == 0.5


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({"crs": None}, "its CRS is not told"),
        ({"crs": UTM, "transform": None}, "names a CRS, and no transform"),
        ({"crs": "EPSG:2053"}, "do not run east and north"),
        ({"crs": 'LOCAL_CS["site",UNIT["metre",1]]'}, "not one of the ground: site"),
        ({"crs": "EPSG:4326"}, "where its CRS does not reach"),
        ({"gcps": True}, "ground control points only"),
        ({"rpcs": True}, "rational polynomials only"),
    ],
)
def test_what_cannot_be_placed_is_told(tmp_path: Path, written: Mapping[str, object], problem: str) -> None:
    more: dict[str, object] = {"transform": NORTH_UP, "crs": UTM, **written}
    if "gcps" in written:
        corners = [(0, 0, 4.0, 50.0), (0, 200, 4.1, 50.0), (100, 200, 4.1, 49.9)]
        more = {"gcps": [GroundControlPoint(*each) for each in corners], "crs": "EPSG:4326", "transform": None}
    if "rpcs" in written:
        ones = [1.0] * 20
        rpc = rasterio.rpc.RPC(0, 1, 50, 1, ones, ones, 50, 50, 4, 1, ones, ones, 100, 100)
        more = {"rpcs": rpc, "crs": None, "transform": None}
    placed = read_placement(write_geotiff(tmp_path / "P1.tif", **more), 200, 100)
    assert (placed.georeference, placed.gsd) == (None, None)
    assert problem in (placed.problem or "")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("P1.tfw", "1 2 3", "P1.tfw is not a world file: a world file has six numbers"),
        ("P1.tfw", "nan 0 0 1 0 0", "six numbers"),
        ("P1.tfw", "1 1 1 1 0 0", "no area"),
        ("P1.tfw", "0" * 70_000, "more than 65536 bytes"),
        ("P1.prj", "Projection UTM", "P1.prj does not hold a CRS in WKT"),
    ],
)
def test_broken_files_beside_an_image_are_told(tmp_path: Path, name: str, text: str, problem: str) -> None:
    Image.new("L", (200, 100)).save(tmp_path / "P1.tif")
    (tmp_path / "P1.tfw").write_text(WORLD)
    (tmp_path / name).write_text(text)
    placed = read_placement(tmp_path / "P1.tif", 200, 100)
    assert placed.georeference is None
    assert problem in (placed.problem or "")


def test_a_pixel_that_is_a_point_has_its_coordinates_in_its_middle(tmp_path: Path) -> None:
    area = read_placement(write_geotiff(tmp_path / "area.tif"), 200, 100).georeference
    path = write_geotiff(tmp_path / "point.tif")
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(AREA_OR_POINT="Point")
    assert read_placement(path, 200, 100).georeference == area
    with Image.open(path) as tagged:  # the tie point itself is half a pixel further
        assert tagged.tag_v2[33922][3:5] == (500_000.25, 4_999_999.75)


def test_north_and_pixels_that_are_not_what_they_seem_are_warned_of(tmp_path: Path) -> None:
    polar = read_placement(write_geotiff(tmp_path / "P1.tif", Affine(10, 0, -1e6, 0, -10, -1e6), "EPSG:3413"), 200, 100)
    assert polar.georeference is not None
    assert "north is that of its CRS's grid, 45 degrees from true north" in (polar.problem or "")
    degrees = read_placement(
        write_geotiff(tmp_path / "P2.tif", Affine(1e-5, 0, 8, 0, -1e-5, 60), "EPSG:4326"), 200, 100
    )
    assert degrees.georeference is not None
    assert "2 times as long one way as the other" in (degrees.problem or "")


def test_a_name_does_not_make_a_file_of_another_kind_a_raster(tmp_path: Path) -> None:
    real = write_geotiff(tmp_path / "real.tif")
    source = f"<SimpleSource><SourceFilename>{real}</SourceFilename></SimpleSource>"
    band = f'<VRTRasterBand dataType="Byte" band="1">{source}</VRTRasterBand>'
    (tmp_path / "P1.tif").write_text(f'<VRTDataset rasterXSize="200" rasterYSize="100">{band}</VRTDataset>')
    assert read_placement(tmp_path / "P1.tif", 200, 100).georeference is None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"TIFFTAG_DATETIME": "2017:08:26 10:11:12"}, datetime(2017, 8, 26, 10, 11, 12, tzinfo=UTC)),
        ({"TIFFTAG_DATETIME": "0000:00:00 00:00:00"}, None),
        ({"TIFFTAG_DATETIME": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_time_in_a_tiff_is_read(tmp_path: Path, tags: Mapping[str, str], expected: datetime | None) -> None:
    path = write_geotiff(tmp_path / "P1.tif")
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(**tags)
    assert read_placement(path, 200, 100).acquired == expected


@pytest.mark.parametrize(("offset", "zone"), [("-07:30", timezone(-timedelta(hours=7, minutes=30))), (None, UTC)])
def test_the_time_of_exposure_in_a_jpeg_is_read(tmp_path: Path, offset: str | None, zone: timezone) -> None:
    exif = Image.Exif()
    fields = exif.get_ifd(0x8769)
    fields[0x9003] = "2017:08:26 10:11:12"
    if offset is not None:
        fields[0x9011] = offset
    Image.new("RGB", (200, 100)).save(tmp_path / "P1.jpg", exif=exif)
    index_images([tmp_path / "P1.jpg"], archive=tmp_path / "a", labels=_labels(tmp_path, {"P1": {}}))
    (scene,) = Archive.open(tmp_path / "a").scenes()
    assert scene.acquired == datetime(2017, 8, 26, 10, 11, 12, tzinfo=zone)


def _labels(folder: Path, objects: Mapping[str, Mapping[str, np.ndarray]], gsd: float | None = None) -> Path:
    """A folder of labelTxt files with squares of 4 px about points in pixels."""
    (folder / "labels").mkdir(exist_ok=True)
    for stem, points in objects.items():
        lines = [] if gsd is None else [f"gsd:{gsd}"]
        for label, (x, y) in points.items():
            lines.append(f"{x - 2} {y - 2} {x + 2} {y - 2} {x + 2} {y + 2} {x - 2} {y + 2} {label} 0")
        (folder / "labels" / f"{stem}.txt").write_text("\n".join(lines))
    return folder / "labels"


@pytest.mark.parametrize("degrees", [0, 30, 135, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_north_and_metres_of_a_turned_raster_are_those_of_the_ground(
    tmp_path: Path, degrees: float, mirrored: bool
) -> None:
    transform = _rotated(degrees) * (Affine.scale(1, -1) if mirrored else Affine.identity())
    write_geotiff(tmp_path / "P1.tif", transform)
    georeference = read_placement(tmp_path / "P1.tif", 200, 100).georeference
    assert georeference is not None
    middle = ground_of(georeference, [(100, 50)])[0]
    truth = {"plane": (0.0, 0.0), "ship": (0.0, -20.0), "bridge": (15.0, 3.0)}
    pixels = {label: pixels_at(georeference, middle + np.array(offset))[0] for label, offset in truth.items()}
    index_images([tmp_path / "P1.tif"], archive=tmp_path / "a", labels=_labels(tmp_path, {"P1": pixels}))
    holds = {
        "exists x y. plane(x) & ship(y) & north_of(x, y)": True,
        "exists x y. plane(x) & ship(y) & south_of(y, x)": True,
        "exists x y. plane(x) & ship(y) & (south_of(x, y) | east_of(x, y) | west_of(x, y))": False,
        "exists x y. bridge(x) & plane(y) & east_of(x, y)": True,
        "exists x y. bridge(x) & plane(y) & north_of(x, y)": False,
        "exists x y. plane(x) & ship(y) & distance(x, y) > 15 m & distance(x, y) < 20 m": True,
        "exists x. plane(x) & area(x) > 3.9 m2 & area(x) < 4.1 m2": True,
    }
    for formula, expected in holds.items():
        (result,) = rank(formula, archive=tmp_path / "a").results
        assert result.verdict == ("sat" if expected else "unsat"), formula


@settings(max_examples=100, deadline=None)
@given(
    crs=st.sampled_from([UTM, "EPSG:4326", "EPSG:3857", "EPSG:3035"]),
    degrees=st.floats(0, 360),
    offsets=st.tuples(st.floats(-1, 1), st.floats(-1, 1)).filter(lambda each: math.hypot(*each) > 0.01),
)
def test_carrying_points_there_and_back_changes_nothing(crs: str, degrees: float, offsets: tuple[float, float]) -> None:
    side = 1e-5 if crs == "EPSG:4326" else 1.0
    centre = transform_points([(4.0, 50.0)], WGS84, crs)[0]
    transform = Affine.translation(*centre) * Affine.rotation(degrees) * Affine.scale(side, -side)
    georeference = Georeference(crs, tuple(float(value) for value in transform[:6]))
    points = np.array([offsets, (0.0, 0.0)]) * 1000
    lonlat = transform_points(ground_of(georeference, points), crs, WGS84)
    back = pixels_at(georeference, transform_points(lonlat, WGS84, crs))
    assert np.allclose(back, points, atol=1e-3)
    assert np.allclose(lonlat[1], (4.0, 50.0), atol=1e-9)


def test_what_is_stated_wins_over_what_is_measured(tmp_path: Path) -> None:
    write_geotiff(tmp_path / "P1.tif")

    def gsd(archive: str, labels: Path, sizes: Path | None = None) -> float | None:
        index_images([tmp_path / "P1.tif"], archive=tmp_path / archive, labels=labels, sizes=sizes)
        return Archive.open(tmp_path / archive).scene("P1").gsd

    assert gsd("a", _labels(tmp_path, {"P1": {}})) == 0.5
    assert gsd("b", _labels(tmp_path, {"P1": {}}, gsd=0.3)) == 0.3
    (tmp_path / "sizes.json").write_text(json.dumps({"P1": {"width": 200, "height": 100, "gsd": 0.25}}))
    assert gsd("c", tmp_path / "labels", tmp_path / "sizes.json") == 0.25


def test_a_world_file_that_comes_later_places_an_image_that_is_there(tmp_path: Path) -> None:
    Image.new("L", (200, 100)).save(tmp_path / "P1.png")
    (tmp_path / "P1.prj").write_text(CRS.from_user_input(UTM).to_wkt())
    labels, archive = _labels(tmp_path, {"P1": {}}), tmp_path / "a"
    assert index_images([tmp_path / "P1.png"], archive=archive, labels=labels).warnings == []
    assert index_images([tmp_path / "P1.png"], archive=archive, labels=labels).unchanged == 1
    (tmp_path / "P1.pgw").write_text("0 0 0 0 0 0")
    report = index_images([tmp_path / "P1.png"], archive=archive, labels=labels)
    assert report.replaced == 1
    assert report.warnings == [
        "the georeference of 1 image is missing or to be taken with care: "
        "P1.png: P1.pgw is not a world file: its pixels have no area"
    ]
    (tmp_path / "P1.pgw").write_text(WORLD)
    assert index_images([tmp_path / "P1.png"], archive=archive, labels=labels).replaced == 1
    assert Archive.open(archive).scene("P1").georeference == Georeference(UTM, (0.5, 0, 500_000, 0, -0.5, 5_000_000))
