"""A scene: one image, and the entities that a detector or an annotator found in it."""

import math
from dataclasses import dataclass
from datetime import datetime

Point = tuple[float, float]
Polygon = tuple[Point, ...]

MIN_CORNERS = 3


@dataclass(frozen=True, slots=True)
class Georeference:
    """Where an image lies on the ground.

    `crs` names the coordinate reference system; `transform` is (a, b, c, d, e, f) with
    x = a * column + b * row + c and y = d * column + e * row + f, in units of the CRS.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]

    def __post_init__(self) -> None:
        a, b, _, d, e, _ = self.transform
        if not all(map(math.isfinite, self.transform)) or a * e - b * d == 0:
            raise ValueError(f"the affine transform {self.transform} cannot be inverted")


@dataclass(frozen=True, slots=True)
class Entity:
    """One object in an image.

    `index` is its place in the source, before any threshold; `label` a leaf class of the ontology, with
    underscores; `confidence` in (0, 1]; `polygon` at least three corners in pixels, x to the right, y down.
    """

    index: int
    label: str
    confidence: float
    polygon: Polygon
    difficult: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.confidence <= 1:
            raise ValueError(f"confidence {self.confidence} is not in (0, 1]")
        if len(self.polygon) < MIN_CORNERS:
            raise ValueError(f"a polygon needs at least {MIN_CORNERS} corners, not {len(self.polygon)}")
        if not all(math.isfinite(value) for corner in self.polygon for value in corner):
            raise ValueError("a corner of the polygon is not a finite number")


@dataclass(frozen=True, slots=True)
class Scene:
    """One image as logic sees it.

    `width` and `height` in pixels, `gsd` in metres per pixel or None, `known_labels` the leaf classes that
    the source could have reported (a class outside it is unknown here, not absent), `path` the pixels' file
    or None, `acquired` when the image was taken (with its time zone) or None.
    """

    image_id: str
    width: int
    height: int
    entities: tuple[Entity, ...]
    known_labels: frozenset[str]
    gsd: float | None = None
    georeference: Georeference | None = None
    path: str | None = None
    acquired: datetime | None = None

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"image {self.image_id}: {self.width} x {self.height} px is not a size")
        if self.gsd is not None and not (math.isfinite(self.gsd) and self.gsd > 0):
            raise ValueError(f"image {self.image_id}: a ground sample distance of {self.gsd} m is not one")
        if self.acquired is not None and self.acquired.tzinfo is None:
            raise ValueError(f"image {self.image_id}: the acquisition time {self.acquired} has no time zone")
