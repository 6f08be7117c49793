"""When an image was taken, by what its file tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIME = re.compile(r"\s*(\d{4})[:\-](\d\d)[:\-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*(Z|[+\-]\d\d:\d\d)?\s*")


def acquired_at(tags: Mapping[str, str], imagery: Mapping[str, str]) -> datetime | None:
    """The time in GDAL's metadata of an image and of its domain IMAGERY; None where none is told, or none that is one.

    EXIF's time of exposure before the sensor's acquisition time, that before the date tag of a TIFF. A time without
    its zone is taken to be in UTC.
    """
    exposed, zone = tags.get("EXIF_DateTimeOriginal"), tags.get("EXIF_OffsetTimeOriginal", "")
    told = (
        None if exposed is None else exposed + zone.strip(),
        exposed,
        imagery.get("ACQUISITIONDATETIME"),
        tags.get("TIFFTAG_DATETIME"),
    )
    return next((time for text in told if text is not None and (time := _time(text)) is not None), None)


def _time(text: str) -> datetime | None:
    matched = _TIME.fullmatch(text)
    if matched is None:
        return None
    year, month, day, hour, minute, second = (int(matched[group]) for group in range(1, 7))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(matched[7]))
    except ValueError:  # 0000:00:00 is how cameras write that they do not know
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(ahead if text[0] == "+" else -ahead)
