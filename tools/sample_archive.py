"""The sample archive: scenes that RUNE renders itself, indexed with their truth as annotations."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from solvers.errors import InputError
from tools.index import index_images
from tools.progress import ProgressListener, ignore_progress
from tools.results import IndexReport

COMPLETE = "rendered.json"


@dataclass(frozen=True, slots=True)
class SampleArchive:
    """Where the sample archive lies, and what indexing it did."""

    archive: Path
    report: IndexReport


def sample_archive(directory: Path, *, progress: ProgressListener = ignore_progress) -> SampleArchive:
    """Render the sample scenes into `directory` and index them into `directory`/archive; no detector is involved.

    Scenes that this version of the renderer has left there are used again. InputError where the folder cannot be
    written.
    """
    images, labels, archive = directory / "images", directory / "labelTxt", directory / "archive"
    if not _is_rendered(directory):
        _render(directory, progress)
    report = index_images([images], archive=archive, detector="annotations", labels=labels, progress=progress)
    return SampleArchive(archive, report)


def _render(directory: Path, progress: ProgressListener) -> None:
    from tools.sample import write_sample

    marker = directory / COMPLETE
    try:
        marker.unlink(missing_ok=True)
        sample = write_sample(directory, progress=progress)
        part = marker.with_suffix(".part")
        part.write_text(json.dumps({"renderer": _renderer(), "scenes": [each.stem for each in sample.images]}))
        part.replace(marker)
    except OSError as error:
        raise InputError(f"{directory}: the sample scenes cannot be written: {error.strerror or error}") from error


def _is_rendered(directory: Path) -> bool:
    try:
        found = json.loads((directory / COMPLETE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    scenes = found.get("scenes") if isinstance(found, dict) else None
    if not isinstance(scenes, list) or found.get("renderer") != _renderer():
        return False
    files = [directory / "images" / f"{each}.png" for each in scenes]
    files += [directory / "labelTxt" / f"{each}.txt" for each in scenes]
    return bool(files) and all(each.is_file() for each in files)


def _renderer() -> str:
    """What tells one version of the renderer from another: a digest of its source."""
    digest = hashlib.sha256()
    for source in sorted((Path(__file__).parent / "sample").rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
