"""Pictures of boxes for the tests of the brute-force reference."""

import math
from pathlib import Path

from tests.reference.evaluate import Evaluator, read_hierarchy
from tests.reference.geometry import Geometry
from tests.reference.scenes import Corner, Picture, Thing

HIERARCHY = read_hierarchy(Path(__file__).resolve().parent.parent / "tools" / "ontologies" / "dota.toml")
Polygon = tuple[Corner, ...]


def box(x: float, y: float, width: float = 10, height: float = 10, degrees: float = 0) -> Polygon:
    """A box around a centre, turned clockwise on the screen."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = ((-width, -height), (width, -height), (width, height), (-width, height))
    return tuple((x + (cx * cos - cy * sin) / 2, y + (cx * sin + cy * cos) / 2) for cx, cy in corners)


def picture(*things: tuple[str, Polygon] | tuple[str, Polygon, float], **fields: object) -> Picture:
    return Picture("image", 600, 300, tuple(Thing(each[0], *each[1:]) for each in things), **fields)  # type: ignore[arg-type]


def holds(name: str, *polygons: Polygon, **fields: object) -> bool | None:
    scene = picture(*(("ship", polygon) for polygon in polygons), **fields)
    return Geometry(scene).holds(name, tuple(range(len(polygons))))


def judge(formula: str, *things: tuple[str, Polygon], **fields: object) -> str:
    return Evaluator(picture(*things, **fields), HIERARCHY).verdict(formula)


AT = box(100, 100)
