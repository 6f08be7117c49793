"""What an archive holds, in numbers: for whoever is to ask about it."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from tools.results import Model

if TYPE_CHECKING:
    from tools.archive import Archive


class ClassCount(Model):
    """How often a leaf class was seen: `entities` in all, in so many `images`."""

    name: str
    entities: int
    images: int


class ArchiveSummary(Model):
    """An archive in numbers; `classes` has those that were seen, the most frequent first."""

    ontology: str
    images: int
    entities: int
    classes: list[ClassCount] = Field(default_factory=list)


def summarise_archive(archive: "str | Path | Archive") -> ArchiveSummary:
    """Count images and the entities of every class, whatever their confidence; InputError for what is no archive."""
    import numpy as np

    from tools.archive import Archive

    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    counts: list[ClassCount] = []
    for name in opened.ontology.leaf_names:  # one at a time, since an archive may be larger than the memory
        columns = opened.columns(frozenset({name}))
        images = int(np.unique(columns.image_number).size)
        counts += [ClassCount(name=name, entities=len(columns), images=images)] if images else []
    return ArchiveSummary(
        ontology=opened.ontology.name,
        images=len(opened.image_ids),
        entities=sum(each.entities for each in counts),
        classes=sorted(counts, key=lambda each: (-each.entities, each.name)),
    )
