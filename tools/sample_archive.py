"""The sample archive: scenes that RUNE renders itself, indexed with their true boxes or with what a network finds."""

from dataclasses import dataclass
from pathlib import Path

from tools.index import index_images
from tools.progress import ProgressListener, ignore_progress
from tools.rendering import Paths, render_once
from tools.results import IndexReport

SCENES = 24
SIZE = 768


@dataclass(frozen=True, slots=True)
class SampleArchive:
    """Where the sample archive lies, and what indexing it did."""

    archive: Path
    report: IndexReport


def sample_archive(
    directory: Path,
    *,
    count: int = SCENES,
    size: int = SIZE,
    weights: str | Path | None = None,
    progress: ProgressListener = ignore_progress,
) -> SampleArchive:
    """Render `count` scenes of `size` px into `directory` and index them into `directory`/archive.

    The boxes are the renderer's own truth; where `weights` are named ("demo": those that RUNE ships for these scenes),
    `directory`/detected is made instead, with what their network finds in the pixels and nothing of the truth. Scenes
    that this version of the renderer has left there are used again. InputError where the folder cannot be written, or
    the weights cannot be used.
    """
    from tools.sample.files import SIZES

    def render() -> Paths:
        from tools.sample import write_sample

        sample = write_sample(directory, count=count, size=size, progress=progress)
        labels = [sample.labels_dir / f"{each.stem}.txt" for each in sample.images]
        return [sample.sizes, *sample.images, *labels]

    render_once(directory, {"count": count, "size": size}, render)
    images = directory / "images"
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
