"""The filters of a question, as they are given."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which images a question is asked of: those that pass all filters that are given.

    `area` is a box (min x, min y, max x, max y), also as text with commas; a polygon, as a shapely geometry or as WKT;
    or a file of GeoJSON or WKT. An image passes whose footprint meets it. `area_crs` names its coordinate reference
    system, such as EPSG:4326. Left out, a file of GeoJSON has its own (WGS 84 unless it names one), all else is in that
    of the archive's images. `since` and `until` bound the time at which an image was taken, both included: ISO 8601 or
    a datetime, in UTC where no zone is given; a date, a month or a year means the whole of it. `folder` names a folder
    that the image lies beneath, or is a pattern of *, ? and [] for it, or for the image's name; see
    `tools.filters.folder`.
    """

    area: "str | Path | Box | BaseGeometry | None" = None
    area_crs: str | None = None
    since: str | date | None = None
    until: str | date | None = None
    folder: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every image passes."""
        return all(each is None for each in (self.area, self.since, self.until, self.folder))
