"""DuckDB over a whole archive held in memory, with the questions as hand-tuned SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.peers.sql import ANSWER, SAT_IMAGES, STEPS

if TYPE_CHECKING:
    from tools.archive import Archive

Floats = NDArray[np.float64]

THREADS = 2
ROWS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """How many images are sat, and the best of them: the image's number, its score, the witness's entity indices."""

    sat: int
    top: tuple[tuple[int, float, tuple[int, ...]], ...]


class DuckPeer:
    """The archive as one table a class, sorted by image; needs four corners an entity, along the axes."""

    def __init__(self, archive: Archive) -> None:
        import duckdb
        import pyarrow as pa

        self._connection = duckdb.connect(config={"threads": THREADS})
        widths = _widths(archive)
        for label in archive.ontology.leaf_names:
            columns = archive.columns(frozenset({label}))
            corners = columns.corners.reshape(-1, 4, 2)
            _check_upright(corners, label)
            rows = pa.table(
                {
                    "image": columns.image_number,
                    "idx": columns.index.astype(np.int32),
                    "key": (columns.image_number.astype(np.int64) << 32) | columns.index,
                    "conf": columns.confidence,
                    **_measured(corners),
                    "third": 2 * widths[columns.image_number] / 6,
                }
            )
            self._connection.register("rows", rows)
            self._connection.execute(f"create table {label} as select * from rows order by image, idx")
            self._connection.unregister("rows")

    def answer(self, name: str) -> SqlAnswer:
        """The whole answer to the question of that name."""
        row = self._connection.execute(STEPS[name] + ANSWER).fetchone()
        assert row is not None
        return SqlAnswer(int(row[0]), tuple((image, score, tuple(witness)) for image, score, witness in row[1] or ()))

    def sat_images(self, name: str) -> frozenset[int]:
        """The numbers of all sat images."""
        return frozenset(int(image) for (image,) in self._connection.execute(STEPS[name] + SAT_IMAGES).fetchall())

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()


def _check_upright(corners: Floats, label: str) -> None:
    sides = np.diff(corners, axis=1, append=corners[:, :1])
    if (sides[..., 0] * sides[..., 1] != 0).any():
        raise ValueError(f"some {label} is no box along the axes, and the SQL measures no other")


def _widths(archive: Archive) -> Floats:
    from tools.archive.manifest import read_manifest
    from tools.archive.part import Part

    parts = [Part(entry, archive.root).tables().images for entry in read_manifest(archive.root).parts]
    width_of = {
        image_id: width
        for part in parts
        for image_id, width in zip(part.column("image_id").to_pylist(), part.column("width").to_pylist(), strict=True)
    }
    return np.array([width_of[image_id] for image_id in archive.image_ids], np.float64)


def _measured(corners: Floats) -> dict[str, Floats]:
    """What SQL needs: centroid, area, middle and half sides, and the bounds grown by the reach of near.

    `reach2` is the square of near's limit, two sizes; the grown bounds of near boxes always meet.
    """
    import shapely

    centre, bounds, area = np.empty((len(corners), 2)), np.empty((len(corners), 4)), np.empty(len(corners))
    for start in range(0, len(corners), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        shapes = shapely.polygons(corners[some])
        centre[some] = shapely.get_coordinates(shapely.centroid(shapes))
        bounds[some], area[some] = shapely.bounds(shapes), shapely.area(shapes)
    reach = 2 * np.sqrt(area) * (1 + 1e-9)
    left, top, right, bottom = bounds.T
    return {
        "cx": centre[:, 0].copy(), "cy": centre[:, 1].copy(), "area": area, "reach2": 4 * area,
        "mx": (left + right) / 2, "my": (top + bottom) / 2, "hw": (right - left) / 2, "hh": (bottom - top) / 2,
        "left_end": left - reach, "right_end": right + reach, "top_end": top - reach, "bottom_end": bottom + reach,
    }  # fmt: skip
