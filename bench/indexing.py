"""Indexing large images: the pipeline beside ultralytics' own `predict` on tiles cut before, its parts, its memory.

    python bench/indexing.py [--weights FILE] [--tiles N]     throughput
    python bench/indexing.py --memory [--side 20000]          peak memory, beyond imports and the network (Linux)
    python bench/indexing.py --mosaic --weights FILE          tiled detections of a rendered mosaic against its truth

Without weights a network of yolo26n-obb's shape with random ones is used; what it finds is nothing, in the same time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solvers.scene import Entity
from tools.detection.boxes import Box
from tools.detection.tiling import Tiling
from tools.detection.yolo import Network
from tools.detector import Detector, load_detector
from tools.index import index_images
from tools.ontologies import load_ontology

REPEATS = 3
RUNE_SHARE, PREDICT_RATIO = 0.85, 0.9
SCENE = 1000
FORMATS = ("tif", "png", "jpg")


def main() -> None:
    """Measure what the arguments ask for."""
    warnings.filterwarnings("ignore", category=UserWarning, module="rasterio")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--tiles", type=int, default=16)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--mosaic", action="store_true")
    parser.add_argument("--side", type=int)
    parser.add_argument("--kinds", nargs="+", choices=FORMATS, default=FORMATS, help="of images, for --memory")
    parser.add_argument("--peak-of", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peak_of is not None:
        print(json.dumps(_peak(given.peak_of)))
        return
    with tempfile.TemporaryDirectory() as folder:
        if given.memory:
            _tell_memory(Path(folder), given.side or 20_000, given.kinds)
        elif given.mosaic:
            _tell_mosaic(Path(folder), given.weights, given.side or 8_000)
        else:
            _tell_throughput(Path(folder), given.weights, given.tiles)


def _mosaic(side: int, distinct: int | None = None) -> tuple[NDArray[np.uint8], list[Entity]]:
    """Rendered scenes side by side, and their true boxes; so many are `distinct`, and none is cut off."""
    from tools.sample import render_scene

    pixels, entities = np.zeros((side, side, 3), np.uint8), []
    places = [(x, y) for y in range(0, side - SCENE + 1, SCENE) for x in range(0, side - SCENE + 1, SCENE)]
    rendered = [render_scene(seed, SCENE) for seed in range(min(distinct or len(places), len(places)))]
    for number, (left, top) in enumerate(places):
        scene = rendered[number % len(rendered)]
        pixels[top : top + SCENE, left : left + SCENE] = scene.pixels
        for each in scene.entities:
            moved = tuple((x + left, y + top) for x, y in each.polygon)
            entities.append(Entity(len(entities), each.label, 1.0, moved))
    return pixels, entities


def _tell_throughput(folder: Path, weights: Path | None, tiles: int) -> None:
    from PIL import Image

    from tools.ultralytics_guard import import_ultralytics

    tiling = Tiling(overview=False)
    across = round(tiles**0.5)
    side = tiling.tile + (across - 1) * (tiling.tile - tiling.overlap)
    pixels, _ = _mosaic(side, distinct=2)
    (folder / "image").mkdir()
    (folder / "tiles").mkdir()
    Image.fromarray(pixels).save(folder / "image" / "mosaic.png")
    cut = [tile for row in tiling.rows(side, side) for tile in row]
    for number, tile in enumerate(cut):
        part = pixels[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width]
        Image.fromarray(part).save(folder / "tiles" / f"{number:03d}.png")
    file = weights or _random_weights(folder)
    model = import_ultralytics().YOLO(str(file))
    settings = {"imgsz": 1024, "conf": 0.05, "max_det": 3000, "nms": False, "agnostic_nms": True, "verbose": False}
    paths = sorted(map(str, (folder / "tiles").iterdir()))
    model.predict(paths[0], **settings)
    names = ("predict", "rune", "looking", "predict on the CPU", "rune on the CPU")
    times: dict[str, list[float]] = {name: [] for name in names}
    loaded = load_detector(file, ontology=load_ontology("dota"), tile=1024, overlap=200, overview=False)
    loaded._network.find([np.zeros((1024, 1024, 3), np.uint8)], 0.05, 1024)
    for repeat in range(REPEATS):
        start, start_cpu = time.perf_counter(), time.process_time()
        for path in paths:
            model.predict(path, **settings)
        times["predict"].append(time.perf_counter() - start)
        times["predict on the CPU"].append(time.process_time() - start_cpu)
        start_cpu = time.process_time()
        rune, looking = _index(folder / "image", folder / f"archive-{repeat}", loaded)
        times["rune on the CPU"].append(time.process_time() - start_cpu)
        times["rune"].append(rune)
        times["looking"].append(looking)
    predict, rune = min(times["predict"]), min(times["rune"])
    share = max(part / whole for part, whole in zip(times["looking"], times["rune"], strict=True))
    print(f"{len(cut)} tiles of an image of {side} x {side} px, best of {REPEATS} runs side by side")
    print(f"ultralytics predict on tiles cut before: {len(cut) / predict:.2f} tiles/s")
    print(f"rune index of the whole image:           {len(cut) / rune:.2f} tiles/s, ratio {predict / rune:.2f}")
    cpu = min(times["predict on the CPU"]) / min(times["rune on the CPU"])
    print(f"ratio of CPU seconds, which other work on the machine does not change: {cpu:.2f}")
    print(f"share of its wall time in the network:   {share:.1%}")
    if share < RUNE_SHARE or predict / rune < PREDICT_RATIO:
        raise SystemExit("below what it should be")


def _index(image: Path, archive: Path, loaded: Detector) -> tuple[float, float]:
    """The wall time of indexing, from the loaded network on, and what of it the network took."""
    from tools import detector as door

    looking = 0.0
    find = Network.find

    def timed(self: Network, pixels: Sequence[NDArray[np.uint8]], floor: float, size: int) -> list[list[Box]]:
        nonlocal looking
        start = time.perf_counter()
        found = find(self, pixels, floor, size)
        looking += time.perf_counter() - start
        return found

    original = door.load_detector
    door.load_detector = lambda *_, **__: loaded  # type: ignore[assignment]
    Network.find = timed  # type: ignore[method-assign]
    try:
        start = time.perf_counter()
        index_images([image], archive=archive)
        return time.perf_counter() - start, looking
    finally:
        door.load_detector = original
        Network.find = find  # type: ignore[method-assign]


def _random_weights(folder: Path) -> Path:
    """A network of the same shape that is sure of nothing."""
    from tools.ultralytics_guard import import_ultralytics

    model, names = import_ultralytics().YOLO("yolo26n-obb.yaml"), load_ontology("dota").leaf_names
    network = type(model.model)("yolo26n-obb.yaml", nc=len(names), verbose=False)
    network.names, network.task = dict(enumerate(names)), "obb"
    model.model = network
    model.save(folder / "random.pt")
    return folder / "random.pt"


def _tell_memory(folder: Path, side: int, kinds: Sequence[str]) -> None:
    print(f"peak memory beyond imports, an image of {side} x {side} px, 60 detections a tile")
    for kind in kinds:
        path = folder / f"large.{kind}"
        _write_large(path, side)
        command = [sys.executable, __file__, "--peak-of", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(done.stderr[-2000:])
        told = json.loads(done.stdout)
        print(f"{kind}: {told['megabytes']:.0f} MB, {told['tiles']} tiles, {told['seconds']:.1f} s without a network")
        path.unlink()


def _write_large(path: Path, side: int) -> None:
    import rasterio
    from rasterio.windows import Window

    driver = {"tif": "GTiff", "png": "PNG", "jpg": "JPEG"}[path.suffix[1:]]
    source = path.with_name("strips.tif")
    more = {"tiled": True, "compress": "deflate", "zlevel": 1}
    pattern = np.random.default_rng(0).integers(0, 256, (3, 256, side), np.uint8)
    with rasterio.open(source, "w", driver="GTiff", width=side, height=side, count=3, dtype="uint8", **more) as dataset:
        for top in range(0, side, 256):
            rows = min(256, side - top)
            dataset.write(pattern[:, :rows] // 16, window=Window(0, top, side, rows))
    if driver == "GTiff":
        source.rename(path)
        return
    import rasterio.shutil

    rasterio.shutil.copy(source, path, driver=driver, **({"ZLEVEL": "1"} if driver == "PNG" else {}))
    source.unlink()


class _Stub:
    """A network that finds sixty boxes wherever it looks."""

    shape = "oriented"
    device = "cpu"
    looks = 0

    def find(self, pixels: Sequence[NDArray[np.uint8]], floor: float, size: int) -> list[list[Box]]:
        self.looks += len(pixels)
        at = [(100.0 + 120 * (number % 8), 100.0 + 120 * (number // 8)) for number in range(60)]
        boxes = [Box(0, 0.5, ((x, y), (x + 40, y), (x + 40, y + 20), (x, y + 20))) for x, y in at]
        return [boxes for _ in pixels]


def _peak(path: Path) -> dict[str, float]:
    """Megabytes at the highest, beyond what there is after a small image."""
    from PIL import Image

    stub = _Stub()
    detector = Detector("", frozenset(), (), Tiling(), 1024, 1, stub, {0: "ship"}, 0.05)  # type: ignore[arg-type]
    small = path.with_name("small.png")
    Image.new("RGB", (1200, 1200)).save(small)
    detector.detect(small)
    before = _most_kilobytes()
    start, stub.looks = time.perf_counter(), 0
    replace(detector).detect(path)
    seconds = time.perf_counter() - start
    return {"megabytes": (_most_kilobytes() - before) / 1024, "tiles": stub.looks, "seconds": seconds}


def _most_kilobytes() -> int:
    """The most memory that this process has had; its resource usage would count what its parent had at its start."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def _tell_mosaic(folder: Path, weights: Path | None, side: int) -> None:
    """Recall and precision of tiled detections, at an intersection over union of 0.5, and duplicates."""
    import shapely
    from PIL import Image

    pixels, truth = _mosaic(side)
    Image.fromarray(pixels).save(folder / "mosaic.png", compress_level=1)
    detector = load_detector(weights, ontology=load_ontology("dota"))
    known = [each for each in truth if each.label in detector.known_labels]
    found = [each for each in detector.detect(folder / "mosaic.png").entities if each.confidence >= 0.25]
    shapes = [shapely.Polygon(each.polygon) for each in found]
    tree, matched, duplicates, used = shapely.STRtree(shapes), 0, 0, set()
    for each in known:
        polygon = shapely.Polygon(each.polygon)
        alike = [
            at
            for at in tree.query(polygon).tolist()
            if found[at].label == each.label
            and shapes[at].intersection(polygon).area >= 0.5 * shapes[at].union(polygon).area
        ]
        matched += bool(alike)
        duplicates += max(0, len(alike) - 1)
        used.update(alike)
    print(f"{len(known)} true objects in {side} x {side} px; {len(found)} detections at 0.25")
    print(f"recall {matched / len(known):.3f}, precision {len(used) / max(1, len(found)):.3f}, duplicates {duplicates}")


if __name__ == "__main__":
    main()
