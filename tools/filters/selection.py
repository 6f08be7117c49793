"""Which images of an archive pass some filters, and how many could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.archive.files import loaded_path
from tools.filters.area import WGS84, Area, crs_named, read_area
from tools.filters.folder import folder_pattern
from tools.filters.times import first_moment, last_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyproj import Transformer

    from tools.filters.record import Filters


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of n images pass (n), and how many were left out for want of a georeference, or of a time.

    `hint` is for an area that lies outside all images, in their own reference system: it may be meant in another one.
    """

    passes: NDArray[np.bool_]
    not_placed: int
    not_dated: int
    hint: str | None = None


def select(filters: Filters, images: Callable[[Sequence[str]], pa.Table], root: Path) -> Selection:
    """The images that pass all filters; `images` gives the named columns of the archive's images, in their order.

    Raises InputError for a filter that cannot be used.
    """
    import numpy as np

    passes = np.ones(images(["width"]).num_rows, np.bool_)
    not_placed = not_dated = 0
    hint: str | None = None
    if filters.area_crs is not None and filters.area is None:
        raise InputError("--area-crs says what --area is in, and there is no --area")
    if filters.folder is not None:
        passes &= _in_folder(filters.folder, images(["source", "member"]), root)
    if filters.since is not None or filters.until is not None:
        in_time, dated = _in_time(filters, images(["acquired"]))
        not_dated = int((passes & ~dated).sum())
        passes &= in_time
    if filters.area is not None:
        table = images(["width", "height", "crs", "transform"])
        area = read_area(filters.area)
        in_area, placed = _in_area(area, filters.area_crs, table)
        if placed.any() and not in_area.any() and filters.area_crs is None and area.crs is None:
            hint = _outside(table, placed)
        not_placed = int((passes & ~placed).sum())
        passes &= in_area
    return Selection(passes, not_placed, not_dated, hint)


def _in_folder(folder: str, table: pa.Table, root: Path) -> NDArray[np.bool_]:
    import numpy as np

    finds = folder_pattern(folder).search
    rows = zip(table.column("source").to_pylist(), table.column("member").to_pylist(), strict=True)
    paths = (member or (source if source.startswith("/") else loaded_path(source, root)) for source, member in rows)
    fits = (finds(path) is not None for path in paths)
    return np.fromiter(fits, np.bool_, table.num_rows)


def _in_time(filters: Filters, table: pa.Table) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which images were taken in time, and of which the time is known."""
    import numpy as np

    since = None if filters.since is None else first_moment(filters.since, "--since")
    until = None if filters.until is None else last_moment(filters.until, "--until")
    if since is not None and until is not None and until < since:
        raise InputError(f"--until {filters.until} is before --since {filters.since}; no image can pass")
    moments = table.column("acquired").to_numpy()  # datetime64 in UTC, NaT where not known
    dated = ~np.isnat(moments)
    in_time = dated.copy()
    if since is not None:
        in_time &= moments >= np.datetime64(since.replace(tzinfo=None), "us")
    if until is not None:
        in_time &= moments <= np.datetime64(until.replace(tzinfo=None), "us")
    return in_time, dated


def _in_area(area: Area, stated: str | None, table: pa.Table) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which images' footprints meet the area, and which have one."""
    import numpy as np
    import shapely
    from pyproj import Transformer

    systems = table.column("crs").combine_chunks().dictionary_encode()
    system = systems.indices.fill_null(-1).to_numpy()
    placed = system >= 0
    meets = np.zeros(table.num_rows, np.bool_)
    names: list[str] = systems.dictionary.to_pylist()
    if not names:
        return meets, placed
    own = area.crs if stated is None else stated
    where = "--area" if stated is None else "--area-crs"
    target = None if own is None else crs_named(own, where)
    if target is None and len(names) > 1:
        shown = ", ".join([*sorted(names)[:4], *["..."] * (len(names) > 4)])
        raise InputError(
            f"the images are in {len(names)} reference systems ({shown}); say with --area-crs what the area is in, "
            f"such as {WGS84} for longitude and latitude"
        )
    shapely.prepare(area.geometry)
    for code, name in enumerate(names):
        rows = np.flatnonzero(system == code)
        here = crs_named(name, "the archive")
        is_there = target is None or here.equals(target, ignore_axis_order=True)
        own_rows = table if len(rows) == table.num_rows else table.take(rows)
        x, y = footprints(own_rows, None if is_there else Transformer.from_crs(here, target, always_xy=True))
        is_finite = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
        placed[rows[~is_finite]] = False
        left, bottom, right, top = area.geometry.bounds
        with np.errstate(invalid="ignore"):
            near = (x.min(1) <= right) & (x.max(1) >= left) & (y.min(1) <= top) & (y.max(1) >= bottom) & is_finite
        polygons = shapely.polygons(np.stack([x[near], y[near]], axis=2))
        meets[rows[near]] = shapely.intersects(area.geometry, polygons)
    return meets, placed


def _outside(table: pa.Table, placed: NDArray[np.bool_]) -> str:
    """What to say of an area that meets no image, where all are in one reference system, as is the area."""
    own = table.filter(placed)
    x, y = footprints(own, None)
    extent = ", ".join(f"{value:.10g}" for value in (x.min(), y.min(), x.max(), y.max()))
    name = own.column("crs")[0].as_py()
    return (
        f"the area meets no image: they lie within {extent} in {name[:40]}; if it is in another system, say --area-crs"
    )


def footprints(table: pa.Table, into: Transformer | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The outlines of images on the ground, x and y (n, points), in their own reference system or carried into another.

    Sides are followed by several points where they are carried over, since they need not stay straight.
    """
    import numpy as np

    steps = np.linspace(0, 1, 2 if into is None else 6)[:-1]
    nought, one = np.zeros_like(steps), np.ones_like(steps)
    along = np.concatenate([steps, one, 1 - steps, nought])
    down = np.concatenate([nought, steps, one, 1 - steps])
    width, height = (table.column(name).to_numpy()[:, None] for name in ("width", "height"))
    a, b, c, d, e, f = table.column("transform").combine_chunks().flatten().to_numpy().reshape(-1, 6).T[:, :, None]
    column, row = along * width, down * height
    x, y = a * column + b * row + c, d * column + e * row + f
    return (x, y) if into is None else into.transform(x, y)
