"""What is told of an archive as a whole: what it holds, whether it is sound, what compacting did."""

from datetime import datetime

from pydantic import Field

from tools.results import SCHEMA_VERSION, Model
from tools.summary import ClassCount


class SourceCount(Model):
    """A folder, or a file of annotations of many images, from which so many images came."""

    path: str
    images: int


class OriginCount(Model):
    """What found the objects of so many images: a detector by its fingerprint, or a kind of annotations."""

    origin: str | None
    images: int


class CrsExtent(Model):
    """The images in one coordinate reference system, and the box min x, min y, max x, max y that they lie within."""

    crs: str
    images: int
    extent: tuple[float, float, float, float]


class TimeSpan(Model):
    """When so many images were taken: the first and the last, in UTC; None where no time is known."""

    images: int
    first: datetime | None
    last: datetime | None


class GsdSpan(Model):
    """The least and the greatest metres per pixel of so many images; None where none is known."""

    images: int
    least: float | None
    greatest: float | None


class ArchiveInfo(Model):
    """An archive in numbers; `bytes` are those of its files, `images_with_pixels` have a picture beside their objects.

    `archive_version` is the version of the archive's own schema.
    """

    schema_version: int = SCHEMA_VERSION
    status: str = "ok"
    archive: str
    archive_version: int
    ontology: str
    images: int
    entities: int
    images_with_pixels: int
    classes: list[ClassCount]
    sources: list[SourceCount]
    origins: list[OriginCount]
    parts: int
    bytes: int
    places: list[CrsExtent]
    times: TimeSpan
    gsd: GsdSpan
    error: str | None = None


class PartProblem(Model):
    """What is wrong with one file of the archive, which holds so many images."""

    file: str
    images: int
    problem: str


class Verification(Model):
    """Whether an archive is sound: `problems` is empty where it is. `leftovers` are files that belong to no commit."""

    schema_version: int = SCHEMA_VERSION
    status: str
    archive: str
    images: int
    entities: int
    parts: int
    bytes: int
    problems: list[PartProblem] = Field(default_factory=list)
    leftovers: list[str] = Field(default_factory=list)
    error: str | None = None


class Compaction(Model):
    """What compacting did; `dropped` are the damaged parts that were given up, with the images in them."""

    schema_version: int = SCHEMA_VERSION
    status: str = "ok"
    archive: str
    images: int
    entities: int
    parts_before: int
    parts_after: int
    bytes_before: int
    bytes_after: int
    dropped: list[PartProblem] = Field(default_factory=list)
    error: str | None = None
