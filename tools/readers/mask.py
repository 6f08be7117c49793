"""Class-index masks: a picture whose pixel values are class numbers, as outlines of its regions.

FloodNet's masks are such (Rahnemoonfar et al., IEEE Access 2021), with the numbers 0 to 9.
"""

import io
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solvers.errors import InputError
from solvers.ontology import Ontology, normalise_label
from solvers.scene import Entity, Polygon
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.records import Annotations

if TYPE_CHECKING:
    import shapely

Numbers = NDArray[np.uint8] | NDArray[np.uint16]

MINIMUM_AREA = 100
"""Regions of fewer px2 go to their neighbours: they are ragged edges more often than objects."""
TOLERANCE = 1.0
"""Outlines run at most so many px off the edges of the pixels."""
HOLLOW_SHARE = 0.1
"""Holes are filled where they are at most this share of what the outline encloses, else the region is cut."""
IGNORED = 255
NOTHING = frozenset({"background", "unlabeled", "unlabelled", "void", "ignore"})
"""Names of class numbers that stand for no class."""
_LARGEST = 65_535
_GREY_MODES = frozenset({"1", "L", "P", "I;16", "I;16B", "I;16L", "I"})


def parse_mask(
    data: bytes,
    file: str,
    names: Mapping[int, str],
    ontology: Ontology,
    on_fault: FaultHandler = raise_fault,
    *,
    minimum_area: float = MINIMUM_AREA,
) -> Annotations:
    """The regions of a mask, each of pixels of one class that meet at their sides; `index` counts them in file order.

    A region of at least `minimum_area` px2 becomes one entity, a smaller one part of its largest neighbour. Outlines
    run along the edges of the pixels within `TOLERANCE`; a region that is hollow is cut through its holes into several.
    Names that the ontology lacks are in `unmapped`. InputError for what is no mask; a number without a name is given to
    `on_fault`, 255 is passed over.
    """
    numbers = _pixels(data, file)
    labels: dict[int, str] = {}
    unmapped: set[str] = set()
    for number in np.flatnonzero(np.bincount(numbers.ravel())).tolist():
        name = names.get(number)
        if name is None:
            if number != IGNORED:
                on_fault(
                    InputError(f"{file}: the mask has the class number {number}, and the names have no such class")
                )
        elif normalise_label(name) not in NOTHING:
            label = ontology.leaf_for(name)
            if label is None:
                unmapped.add(name)
            else:
                labels[number] = label
    entities = []
    for index, (number, outline) in enumerate(_outlines(numbers, sorted(labels), minimum_area)):
        entities.append(Entity(index, labels[number], 1.0, outline))
    height, width = numbers.shape
    return Annotations(tuple(entities), None, width, height, frozenset(unmapped))


def _pixels(data: bytes, file: str) -> Numbers:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.mode not in _GREY_MODES:
                raise InputError(
                    f"{file}: a mask has one number a pixel, and this is a picture in colour ({image.mode}); give the "
                    "masks of class numbers, not those painted for the eye"
                )
            numbers = np.asarray(image).astype(np.int32)
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"{file}: this is not an image of a known format") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{file}: the mask is too large to be read whole ({error})") from error
    except Exception as error:  # decoders raise whatever they like over hostile bytes
        raise InputError(f"{file}: the mask is damaged: {error or type(error).__name__}") from error
    if numbers.min() < 0 or numbers.max() > _LARGEST:
        raise InputError(f"{file}: class numbers go from 0 to {_LARGEST}, and this mask's do not")
    return numbers.astype(np.uint16) if numbers.max() > IGNORED else numbers.astype(np.uint8)


def _outlines(numbers: Numbers, wanted: list[int], minimum_area: float) -> Iterator[tuple[int, Polygon]]:
    import shapely
    from rasterio.features import shapes, sieve

    if not wanted:
        return
    # Specks become part of what is about them, which is what filling them as holes would come to, at a better price.
    is_wanted = np.zeros(_LARGEST + 1, dtype=np.bool_)
    is_wanted[wanted] = True
    cleaned = sieve(numbers, size=max(1, math.ceil(minimum_area)), connectivity=4)
    for geometry, number in shapes(cleaned, mask=is_wanted[cleaned], connectivity=4):
        shell, *holes = geometry["coordinates"]
        for piece in _pieces(shapely.Polygon(shell, holes)):
            if piece.area < minimum_area:
                continue
            plain = piece.simplify(TOLERANCE)
            ring = (plain if plain.area else piece).exterior.coords[:-1]
            yield int(number), tuple((float(x), float(y)) for x, y in ring)


def _pieces(region: "shapely.Polygon") -> Iterator["shapely.Polygon"]:
    """The region with its holes filled where they are small, else its parts on both sides of the largest hole."""
    import shapely

    waiting = [region]
    while waiting:
        part = waiting.pop()
        filled = shapely.Polygon(part.exterior)
        if filled.area - part.area <= HOLLOW_SHARE * filled.area:
            yield filled
            continue
        hole = max((shapely.Polygon(ring) for ring in part.interiors), key=lambda each: each.area)
        left, top, right, bottom = part.bounds
        x, y = round(hole.centroid.x), round(hole.centroid.y)
        halves = (
            (shapely.box(left, top, x, bottom), shapely.box(x, top, right, bottom))
            if right - left >= bottom - top
            else (shapely.box(left, top, right, y), shapely.box(left, y, right, bottom))
        )
        cut = [each for half in halves for each in shapely.get_parts(part.intersection(half))]
        waiting += [each for each in reversed(cut) if each.geom_type == "Polygon" and each.area]
