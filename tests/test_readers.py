"""Annotations from outside: what is read, and that every broken line or value is named with its place."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.errors import InputError
from tools.ontologies import load_ontology
from tools.readers.coco import CocoFile, read_coco
from tools.readers.dota import parse_dota
from tools.readers.records import Annotations, ImageSize
from tools.readers.sizes import read_sizes

DOTA = load_ontology("dota")
BOX = "1 2 3 4 5 6 7 8"
REAL = Path(__file__).parents[1].parent / "shared" / "data" / "dota"

needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real annotations are not beside the repository")


def read(text: str | bytes) -> Annotations:
    return parse_dota(text if isinstance(text, bytes) else text.encode(), "P1.txt", DOTA)


def test_a_label_file_with_headers_flags_and_blank_lines() -> None:
    found = read(f"imagesource:GoogleEarth\ngsd:0.5\n\n{BOX} storage-tank 1\n \n{BOX} plane 0\n{BOX} oil-tank\n")
    assert found.gsd == 0.5
    assert [(each.index, each.label, each.difficult) for each in found.entities] == [
        (0, "storage_tank", True),
        (1, "plane", False),
        (2, "storage_tank", False),
    ]
    assert found.entities[0].polygon == ((1, 2), (3, 4), (5, 6), (7, 8))
    assert found.entities[0].confidence == 1


@pytest.mark.parametrize("gsd", ["null", "None", "NULL", "", " ", "nan"])
def test_an_absent_ground_sample_distance(gsd: str) -> None:
    assert read(f"gsd:{gsd}\n{BOX} ship 0").gsd is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfgsd:2\r\n1 2 3 4 5 6 7 8 ship 0\r\n",
        b"gsd:2\r1 2 3 4 5 6 7 8 ship 0",
        b"'gsd': 2\n\t1\t2.0 3e0 +4 5. 6 7 8 ship   0  ",
    ],
)
def test_byte_order_marks_and_every_line_end(data: bytes) -> None:
    found = read(data)
    assert (found.gsd, found.entities[0].polygon) == (2, ((1, 2), (3, 4), (5, 6), (7, 8)))


def test_an_empty_file_has_no_objects() -> None:
    assert read(b"") == Annotations(())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 2 3 4 5 6 7 ship 0", r"field 8 is 'ship', not a number"),
        ("1 2 3 4 5 6 7 8", "9 or 10 fields.*not 8 fields"),
        ("nonsense", "not 1 field$"),
        (f"{BOX} ship 0 0", "not 11 fields"),
        ("1 2 3 x 5 6 7 8 ship 0", "field 4 is 'x', not a number"),
        ("nan 2 3 4 5 6 7 8 ship 0", "field 1 is 'nan', not a number"),
        ("1 inf 3 4 5 6 7 8 ship 0", "field 2 is 'inf', not a number"),
        ("1 2 1e999 4 5 6 7 8 ship 0", "field 3 is 1e999, further out than"),
        ("1_0 2 3 4 5 6 7 8 ship 0", "field 1 is '1_0', not a number"),
        (f"{BOX} shipp 0", r"no class 'shipp'; the nearest (is|are) ship"),
        (f"{BOX} zzzz 0", r"no class 'zzzz'; it has plane, ship"),
        (f"{BOX} vehicle 0", "no class 'vehicle' that is a leaf: say which of large_vehicle, small_vehicle"),
        (f"{BOX} ship 2", "difficult flag is 0 or 1, not '2'"),
        (f"{BOX} ship yes", "difficult flag is 0 or 1, not 'yes'"),
        ("gsd:2", "not 1 field"),
    ],
)
def test_a_broken_line_is_named_with_file_and_line(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(f"imagesource:x\r\ngsd:1\r\n\r\n{BOX} ship 0\r\n{line}\r\n{BOX} ship 0")
    assert str(error.value).startswith("P1.txt:5: ")


@pytest.mark.parametrize("gsd", ["0", "-1", "abc", "1e999", "1 m"])
def test_a_wrong_ground_sample_distance_is_an_error(gsd: str) -> None:
    with pytest.raises(InputError, match=r"^P1.txt:1: .*positive number of metres"):
        read(f"gsd:{gsd}")


def test_bytes_that_are_no_text_are_named_with_their_line() -> None:
    with pytest.raises(InputError, match=r"^P1.txt:3: .*UTF-8"):
        read(f"gsd:1\r\n{BOX} ship 0\r\n".encode() + b"\xff")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_it_is_read_or_an_error_of_input(data: bytes) -> None:
    try:
        found = read(data)
    except InputError as error:
        assert str(error).startswith("P1.txt:")
    else:
        assert [each.index for each in found.entities] == list(range(len(found.entities)))


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(-1e9, 1e9), min_size=8, max_size=8), st.sampled_from(DOTA.leaf_names), st.booleans()
        )
    )
)
def test_what_is_written_is_what_is_read(objects: list[tuple[list[float], str, bool]]) -> None:
    lines = [f"{' '.join(map(repr, values))} {label.replace('_', '-')} {int(hard)}" for values, label, hard in objects]
    found = read("\n".join(lines))
    assert [
        ([value for corner in each.polygon for value in corner], each.label, each.difficult) for each in found.entities
    ] == objects


@needs_real_data
@pytest.mark.parametrize("folder", ["labelTxt", "labelTxt-hbb", "tiles/labelTxt"])
def test_every_real_file_is_read_line_by_line(folder: str) -> None:
    files = sorted((REAL / folder).glob("*.txt"))
    assert files
    for file in files:
        lines = [line.split() for line in file.read_text().splitlines() if len(line.split()) == 10]
        found = parse_dota(file.read_bytes(), str(file), DOTA)
        assert [
            (each.label, [value for corner in each.polygon for value in corner], each.difficult)
            for each in found.entities
        ] == [(line[8].replace("-", "_"), list(map(float, line[:8])), line[9] == "1") for line in lines]


def coco(tmp_path: Path, **changes: object) -> Path:
    document: dict[str, object] = {
        "images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 80, "gsd": 0.3}],
        "categories": [{"id": 7, "name": "Storage Tank"}, {"id": 8, "name": "unicorn"}],
        "annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]}],
    }
    file = tmp_path / "coco.json"
    file.write_text(json.dumps({**document, **changes}))
    return file


def annotated(tmp_path: Path, *annotations: dict[str, object]) -> CocoFile:
    given = [{"image_id": 1, "category_id": 7, **each} for each in annotations]
    return read_coco(coco(tmp_path, annotations=given), DOTA)


def test_a_coco_file(tmp_path: Path) -> None:
    found = read_coco(coco(tmp_path), DOTA)
    (image,) = found.images
    assert (image.file_name, image.width, image.height, image.gsd) == ("a.png", 100, 80, 0.3)
    assert image.entities[0].polygon == ((1, 2), (4, 2), (4, 6), (1, 6))
    assert found.known_labels == {"storage_tank"}
    assert found.unmapped == ("unicorn",)


def test_the_largest_ring_counts_else_the_box(tmp_path: Path) -> None:
    small, large = [0, 0, 1, 0, 1, 1], [5, 5, 9, 5, 9, 9, 5, 9]
    found = annotated(
        tmp_path,
        {"segmentation": [small, large], "bbox": [0, 0, 9, 9]},
        {"segmentation": [[1, 2, 3, 4]], "bbox": [0, 0, 2, 2]},
        {"segmentation": {"size": [80, 100], "counts": "abc"}, "bbox": [0, 0, 2, 2]},
        {"segmentation": [], "bbox": [0, 0, 0, 2]},
    )
    polygons = [each.polygon for each in found.images[0].entities]
    assert polygons[0] == ((5, 5), (9, 5), (9, 9), (5, 9))
    assert polygons[1] == polygons[2] == ((0, 0), (2, 0), (2, 2), (0, 2))
    assert polygons[3] == ((0, 0), (0, 0), (0, 2), (0, 2))


def test_what_is_left_out_still_counts_in_the_index(tmp_path: Path) -> None:
    box = {"bbox": [1, 2, 3, 4]}
    found = annotated(
        tmp_path, {**box, "category_id": 8}, {**box, "iscrowd": 1}, {**box, "score": 0.25}, {**box, "iscrowd": 0}
    )
    assert [(each.index, each.confidence) for each in found.images[0].entities] == [(2, 0.25), (3, 1.0)]


@pytest.mark.parametrize(
    ("annotation", "place", "message"),
    [
        ({"bbox": [1, 2, 3]}, "annotations[1].bbox", "a box is"),
        ({"bbox": [1, 2, -3, 4]}, "annotations[1].bbox", "no negative"),
        ({"bbox": [1, "2", 3, 4]}, "annotations[1].bbox[1]", 'must be a number, not "2"'),
        ({"bbox": [1, True, 3, 4]}, "annotations[1].bbox[1]", "must be a number, not true"),
        ({"bbox": [1, math.nan, 3, 4]}, "annotations[1].bbox[1]", "finite"),
        ({"bbox": [1e300, 0, 3, 4]}, "annotations[1].bbox", "further out"),
        ({"bbox": [10**400, 0, 3, 4]}, "annotations[1].bbox[0]", "too large"),
        ({"bbox": None}, "annotations[1]", "needs a bbox"),
        ({"segmentation": [[1, 2, 3]]}, "annotations[1].segmentation[0]", "even length"),
        ({"segmentation": "x"}, "annotations[1].segmentation", "must be a list"),
        ({"image_id": 2, "bbox": [0, 0, 1, 1]}, "annotations[1].image_id", "no image has the id 2"),
        ({"category_id": 9, "bbox": [0, 0, 1, 1]}, "annotations[1].category_id", "no category has the id 9"),
        ({"category_id": None, "bbox": [0, 0, 1, 1]}, "annotations[1]", "'category_id' is missing"),
        ({"score": 0, "bbox": [0, 0, 1, 1]}, "annotations[1].score", "above 0"),
        ({"score": 1.5, "bbox": [0, 0, 1, 1]}, "annotations[1].score", "1.5 is not"),
        ({"iscrowd": 2, "bbox": [0, 0, 1, 1]}, "annotations[1].iscrowd", "0 or 1"),
    ],
)
def test_a_broken_annotation_is_named_with_its_place(
    tmp_path: Path, annotation: dict[str, object], place: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        annotated(tmp_path, {"bbox": [1, 2, 3, 4]}, annotation)
    assert str(error.value).startswith(f"{tmp_path / 'coco.json'}: {place}: ")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": None}, "'images' is missing"),
        ({"annotations": None}, "'annotations' is missing"),
        ({"categories": {}}, "categories: this must be a list"),
        ({"images": [{"id": 1}]}, r"images\[0\]: 'file_name' is missing"),
        ({"images": [{"id": 1, "file_name": " "}]}, r"images\[0\].file_name: this must be a text"),
        ({"images": [{"id": 1, "file_name": "a", "width": 0}]}, r"images\[0\].width: .*whole number of pixels"),
        ({"images": [{"id": 1, "file_name": "a", "height": 1.5}]}, r"images\[0\].height: .*not 1.5"),
        ({"images": [{"id": 1, "file_name": "a", "gsd": 0}]}, r"images\[0\].gsd: .*positive number of metres"),
        ({"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]}, r"images\[1\].id: .*earlier image"),
        ({"categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}, r"categories\[1\].id: .*earlier category"),
        ({"images": [3]}, r"images\[0\]: this must be an object"),
        ({"images": [{"id": [], "file_name": "a"}]}, r"images\[0\].id: this must be a number or a text"),
        ({"images": [{"id": 1, "file_name": "\ud800"}]}, "whole characters"),
    ],
)
def test_a_broken_coco_file_is_named_with_its_place(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    file = coco(tmp_path, **changes)
    with pytest.raises(InputError, match=message) as error:
        read_coco(file, DOTA)
    assert str(error.value).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [],\n "categories": [}', r"coco.json:2:17: this is not JSON"),
        ("", r"coco.json:1:1: this is not JSON"),
        ("[]", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"images": ' + "9" * 5000 + "}", "not JSON that can be read"),
    ],
)
def test_malformed_json_is_named_with_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "coco.json"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        read_coco(file, DOTA)


def test_sizes_with_and_without_ground_sample_distance(tmp_path: Path) -> None:
    file = tmp_path / "sizes.json"
    file.write_text('{"P1": {"width": 3, "height": 4, "gsd": 0.5}, "P2": {"width": 5, "height": 6}}')
    assert read_sizes(file) == {"P1": ImageSize(3, 4, 0.5), "P2": ImageSize(5, 6)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"P1": {"width": 3}}', r"P1: 'height' is missing"),
        ('{"P1": {"width": "3", "height": 4}}', r'P1.width: this must be a number, not "3"'),
        ('{"P1": {"width": 3, "height": 4, "gsd": -1}}', "P1.gsd: a ground sample distance"),
        ('{"P1": 3}', "P1: this must be an object"),
        ("[]", "must be an object"),
    ],
)
def test_a_broken_sizes_file_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sizes.json"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        read_sizes(file)
