"""One scene as brute force sees it: labelled polygons in an image of a known size."""

from dataclasses import dataclass, field

Corner = tuple[float, float]


@dataclass(frozen=True)
class Thing:
    """One entity; its index is its place in the scene's tuple."""

    label: str
    polygon: tuple[Corner, ...]
    confidence: float = 1.0


@dataclass(frozen=True, eq=False)
class Picture:
    """One scene, sides in pixels, `gsd` in metres per pixel.

    `known` None means that every class is known; `transform` (a, b, c, d, e, f) leads to the ground.
    """

    image_id: str
    width: int
    height: int
    things: tuple[Thing, ...]
    gsd: float | None = None
    known: frozenset[str] | None = None
    transform: tuple[float, float, float, float, float, float] | None = None
    present: frozenset[int] | None = field(default=None)
    """The entities that are there; None means all of them."""

    @property
    def indices(self) -> tuple[int, ...]:
        """The entities that are there."""
        every = range(len(self.things))
        return tuple(every) if self.present is None else tuple(i for i in every if i in self.present)
