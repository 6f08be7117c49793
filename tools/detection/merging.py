"""Detections of overlapping tiles made those of the image: each object once, and whole where any tile shows it whole.

A detection that reaches a seam (an edge of its tile that is no edge of the image) is taken to be cut there. It gives
way to a whole one of another tile; where no tile has the object whole, its pieces are joined.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from tools.detection.boxes import Box, surest_first
from tools.detection.tiling import Tile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Indices = NDArray[np.intp]
    Shapes = NDArray[np.object_]

MERGING = 1
"""The version of what is done here: detections of another one are not those of this one."""

Shape = Literal["oriented", "upright", "outline"]
"""What polygons of a network are: oriented boxes, upright boxes, or outlines of masks."""


@dataclass(frozen=True, slots=True)
class MergeSettings:
    """From where on two detections of different tiles are one object.

    `same_class` and `any_class` are intersections over unions of whole ones. A piece is told by the share of it that
    lies in a whole one, `piece` (the box about a corner that is cut off is twice as large as the corner), or where
    classes differ by its intersection over union, `strange_piece`, with what its tile shows of the whole. A seam is
    reached within `seam_pixels` and `seam_share` of the box's own extent.
    """

    same_class: float = 0.4
    any_class: float = 0.7
    piece: float = 0.3
    strange_piece: float = 0.5
    seam_pixels: float = 3.0
    seam_share: float = 0.05


@dataclass(frozen=True, slots=True)
class TileBoxes:
    """What was found in a tile, in pixels of the image; `coarse` where the tile was scaled down."""

    tile: Tile
    boxes: Sequence[Box]
    coarse: bool = False


def merge(
    found: Iterable[TileBoxes],
    width: int,
    height: int,
    *,
    shape: Shape = "oriented",
    settings: MergeSettings | None = None,
) -> list[Box]:
    """The objects of an image of `width` x `height` px, by descending confidence, then by polygon and class.

    Detections of one tile are never merged with each other: which of them are one object the network itself has said.
    """
    tiles = [each for each in found if each.boxes]
    if not tiles:
        return []
    candidates = _Candidates(tiles, width, height, shape, settings or MergeSettings())
    return sorted(candidates.objects(), key=surest_first)


class _Candidates:
    """The detections of all tiles, in the order in which they win."""

    def __init__(
        self, tiles: Sequence[TileBoxes], width: int, height: int, shape: Shape, settings: MergeSettings
    ) -> None:
        self._shape: Shape = shape
        self._settings = settings
        rows = [(number, each) for number, tile in enumerate(tiles) for each in tile.boxes]
        rows.sort(key=lambda row: (tiles[row[0]].coarse, surest_first(row[1])))
        self.boxes = [box for _, box in rows]
        self.tile = np.array([number for number, _ in rows], np.intp)
        self.label = np.array([box.class_number for box in self.boxes], np.intp)
        self.polygons = _sound(shapely.polygons([shapely.linearrings(box.polygon) for box in self.boxes]))
        self.area = shapely.area(self.polygons)
        edges = [(t.tile.left, t.tile.top, t.tile.left + t.tile.width, t.tile.top + t.tile.height) for t in tiles]
        self.edges = np.array(edges, np.float64).reshape(-1, 4)[self.tile]
        self.is_cut = self._reaches_seam(width, height)

    def _reaches_seam(self, width: int, height: int) -> NDArray[np.bool_]:
        left, top, right, bottom = shapely.bounds(self.polygons).T
        across = self._settings.seam_pixels + self._settings.seam_share * (right - left)
        down = self._settings.seam_pixels + self._settings.seam_share * (bottom - top)
        edge = self.edges
        cut: NDArray[np.bool_] = (
            ((edge[:, 0] > 0) & (left <= edge[:, 0] + across))
            | ((edge[:, 1] > 0) & (top <= edge[:, 1] + down))
            | ((edge[:, 2] < width) & (right >= edge[:, 2] - across))
            | ((edge[:, 3] < height) & (bottom >= edge[:, 3] - down))
        )
        return cut

    @cached_property
    def pairs(self) -> tuple[Indices, Indices]:
        """Those of different tiles that may be one object, by their bounds; of each pair the winner first."""
        first, second = shapely.STRtree(self.polygons).query(self.polygons)
        kept = (first < second) & (self.tile[first] != self.tile[second])
        first, second = first[kept], second[kept]
        kept = self._may_be_one(first, second)
        order = np.lexsort((second[kept], first[kept]))
        return first[kept][order], second[kept][order]

    def _may_be_one(self, first: Indices, second: Indices) -> NDArray[np.bool_]:
        """What polygons share is no more than what their bounds share: a cheap look before the dear one."""
        bounds, same = shapely.bounds(self.polygons), self.label[first] == self.label[second]
        low, high = np.maximum(bounds[first, :2], bounds[second, :2]), np.minimum(bounds[first, 2:], bounds[second, 2:])
        shared = np.prod(np.maximum(high - low, 0.0), axis=1)
        cut_first, cut_second = self.is_cut[first], self.is_cut[second]
        seen = shapely.area(self._visible)
        least = np.where(same, self._settings.same_class, self._settings.any_class)
        whole = shared >= least * np.maximum(self.area[first], self.area[second])
        part = shared >= self._settings.piece * np.where(cut_first, seen[first], seen[second])
        both: NDArray[np.bool_] = np.where(cut_first & cut_second, same, np.where(cut_first | cut_second, part, whole))
        return both

    def objects(self) -> list[Box]:
        """Each object once."""
        whole = self._surest_whole()
        pieces = self._pieces_of_no_whole()
        joined = self._joined(pieces)
        return [*(self.boxes[each] for each in whole), *joined]

    def _surest_whole(self) -> list[int]:
        """The whole detections, without those of which another tile has a surer one."""
        first, second = self.pairs
        both = ~self.is_cut[first] & ~self.is_cut[second]
        first, second = first[both], second[both]
        shared = shapely.area(shapely.intersection(self.polygons[first], self.polygons[second]))
        overlap = _ratio(shared, self.area[first] + self.area[second] - shared)
        same = self.label[first] == self.label[second]
        one = overlap >= np.where(same, self._settings.same_class, self._settings.any_class)
        beaten = np.zeros(len(self.boxes), np.bool_)
        for winner, loser in zip(first[one].tolist(), second[one].tolist(), strict=True):
            if not beaten[winner]:  # winners come first, so that what beats them is known by now
                beaten[loser] = True
        return np.flatnonzero(~self.is_cut & ~beaten).tolist()

    def _pieces_of_no_whole(self) -> Indices:
        """The cut detections of which no other tile has the whole."""
        first, second = self.pairs
        mixed = self.is_cut[first] != self.is_cut[second]
        first, second = first[mixed], second[mixed]
        piece, whole = np.where(self.is_cut[first], first, second), np.where(self.is_cut[first], second, first)
        seen = shapely.intersection(self.polygons[whole], self._frames(piece))
        part = self._visible[piece]
        shared = shapely.area(shapely.intersection(part, seen))
        within = _ratio(shared, shapely.area(part))
        overlap = _ratio(shared, shapely.area(part) + shapely.area(seen) - shared)
        same = self.label[piece] == self.label[whole]
        is_told = np.where(same, within >= self._settings.piece, overlap >= self._settings.strange_piece)
        told = np.zeros(len(self.boxes), np.bool_)
        told[piece[is_told]] = True
        return np.flatnonzero(self.is_cut & ~told)

    @cached_property
    def _visible(self) -> Shapes:
        """What of each cut detection lies in its tile: networks guess beyond it."""
        visible: Shapes = self.polygons.copy()
        cut = np.flatnonzero(self.is_cut)
        clipped = shapely.intersection(self.polygons[cut], self._frames(cut))
        visible[cut] = np.where(shapely.area(clipped) > 0, clipped, self.polygons[cut])
        return visible

    def _frames(self, at: Indices) -> Shapes:
        frames: Shapes = shapely.box(*self.edges[at].T)
        return frames

    def _joined(self, pieces: Indices) -> list[Box]:
        """Pieces that agree where both their tiles see them, as one object; a piece that agrees with none, as it is."""
        first, second = self.pairs
        is_piece = np.isin(np.arange(len(self.boxes)), pieces)
        both = is_piece[first] & is_piece[second] & (self.label[first] == self.label[second])
        first, second = first[both], second[both]
        zone = shapely.intersection(self._frames(first), self._frames(second))
        one, other = (shapely.intersection(self._visible[each], zone) for each in (first, second))
        shared = shapely.area(shapely.intersection(one, other))
        agree = _ratio(shared, shapely.area(one) + shapely.area(other) - shared) >= self._settings.same_class
        groups = _connected(pieces.tolist(), zip(first[agree].tolist(), second[agree].tolist(), strict=True))
        joined = [self._join(group) for group in groups if len(group) > 1]
        alone = [group[0] for group in groups if len(group) == 1]
        return [*joined, *(self.boxes[each] for each in alone if not self._lies_in(each, joined))]

    def _join(self, group: Sequence[int]) -> Box:
        """One box for pieces of one object, as sure as the surest, about what their tiles show of it."""
        united = shapely.union_all(self._visible[list(group)])
        surest = self.boxes[min(group)]
        match self._shape:
            case "upright":
                outline = shapely.envelope(united)
            case "oriented":
                outline = shapely.minimum_rotated_rectangle(united)
            case "outline":
                parts = [each for each in shapely.get_parts(united) if each.geom_type == "Polygon"]
                outline = max(parts, key=shapely.area, default=united)
        if outline.geom_type != "Polygon":
            return surest
        ring = shapely.get_coordinates(shapely.get_exterior_ring(outline))[:-1]
        return Box(surest.class_number, surest.confidence, tuple((float(x), float(y)) for x, y in ring))

    def _lies_in(self, piece: int, joined: Sequence[Box]) -> bool:
        part, label = self._visible[piece], self.boxes[piece].class_number
        for box in joined:
            if box.class_number == label:
                shared = shapely.area(shapely.intersection(part, shapely.Polygon(box.polygon)))
                if shared >= self._settings.piece * shapely.area(part):
                    return True
        return False


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def _sound(polygons: Shapes) -> Shapes:
    """The polygons, with the convex hull in the place of one that crosses itself."""
    sound: Shapes = np.where(shapely.is_valid(polygons), polygons, shapely.convex_hull(polygons))
    return sound


def _connected(nodes: Sequence[int], links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The groups of nodes that links connect, each sorted, in the order of their first node."""
    root = {node: node for node in nodes}

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for one, other in links:
        low, high = sorted((find(one), find(other)))
        root[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for node in nodes:
        groups[find(node)].append(node)
    return list(groups.values())
