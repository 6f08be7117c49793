"""Aeroplanes and helicopters from above."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.sample.builder import Model
from tools.sample.canvas import Brush, Material
from tools.sample.geometry import Points, ellipse, mirrored, points, rectangle
from tools.sample.light import Colour, mixed, tinted, varied
from tools.sample.palette import pick

_LIVERIES: tuple[Colour, ...] = (
    (38, 52, 92), (150, 48, 46), (40, 88, 124), (190, 120, 54), (52, 98, 78), (92, 96, 104), (200, 200, 198),
    (70, 50, 84), (120, 124, 130),
)  # fmt: skip
_WHITE: Colour = (206, 208, 209)
_MILITARY: tuple[Colour, ...] = ((122, 126, 128), (104, 110, 104), (142, 144, 144), (96, 98, 92))
_GLASS: Colour = (38, 44, 52)


@dataclass(frozen=True, slots=True)
class Airframe:
    """The plan of an aeroplane; metres, measured from the middle of its length, x to the nose.

    `wing` is (root's leading edge x, root chord, tip chord, sweep back at the tip); `tail` likewise with its span.
    `engines` are (x, y) of the nacelles on one side, x from the wing's leading edge where `slung`, else absolute;
    `props` puts propellers on them.
    """

    length: float
    span: float
    fuselage: float
    wing: tuple[float, float, float, float]
    tail: tuple[float, float, float, float, float]
    engines: tuple[tuple[float, float], ...]
    engine: tuple[float, float] = (4.0, 2.2)
    props: bool = False
    high_wing: bool = False
    height: float = 10.0
    nose: float = 1.9
    colours: tuple[Colour, ...] = (_WHITE,)
    slung: bool = True


AIRFRAMES: dict[str, Airframe] = {
    "narrow_body": Airframe(37.6, 34.0, 4.0, (4.2, 7.0, 1.7, 8.2), (-14.2, 4.6, 1.6, 3.6, 12.4), ((1.1, 5.8),)),
    "wide_body": Airframe(
        63.0, 60.0, 5.9, (7.6, 11.6, 2.4, 16.0), (-24.0, 7.2, 2.6, 6.2, 20.0), ((1.7, 9.8),), (6.4, 3.5), height=16.0
    ),
    "quad": Airframe(
        70.0, 64.0, 6.6, (12.0, 13.6, 3.0, 20.0), (-26.0, 8.4, 2.8, 7.0, 22.0), ((1.4, 11.6), (1.4, 20.6)),
        (5.6, 3.0), height=18.0,
    ),
    "regional": Airframe(
        32.0, 25.0, 2.9, (1.6, 5.6, 1.5, 5.0), (-14.0, 3.0, 1.3, 2.4, 9.0), ((-8.6, 2.7),), (3.8, 1.7), height=7.5,
        slung=False,
    ),
    "turboprop": Airframe(
        27.0, 27.0, 2.9, (2.6, 2.7, 1.5, 0.7), (-11.4, 2.3, 1.3, 0.9, 7.6), ((1.3, 4.1),), (4.4, 1.2), True, True, 7.5
    ),
    "business": Airframe(
        20.0, 19.4, 2.1, (0.6, 4.0, 1.1, 4.4), (-8.2, 2.4, 1.0, 2.0, 6.4), ((-5.0, 2.0),), (3.0, 1.3), height=5.5,
        slung=False,
    ),
    "light": Airframe(
        8.3, 11.0, 1.2, (1.7, 1.6, 1.2, 0.15), (-2.9, 1.0, 0.7, 0.2, 3.4), ((3.9, 0.0),), (0.4, 0.5), True, True, 2.6,
        1.2, (_WHITE, (208, 206, 190), (196, 188, 150), (186, 198, 206)), False,
    ),
    "twin_prop": Airframe(
        12.8, 15.4, 1.5, (1.8, 2.2, 1.2, 0.5), (-4.8, 1.4, 0.8, 0.6, 5.4), ((0.5, 2.3),), (2.8, 0.8), True, False, 4.0,
        1.6, (_WHITE, (214, 208, 196)),
    ),
    "transport": Airframe(
        42.0, 45.0, 5.2, (7.4, 6.4, 2.4, 3.6), (-15.6, 4.8, 2.4, 3.0, 17.0), ((1.6, 6.6), (1.6, 13.0)), (5.2, 1.9),
        True, True, 12.0, 1.5, _MILITARY,
    ),
    "fighter": Airframe(
        17.0, 11.4, 1.9, (1.6, 7.0, 1.7, 4.6), (-5.2, 2.6, 1.2, 2.2, 6.4), (), height=4.6, nose=3.4, colours=_MILITARY
    ),
    "delta": Airframe(
        16.0, 10.4, 1.8, (3.2, 9.4, 0.9, 8.2), (-6.6, 0.9, 0.4, 0.8, 2.2), (), height=4.6, nose=3.6, colours=_MILITARY
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paintwork:
    """The colours of one plane."""

    body: Colour
    livery: Colour
    fuselage: Colour
    wing: Colour


AIRLINERS = ("narrow_body", "narrow_body", "wide_body", "quad", "regional", "turboprop")
SMALL_PLANES = ("light", "light", "light", "twin_prop", "business")
MILITARY_PLANES = ("transport", "transport", "fighter", "delta")


def plane(rng: np.random.Generator, kind: str) -> Model:
    """A plane of the named airframe, with colours and small proportions at random."""
    frame = AIRFRAMES[kind]
    body = varied(rng, pick(rng, frame.colours), 0.06)
    military = frame.colours is _MILITARY
    livery = body if military else varied(rng, pick(rng, _LIVERIES), 0.1)
    painted = not military and rng.random() < 0.1
    stretch = float(rng.uniform(0.95, 1.07))
    wing = tinted(mixed(body, (168, 172, 176), 0.75), float(rng.uniform(0.92, 1.08)))
    paint = Paintwork(body, livery, livery if painted else body, wing)

    def draw(brush: Brush) -> None:
        _draw_plane(brush, frame, stretch, paint)

    return Model("plane", frame.length * stretch, frame.span, draw, frame.height)


def _surface(root_x: float, root: float, tip: float, sweep: float, half_span: float) -> Points:
    """Half a wing or tailplane, from the middle to its tip."""
    return points(
        (root_x, 0),
        (root_x - sweep, half_span - 0.05 * half_span),
        (root_x - sweep - 0.35 * tip, half_span),
        (root_x - sweep - tip, half_span),
        (root_x - sweep * 0.42 - root * 0.86, half_span * 0.36),
        (root_x - root, 0),
    )


def _draw_plane(brush: Brush, frame: Airframe, stretch: float, paint: Paintwork) -> None:
    half, height = frame.length * stretch / 2, frame.height
    tail_x, tail_root, tail_tip, tail_sweep, tail_span = frame.tail
    level = 0.52 * height if frame.high_wing else 0.34 * height
    t_tail = not frame.slung and frame.engines[0][0] < 0
    wing_x, root, tip, sweep = frame.wing
    half_wing = _surface(wing_x * stretch, root, tip, sweep, frame.span / 2)
    half_tail = _surface(tail_x * stretch, tail_root, tail_tip, tail_sweep, tail_span / 2)

    def tailplane(at: float) -> None:
        for side in (half_tail, mirrored(half_tail)):
            brush.fill(side, tinted(paint.wing, 1.04), at)

    if not t_tail:
        tailplane(0.55 * height)
    if not frame.high_wing:
        _draw_wings(brush, frame, half_wing, paint.wing, level)
    _draw_engines(brush, frame, paint, level)
    _draw_fuselage(brush, frame, half, paint.fuselage, 0.5 * height)
    if frame.high_wing:
        _draw_wings(brush, frame, half_wing, paint.wing, level + 0.02 * height)
    fin_root, fin_tip = tail_root * 1.25, tail_tip
    foot, crown = tail_x * stretch + tail_root * 0.3, tail_x * stretch - tail_sweep
    low, high = 0.52 * height, (0.9 if t_tail else 1.0) * height
    fin = np.array([
        (foot, 0, low), (foot - fin_root, 0, low), (crown - fin_tip, 0, high), (crown, 0, high)
    ])  # fmt: skip
    brush.face(fin, paint.livery, material=Material.PAINT, lit=False)
    thick = 0.5 if frame.length > 15 else 0.22
    brush.line(points((foot, 0), (min(crown - fin_tip, -half + 0.2), 0)), thick, tinted(paint.livery, 0.9), low)
    brush.line(points((crown, 0), (crown - fin_tip, 0)), thick * 0.8, tinted(paint.livery, 1.15), high)
    if t_tail:
        tailplane(high)


def _draw_wings(brush: Brush, frame: Airframe, half_wing: Points, colour: Colour, height: float) -> None:
    for outline in (half_wing, mirrored(half_wing)):
        lit = tinted(colour, brush.shade(0.04, 0.06 if outline is half_wing else -0.06, 0.99))
        brush.fill(outline, lit, height)
        if frame.length < 15:
            continue
        front, back = outline[:2], outline[3:]
        brush.line(front, 0.35, tinted(lit, 1.13), height)
        flap = back + (outline[0] - outline[-1]) * 0.2 * np.linspace(0.5, 1, len(back))[:, None]
        brush.line(flap, 0.22, tinted(lit, 0.78), height)


def _draw_engines(brush: Brush, frame: Airframe, paint: Paintwork, level: float) -> None:
    long, wide = frame.engine
    root_x, _, _, sweep = frame.wing
    for x, y in frame.engines:
        if frame.slung:
            x += root_x - sweep * y / (frame.span / 2)
        for side in (1.0, -1.0) if y else (1.0,):
            height = level * (0.8 if frame.slung else 1.3)
            outline = points(
                (x + long / 2, side * y - wide * 0.42),
                (x + long / 2, side * y + wide * 0.42),
                (x, side * y + wide / 2),
                (x - long / 2, side * y + wide * 0.3),
                (x - long / 2, side * y - wide * 0.3),
                (x, side * y - wide / 2),
            )
            if y:
                brush.fill(outline, tinted(mixed(paint.body, paint.livery, 0.25), 0.86), height)
                brush.line(
                    points((x + long / 2 - 0.1, side * y - wide * 0.4), (x + long / 2 - 0.1, side * y + wide * 0.4)),
                    0.3, (52, 54, 58), height,
                )  # fmt: skip
            if frame.props:
                disc = 1.9 if frame.length > 15 else 0.95
                brush.line(
                    points((x + long / 2 + 0.1, side * y - disc), (x + long / 2 + 0.1, side * y + disc)),
                    0.16, (70, 70, 72), height,
                )  # fmt: skip


def _draw_fuselage(brush: Brush, frame: Airframe, half: float, colour: Colour, height: float) -> None:
    radius = frame.fuselage / 2
    nose, taper = frame.nose * frame.fuselage, min(3.1 * frame.fuselage, 0.9 * half)
    x = np.concatenate([
        half - nose * (1 - np.cos(np.linspace(0, math.pi / 2, 7))),
        np.linspace(half - nose, -half + taper, 3)[1:],
        np.linspace(-half + taper, -half, 7)[1:],
    ])  # fmt: skip
    ahead = np.clip((x - (half - nose)) / nose, 0, 1)
    behind = np.clip((-half + taper - x) / taper, 0, 1)
    breadth = radius * np.sqrt(np.clip(1 - ahead**2, 0.0, 1)) * (1 - 0.9 * behind**1.6)
    bands = 9
    edges = np.linspace(-math.pi / 2, math.pi / 2, bands + 1)
    for low, high in pairwise(edges):
        middle = (low + high) / 2
        band = np.concatenate([
            np.stack([x, breadth * math.sin(low)], axis=1),
            np.stack([x, breadth * math.sin(high)], axis=1)[::-1],
        ])  # fmt: skip
        light = brush.shade(0.0, math.sin(middle), max(0.12, math.cos(middle)))
        brush.fill(band, tinted(colour, 0.38 + 0.64 * light), height)
    if radius > 0.8:
        window = half - nose * 0.42
        brush.fill(
            points(
                (window + 0.35 * radius, -0.3 * radius), (window + 0.35 * radius, 0.3 * radius),
                (window - 0.1 * radius, 0.58 * radius), (window - 0.35 * radius, 0.5 * radius),
                (window - 0.1 * radius, 0.0), (window - 0.35 * radius, -0.5 * radius),
                (window - 0.1 * radius, -0.58 * radius),
            ), _GLASS, height,
        )  # fmt: skip
    else:
        brush.fill(rectangle(0.9, 1.5 * radius, half - nose * 1.05), _GLASS, height)


def helicopter(rng: np.random.Generator) -> Model:
    """A parked helicopter with a main rotor of two to five blades."""
    scale = float(rng.uniform(0.8, 1.35))
    colour = varied(rng, pick(rng, (*_LIVERIES, *_MILITARY, (84, 92, 74), (70, 78, 66))), 0.12)
    blades, turn = int(rng.integers(2, 6)), float(rng.uniform(0, math.pi))
    rotor = 5.6 * scale

    def draw(brush: Brush) -> None:
        for side in (1.1, -1.1):
            brush.line(points((2.2 * scale, side * scale), (-1.8 * scale, side * scale)), 0.14, (60, 60, 62), 0.3)
        boom = points((-1.0, -0.42), (-1.0, 0.42), (-6.4, 0.16), (-6.4, -0.16)) * scale
        brush.fill(boom, tinted(colour, 0.9), 1.8 * scale)
        brush.fill(rectangle(0.6, 2.3, -5.6) * scale, tinted(colour, 0.95), 1.9 * scale)
        brush.line(points((-6.0, 0.25), (-7.1, 0.25)) * scale, 0.2, tinted(colour, 1.1), 3.0 * scale)
        for share in (1.0, 0.8, 0.55, 0.3):
            light = 0.72 + 0.34 * (1 - share)
            brush.fill(ellipse(3.0, 1.15 * share, 0.8) * scale, tinted(colour, light), 2.4 * scale)
        brush.fill(ellipse(1.0, 0.85, 2.6) * scale, _GLASS, 2.0 * scale)
        brush.fill(rectangle(1.9, 0.9, 0.1) * scale, tinted(colour, 0.7), 2.8 * scale)
        for blade in range(blades):
            angle = turn + 2 * math.pi * blade / blades
            tip = points((0.4 * scale, 0), (0.4 * scale + rotor * math.cos(angle), rotor * math.sin(angle)))
            brush.line(tip, 0.34 * scale, (58, 58, 60), 3.3 * scale)
        brush.fill(ellipse(0.4, 0.4, 0.4) * scale, (84, 84, 86), 3.4 * scale)

    return Model("helicopter", 14.4 * scale, 2 * rotor, draw, 3.5 * scale)
