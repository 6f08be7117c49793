"""Results as files for other tools: JSON, a table, and polygons on the ground for a GIS."""

import csv
import io
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from solvers.errors import InputError, RuneError
from tools.exports.features import features_of
from tools.exports.formats import as_geojson, as_geoparquet
from tools.results import ImageResult, Ranking, RunResult

if TYPE_CHECKING:
    from tools.archive import Archive

ExportFormat = Literal["json", "csv", "geojson", "parquet"]

CSV_COLUMNS = ("rank", "image_id", "path", "verdict", "score", "witness", "why_not")
_ENDINGS = {".geoparquet": "parquet"}


def export(
    result: Ranking | RunResult,
    path: str | Path,
    *,
    format: ExportFormat | None = None,  # noqa: A002
    archive: "str | Path | Archive | None" = None,
) -> Path:
    """Write a ranking to a file, whole or not at all, and return its path.

    `format` follows from the file's ending if it is None. `json` is the object that the command line prints; `csv`
    one row per image, with the witness as `x=12 y=3;4`. `geojson` and `parquet` (GeoParquet) have one polygon per image
    and one per variable and proving entity. Where the `archive` that was asked has placed images, they lie on the
    ground: GeoJSON in longitude and latitude, GeoParquet in the images' CRS if they share one; an image that is not
    placed has no geometry then. Where it has placed none, or is not given, they are in pixels of their image (x to the
    right, y down) and without a CRS, and footprints take an archive. InputError for a format that is not known and for
    a folder that is not there.
    """
    target = Path(path)
    chosen = format or format_of(target)
    if chosen == "json":
        data = (json.dumps(result.model_dump(), allow_nan=False, indent=2) + "\n").encode(errors="surrogateescape")
    elif chosen == "csv":
        data = _csv(result).encode(errors="surrogateescape")
    elif chosen == "geojson":
        data = as_geojson(features_of(result, _opened(archive), lonlat=True)).encode(errors="surrogateescape")
    elif chosen == "parquet":
        data = as_geoparquet(features_of(result, _opened(archive), lonlat=False))
    else:
        raise InputError(f"there is no export format {chosen!r}; it is one of {', '.join(get_args(ExportFormat))}")
    _write_whole(target, data)
    return target


def _opened(archive: "str | Path | Archive | None") -> "Archive | None":
    from tools.archive import Archive

    return Archive.open(archive) if isinstance(archive, str | Path) else archive


def _cell(value: float | str) -> float | str:
    """A cell that no spreadsheet takes for a formula: file names come from outside."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def format_of(path: Path) -> ExportFormat:
    """The format that a file's ending names; InputError where it names none."""
    ending = path.suffix.lower()
    for each in get_args(ExportFormat):
        if each == _ENDINGS.get(ending, ending.removeprefix(".")):
            found: ExportFormat = each
            return found
    endings = ", ".join(f".{each}" for each in get_args(ExportFormat))
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


def _witness(result: ImageResult) -> Mapping[str, list[int]]:
    return {name: value if isinstance(value, list) else [value] for name, value in result.witness.items()}


def _write_whole(path: Path, data: bytes) -> None:
    """Beside the target first, then in its place, so that no reader ever sees a half."""
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent} to write into")
    part = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise RuneError(f"{path}: the export cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
