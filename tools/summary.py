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
    from tools.archive import Archive

    opened = archive if isinstance(archive, Archive) else Archive.open(archive)
    counts = count_classes(opened)
    return ArchiveSummary(
        ontology=opened.ontology.name,
        images=len(opened.image_ids),
        entities=sum(each.entities for each in counts),
        classes=counts,
    )


def count_classes(archive: "Archive") -> list[ClassCount]:
    """The classes that were seen, the most frequent first."""
    import numpy as np

    counts = []
    for name in archive.ontology.leaf_names:
        numbers = archive.images_with(name)
        if len(numbers):
            counts.append(ClassCount(name=name, entities=len(numbers), images=int(np.unique(numbers).size)))
    return sorted(counts, key=lambda each: (-each.entities, each.name))
