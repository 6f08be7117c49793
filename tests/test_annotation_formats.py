"""YOLO txt, xBD json and broken annotations through `rune index`: told apart by content, read, named, skipped."""

import json
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from solvers.errors import InputError
from solvers.scene import Scene
from tests.cli_support import Rune, assert_told, caller
from tools.archive import Archive
from tools.index import index_images
from tools.ontologies import load_ontology
from tools.readers.faults import SkippedFaults
from tools.readers.names import find_names, read_names
from tools.readers.xbd import parse_xbd
from tools.readers.yolo import parse_yolo

# A loaded machine is no fault of what is tested.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
DOTA, XBD = load_ontology("dota"), load_ontology("xbd")
DOTA8 = Path(__file__).parents[1].parent / "shared" / "data" / "dota8"
NAMES = dict(enumerate(DOTA.leaf_names))

needs_dota8 = pytest.mark.skipif(not DOTA8.is_dir(), reason="the real scenes are not beside the repository")


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def picture(file: Path, width: int = 100, height: int = 50) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), "olive").save(file)
    return file


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def scenes_of(archive: Path) -> dict[str, Scene]:
    return {scene.image_id: scene for scene in Archive.open(archive).scenes()}


@needs_dota8
@pytest.mark.parametrize("named", ["dota", "yaml"])
def test_the_real_dota8_is_read_object_by_object(rune: Rune, tmp_path: Path, named: str) -> None:
    names, labels = "dota", DOTA8 / "labels"
    if named == "yaml":
        labels = shutil.copytree(labels, tmp_path / "dota8" / "labels")
        write(tmp_path / "dota8" / "data.yaml", "train: images/train\nnames:\n  0: plane\n  1: ship\n" + _yaml_rest())
        write(tmp_path / "dota8" / "other.yaml", "lr0: 0.01\n")
    arguments = ["index", DOTA8 / "images", "--labels", labels, "--archive", tmp_path / "a", "--output", "json"]
    report = rune(*arguments, *(["--names", names] if named == "dota" else []))
    assert (report.code, report.json["images"], report.json["warnings"]) == (0, 8, [])
    scenes = scenes_of(tmp_path / "a")
    files = sorted((DOTA8 / "labels").rglob("*.txt"))
    assert sorted(scenes) == sorted(file.stem for file in files)
    for file in files:
        lines = [list(map(float, line.split())) for line in file.read_text().splitlines()]
        scene = scenes[file.stem]
        with Image.open(scene.path or "") as image:
            width, height = image.size
        assert [(each.index, DOTA.leaf_names.index(each.label)) for each in scene.entities] == [
            (index, int(line[0])) for index, line in enumerate(lines)
        ]
        for each, line in zip(scene.entities, lines, strict=True):
            flat = [value for corner in each.polygon for value in corner]
            assert flat == pytest.approx([line[n] * (height if n % 2 == 0 else width) for n in range(1, 9)])


def _yaml_rest() -> str:
    return "".join(f"  {number}: {name.replace('_', ' ')}\n" for number, name in list(NAMES.items())[2:15])


numbers = st.floats(-1, 2)
lines = st.lists(
    st.tuples(
        st.integers(0, 17),
        st.lists(st.tuples(numbers, numbers), min_size=3, max_size=7),
        st.none() | st.floats(0, 1, exclude_min=True),
    ),
    max_size=8,
)


@unhurried
@given(lines)
def test_what_is_written_as_yolo_polygons_is_what_is_read(
    objects: list[tuple[int, list[tuple[float, float]], float | None]],
) -> None:
    def line(number: int, ring: list[tuple[float, float]], score: float | None) -> str:
        flat = [value for corner in ring for value in corner] + ([] if score is None else [score])
        return f"{number} {' '.join(map(repr, flat))}"

    found = parse_yolo("\r\n".join(line(*each) for each in objects).encode(), "a.txt", NAMES, DOTA)
    assert [(each.label, list(each.polygon), each.confidence) for each in found.entities] == [
        (NAMES[number], ring, 1.0 if score is None else score) for number, ring, score in objects
    ]


@unhurried
@given(st.binary(max_size=120) | st.text("0123456789. -e\n", max_size=120).map(str.encode))
@example(b"\xef\xbb\xbf")
def test_whatever_the_bytes_yolo_is_read_or_an_error_of_input(data: bytes) -> None:
    skipped = SkippedFaults()
    try:
        found = parse_yolo(data, "a.txt", NAMES, DOTA, skipped)
    except InputError as error:
        assert str(error).startswith("a.txt:")
    else:
        # A byte order mark is no content, as the readers have it.
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        filled = [line for line in lines if line.strip()]
        assert len(found.entities) + len(skipped.messages) == len(filled)


def test_boxes_of_detection_and_its_confidence() -> None:
    found = parse_yolo(b"1 0.5 0.25 0.2 0.5 0.75\n0 0.5 0.5 1 1\n", "a.txt", NAMES, DOTA)
    assert sum(found.entities[0].polygon, ()) == pytest.approx((0.4, 0, 0.6, 0, 0.6, 0.5, 0.4, 0.5))
    assert [(each.label, each.confidence) for each in found.entities] == [("ship", 0.75), ("plane", 1.0)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 0.5 0.5", "not 3 fields"),
        ("ship 0.1 0.1 0.2 0.2", "field 1 is 'ship', not a class number"),
        ("1.5 0.1 0.1 0.2 0.2", "not a class number"),
        ("18 0.1 0.1 0.2 0.2", "no class 18; they go from 0 to 17"),
        ("1 0.1 x 0.2 0.2", "field 3 is 'x', not a number"),
        ("1 0.1 nan 0.2 0.2", "field 3 is 'nan', not a number"),
        ("1 300 200 40 20", "field 2 is 300: coordinates are shares of width and height, not pixels"),
        ("1 0.1 0.1 -0.2 0.2", "no negative width"),
        ("1 0.1 0.1 0.2 0.2 1.5", "1.5 is none"),
    ],
)
def test_a_broken_yolo_line_is_named(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        parse_yolo(f"\n1 0.5 0.5 0.1 0.1\n{line}\n".encode(), "a.txt", NAMES, DOTA)
    assert str(error.value).startswith("a.txt:3: ")


def test_names_beside_the_labels_classes_that_map_to_none_and_images_without_txt(tmp_path: Path) -> None:
    for stem in ("a", "b"):
        picture(tmp_path / "images" / f"{stem}.png")
    write(tmp_path / "labels" / "a.txt", "0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.1 0.1\n2 0 0 1 0 1 1 0 1 0.5\n")
    write(tmp_path / "labels" / "classes.txt", "Storage Tank\nunicorn\nShip\n")
    report = index_images(tmp_path / "images", archive=tmp_path / "archive", labels=tmp_path / "labels")
    assert any("unicorn" in warning for warning in report.warnings)
    scenes = scenes_of(tmp_path / "archive")
    assert [(each.index, each.label) for each in scenes["a"].entities] == [(0, "storage_tank"), (2, "ship")]
    assert sum(scenes["a"].entities[0].polygon, ()) == pytest.approx((40, 15, 60, 15, 60, 35, 40, 35))
    assert scenes["b"].entities == ()
    assert scenes["b"].known_labels == {"storage_tank", "ship"}


def test_other_names_are_another_scene(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    write(tmp_path / "labels" / "a.txt", "0 0.5 0.5 0.2 0.4\n")
    for name, replaced in (("ship", 0), ("plane", 1)):
        write(tmp_path / "names.txt", name)
        report = index_images(
            tmp_path / "images",
            archive=tmp_path / "archive",
            labels=tmp_path / "labels",
            names=tmp_path / "names.txt",
        )
        assert report.replaced == replaced
        assert scenes_of(tmp_path / "archive")["a"].entities[0].label == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [plane, ship]", {0: "plane", 1: "ship"}),
        ("names:\n  0: plane\n  3: ship\n", {0: "plane", 3: "ship"}),
        ('{"names": {"0": "plane", "1": 7}}', {0: "plane", 1: "7"}),
        ("[plane]", {0: "plane"}),
    ],
)
def test_a_yaml_of_names(tmp_path: Path, text: str, names: dict[int, str]) -> None:
    assert read_names(write(tmp_path / "data.yaml", text)) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("names: 3", "names must be a list"),
        ("names: [a, [b]]", r"class 1 must have a name, not \['b'\]"),
        ("names: {a: b}", "'a' is not a class number"),
        ("names: []", "it names no class"),
        ("names: !!python/object/apply:os.system [true]", "not YAML that can be read"),
        ("a: [", "not YAML that can be read"),
        ("", "names must be a list"),
    ],
)
def test_a_yaml_without_sound_names_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_names(write(tmp_path / "data.yaml", text))


def test_lists_count_before_yaml_and_files_that_disagree_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "labels"
    folder.mkdir(parents=True)
    assert find_names(folder) is None
    write(tmp_path / "set" / "a.yaml", "names: [plane]")
    write(tmp_path / "set" / "b.yaml", "names: [ship]")
    with pytest.raises(InputError, match=r"a\.yaml, b\.yaml.*--names"):
        find_names(folder)
    assert find_names(write(folder / "classes.txt", "plane").parent) == folder / "classes.txt"


def test_what_contradicts_itself_is_a_matter_of_usage(rune: Rune, tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    yolo = write(tmp_path / "yolo" / "a.txt", "0 0.5 0.5 0.2 0.4\n").parent
    dota = write(tmp_path / "dota" / "a.txt", "1 1 9 1 9 9 1 9 ship 0\n").parent
    other = write(tmp_path / "json" / "a.json", "{}").parent
    base = ("index", tmp_path / "images", "--archive", tmp_path / "archive")
    assert_told(rune(*base, "--labels", yolo), 2, "--names")
    assert_told(rune(*base, "--labels", yolo, "--names", "dota", "--classes", "ship"), 2, "--classes")
    assert_told(rune(*base, "--labels", dota, "--names", "dota"), 2, "--names")
    assert_told(rune(*base, "--labels", other), 2, "xBD")
    assert_told(rune(*base, "--names", "dota"), 2, "--names")
    assert_told(rune("index", "--labels", yolo, "--names", "dota", "--archive", tmp_path / "archive"), 2, "--sizes")
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("spelling", ["storage-tank", "storage_tank", "Storage Tank", "StorageTank", "storagetank"])
def test_spelling_variants_of_dota(spelling: str) -> None:
    assert DOTA.leaf_for(spelling) == "storage_tank"


def test_all_names_of_the_three_dota_versions() -> None:
    first = "plane ship storage-tank baseball-diamond tennis-court basketball-court ground-track-field harbor bridge"
    second = "large-vehicle small-vehicle helicopter roundabout soccer-ball-field swimming-pool container-crane airport"
    names = f"{first} {second} helipad".split()
    assert [DOTA.leaf_for(name) for name in names] == [name.replace("-", "_") for name in names]
    assert [DOTA.leaf_for(name.replace("-", "").title()) for name in names] == list(DOTA.leaf_names)


def xbd(**changes: object) -> dict[str, object]:
    def feature(wkt: str, **properties: str) -> dict[str, object]:
        return {"properties": {"feature_type": "building", "uid": "u", **properties}, "wkt": wkt}

    square = "POLYGON ((10 10, 20 10, 20 20, 10 20, 10 10))"
    document: dict[str, object] = {
        "features": {
            "lng_lat": [],
            "xy": [
                feature(square, subtype="destroyed"),
                feature("POLYGON ((1 1, 4 1, 4 4, 1 1), (2 1.5, 3 1.5, 3 2, 2 1.5))", subtype="no-damage"),
                feature(square, subtype="minor-damage"),
                feature(square, subtype="major-damage"),
                feature(square, subtype="un-classified"),
                feature(square),
            ],
        },
        "metadata": {"width": 1024, "height": 512, "gsd": 1.5, "capture_date": "2018-09-20T16:04:41.000Z"},
    }
    return {**document, **changes}


DAMAGES = ["destroyed", "no_damage", "minor_damage", "major_damage", "unclassified", "unclassified"]


def test_xbd_with_and_without_pixels(rune: Rune, tmp_path: Path) -> None:
    stem = "hurricane_00000001_post_disaster"
    labels = write(tmp_path / "labels" / f"{stem}.json", json.dumps(xbd())).parent
    base = ("--labels", labels, "--ontology", "xbd", "--output", "json")
    assert rune("index", *base, "--archive", tmp_path / "bare").code == 0
    scene = scenes_of(tmp_path / "bare")[stem]
    assert (scene.width, scene.height, scene.gsd) == (1024, 512, 1.5)
    assert scene.acquired == datetime(2018, 9, 20, 16, 4, 41, tzinfo=UTC)
    assert [each.label for each in scene.entities] == [f"{damage}_building" for damage in DAMAGES]
    assert scene.entities[1].polygon == ((1, 1), (4, 1), (4, 4))
    assert scene.known_labels == frozenset(XBD.leaf_names)

    picture(tmp_path / "images" / f"{stem}.png", 1024, 512)
    picture(tmp_path / "images" / "hurricane_00000002_post_disaster.png")
    report = rune("index", tmp_path / "images", *base, "--archive", tmp_path / "seen").json
    assert (report["images"], [Path(each["path"]).name for each in report["rejected"]]) == (
        1,
        ["hurricane_00000002_post_disaster.png"],
    )
    answer = rune("ask", "a damaged building", "--archive", tmp_path / "seen", "--output", "json").json
    assert (answer["counts"]["sat"], answer["formula"]) == (1, "exists x. damaged_building(x)")
    assert rune("index", "--labels", labels / f"{stem}.json", *base[2:], "--archive", tmp_path / "one").code == 0
    assert_told(rune("index", "--labels", labels, "--archive", tmp_path / "x"), 2, "--ontology xbd")


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        ({"wkt": "POLYGON ((1 1, 2 2"}, "features.xy[0].wkt", "well-known text"),
        ({"wkt": "POINT (1 1)"}, "features.xy[0].wkt", "POLYGON"),
        ({"wkt": "POLYGON EMPTY"}, "features.xy[0].wkt", "POLYGON"),
        ({"wkt": "POLYGON ((1 1, 2 2, 1e300 2, 1 1))"}, "features.xy[0].wkt", "further out"),
        ({"wkt": None}, "features.xy[0]", "'wkt' is missing"),
        ({"properties": {"subtype": "burnt"}}, "features.xy[0].properties.subtype", "no damage 'burnt'"),
        ({"properties": {"feature_type": "road"}}, "features.xy[0].properties.feature_type", "only buildings"),
    ],
)
def test_a_broken_xbd_feature_is_named_or_skipped(change: dict[str, object], place: str, message: str) -> None:
    document = xbd()
    features = document["features"]
    assert isinstance(features, dict)
    features["xy"][0].update(change)
    data = json.dumps(document).encode()
    with pytest.raises(InputError, match=message) as error:
        parse_xbd(data, "a.json", XBD)
    assert str(error.value).startswith(f"a.json: {place}: ")
    skipped = SkippedFaults()
    found = parse_xbd(data, "a.json", XBD, skipped)
    assert [each.index for each in found.entities] == [1, 2, 3, 4, 5]
    assert len(skipped.messages) == 1


def test_skip_bad_leaves_out_counts_and_reports_lines_and_files(rune: Rune, tmp_path: Path) -> None:
    for stem in ("a", "b", "c"):
        picture(tmp_path / "images" / f"{stem}.png")
    labels = tmp_path / "labels"
    bad = "1 1 9 1 9 x 1 9 ship 0\n"
    write(labels / "a.txt", "gsd:-1\n" + "1 1 9 1 9 9 1 9 ship 0\n" + bad * 12 + "1 1 9 1 9 9 1 9 plane 1\n")
    write(labels / "b.txt", "1 1 9 1 9 9 1 9 shipp 0\n")
    (labels / "c.txt").write_bytes(b"\xff\xfe\n")
    command = ("index", tmp_path / "images", "--labels", labels, "--archive", tmp_path / "archive")
    assert_told(rune(*command), 2, "a.txt:1")
    assert not (tmp_path / "archive").exists()

    report = rune(*command, "--skip-bad", "--output", "json")
    assert (report.code, report.json["images"], report.json["entities"]) == (0, 2, 2)
    skipped = report.json["skipped"]
    assert (skipped["count"], len(skipped["first"])) == (15, 10)
    assert "a.txt:1: a ground sample distance" in skipped["first"][0]
    assert "a.txt:3: " in skipped["first"][1]
    assert [Path(each["path"]).name for each in report.json["rejected"]] == ["c.png"]
    assert "and 5 more" in report.err
    scene = scenes_of(tmp_path / "archive")["a"]
    assert [(each.index, each.label, each.difficult) for each in scene.entities] == [
        (0, "ship", False),
        (13, "plane", True),
    ]
    again = rune(*command[:-1], tmp_path / "text", "--skip-bad")
    assert "15 broken annotations" in again.out

    sound = rune("index", tmp_path / "images", "--labels", labels, "--archive", tmp_path / "archive", "--skip-bad")
    assert "2 unchanged" in sound.out


def test_skip_bad_of_a_coco_file(rune: Rune, tmp_path: Path) -> None:
    boxes: list[object] = [[1, 2, 3, 4], [1, 2, -3, 4], "x", [5, 6, 7, 8]]
    document = {
        "images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}],
        "categories": [{"id": 1, "name": "ship"}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": box} for box in boxes],
    }
    file = write(tmp_path / "coco.json", json.dumps(document))
    report = rune("index", "--labels", file, "--archive", tmp_path / "a", "--skip-bad", "--output", "json").json
    assert (report["entities"], report["skipped"]["count"]) == (2, 2)
    assert "annotations[1].bbox" in report["skipped"]["first"][0]
    assert [each.index for each in scenes_of(tmp_path / "a")["a"].entities] == [0, 3]


@needs_dota8
def test_dota8_counts_by_class(tmp_path: Path) -> None:
    index_images(DOTA8 / "images", archive=tmp_path / "a", labels=DOTA8 / "labels", names="dota")
    found = Counter(each.label for scene in Archive.open(tmp_path / "a").scenes() for each in scene.entities)
    lines = [line.split()[0] for file in (DOTA8 / "labels").rglob("*.txt") for line in file.read_text().splitlines()]
    assert found == Counter(NAMES[int(number)] for number in lines)
