"""The tiles that a large image is cut into: squares that overlap, row by row, as DOTA's own splitting has them."""

from dataclasses import dataclass

from solvers.errors import InputError

DEFAULT_TILE = 1024
DEFAULT_OVERLAP = 200
LEAST_TILE = 32
MOST_TILE = 8192


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of an image, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Tiling:
    """How images are cut: into tiles of `tile` px, neighbours of which share at least `overlap` px.

    An object that is not larger than the overlap lies whole in at least one tile. `overview` has an image that is
    cut looked at as a whole as well, scaled down to one tile, for the objects that are larger.
    """

    tile: int = DEFAULT_TILE
    overlap: int = DEFAULT_OVERLAP
    overview: bool = True

    def __post_init__(self) -> None:
        if not LEAST_TILE <= self.tile <= MOST_TILE:
            raise InputError(f"a tile of {self.tile} px is not between {LEAST_TILE} and {MOST_TILE} px")
        if not 0 <= self.overlap < self.tile:
            raise InputError(f"an overlap of {self.overlap} px is not at least 0 and below the tile's {self.tile} px")

    def is_whole(self, width: int, height: int) -> bool:
        """Whether an image of so many pixels is no larger than a tile, and so stays whole."""
        return width <= self.tile and height <= self.tile

    def rows(self, width: int, height: int) -> list[list[Tile]]:
        """The tiles of an image, row by row, each row from left to right; the last ones end at the image's edge."""
        across, down = min(width, self.tile), min(height, self.tile)
        lefts = self._starts(width)
        return [[Tile(left, top, across, down) for left in lefts] for top in self._starts(height)]

    def _starts(self, length: int) -> list[int]:
        last = max(0, length - self.tile)
        return [*range(0, last, self.tile - self.overlap), last]


def default_overlap(tile: int) -> int:
    """The overlap of tiles of another size than 1024 px: the same share of the tile."""
    return round(tile * DEFAULT_OVERLAP / DEFAULT_TILE)
