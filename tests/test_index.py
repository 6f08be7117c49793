"""Indexing from annotations: what the archive holds after first, second and interrupted runs."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from solvers.errors import InputError
from tests.archive_support import files_of
from tools.archive import Archive
from tools.index import index_images
from tools.progress import Progress
from tools.results import IndexReport

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data" / "dota"
LINE = "1 2 3 2 3 4 1 4 {} 0\n"

needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real scenes are not beside the repository")


def picture(file: Path, width: int = 20, height: int = 10, colour: str = "green") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), colour).save(file)
    return file


def label(file: Path, *labels: str, header: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(header + "".join(LINE.format(each) for each in labels))
    return file


def sizes(folder: Path, stems: Sequence[str]) -> Path:
    file = folder / "sizes.json"
    file.write_text(json.dumps({stem: {"width": 20, "height": 10} for stem in stems}))
    return file


def coco(file: Path, *names: str, category: str = "ship") -> Path:
    document = {
        "images": [{"id": n, "file_name": name, "width": 20, "height": 10} for n, name in enumerate(names)],
        "categories": [{"id": 1, "name": category}],
        "annotations": [{"image_id": n, "category_id": 1, "bbox": [1, 2, 3, 4]} for n in range(len(names))],
    }
    file.write_text(json.dumps(document))
    return file


def changes(report: IndexReport) -> tuple[int, int, int, int]:
    return report.added, report.unchanged, report.replaced, report.dropped


def ids(archive: Path) -> tuple[str, ...]:
    return Archive.open(archive).image_ids


@needs_real_data
def test_the_real_horizontal_boxes(tmp_path: Path) -> None:
    report = index_images(
        archive=tmp_path / "a", labels=REAL / "labelTxt-hbb", sizes=REAL / "image_sizes.json", detector="annotations"
    )
    lines = {
        file.stem: [line.split() for line in file.read_text().splitlines() if len(line.split()) == 10]
        for file in (REAL / "labelTxt-hbb").glob("*.txt")
    }
    stated = json.loads((REAL / "image_sizes.json").read_text())
    assert (report.images, report.added, report.rejected, report.warnings) == (235, 235, [], [])
    assert report.entities == sum(map(len, lines.values()))
    archive = Archive.open(tmp_path / "a")
    for scene in archive.scenes():
        assert (scene.width, scene.height) == (stated[scene.image_id]["width"], stated[scene.image_id]["height"])
        assert (scene.path, scene.gsd, scene.known_labels) == (None, None, frozenset(archive.ontology.leaf_names))
        assert [(each.index, each.label, sum(each.polygon, ())) for each in scene.entities] == [
            (index, fields[8].replace("-", "_"), tuple(map(float, fields[:8])))
            for index, fields in enumerate(lines[scene.image_id])
        ]


@needs_real_data
def test_the_real_scenes_with_pixels(tmp_path: Path) -> None:
    report = index_images([REAL / "images"], archive=tmp_path / "a", labels=REAL / "labelTxt")
    assert (report.images, report.rejected) == (3, [])
    assert report.warnings == [f"24 txt files in {REAL / 'labelTxt'} had no image among those given"]
    archive = Archive.open(tmp_path / "a")
    assert archive.image_ids == ("P0003", "P0004", "P0706")
    scene = archive.scene("P0003")
    assert (scene.width, scene.height, scene.gsd) == (1147, 1023, 0.115726939386)
    assert scene.path == str(REAL / "images" / "P0003.png")
    assert changes(index_images([REAL / "images"], archive=tmp_path / "a", labels=REAL / "labelTxt")) == (0, 3, 0, 0)


def test_two_runs_on_the_same_input_give_the_same_bytes(tmp_path: Path) -> None:
    for number in range(5):
        picture(tmp_path / "images" / f"P{number}.png")
        label(tmp_path / "labels" / f"P{number}.txt", "ship", "plane")
    for name in ("a", "b"):
        index_images([tmp_path / "images"], archive=tmp_path / name, labels=tmp_path / "labels")
    before = files_of(tmp_path / "a")
    assert before == files_of(tmp_path / "b")
    index_images([tmp_path / "images"], archive=tmp_path / "a", labels=tmp_path / "labels")
    assert files_of(tmp_path / "a") == before


def test_what_changed_is_replaced_and_what_vanished_is_dropped(tmp_path: Path) -> None:
    images, labels, archive = tmp_path / "images", tmp_path / "labels", tmp_path / "a"
    for name in ("P1", "P2", "P3", "P4"):
        picture(images / f"{name}.png")
        label(labels / f"{name}.txt", "ship")

    def run() -> IndexReport:
        return index_images([images], archive=archive, labels=labels)

    assert changes(run()) == (4, 0, 0, 0)
    assert changes(run()) == (0, 4, 0, 0)
    label(labels / "P1.txt", "plane", "plane")
    picture(images / "P2.png", 30, 30)
    (images / "P3.png").unlink()
    picture(images / "P5.png")
    label(labels / "P5.txt", "harbor")
    report = run()
    assert changes(report) == (1, 1, 2, 1)
    assert (report.images, report.entities) == (4, 5)
    assert ids(archive) == ("P1", "P2", "P4", "P5")
    assert [each.label for each in Archive.open(archive).scene("P1").entities] == ["plane", "plane"]
    assert Archive.open(archive).scene("P2").width == 30
    fresh = tmp_path / "fresh"
    index_images([images], archive=fresh, labels=labels)
    assert files_of(archive) == files_of(fresh)


def test_images_from_elsewhere_stay(tmp_path: Path) -> None:
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    first, second = picture(tmp_path / "one" / "P1.png").parent, picture(tmp_path / "two" / "Q1.png").parent
    index_images([first], archive=tmp_path / "a", labels=labels)
    assert changes(index_images([second], archive=tmp_path / "a", labels=labels)) == (1, 0, 0, 0)
    (first / "P1.png").unlink()
    picture(first / "P2.png")
    assert changes(index_images([first / "P2.png"], archive=tmp_path / "a", labels=labels)) == (1, 0, 0, 0)
    assert ids(tmp_path / "a") == ("P1", "P2", "Q1")
    assert changes(index_images([first], archive=tmp_path / "a", labels=labels)) == (0, 1, 0, 1)
    assert ids(tmp_path / "a") == ("P2", "Q1")


def test_an_emptied_folder_empties_the_archive(tmp_path: Path) -> None:
    image = picture(tmp_path / "images" / "P1.png")
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    index_images([image.parent], archive=tmp_path / "a", labels=labels)
    image.unlink()
    report = index_images([image.parent], archive=tmp_path / "a", labels=labels)
    assert changes(report) == (0, 0, 0, 1)
    assert (report.images, report.entities) == (0, 0)
    assert report.warnings[0] == "no images were found in what was given"
    assert ids(tmp_path / "a") == ()


def test_ids_that_agree_get_their_folder_and_then_their_extension(tmp_path: Path) -> None:
    archive, labels = tmp_path / "a", tmp_path / "labels"
    label(labels / "x" / "P1.txt", "ship")
    label(labels / "y" / "P1.txt", "plane")
    label(labels / "P9.txt", "plane")
    picture(tmp_path / "x" / "P1.png")
    index_images([tmp_path / "x"], archive=archive, labels=labels / "x")
    assert ids(archive) == ("P1",)
    picture(tmp_path / "y" / "P1.png")
    picture(tmp_path / "y" / "P9.png")
    report = index_images([tmp_path / "x", tmp_path / "y"], archive=archive, labels=labels)
    assert changes(report) == (2, 1, 0, 0)
    assert ids(archive) == ("P9", "x/P1", "y/P1")
    assert [each.label for each in Archive.open(archive).scene("y/P1").entities] == ["plane"]
    (tmp_path / "y" / "P1.png").unlink()
    index_images([tmp_path / "y"], archive=archive, labels=labels)
    assert ids(archive) == ("P1", "P9")
    assert [each.label for each in Archive.open(archive).scene("P1").entities] == ["ship"]


def test_ids_of_one_folder_keep_the_extension(tmp_path: Path) -> None:
    picture(tmp_path / "x" / "P1.png")
    picture(tmp_path / "x" / "P1.jpg")
    picture(tmp_path / "y" / "P1.png")
    labels = label(tmp_path / "labels" / "Q.txt", "ship").parent
    report = index_images([tmp_path / "x", tmp_path / "y"], archive=tmp_path / "a", labels=labels)
    assert ids(tmp_path / "a") == ("x/P1.jpg", "x/P1.png", "y/P1")
    assert report.warnings[0] == f"3 images had no txt in {labels}, and were taken to hold no objects"


def test_annotations_that_could_be_of_either_image_are_refused(tmp_path: Path) -> None:
    picture(tmp_path / "x" / "P1.png")
    picture(tmp_path / "y" / "P1.png")
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    with pytest.raises(InputError, match=r"labels/P1.txt: it does not show whether .* folders of one name: x/P1"):
        index_images([tmp_path / "x", tmp_path / "y"], archive=tmp_path / "a", labels=labels)
    assert not (tmp_path / "a").exists()


def test_images_that_cannot_be_read_are_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    images = tmp_path / "images"
    for name in ("good", "cut", "turned"):
        picture(images / f"{name}.png", 200, 200)
        label(tmp_path / "labels" / f"{name}.txt", "ship")
    run = {"archive": tmp_path / "a", "labels": tmp_path / "labels"}
    assert changes(index_images([images], **run)) == (3, 0, 0, 0)
    data = (images / "cut.png").read_bytes()
    (images / "cut.png").write_bytes(data[: len(data) // 2])
    (images / "turned.png").write_text("this was an image once")
    (images / "empty.png").write_bytes(b"")
    (images / "dangling.png").symlink_to(tmp_path / "nowhere")
    (images / "notes.md").write_text("passed over")
    named = images / "readme"
    named.write_text("no image, and yet named")
    report = index_images([images, named], **run)
    reasons = {Path(item.path).name: item.reason for item in report.rejected}
    assert reasons == {
        "cut.png": reasons["cut.png"],
        "dangling.png": "the file is not there, or is a link that leads nowhere",
        "empty.png": "the file is empty",
        "readme": "this is not an image of a known format",
        "turned.png": "this is not an image of a known format",
    }
    assert reasons["cut.png"].startswith("the image is damaged: ")
    assert changes(report) == (0, 1, 0, 2)
    assert ids(tmp_path / "a") == ("good",)
    assert index_images([images, named], **run).rejected == report.rejected


def test_folders_are_walked_once_whatever_their_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture(tmp_path / "images" / "deep" / "P1.PNG")
    picture(tmp_path / "images" / ".hidden" / "P2.png")
    picture(tmp_path / "images" / "._P1.png")
    (tmp_path / "images" / "deep" / "loop").symlink_to(tmp_path / "images")
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    monkeypatch.chdir(tmp_path)
    given = [tmp_path / "images", tmp_path / "images" / "deep" / ".." / "deep" / "P1.PNG", "images"]
    assert index_images(given, archive=tmp_path / "a", labels=labels).images == 1


def test_a_broken_line_stops_the_run_before_anything_is_written(tmp_path: Path) -> None:
    archive, labels = tmp_path / "a", tmp_path / "labels"
    stems = [f"P{number:03d}" for number in range(600)]
    for stem in stems:
        label(labels / f"{stem}.txt", "ship")
    run = {"archive": archive, "labels": labels, "sizes": sizes(tmp_path, stems)}
    label(labels / "P599.txt", "ship", "shipp", header="gsd:null\n")
    with pytest.raises(InputError, match=rf"^{labels}/P599.txt:3: ontology dota has no class 'shipp'"):
        index_images(**run)
    assert not archive.exists()
    label(labels / "P599.txt", "ship")
    index_images(**run)
    before = files_of(archive)
    label(labels / "P000.txt", "plane")
    label(labels / "P599.txt", "shipp")
    with pytest.raises(InputError, match=r"P599.txt:1: "):
        index_images(**run)
    assert files_of(archive) == before


def test_a_run_killed_between_commits_keeps_what_it_committed_and_is_taken_up_again(tmp_path: Path) -> None:
    archive, labels = tmp_path / "a", tmp_path / "labels"
    stems = [f"P{number:03d}" for number in range(700)]
    for stem in stems:
        label(labels / f"{stem}.txt", "ship", "plane")
    run = {"labels": labels, "sizes": sizes(tmp_path, stems)}
    script = f"""
import os, signal
from tools.index import index_images
def die(progress):
    if progress.phase == "writing" and progress.done == 600:
        os.kill(os.getpid(), signal.SIGKILL)
index_images(archive={str(archive)!r}, labels={str(labels)!r}, sizes={str(run["sizes"])!r}, progress=die)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    half = Archive.open(archive)
    assert half.image_ids == tuple(stems[:512])
    assert [len(scene.entities) for scene in half.scenes()] == [2] * 512
    assert changes(index_images(archive=archive, **run)) == (188, 512, 0, 0)
    index_images(archive=tmp_path / "b", **run)
    assert files_of(archive) == files_of(tmp_path / "b")


def test_a_folder_of_txt_without_images(tmp_path: Path) -> None:
    labels = label(tmp_path / "labels" / "P1.txt", "ship", header="gsd:0.5\n").parent
    with pytest.raises(InputError, match="give IMAGES or --sizes FILE"):
        index_images(archive=tmp_path / "a", labels=labels)
    with pytest.raises(InputError, match=r"P1.txt: the sizes file has no entry 'P1'.*; the nearest is P10"):
        index_images(archive=tmp_path / "a", labels=labels, sizes=sizes(tmp_path, ["P10"]))
    index_images(archive=tmp_path / "a", labels=labels, sizes=sizes(tmp_path, ["P1"]))
    scene = Archive.open(tmp_path / "a").scene("P1")
    assert (scene.width, scene.height, scene.gsd, scene.path) == (20, 10, 0.5, None)
    (tmp_path / "sizes.json").write_text('{"P1": {"width": 40, "height": 10, "gsd": 2}}')
    report = index_images(archive=tmp_path / "a", labels=labels, sizes=tmp_path / "sizes.json")
    assert changes(report) == (0, 0, 1, 0)
    scene = Archive.open(tmp_path / "a").scene("P1")
    assert (scene.width, scene.gsd) == (40, 2)


def test_annotations_that_get_their_pixels_make_way(tmp_path: Path) -> None:
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    label(labels / "P2.txt", "plane")
    index_images(archive=tmp_path / "a", labels=labels, sizes=sizes(tmp_path, ["P1", "P2"]))
    images = picture(tmp_path / "images" / "P1.png").parent
    index_images([images], archive=tmp_path / "a", labels=labels)
    archive = Archive.open(tmp_path / "a")
    assert [(scene.image_id, scene.path) for scene in archive.scenes()] == [
        ("P1", str(images / "P1.png")),
        ("P2", None),
    ]


def test_stated_sizes_that_are_not_those_of_the_pixels_are_told(tmp_path: Path) -> None:
    images = picture(tmp_path / "images" / "P1.png", 30, 30).parent
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    report = index_images([images], archive=tmp_path / "a", labels=labels, sizes=sizes(tmp_path, ["P1"]))
    assert "P1.png has 30 x 30 px and not 20 x 10" in report.warnings[0]
    assert Archive.open(tmp_path / "a").scene("P1").width == 30


@pytest.mark.parametrize(
    ("classes", "known"),
    [
        (["ship"], {"ship"}),
        ("ship, vehicle", {"ship", "small_vehicle", "large_vehicle"}),
        (["oil tank"], {"storage_tank"}),
    ],
)
def test_the_classes_that_annotators_labelled(tmp_path: Path, classes: str | list[str], known: set[str]) -> None:
    images = picture(tmp_path / "images" / "P1.png").parent
    labels = label(tmp_path / "labels" / "P1.txt", "ship", "plane").parent
    report = index_images([images], archive=tmp_path / "a", labels=labels, classes=classes)
    scene = Archive.open(tmp_path / "a").scene("P1")
    assert scene.known_labels == known
    assert len(scene.entities) == 2
    assert any(warning.startswith("1 object of plane, which is not among") for warning in report.warnings)


def test_a_coco_file_without_pixels(tmp_path: Path) -> None:
    file = coco(tmp_path / "coco.json", "x/P1.png", "y\\P1.png", "P2.png", category="Oil Tank")
    report = index_images(archive=tmp_path / "a", labels=file)
    assert changes(report) == (3, 0, 0, 0)
    assert ids(tmp_path / "a") == ("P2", "x/P1", "y/P1")
    scene = Archive.open(tmp_path / "a").scene("P2")
    assert (scene.path, scene.known_labels, scene.width) == (None, {"storage_tank"}, 20)
    assert changes(index_images(archive=tmp_path / "a", labels=file)) == (0, 3, 0, 0)
    coco(file, "P2.png", "P3.png", category="Oil Tank")
    assert changes(index_images(archive=tmp_path / "a", labels=file)) == (1, 1, 0, 2)


def test_a_coco_file_with_pixels(tmp_path: Path) -> None:
    images = tmp_path / "images"
    for name in ("x/P1.png", "y/P1.png", "P3.png"):
        picture(images / name)
    file = coco(tmp_path / "coco.json", "x/P1.png", "y/P1.jpg", "P2.png", category="unicorn")
    report = index_images([images], archive=tmp_path / "a", labels=file)
    assert [(item.path, item.reason.split(", ")[0]) for item in report.rejected] == [
        (str(images / "P3.png"), f"{file} does not list it")
    ]
    assert [warning.split(" of ")[0] for warning in report.warnings] == [
        "the ontology dota has no class for these categories",
        "1 image",
    ]
    assert ids(tmp_path / "a") == ("x/P1", "y/P1")
    scene = Archive.open(tmp_path / "a").scene("y/P1")
    assert (scene.path, scene.known_labels, scene.entities) == (str(images / "y" / "P1.png"), frozenset(), ())


def test_what_cannot_be_used_is_an_error_and_makes_no_archive(tmp_path: Path) -> None:
    images = picture(tmp_path / "images" / "P1.png").parent
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.geojson").write_text("{}")
    nameless = coco(tmp_path / "coco.json", "P1.png")
    twice = coco(tmp_path / "twice.json", "P1.png", "P1.png")
    sizeless = tmp_path / "sizeless.json"
    sizeless.write_text('{"images": [{"id": 1, "file_name": "a"}], "categories": [], "annotations": []}')
    cases: list[tuple[str, list[Path], dict[str, object]]] = [
        ("there is nothing to index", [], {}),
        (r"missing: there is no such file or folder", [tmp_path / "missing"], {"labels": labels}),
        ("there are no such annotations", [images], {"labels": tmp_path / "missing"}),
        ("holds no txt files", [images], {"labels": tmp_path / "empty"}),
        ("x.geojson: 'type' is missing", [images], {"labels": tmp_path / "x.geojson"}),
        ("give the folder that it lies in", [images], {"labels": labels / "P1.txt"}),
        ("give --labels PATH", [images], {"detector": "annotations"}),
        ("leave out --labels", [images], {"detector": "yolo", "labels": labels}),
        ("no detector 'magic'", [images], {"detector": "magic"}),
        ("leave out --weights or --labels", [images], {"labels": labels, "weights": "x.pt"}),
        ("--classes says what annotators labelled", [images], {"classes": ["ship"]}),
        (
            "ontology dota has no class 'shipp'; the nearest (is|are) ship",
            [images],
            {"labels": labels, "classes": ["shipp"]},
        ),
        ("--classes names no class", [images], {"labels": labels, "classes": []}),
        ("a COCO file names its classes itself", [images], {"labels": nameless, "classes": ["ship"]}),
        (r"images\[1\].file_name: 'P1.png' is that of images\[0\] already", [], {"labels": twice}),
        (r"images\[0\]: 'width' is missing", [], {"labels": sizeless}),
        ("there is no ontology 'dotta'", [images], {"labels": labels, "ontology": "dotta"}),
        ("sizes.json: the file cannot be read", [images], {"labels": labels, "sizes": tmp_path / "sizes.json"}),
    ]
    for message, given, options in cases:
        with pytest.raises(InputError, match=message):
            index_images(given, archive=tmp_path / "a", **options)  # type: ignore[arg-type]
        assert not (tmp_path / "a").exists()


def test_an_archive_of_another_ontology_is_refused(tmp_path: Path) -> None:
    images = picture(tmp_path / "images" / "P1.png").parent
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    index_images([images], archive=tmp_path / "a", labels=labels)
    with pytest.raises(InputError, match="made with ontology dota"):
        index_images([images], archive=tmp_path / "a", labels=labels, ontology="dior")


def test_progress_is_told_from_none_to_all(tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / "images" / f"P{number}.png")
    labels = label(tmp_path / "labels" / "P1.txt", "ship").parent
    seen: list[Progress] = []
    index_images(tmp_path / "images", archive=tmp_path / "a", labels=labels, progress=seen.append)
    assert seen == [Progress(phase, done, 3) for phase in ("reading", "writing") for done in range(4)]
