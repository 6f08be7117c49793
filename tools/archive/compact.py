"""An archive tidied up: small parts merged, files of no commit removed, damaged parts given up on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.archive.answers import Compaction, PartProblem
from tools.archive.files import PARTS_FOLDER
from tools.archive.info import bytes_of
from tools.archive.manifest import read_manifest
from tools.archive.part import changed_file
from tools.archive.verify import leftovers
from tools.archive.writer import ArchiveWriter
from tools.images import absolute
from tools.progress import Progress, ProgressListener, ignore_progress

if TYPE_CHECKING:
    from pathlib import Path


def compact_archive(
    path: str | Path, *, drop_corrupt: bool = False, progress: ProgressListener = ignore_progress
) -> Compaction:
    """Bring an archive into as few parts as its images ask for, and into this version of the schema, by one commit.

    Who has it open goes on reading what there was. With `drop_corrupt` parts whose bytes are not those that were
    written are given up, and their images are new to the next run of index. Raises InputError where another writer is
    at work, or a part that is not given up is damaged.
    """
    root = absolute(path)
    manifest = read_manifest(root)
    strays = [name.rpartition("/")[2] for name in leftovers(root, manifest)]
    before = bytes_of(root, [*manifest.files, *strays])
    dropped = {}
    if drop_corrupt:
        for done, entry in enumerate(manifest.parts, start=1):
            found = changed_file(entry, root)
            if found is not None:
                file = f"{PARTS_FOLDER}/{found.file}"
                dropped[entry] = PartProblem(file=file, images=entry.images, problem=found.reason)
            progress(Progress("verifying", done, len(manifest.parts), len(dropped)))
    with ArchiveWriter(root, manifest.ontology, without=frozenset(dropped)) as writer:
        writer.finish()
        size = writer.size
    after = read_manifest(root)
    return Compaction(
        archive=str(root),
        images=size.images,
        entities=size.entities,
        parts_before=len(manifest.parts),
        parts_after=len(after.parts),
        bytes_before=before,
        bytes_after=bytes_of(root, after.files),
        dropped=list(dropped.values()),
    )
