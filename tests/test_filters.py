"""Filters by place, time and folder: a filtered ranking is the ranking of an archive of those images only."""

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvers.errors import InputError
from solvers.scene import Entity, Georeference, Scene
from tests.archive_support import DOTA, simple_scene, square, write
from tests.cli_support import Outcome, Rune, caller
from tools import check_image, rank
from tools.archive import Archive, ArchiveWriter, ImageKey, StoredImage
from tools.filters import Filters
from tools.filters.folder import folder_pattern
from tools.filters.times import first_moment, last_moment

UTM = "EPSG:32631"
START = datetime(2024, 5, 1, tzinfo=UTC)
FORMULAS = (
    "exists x. plane(x)",
    "exists x y. plane(x) & ship(y) & near(x, y)",
    "~exists x. ship(x)",
    "exists=2 x. plane(x)",
    "exists x y. plane(x) & plane(y) & x != y & distance(x, y) < 10 m",
    "forall x. (plane(x) -> exists y. (ship(y) & north_of(y, x)))",
    "exists x. harbor(x) & exists y. ship(y)",
)


@st.composite
def placed_scenes(draw: st.DrawFn) -> list[Scene]:
    """Scenes on a grid of 100 m, some without a place, some without a time."""
    found = []
    for number in range(draw(st.integers(1, 9))):
        x, y = draw(st.integers(0, 4)) * 100, draw(st.integers(0, 4)) * 100
        labels = draw(st.lists(st.sampled_from(["plane", "ship", "harbor"]), max_size=5))
        entities = tuple(
            Entity(
                index,
                label,
                draw(st.sampled_from([0.2, 0.4, 0.9, 1.0])),
                square(draw(st.integers(0, 80)), draw(st.integers(0, 80))),
            )
            for index, label in enumerate(labels)
        )
        taken = draw(st.none() | st.integers(0, 20))
        found.append(
            Scene(
                f"P{number}",
                100,
                100,
                entities,
                draw(st.sampled_from([frozenset(DOTA.leaf_names), frozenset({"plane", "ship"})])),
                draw(st.sampled_from([None, 0.5])),
                draw(st.sampled_from([None, Georeference(UTM, (1, 0, x, 0, -1, y + 100))])),
                acquired=None if taken is None else START + timedelta(hours=6 * taken),
            )
        )
    return found


boxes = st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 30)] * 2).map(
    lambda it: (it[0] * 10.0, it[1] * 10.0, (it[0] + it[2]) * 10.0, (it[1] + it[3]) * 10.0)
)
days = st.integers(0, 5).map(lambda day: START.date() + timedelta(days=day))


def passes(scene: Scene, box: tuple[float, ...] | None, since: date | None, until: date | None) -> bool:
    """By arithmetic alone: every transform here is that of a square of 100 m with its upper side to the north."""
    if box is not None:
        if scene.georeference is None:
            return False
        _, _, left, _, _, top = scene.georeference.transform
        if left > box[2] or left + 100 < box[0] or top < box[1] or top - 100 > box[3]:
            return False
    if since is not None or until is not None:
        if scene.acquired is None:
            return False
        day = scene.acquired.date()
        return (since is None or day >= since) and (until is None or day <= until)
    return True


@given(placed_scenes(), st.none() | boxes, st.none() | days, st.none() | days, st.sampled_from(FORMULAS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_filtered_ranking_is_that_of_an_archive_of_those_images_only(
    scenes: list[Scene],
    box: tuple[float, float, float, float] | None,
    since: date | None,
    until: date | None,
    formula: str,
) -> None:
    if since is not None and until is not None and until < since:
        since, until = until, since
    kept = [scene for scene in scenes if passes(scene, box, since, until)]
    with tempfile.TemporaryDirectory() as folder:
        whole = Archive.open(write(Path(folder) / "whole", scenes, images_per_part=3))
        only = Archive.open(write(Path(folder) / "only", kept, images_per_part=3))
        filters = Filters(area=box, since=since, until=until)
        found = rank(formula, archive=whole, filters=filters, top_k=0)
        expected = rank(formula, archive=only, top_k=0)
        assert [each.model_dump() for each in found.results] == [each.model_dump() for each in expected.results]
        assert (found.counts, found.parts) == (expected.counts, expected.parts)
        assert found.archive == whole.size
        if not filters.is_empty:
            assert found.filtered is not None
            assert found.filtered.images == len(kept)
            assert whole.only(filters).image_ids == only.image_ids
            assert list(whole.only(filters).scenes()) == list(only.scenes())
        assert set(expected.warnings) <= set(found.warnings)


@pytest.fixture
def coast(tmp_path: Path) -> Archive:
    """Two images in UTM near 3° E 52° N, one on the globe beside them, one nowhere."""
    places = {
        "west": Georeference(UTM, (1, 0, 500_000, 0, -1, 5_761_100)),
        "east": Georeference(UTM, (1, 0, 501_000, 0, -1, 5_761_100)),
        "globe": Georeference("EPSG:4326", (1e-5, 0, 3.05, 0, -1e-5, 52.001)),
        "nowhere": None,
    }
    scenes = [
        Scene(name, 100, 100, (Entity(0, "ship", 1.0, square(1, 1)),), frozenset({"ship"}), georeference=place)
        for name, place in places.items()
    ]
    return Archive.open(write(tmp_path / "coast", scenes))


def test_an_area_in_another_reference_system(coast: Archive) -> None:
    # 3° E is the meridian of the zone, so that easting 500,000 lies on it; a kilometre is 0.01457° there.
    for area, expected in {
        "2.999,51.99,3.0005,52.01": {"west"},
        "3.0143,51.99,3.0150,52.01": {"east"},
        "2.99,51.99,3.06,52.01": {"west", "east", "globe"},
        "3.04,51.99,3.06,52.01": {"globe"},
        "10,50,11,51": set(),
    }.items():
        selected = coast.only(Filters(area=area, area_crs="EPSG:4326"))
        assert set(selected.image_ids) == expected
        assert selected.filtered is not None
        assert selected.filtered.not_placed == 1
    assert coast.only(Filters(area=(500_050, 5_761_010, 500_060, 5_761_020), area_crs=UTM)).image_ids == ("west",)


def test_areas_in_every_notation(coast: Archive, tmp_path: Path) -> None:
    triangle = "POLYGON ((2.999 51.99, 3.001 51.99, 3.001 52.01, 2.999 51.99))"
    geometry = json.loads(shapely.to_geojson(shapely.from_wkt(triangle)))
    in_utm = json.loads(shapely.to_geojson(shapely.box(500_950, 5_761_000, 501_050, 5_761_050)))
    files = {
        "plain.geojson": (geometry, "west"),
        "feature.json": ({"type": "Feature", "properties": {}, "geometry": geometry}, "west"),
        "features.geojson": (
            {
                "type": "FeatureCollection",
                "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}},
                "features": [{"type": "Feature", "geometry": in_utm}, {"type": "Feature", "geometry": None}],
            },
            "east",
        ),
    }
    for name, (document, expected) in files.items():
        (tmp_path / name).write_text(json.dumps(document))
        assert coast.only(Filters(area=tmp_path / name)).image_ids == (expected,)
    (tmp_path / "area.wkt").write_text(triangle + "\n")
    assert coast.only(Filters(area=str(tmp_path / "area.wkt"), area_crs="EPSG:4326")).image_ids == ("west",)
    assert coast.only(Filters(area=f"SRID=4326;{triangle}")).image_ids == ("west",)
    assert coast.only(Filters(area=shapely.from_wkt(triangle), area_crs="EPSG:4326")).image_ids == ("west",)
    (tmp_path / "projected.geojson").write_text(json.dumps(in_utm))  # no crs member, and not on the globe
    assert coast.only(Filters(area=tmp_path / "projected.geojson", area_crs=UTM)).image_ids == ("east",)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(area="1,2,3"), "takes four numbers"),
        (Filters(area="3,2,1,4"), "minx < maxx"),
        (Filters(area="nan,2,1,4"), "takes four numbers"),
        (Filters(area=" "), "--area is blank"),
        (Filters(area="POINT (1 2)"), "is no file, and neither box nor WKT"),
        (Filters(area="POLYGON ((1 2, 3"), "not WKT that can be read"),
        (Filters(area="POLYGON EMPTY"), "the area is empty"),
        (Filters(area="x" * 5000), "cannot be read"),
        (Filters(area="1,2,3,4"), "2 reference systems .EPSG:32631, EPSG:4326|EPSG:4326, EPSG:32631"),
        (Filters(area="1,2,3,4", area_crs="EPSG:0"), "'EPSG:0' is no coordinate reference system"),
        (Filters(area_crs="EPSG:4326"), "there is no --area"),
        (Filters(since="May"), "--since is 'May', which is no time"),
        (Filters(until="2024-02-30"), "--until is '2024-02-30'"),
        (Filters(since="2024-06", until="2024-05"), "--until 2024-05 is before --since 2024-06"),
        (Filters(folder=" "), "--folder is blank"),
        (Filters(folder="[z-a]"), "is no pattern"),
    ],
)
def test_what_is_no_filter_says_what_is_wrong(coast: Archive, filters: Filters, message: str) -> None:
    with pytest.raises(InputError, match=message):
        coast.only(filters)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "neither GeoJSON nor WKT"),
        ("[1]", "this is JSON, but no GeoJSON"),
        ('{"type": "Point", "coordinates": [1, 2]}', "made of polygons, and this is a Point"),
        ('{"type": "Polygon", "coordinates": "no"}', "a geometry cannot be read"),
        ('{"type": "FeatureCollection", "features": []}', "holds no polygon"),
        ("[" * 100_000, "neither GeoJSON nor WKT"),
    ],
)
def test_a_file_that_is_no_area(coast: Archive, tmp_path: Path, document: str, message: str) -> None:
    (tmp_path / "area.geojson").write_text(document)
    with pytest.raises(InputError, match=message):
        coast.only(Filters(area=tmp_path / "area.geojson"))


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("2024", "2024-01-01T00:00:00", "2024-12-31T23:59:59.999999"),
        ("2024-02", "2024-02-01T00:00:00", "2024-02-29T23:59:59.999999"),
        ("2024-12", "2024-12-01T00:00:00", "2024-12-31T23:59:59.999999"),
        ("2024-05-01", "2024-05-01T00:00:00", "2024-05-01T23:59:59.999999"),
        ("2024-05-01T12:30", "2024-05-01T12:30:00", "2024-05-01T12:30:00"),
        ("2024-05-01T12:30:05.25+02:00", "2024-05-01T10:30:05.250000", "2024-05-01T10:30:05.250000"),
        ("2024-05-01 12:30Z", "2024-05-01T12:30:00", "2024-05-01T12:30:00"),
        (date(2024, 5, 1), "2024-05-01T00:00:00", "2024-05-01T23:59:59.999999"),
        (datetime(2024, 5, 1, 7, tzinfo=UTC), "2024-05-01T07:00:00", "2024-05-01T07:00:00"),
        ("9999-12", "9999-12-01T00:00:00", "9999-12-31T23:59:59.999999"),
    ],
)
def test_times_cover_what_they_name(given: str | date, first: str, last: str) -> None:
    assert first_moment(given, "--since") == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert last_moment(given, "--until") == datetime.fromisoformat(last).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("north", ["/d/north/a.png", "north/x/a.png", "/d/north.png"], ["/d/northern/a.png", "/d/x/north2.png"]),
        ("north/2024-*", ["/d/north/2024-05/a.png", "north/2024-06.tif"], ["/d/north/x/2024-05/a.png", "/2024-05/a"]),
        ("north/**/a", ["/north/a.png", "/north/x/y/a.tif"], ["/north/ab.png", "/south/x/a.png"]),
        ("P07*", ["/d/P0706.png", "/d/P07/x.png"], ["/d/P0106.png", "/d/xP07.png"]),
        ("P070?.png", ["/d/P0706.png"], ["/d/P070.png", "/d/P0706.jpg", "/d/P07066.png"]),
        ("[!a]x", ["/bx/1.png"], ["/ax/1.png", "//x"]),
        ("/d/north", ["/d/north/a.png"], ["/e/d/north/a.png", "/d/north2/a.png"]),
        ("/d/../d/n*/", ["/d/north/a.png"], ["/d/south/a.png"]),
        ("/", ["/d/a.png"], ["d/a.png"]),
        ("a+(b)", ["/x/a+(b)/1.png"], ["/x/aab/1.png"]),
        ("日本", ["/x/日本/1.png"], ["/x/日/1.png"]),
    ],
)
def test_folder_patterns(pattern: str, fitting: list[str], others: list[str]) -> None:
    finds = folder_pattern(pattern).search
    assert [path for path in fitting if not finds(path)] == []
    assert [path for path in others if finds(path)] == []


def test_folders_of_images_and_members(tmp_path: Path) -> None:
    root = tmp_path / "a"
    with ArchiveWriter(root, DOTA) as writer:
        for key in (ImageKey("/data/north/P1.png"), ImageKey("images/P2.png"), ImageKey("/c.json", "north/P3.png")):
            writer.put(StoredImage(key, "d", simple_scene(Path(key.name).stem)))
        writer.finish()
    archive = Archive.open(root)
    assert archive.only(Filters(folder="north")).image_ids == ("P1", "P3")
    assert archive.only(Filters(folder="/data")).image_ids == ("P1",)
    assert archive.only(Filters(folder=str(root))).image_ids == ("P2",)
    assert archive.only(Filters(folder="north")).only(Filters(folder="P3")).image_ids == ("P3",)


def test_an_image_that_is_left_out_is_not_told_as_missing(coast: Archive) -> None:
    selected = coast.only(Filters(folder="west"))
    assert check_image("exists x. ship(x)", archive=selected, image_id="west").verdict == "sat"
    with pytest.raises(InputError, match="the filters leave image 'east' out"):
        selected.scene("east")
    with pytest.raises(InputError, match="no image 'wset'; the nearest are west"):
        selected.scene("wset")


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def answer(outcome: Outcome) -> tuple[object, object, object, list[str]]:
    said = outcome.json
    assert outcome.code == 0, outcome.err
    results = [each["image_id"] for each in said["results"]]
    return said["archive"], said["filtered"], said["counts"], results


def test_filters_on_rank_ask_and_batch(coast: Archive, rune: Rune, tmp_path: Path) -> None:
    filters = ("--area", "2.99,51.99,3.06,52.01", "--area-crs", "EPSG:4326", "--folder", "[!g]*")
    to_json = ("--archive", coast.root, "--output", "json")
    expected = (
        {"images": 4, "entities": 4},
        {"images": 2, "not_placed": 1, "not_dated": 0},
        {"sat": 2, "unsat": 0, "unknown": 0},
        ["east", "west"],
    )
    ranked = rune("rank", "exists x. ship(x)", *to_json, *filters)
    assert answer(ranked) == expected
    assert "1 image was left out for want of a georeference, since an area was asked for" in ranked.json["warnings"]
    assert answer(rune("ask", "a ship", *to_json, *filters)) == expected
    (tmp_path / "q.jsonl").write_text('{"id": 1, "query": "a ship"}\n{"id": 2, "formula": "exists x. ship(x)"}\n')
    out = tmp_path / "r.jsonl"
    assert rune("batch", tmp_path / "q.jsonl", "--archive", coast.root, "--out", out, *filters).code == 0
    for line in out.read_text().splitlines():
        assert answer(Outcome(0, line, "")) == expected
    unfiltered = rune("rank", "exists x. ship(x)", *to_json)
    assert (unfiltered.json["filtered"], unfiltered.json["counts"]["sat"]) == (None, 4)
    text = rune("rank", "exists x. ship(x)", "--archive", coast.root, *filters)
    assert "filtered  2 images asked" in text.out
    nothing = rune("ask", "a ship", *to_json, "--since", "2024-05-01")
    assert answer(nothing)[1:] == (
        {"images": 0, "not_placed": 0, "not_dated": 4},
        {"sat": 0, "unsat": 0, "unknown": 0},
        [],
    )
    assert "the filters leave no image" in nothing.json["warnings"]


def test_an_area_outside_all_images_may_be_in_another_system(tmp_path: Path) -> None:
    scene = Scene(
        "a", 100, 100, (), frozenset(DOTA.leaf_names), georeference=Georeference(UTM, (1, 0, 500_000, 0, -1, 5_761_100))
    )
    archive = Archive.open(write(tmp_path / "a", [scene]))
    said = "they lie within 500000, 5761000, 500100, 5761100 in EPSG:32631; if it is in another system, say --area-crs"
    assert said in rank("exists x. ship(x)", archive=archive, filters=Filters(area="3,51,4,53")).warnings[0]
    found = rank("exists x. ship(x)", archive=archive, filters=Filters(area="3,51,4,53", area_crs="EPSG:4326"))
    assert (found.warnings, found.counts.unsat) == ([], 1)


@pytest.mark.parametrize("command", ["rank", "ask"])
def test_a_bad_filter_is_a_usage_error(coast: Archive, rune: Rune, command: str) -> None:
    outcome = rune(command, "a ship", "--archive", coast.root, "--output", "json", "--area", "1,2,3")
    assert (outcome.code, outcome.json["status"]) == (2, "error")
    assert "takes four numbers" in outcome.json["error"]
