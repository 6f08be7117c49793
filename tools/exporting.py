"""Results as files for other tools: JSON, a table, and polygons for a GIS."""

import csv
import io
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args

from solvers.errors import InputError, RuneError
from tools.results import EntityModel, ImageResult, Ranking, RunResult

ExportFormat = Literal["json", "csv", "geojson"]

CSV_COLUMNS = ("rank", "image_id", "path", "verdict", "score", "witness", "why_not")


def export(result: Ranking | RunResult, path: str | Path, *, format: ExportFormat | None = None) -> Path:  # noqa: A002
    """Write a ranking to a file, whole or not at all, and return its path.

    `format` follows from the file's ending if it is None. `json` is the object that the command line prints; `csv`
    one row per image, with the witness as `x=12 y=3;4`; `geojson` one polygon per variable and proving entity, in
    pixels of its image (x to the right, y down) and without a CRS. InputError for a format that is not known and for
    a folder that is not there.
    """
    target = Path(path)
    chosen = format or _format_of(target)
    if chosen == "json":
        text = json.dumps(result.model_dump(), allow_nan=False, indent=2) + "\n"
    elif chosen == "csv":
        text = _csv(result)
    elif chosen == "geojson":
        text = json.dumps(_feature_collection(result), allow_nan=False) + "\n"
    else:
        raise InputError(f"there is no export format {chosen!r}; it is one of {', '.join(get_args(ExportFormat))}")
    _write_whole(target, text)
    return target


def _cell(value: float | str) -> float | str:
    """A cell that no spreadsheet takes for a formula: file names come from outside."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _format_of(path: Path) -> ExportFormat:
    formats: tuple[ExportFormat, ...] = get_args(ExportFormat)
    for each in formats:
        if path.suffix.lower() == f".{each}":
            return each
    endings = ", ".join(f".{each}" for each in formats)
    raise InputError(f"{path}: the ending {path.suffix!r} names no export format; use one of {endings}")


def _csv(result: Ranking | RunResult) -> str:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(CSV_COLUMNS)
    for each in result.results:
        witness = " ".join(f"{name}={';'.join(map(str, indices))}" for name, indices in _witness(each).items())
        why_not = "; ".join(f"{failed.part}: {failed.clause}" for failed in each.why_not)
        row = (each.rank, each.image_id, each.path or "", each.verdict, each.score, witness, why_not)
        writer.writerow([_cell(value) for value in row])
    return table.getvalue()


def _feature_collection(result: Ranking | RunResult) -> Mapping[str, object]:
    features = [feature for each in result.results for feature in _features(each)]
    return {"type": "FeatureCollection", "features": features}


def _features(result: ImageResult) -> Iterator[Mapping[str, object]]:
    by_index = {each.index: each for each in result.entities}
    for name, indices in _witness(result).items():
        for index in indices:
            yield _feature(result, name, by_index[index])


def _feature(result: ImageResult, variable: str, entity: EntityModel) -> Mapping[str, object]:
    ring = [list(corner) for corner in entity.polygon]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {
            "image_id": result.image_id,
            "rank": result.rank,
            "score": result.score,
            "variable": variable,
            "index": entity.index,
            "label": entity.label,
            "confidence": entity.confidence,
        },
    }


def _witness(result: ImageResult) -> Mapping[str, list[int]]:
    return {name: value if isinstance(value, list) else [value] for name, value in result.witness.items()}


def _write_whole(path: Path, text: str) -> None:
    """Beside the target first, then in its place, so that no reader ever sees a half."""
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent} to write into")
    part = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex}.part")
    try:
        with part.open("x", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise RuneError(f"{path}: the export cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
