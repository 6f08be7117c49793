"""One image: judged, told of in words, and drawn with the objects that prove it or come nearest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agent.conversation.taking import threshold_of
from solvers.errors import InputError
from tools.results import CheckResult, ImageResult
from tui.chat.host.protocol import Find, Found, Look, Looked

if TYPE_CHECKING:
    from solvers.scene import Scene
    from tui.chat.host.conversing import ConversationHolder

MOST_FOUND = 12
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_OF_IMAGE = {"image_id", "verdict", "score", "entities", "parts", "why_not"}


def look(request: Look, holder: ConversationHolder) -> Looked:
    """Judge an image by the formula in force; raises InputError where there is none, or no such image."""
    from agent.conversation.images import find_image
    from tools.explanation import explain

    conversation = holder.opened()
    standing, archive = conversation.standing, conversation.archive
    if standing.formula is None:
        raise InputError("there is no question yet that an image could answer")
    image_id = find_image(request.image_id, archive.image_ids)
    found = explain(standing.formula, archive=archive, image_id=image_id, threshold=threshold_of(standing, archive))
    scene = archive.scene(image_id)
    looked = Looked(
        number=request.number,
        image_id=image_id,
        verdict=found.check.verdict,
        words=found.words,
        check=found.check,
        path=scene.path,
    )
    if not request.picture:
        return looked
    try:
        return looked.model_copy(update={"picture": str(_draw(found.check, scene, archive.root))})
    except InputError as error:
        return looked.model_copy(update={"no_picture": str(error)})


def find_images(request: Find, holder: ConversationHolder) -> Found:
    """The first images whose ids begin with the text, then those that hold it, whatever the letter case."""
    ids = holder.opened().archive.image_ids
    wanted = request.text.casefold()
    begin: list[str] = []
    hold: list[str] = []
    for each in ids:
        folded = each.casefold()
        if folded.startswith(wanted):
            begin.append(each)
            if len(begin) == MOST_FOUND:
                break
        elif len(hold) < MOST_FOUND and wanted in folded:
            hold.append(each)
    return Found(number=request.number, text=request.text, image_ids=[*begin, *hold][:MOST_FOUND])


def _draw(check: CheckResult, scene: Scene, archive: Path) -> Path:
    """The image with its witness or nearest miss outlined, on a plain ground where its pixels are not at hand."""
    from tools.overlay import draw_overlay, draw_schematic
    from tools.paths import cache_dir

    shown: dict[str, int | list[int]] = dict(check.witness)
    if check.nearest_miss is not None:
        shown.update(check.nearest_miss.assignment)
    tags = _tags(ImageResult(rank=1, path=scene.path, **check.model_dump(include=_OF_IMAGE), witness=shown))
    named = [each for each in check.entities if each.index in tags]
    others = [each for each in check.entities if each.index not in tags]
    name = f"{_UNSAFE.sub('_', scene.image_id)[:80]}-{hashlib.sha256(scene.image_id.encode()).hexdigest()[:8]}.png"
    out = cache_dir() / "chat" / hashlib.sha256(str(archive).encode()).hexdigest()[:12] / name
    if scene.path is None:
        return draw_schematic(scene.width, scene.height, out, named, tags, others=others)
    return draw_overlay(Path(scene.path), out, named, tags, others)


def _tags(result: ImageResult) -> Mapping[int, str]:
    from tui.overlays import variables_by_index

    named = {index for value in result.witness.values() for index in (value if isinstance(value, list) else [value])}
    return {index: tag for index, tag in variables_by_index(result).items() if index in named}
