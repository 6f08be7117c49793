"""Points in time as people write them: a year, a month, a date or a moment, as the span that it covers."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime

from solvers.errors import InputError

_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")


def first_moment(given: str | date, option: str) -> datetime:
    """The first moment of what is given, in UTC; InputError that names the option where it is no time."""
    return _span(given, option)[0]


def last_moment(given: str | date, option: str) -> datetime:
    """The last moment (microsecond) of what is given, in UTC; InputError that names the option where it is no time."""
    return _span(given, option)[1]


def _span(given: str | date, option: str) -> tuple[datetime, datetime]:
    if isinstance(given, datetime):
        return _moment(given), _moment(given)
    if isinstance(given, date):
        return _days(given, given)
    text = given.strip()
    try:
        if found := _MONTH.fullmatch(text):
            year, month = int(found[1]), found[2]
            if month is None:
                return _days(date(year, 1, 1), date(year, 12, 31))
            first = date(year, int(month), 1)
            return _days(first, first.replace(day=monthrange(year, first.month)[1]))
        if "T" in text.upper() or " " in text or ":" in text:
            moment = _moment(datetime.fromisoformat(text))
            return moment, moment
        day = date.fromisoformat(text)
        return _days(day, day)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{option} is {given!r}, which is no time that is known; give ISO 8601, such as 2024-05-01 (the whole day) "
            "or 2024-05-01T12:30Z"
        ) from error


def _days(first: date, last: date) -> tuple[datetime, datetime]:
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return start, datetime(last.year, last.month, last.day, 23, 59, 59, 999_999, tzinfo=UTC)


def _moment(given: datetime) -> datetime:
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
