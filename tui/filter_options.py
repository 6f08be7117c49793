"""The options of `rank`, `ask` and `batch` that say which images to ask."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tools.filters import Filters

AreaOption = Annotated[
    str | None,
    typer.Option(
        "--area",
        metavar="AREA",
        help="Only images that meet a box minx,miny,maxx,maxy, a WKT polygon, or the polygons of a GeoJSON file.",
    ),
]
AreaCrsOption = Annotated[
    str | None,
    typer.Option(
        "--area-crs",
        metavar="CRS",
        help="What --area is in, such as EPSG:4326; unless told, that of the images, or of the GeoJSON.",
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Only images taken then or later: 2024, 2024-05-01 or 2024-05-01T12:30Z."
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Only images taken then or before; a date means the whole day."),
]
FolderOption = Annotated[
    str | None,
    typer.Option(
        "--folder", metavar="PATTERN", help="Only images beneath such a folder, or so called: north, 'north/2024-*'."
    ),
]


def filters_of(
    area: str | None, area_crs: str | None, since: str | None, until: str | None, folder: str | None
) -> "Filters":
    """The filters that these options are."""
    from tools.filters import Filters

    return Filters(area=area, area_crs=area_crs, since=since, until=until, folder=folder)
