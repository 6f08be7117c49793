"""The sample archive: scenes that RUNE renders itself, indexed with their true boxes or with what a network finds."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from solvers.errors import InputError
from tools.index import index_images
from tools.progress import ProgressListener, ignore_progress
from tools.results import IndexReport

COMPLETE = "rendered.json"
SCENES = 24
SIZE = 768


@dataclass(frozen=True, slots=True)
class SampleArchive:
    """Where the sample archive lies, and what indexing it did."""

    archive: Path
    report: IndexReport


@dataclass(frozen=True, slots=True)
class _Rendering:
    renderer: str
    count: int
    size: int


def sample_archive(
    directory: Path,
    *,
    count: int = SCENES,
    size: int = SIZE,
    weights: str | Path | None = None,
    progress: ProgressListener = ignore_progress,
) -> SampleArchive:
    """Render `count` scenes of `size` px into `directory` and index them into `directory`/archive.

    The boxes are the renderer's own truth; where `weights` are named, `directory`/detected is made instead, with what
    their network finds in the pixels and nothing of the truth. Scenes that this version of the renderer has left there
    are used again. InputError where the folder cannot be written, or the weights cannot be used.
    """
    from tools.sample.files import SIZES

    images = directory / "images"
    wanted = _Rendering(_renderer(), count, size)
    if not _is_rendered(directory, wanted):
        _render(directory, wanted, progress)
    if weights is None:
        archive = directory / "archive"
        labels = directory / "labelTxt"
        report = index_images([images], archive=archive, detector="annotations", labels=labels, progress=progress)
    else:
        archive = directory / "detected"
        report = index_images(
            [images], archive=archive, detector="yolo", weights=weights, sizes=directory / SIZES, progress=progress
        )
    return SampleArchive(archive, report)


def _render(directory: Path, wanted: _Rendering, progress: ProgressListener) -> None:
    from tools.sample import write_sample

    marker = directory / COMPLETE
    try:
        marker.unlink(missing_ok=True)
        sample = write_sample(directory, count=wanted.count, size=wanted.size, progress=progress)
        part = marker.with_suffix(".part")
        part.write_text(
            json.dumps({**asdict(wanted), "scenes": [each.stem for each in sample.images]}), encoding="utf-8"
        )
        part.replace(marker)
    except OSError as error:
        raise InputError(f"{directory}: the sample scenes cannot be written: {error.strerror or error}") from error


def _is_rendered(directory: Path, wanted: _Rendering) -> bool:
    from tools.sample.files import SIZES

    try:
        found = json.loads((directory / COMPLETE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    scenes = found.get("scenes") if isinstance(found, dict) else None
    if not isinstance(scenes, list) or found != {**asdict(wanted), "scenes": scenes}:
        return False
    files = [directory / SIZES, *(directory / "images" / f"{each}.png" for each in scenes)]
    files += [directory / "labelTxt" / f"{each}.txt" for each in scenes]
    return bool(scenes) and all(each.is_file() for each in files)


def _renderer() -> str:
    """What tells one version of the renderer from another: a digest of its source."""
    digest = hashlib.sha256()
    for source in sorted((Path(__file__).parent / "sample").rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
