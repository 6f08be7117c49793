"""What a network finds, before it is an entity."""

from dataclasses import dataclass

from solvers.scene import Polygon


@dataclass(frozen=True, slots=True)
class Box:
    """One detection: its class number, confidence in (0, 1], and corners in pixels of the image or tile."""

    class_number: int
    confidence: float
    polygon: Polygon

    def moved(self, right: float, down: float) -> "Box":
        """The same box, further to the right and down."""
        corners = tuple((x + right, y + down) for x, y in self.polygon)
        return Box(self.class_number, self.confidence, corners)

    def scaled(self, across: float, down: float) -> "Box":
        """The same box, its coordinates times two factors."""
        return Box(self.class_number, self.confidence, tuple((x * across, y * down) for x, y in self.polygon))


def surest_first(box: Box) -> tuple[float, Polygon, int]:
    """The order of detections: by descending confidence, then by polygon and class."""
    return -box.confidence, box.polygon, box.class_number
