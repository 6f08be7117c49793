"""Filters in a conversation: said as they are given to `rune rank`, kept with the standing, applied to the archive."""

import argparse
import shlex
from pathlib import Path
from typing import NoReturn

from agent.conversation.turns import ImageFilters, Standing
from solvers.errors import InputError
from tools.archive import Archive
from tools.filters import Filters

USAGE = "filter [--area AREA] [--area-crs CRS] [--since TIME] [--until TIME] [--folder PATTERN], or: filter none"
NONE = frozenset({"none", "off"})


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; it is {USAGE}")


def filters_in(arguments: str) -> ImageFilters | None:
    """The filters that a text is, options as `rune rank` has them; None for `none`. Raises InputError for others."""
    if arguments.strip().lower() in NONE:
        return None
    parser = _Parser(add_help=False, allow_abbrev=False)
    for name in ImageFilters.model_fields:
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name)
    try:
        given = vars(parser.parse_args(shlex.split(arguments)))
    except ValueError as error:
        raise InputError(f"{error}; it is {USAGE}") from error
    area = given["area"]
    if area is not None and Path(area).is_file():  # a session may go on from another folder
        given["area"] = str(Path(area).absolute())
    return ImageFilters(**given)


class FilteredArchives:
    """An archive under the filters of a standing; the last ones are kept, and with them what was read."""

    def __init__(self, whole: Archive) -> None:
        self._whole = whole
        self._last: tuple[ImageFilters, Archive] | None = None

    def under(self, standing: Standing) -> Archive:
        """The archive that questions are asked of; raises InputError for filters that are none."""
        filters = standing.filters
        if filters is None:
            return self._whole
        if self._last is None or self._last[0] != filters:
            self._last = (filters, self._whole.only(Filters(**filters.model_dump())))
        return self._last[1]
