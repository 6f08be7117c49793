"""The post-flood archive: scenes after a flood that RUNE renders itself, indexed from their FloodNet masks."""

from pathlib import Path

from tools.index import index_images
from tools.progress import ProgressListener, ignore_progress
from tools.rendering import Paths, render_once
from tools.sample_archive import SampleArchive

SCENES = 12
SIZE = 640
ONTOLOGY = "floodnet"


def flood_archive(
    directory: Path, *, count: int = SCENES, size: int = SIZE, progress: ProgressListener = ignore_progress
) -> SampleArchive:
    """Render `count` scenes of `size` px into `directory` and index their masks into `directory`/archive.

    Scenes that this version of the renderer has left there are used again. InputError where the folder cannot be
    written.
    """

    def render() -> Paths:
        from tools.sample.flood import write_flood_sample

        return write_flood_sample(directory, count=count, size=size, progress=progress).files

    render_once(directory, {"count": count, "size": size}, render)
    report = index_images(
        [directory / "images"],
        archive=directory / "archive",
        labels=directory / "masks",
        sizes=directory / "sizes.json",
        ontology=ONTOLOGY,
        progress=progress,
    )
    return SampleArchive(directory / "archive", report)
