"""Odd and broken files of every kind: each is indexed rightly or listed with its reason, and the run goes on."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from solvers.scene import Scene
from tests.broken_images import bad_images, good_images
from tests.cli_support import Rune, caller
from tests.detect_weights import patchwork, write_weights
from tests.test_index import label
from tools.archive import Archive
from tools.images import RejectedImageError, probe_image
from tools.index import index_images

NOBODY = 65534


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def by_name(root: Path) -> dict[str, Scene]:
    return {Path(scene.path or "").name: scene for scene in Archive.open(root).scenes()}


def assert_all_told(rejected: list[dict[str, str]], expected: dict[str, str], *, exactly: bool) -> None:
    found = {Path(each["path"]).name: each["reason"] for each in rejected}
    assert set(found) == set(expected)
    for name, reason in found.items():
        assert reason.strip()
        if exactly:
            assert re.search(expected[name], reason), (name, reason)


def test_annotated_images(tmp_path: Path, rune: Rune) -> None:
    sizes, reasons = good_images(tmp_path / "images" / "good"), bad_images(tmp_path / "images" / "bad")
    labels = label(tmp_path / "labels" / "plain.txt", "ship").parent
    label(labels / "dot.txt", "plane")
    arguments = ("index", tmp_path / "images", "--labels", labels, "--archive", tmp_path / "a")
    outcome = rune(*arguments, "--output", "json")
    report = outcome.json
    assert (outcome.code, report["images"], report["added"]) == (0, len(sizes), len(sizes))
    assert "Traceback" not in outcome.err
    assert_all_told(report["rejected"], reasons, exactly=True)
    scenes = by_name(tmp_path / "a")
    assert {name: (scene.width, scene.height) for name, scene in scenes.items()} == sizes
    assert [each.label for each in scenes["dot.png"].entities] == ["plane"]
    again = rune(*arguments)
    assert again.code == 0
    assert f"rejected  {len(reasons)}" in again.out
    assert all(f"{name.split('?')[0]}" in again.err for name in reasons)
    assert "\x1b" not in again.err
    assert rune("archive", "verify", tmp_path / "a").code == 0


def test_a_run_in_which_nothing_can_be_indexed_has_failed(tmp_path: Path, rune: Rune) -> None:
    reasons = bad_images(tmp_path / "images")
    labels = label(tmp_path / "labels" / "plain.txt", "ship").parent
    arguments = ("index", tmp_path / "images", "--labels", labels, "--archive", tmp_path / "a", "--output", "json")
    outcome = rune(*arguments)
    assert (outcome.code, outcome.json["images"], len(outcome.json["rejected"])) == (1, 0, len(reasons))


def test_detected_images(tmp_path: Path, rune: Rune) -> None:
    sizes, reasons = good_images(tmp_path / "images" / "good"), bad_images(tmp_path / "images" / "bad")
    patchwork(1024, 512).save(tmp_path / "images" / "patches.png")
    weights = write_weights(tmp_path / "random.pt")
    arguments = ("index", tmp_path / "images", "--weights", weights, "--archive", tmp_path / "a", "--output", "json")
    outcome = rune(*arguments)
    report = outcome.json
    assert (outcome.code, report["images"]) == (0, len(sizes) + 1), report["rejected"]
    assert_all_told(report["rejected"], reasons, exactly=False)
    scenes = by_name(tmp_path / "a")
    assert {name: (scene.width, scene.height) for name, scene in scenes.items()} == sizes | {"patches.png": (1024, 512)}
    assert scenes["patches.png"].entities
    assert rune(*arguments).json["unchanged"] == len(sizes) + 1


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, for whom everything can be read."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_what_may_not_be_read_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o777)
        images = root / "images"
        (images / "closed").mkdir(parents=True)
        for name in ("open.png", "shut.png", "closed/inside.png"):
            patchwork(20, 10).save(images / name)
        labels = label(root / "labels" / "open.txt", "ship").parent
        whole = index_images([images], archive=root / "whole", labels=labels)  # loads what nobody may not
        assert whole.images == 3
        assert len(list(Archive.open(root / "whole").scenes())) == 3
        (images / "shut.png").chmod(0)
        (images / "closed").chmod(0)
        try:
            with as_nobody():
                report = index_images([images], archive=root / "a", labels=labels)
        finally:
            (images / "closed").chmod(0o700)
        reasons = {Path(each.path).name: each.reason for each in report.rejected}
        assert reasons == {
            "shut.png": "the file cannot be read: Permission denied",
            "closed": "the folder cannot be read: Permission denied",
        }
        assert Archive.open(root / "a").image_ids == ("open",)


def test_an_image_in_strips_is_read_beyond_what_fits_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 10_000)
    monkeypatch.setattr("tools.images.STRIP_BYTES", 4096)
    file = tmp_path / "large.tif"
    pixels = np.random.default_rng(0).integers(0, 255, (3, 300, 400), dtype=np.uint8)
    with (
        pytest.warns(NotGeoreferencedWarning),
        rasterio.open(
            file, "w", driver="GTiff", width=400, height=300, count=3, dtype="uint8", compress="deflate"
        ) as dataset,
    ):
        dataset.write(pixels)
    assert probe_image(file) == (400, 300)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(RejectedImageError, match="the image is damaged"):
        probe_image(file)
    patchwork(400, 300).save(tmp_path / "large.webp")
    with pytest.raises(RejectedImageError, match="too large to be read whole; cut it into tiles, or make it a GeoTIFF"):
        probe_image(tmp_path / "large.webp")
