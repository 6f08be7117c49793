"""The entities of many images as plain arrays, for work on a whole archive at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Number = TypeVar("Number", bound=np.number)

    from tools.archive.calibration import Calibration
    from tools.archive.part import Part


@dataclass(frozen=True, slots=True)
class EntityColumns:
    """n entities with m corners in all, sorted by label code, image number and index; the arrays are not to be changed.

    `labels` is what a label code means; `image_number` (n, int32) counts `Archive.image_ids`; `label_code` (n, int16);
    `index` (n, int64) is Entity.index; `confidence` (n, float64); entity i has the corners
    `corners[offsets[i]:offsets[i + 1]]`, with `corners` (m x 2, float64) in pixels and `offsets` (n + 1, int64).
    """

    labels: tuple[str, ...]
    image_number: NDArray[np.int32]
    label_code: NDArray[np.int16]
    index: NDArray[np.int64]
    confidence: NDArray[np.float64]
    corners: NDArray[np.float64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of entities."""
        return len(self.index)


def read_columns(
    parts: Sequence[Part],
    image_numbers: Sequence[NDArray[np.int32]],
    labels: tuple[str, ...],
    wanted: frozenset[str],
    calibration: Calibration | None = None,
) -> EntityColumns:
    """The entities of the wanted classes; `image_numbers` has for each row of each part's images its number.

    Images whose number is -1 are left out. With a `calibration` confidences are read as it says.
    """
    import numpy as np
    import pyarrow as pa

    tables: list[pa.Table] = []
    numbers: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    codes: list[NDArray[np.int16]] = [np.zeros(0, np.int16)]
    for code, label in enumerate(labels):
        if label not in wanted:
            continue
        for part, number_of_row in zip(parts, image_numbers, strict=True):
            if not (number_of_row >= 0).any():
                continue
            table = part.entities_of(label)
            if table is not None:
                number = number_of_row[numbers_of(table.column("image_row"), np.int64)]
                if (kept := number >= 0).sum() < len(number):
                    table, number = table.filter(pa.array(kept)), number[kept]
                tables.append(table)
                numbers.append(number)
                codes.append(np.full(table.num_rows, code, np.int16))
    if not tables:
        empty = np.zeros(0)
        return EntityColumns(
            labels, numbers[0], codes[0], np.zeros(0, np.int64), empty, empty.reshape(0, 2), np.zeros(1, np.int64)
        )
    table = pa.concat_tables(tables)
    image_number, label_code = np.concatenate(numbers), np.concatenate(codes)
    index = numbers_of(table.column("index"), np.int64)
    if not _is_sorted(label_code, image_number, index):  # parts of a run that was killed may interleave
        order = np.lexsort((index, image_number, label_code))
        table = table.take(pa.array(order))
        image_number, label_code, index = image_number[order], label_code[order], index[order]
    corners, offsets = corner_arrays(table.column("polygon"))
    confidence = numbers_of(table.column("confidence"), np.float64)
    if calibration is not None:
        confidence = calibration.read_labelled(label_code, labels, confidence)
    return EntityColumns(labels, image_number, label_code, index, confidence, corners, offsets)


def numbers_of(column: pa.ChunkedArray, kind: type[Number]) -> NDArray[Number]:
    """A column of numbers without nulls as an array; Arrow's own way to it would import pandas, where that is there."""
    import numpy as np

    chunks = [np.from_dlpack(chunk).astype(kind, copy=False) for chunk in (column.chunks or [column.combine_chunks()])]
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def corner_arrays(polygons: pa.ChunkedArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All corners of a column of flat polygons (m x 2), and where each polygon starts (n + 1)."""
    import numpy as np

    chunks = [chunk for chunk in polygons.chunks if len(chunk)]
    flat: list[NDArray[np.float64]] = [
        np.from_dlpack(chunk.flatten()).astype(np.float64, copy=False) for chunk in chunks
    ]
    lengths = [np.diff(np.from_dlpack(chunk.offsets)) // 2 for chunk in chunks]
    offsets = np.zeros(len(polygons) + 1, np.int64)
    np.cumsum(np.concatenate([np.zeros(0, np.int64), *lengths]), out=offsets[1:])
    corners = np.concatenate([np.zeros(0), *flat]) if len(flat) != 1 else flat[0]
    return corners.reshape(-1, 2), offsets


def _is_sorted(label_code: NDArray[np.int16], image_number: NDArray[np.int32], index: NDArray[np.int64]) -> bool:
    import numpy as np

    same_label = label_code[1:] == label_code[:-1]
    same_image = same_label & (image_number[1:] == image_number[:-1])
    back = (label_code[1:] < label_code[:-1]) | (same_label & (image_number[1:] < image_number[:-1]))
    return not bool(np.any(back | (same_image & (index[1:] < index[:-1]))))
