"""Pictures of the proving objects, one for each image of a ranking that has pixels."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from solvers.errors import InputError
from tools.results import CheckResult, ImageResult
from tui.text import narrate, safe

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME = 100
_OF_IMAGE = {"image_id", "verdict", "score", "entities", "parts", "why_not"}


def save_overlays(results: Sequence[ImageResult], folder: Path, asked: str | None) -> list[Path]:
    """Draw each result that has pixels into the folder, which is made if need be; returns the pictures' paths.

    What was `asked` stands below each picture.
    A picture that cannot be read any more is told of on stderr and left out; InputError if the folder cannot be made.
    """
    from tools.overlay import draw_overlay

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--save-overlays {folder}: the folder cannot be made: {error.strerror or error}") from error
    drawn = []
    if results and all(result.path is None for result in results):
        narrate("warning: no overlays, since the archive was indexed without the pixels")
    for result in results:
        if result.path is None:
            continue
        try:
            drawn.append(
                draw_overlay(
                    Path(result.path),
                    folder / overlay_name(result),
                    result.entities,
                    variables_by_index(result),
                    caption=f"{result.image_id}: {result.verdict}, score {result.score:.3f}. {asked or ''}",
                )
            )
        except InputError as error:
            narrate(f"warning: no overlay of {safe(result.image_id)}: {safe(str(error))}")
    return drawn


def save_overlay(check: CheckResult, path: str | None, folder: Path, asked: str) -> list[Path]:
    """Draw one checked image: its witness, all that takes part in the listed witnesses, or its nearest miss."""
    shown: dict[str, int | list[int]] = dict(check.witness)
    for part in check.witnesses:
        shown.update(part.entities)
    if check.nearest_miss is not None:
        shown.update(check.nearest_miss.assignment)
    result = ImageResult(rank=1, path=path, **check.model_dump(include=_OF_IMAGE), witness=shown)
    return save_overlays([result], folder, asked)


def overlay_name(result: ImageResult) -> str:
    """A file name that no image_id can turn into a path, and that no two results of a ranking share."""
    stem = _UNSAFE.sub("_", result.image_id).strip("._")[:LONGEST_NAME] or "image"
    return f"{result.rank:03d}-{stem}.overlay.png"


def variables_by_index(result: ImageResult) -> Mapping[int, str]:
    """What is written beside each proving entity: its variables and its class."""
    variables: dict[int, list[str]] = {}
    for name, value in result.witness.items():
        for index in value if isinstance(value, list) else [value]:
            variables.setdefault(index, []).append(name)
    tags = {}
    for each in result.entities:
        names = ", ".join(variables.get(each.index, ()))
        seen = f"{each.label} {each.confidence:.2f}"
        tags[each.index] = f"{names}: {seen}" if names else seen
    return tags
