"""Which image of an archive a user means."""

from collections.abc import Sequence

from solvers.errors import InputError
from tools.nearest import did_you_mean

_MOST_NAMED = 5


def find_image(said: str, image_ids: Sequence[str]) -> str:
    """The image of that id, whatever the letter case, or the only one whose id begins or ends so.

    Raises InputError where there is none, with the nearest ids, or more than one, with some of them.
    """
    if said in image_ids:
        return said
    folded = said.casefold()
    for fits in (str.__eq__, str.startswith, str.endswith):
        found = sorted(each for each in image_ids if fits(each.casefold(), folded))
        if len(found) == 1:
            return found[0]
        if found:
            more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
            raise InputError(f"{said!r} could be {', '.join(found[:_MOST_NAMED])}{more}: say which")
    raise InputError(f"the archive has no image {said!r}{did_you_mean(said, image_ids)}")
