"""Pictures that show a proof: the witness's objects outlined and named on the image, or on a plain ground."""

import math
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from solvers.errors import InputError
from tools.pixels import GROUND, read_for_display
from tools.results import EntityModel

LONGEST_SIDE = 2048
SCHEMATIC_SIDE = 768
_TAG_CHARACTERS = 64
_CAPTION_LINES = 4
_SMALL = 12.0
_LEADER_FROM = 14.0
_SHARPNESS = 2

Colour = tuple[int, int, int]
Dot = tuple[float, float]
Box = tuple[float, float, float, float]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

# The colours of Okabe and Ito that can be told apart with any colour vision; the tags say the same in words.
_WITNESS_COLOURS: tuple[Colour, ...] = (
    (240, 228, 66), (86, 180, 233), (255, 150, 40), (0, 200, 140), (235, 140, 200), (255, 110, 60),
)  # fmt: skip
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_GRID, _PLATE = (72, 78, 84), (18, 18, 18)
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}


def draw_overlay(
    image_path: Path,
    out: Path,
    entities: Sequence[EntityModel],
    labels: Mapping[int, str],
    others: Sequence[EntityModel] = (),
    *,
    caption: str | None = None,
) -> Path:
    """Draw the witness's `entities` and, thin and dim, the `others` on an image; returns `out`.

    `labels` maps an entity's index to its tag ("x: plane 0.91"); without one the tag is its label and confidence.
    Polygons are in px of the image; a picture longer than 2048 px is scaled down. The file is written at once or
    not at all. Raises InputError where the image cannot be read or `out` cannot be written.
    """
    if out.exists() and image_path.exists() and out.samefile(image_path):
        raise InputError(f"the overlay would replace its own image {image_path}: name another file")
    picture, scale = read_for_display(image_path, LONGEST_SIDE)
    _mark(picture, scale, entities, labels, others)
    return _save(_captioned(picture, caption), out)


def draw_schematic(
    width: int,
    height: int,
    out: Path,
    entities: Sequence[EntityModel],
    labels: Mapping[int, str],
    *,
    others: Sequence[EntityModel] = (),
    caption: str | None = None,
) -> Path:
    """The same picture on a plain ground, for an image of `width` x `height` px whose pixels are not at hand."""
    if width < 1 or height < 1:
        raise InputError(f"{width} x {height} px is not the size of an image")
    scale = min(LONGEST_SIDE, max(SCHEMATIC_SIDE, width, height)) / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(picture)
    for share in range(1, 10):
        draw.line([(size[0] * share / 10, 0), (size[0] * share / 10, size[1])], fill=_GRID)
        draw.line([(0, size[1] * share / 10), (size[0], size[1] * share / 10)], fill=_GRID)
    _mark(picture, scale, entities, labels, others)
    return _save(_captioned(picture, caption), out)


def plain_text(text: str, longest: int) -> str:
    """Text without control, formatting or private characters, its white space joined, cut to `longest`."""
    kept = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    joined = " ".join(kept.split())
    return joined if len(joined) <= longest else joined[: longest - 3].rstrip() + "..."


@dataclass(frozen=True, slots=True)
class _Mark:
    """An outlined object, in display px, and what is written beside it."""

    dots: list[Dot]
    tag: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A transparent layer, drawn finer than it is shown; coordinates are display px."""

    layer: Image.Image
    draw: ImageDraw.ImageDraw
    stroke: float

    @classmethod
    def over(cls, picture: Image.Image) -> "_Sheet":
        layer = Image.new("RGBA", (picture.width * _SHARPNESS, picture.height * _SHARPNESS))
        return cls(layer, ImageDraw.Draw(layer), max(2.0, max(picture.size) / 620))

    def line(self, dots: Iterable[Dot], width: float, colour: tuple[int, ...]) -> None:
        scaled = [(x * _SHARPNESS, y * _SHARPNESS) for x, y in dots]
        self.draw.line(scaled, fill=colour, width=max(1, round(width * _SHARPNESS)), joint="curve")

    def ring(self, centre: Dot, radius: float, width: float, colour: tuple[int, ...]) -> None:
        x, y = centre
        box = [each * _SHARPNESS for each in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.ellipse((box[0], box[1], box[2], box[3]), outline=colour, width=max(1, round(width * _SHARPNESS)))

    def outline(self, dots: list[Dot], colour: Colour) -> None:
        """A coloured line with a white and a black edge, so that it shows on any ground."""
        closed, box = [*dots, dots[0], dots[1]], _bounds(dots)
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        is_small = max(box[2] - box[0], box[3] - box[1]) < _SMALL
        for extra, tone in ((4.6, _BLACK), (2.2, _WHITE), (0.0, colour)):
            self.line(closed, self.stroke + extra, (*tone, 255))
            if is_small:
                self.ring(centre, _SMALL + extra / 2, self.stroke + extra, (*tone, 255))

    def dim_outline(self, dots: list[Dot]) -> None:
        closed = [*dots, dots[0]]
        self.line(closed, 2.2, (*_BLACK, 90))
        self.line(closed, 1.0, (*_WHITE, 130))
        box = _bounds(dots)
        if max(box[2] - box[0], box[3] - box[1]) < _SMALL / 3:
            self.ring(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), _SMALL / 3, 1.0, (*_WHITE, 130))


def _font(picture: Image.Image) -> Font:
    return ImageFont.load_default(size=max(13, min(26, round(max(picture.size) / 55))))


def _mark(
    picture: Image.Image,
    scale: float,
    entities: Sequence[EntityModel],
    labels: Mapping[int, str],
    others: Sequence[EntityModel],
) -> None:
    """Draw outlines and tags; polygons times `scale` are px of the picture."""
    sheet = _Sheet.over(picture)
    shown = {entity.index for entity in entities}
    for other in others:
        if other.index not in shown and (dots := _on_display(other, scale, picture.size)):
            sheet.dim_outline(dots)
    marks = []
    for place, entity in enumerate(entities):
        if dots := _on_display(entity, scale, picture.size):
            colour = _WITNESS_COLOURS[place % len(_WITNESS_COLOURS)]
            sheet.outline(dots, colour)
            tag = labels.get(entity.index, f"{entity.label} {entity.confidence:.2f}")
            marks.append(_Mark(dots, plain_text(tag, _TAG_CHARACTERS), colour))
    flat = sheet.layer.reduce(_SHARPNESS)
    picture.paste(flat, (0, 0), flat)
    taken: list[Box] = []
    for mark in marks:
        taken.append(_write_tag(picture, mark, taken))


def _on_display(entity: EntityModel, scale: float, size: tuple[int, int]) -> list[Dot]:
    """The polygon in display px, held near the picture so that a wild coordinate cannot exhaust the drawing."""
    if len(entity.polygon) < 2 or not all(math.isfinite(each) for corner in entity.polygon for each in corner):
        return []
    reach = 4 * max(size)
    return [(min(reach, max(-reach, x * scale)), min(reach, max(-reach, y * scale))) for x, y in entity.polygon]


def _bounds(dots: Sequence[Dot]) -> Box:
    across, down = [x for x, _ in dots], [y for _, y in dots]
    return min(across), min(down), max(across), max(down)


def _write_tag(picture: Image.Image, mark: _Mark, taken: Sequence[Box]) -> Box:
    """Write a tag beside its outline, where no earlier tag lies, with a leader if it had to move; returns its box."""
    draw, font = ImageDraw.Draw(picture), _font(picture)
    left, top, right, bottom = draw.textbbox((0, 0), mark.tag, font=font)
    box = _bounds(mark.dots)
    place = _free_place(picture.size, (right - left + 10, bottom - top + 8), box, taken)
    edge, near = min(((dot, _nearest(place, dot)) for dot in mark.dots), key=lambda pair: math.dist(*pair))
    if math.dist(near, edge) > _LEADER_FROM:
        draw.line([near, edge], fill=_BLACK, width=4)
        draw.line([near, edge], fill=mark.colour, width=2)
    draw.rectangle(place, fill=_PLATE, outline=mark.colour, width=2)
    draw.text((place[0] + 5 - left, place[1] + 4 - top), mark.tag, fill=_WHITE, font=font)
    return place


def _free_place(size: tuple[int, int], tag: tuple[float, float], box: Box, taken: Sequence[Box]) -> Box:
    """A place for a tag of the given size about a box, nearest first; where all are taken, the first inside."""
    wide, tall = tag
    middle_x, middle_y = (box[0] + box[2] - wide) / 2, (box[1] + box[3] - tall) / 2
    spots: list[Dot] = []
    for away in (6.0, 6.0 + 1.3 * tall, 6.0 + 2.6 * tall, 6.0 + 4.2 * tall, 6.0 + 6.0 * tall):
        above, below = box[1] - tall - away, box[3] + away
        spots += [(box[0], above), (box[0], below), (box[2] + away, middle_y), (box[0] - wide - away, middle_y)]
        spots += [(middle_x, above), (middle_x, below), (box[2] - wide, above), (box[2] - wide, below)]
    places = [_moved_inside(size, (x, y, x + wide, y + tall)) for x, y in spots]
    return next((each for each in places if not any(_meet(each, other) for other in taken)), places[0])


def _nearest(box: Box, dot: Dot) -> Dot:
    return min(max(dot[0], box[0]), box[2]), min(max(dot[1], box[1]), box[3])


def _moved_inside(size: tuple[int, int], box: Box) -> Box:
    wide, tall = box[2] - box[0], box[3] - box[1]
    x = max(0.0, min(box[0], size[0] - wide - 1))
    y = max(0.0, min(box[1], size[1] - tall - 1))
    return x, y, x + wide, y + tall


def _meet(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _captioned(picture: Image.Image, caption: str | None) -> Image.Image:
    """The picture with the caption on a strip below it, in at most four lines."""
    words = plain_text(caption or "", 600).split()
    if not words:
        return picture
    lines, room, font = [words[0]], picture.width - 20, _font(picture)
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > _CAPTION_LINES:
        lines = [*lines[: _CAPTION_LINES - 1], lines[_CAPTION_LINES - 1] + " ..."]
    left, top, _, bottom = font.getbbox("Ag")
    step = math.ceil(bottom - top) + 6
    strip = Image.new("RGB", (picture.width, picture.height + step * len(lines) + 14), _PLATE)
    strip.paste(picture, (0, 0))
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(lines):
        draw.text((10 - left, picture.height + 7 + number * step - top), line, fill=_WHITE, font=font)
    return strip


def _save(picture: Image.Image, out: Path) -> Path:
    """Write to a temporary file beside `out`, then rename it."""
    form = _FORMATS.get(out.suffix.lower())
    if form is None:
        raise InputError(f"{out.name} does not say its format: use one of {', '.join(_FORMATS)}")
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            picture.save(unfinished, format=form)
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"the overlay cannot be written to {out}: {error.strerror or error}") from error
    return out
