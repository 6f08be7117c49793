"""Colours of land and water, by the kind of country that a scene lies in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.sample.light import Colour


@dataclass(frozen=True, slots=True)
class Biome:
    """The colours that one kind of country offers; a scene picks among them."""

    name: str
    grass: tuple[tuple[Colour, Colour], ...]
    soil: tuple[Colour, ...]
    trees: tuple[Colour, ...]
    conifers: float
    tree_cover: float
    water: tuple[Colour, ...]
    roofs: tuple[Colour, ...]


_DARK_ROOFS: tuple[Colour, ...] = ((86, 84, 84), (104, 98, 92), (120, 112, 104), (96, 82, 74), (70, 70, 74))
_TILE_ROOFS: tuple[Colour, ...] = ((136, 96, 80), (146, 108, 90), (126, 90, 76), (156, 122, 102), (114, 96, 86))
_SEA: tuple[Colour, ...] = ((24, 44, 54), (28, 52, 58), (18, 36, 50), (40, 66, 70))
_INLAND: tuple[Colour, ...] = ((38, 48, 40), (50, 60, 50), (70, 74, 60), (30, 40, 38), (44, 58, 56))

BIOMES: tuple[Biome, ...] = (
    Biome(
        "temperate",
        (((72, 86, 57), (93, 102, 72)), ((64, 78, 51), (84, 91, 64)), ((83, 92, 64), (111, 111, 82))),
        ((124, 112, 96), (110, 100, 88), (138, 126, 109)),
        ((44, 62, 34), (52, 70, 38), (38, 54, 32), (60, 76, 44)),
        0.25,
        1.0,
        _INLAND + _SEA,
        _DARK_ROOFS + _TILE_ROOFS,
    ),
    Biome(
        "mediterranean",
        (((116, 112, 84), (98, 99, 72)), ((132, 122, 96), (107, 105, 78))),
        ((154, 137, 114), (166, 149, 125), (142, 121, 100)),
        ((58, 68, 42), (66, 76, 48), (76, 84, 56), (50, 60, 40)),
        0.2,
        0.7,
        _SEA,
        (*_TILE_ROOFS, (196, 188, 176), (180, 172, 160)),
    ),
    Biome(
        "arid",
        (((163, 147, 123), (145, 130, 106)), ((175, 160, 138), (153, 138, 116))),
        ((172, 153, 127), (184, 167, 141), (160, 141, 118)),
        ((78, 82, 56), (68, 74, 50), (86, 88, 62)),
        0.0,
        0.25,
        ((30, 60, 68), (36, 72, 76), (24, 46, 60)),
        ((200, 190, 174), (186, 176, 158), (170, 160, 146), (150, 140, 130), (210, 204, 194)),
    ),
    Biome(
        "northern",
        (((74, 77, 58), (91, 91, 71)), ((84, 84, 66), (103, 100, 81))),
        ((108, 100, 89), (97, 90, 81)),
        ((32, 46, 32), (38, 52, 34), (46, 56, 36), (28, 42, 32)),
        0.7,
        1.2,
        ((22, 30, 34), (30, 38, 40), (18, 26, 30), (34, 44, 42)),
        _DARK_ROOFS,
    ),
    Biome(
        "tropical",
        (((76, 94, 57), (97, 108, 68)), ((87, 98, 63), (117, 117, 82))),
        ((144, 114, 88), (158, 128, 100), (129, 105, 84)),
        ((44, 70, 34), (54, 80, 40), (62, 84, 44), (38, 60, 32)),
        0.0,
        1.1,
        ((44, 74, 72), (34, 64, 68), (70, 84, 66), (28, 54, 62)),
        ((150, 150, 148), (120, 130, 140), (150, 100, 80), (190, 190, 186), (104, 122, 140)),
    ),
    Biome(
        "autumn",
        (((104, 98, 72), (87, 87, 63)), ((114, 106, 84), (97, 94, 73))),
        ((117, 105, 89), (129, 116, 99)),
        ((92, 78, 44), (108, 84, 46), (74, 70, 42), (58, 62, 38), (96, 66, 40)),
        0.25,
        0.9,
        _INLAND,
        _DARK_ROOFS + _TILE_ROOFS,
    ),
)

_BIOME_ODDS = (0.32, 0.2, 0.14, 0.12, 0.12, 0.1)

ASPHALT: tuple[Colour, ...] = ((96, 97, 98), (108, 108, 106), (122, 120, 116), (86, 87, 89), (134, 131, 126))
CONCRETE: tuple[Colour, ...] = ((158, 155, 148), (170, 166, 157), (146, 143, 138), (164, 154, 140), (176, 172, 164))
WHITE_PAINT: Colour = (214, 214, 208)
YELLOW_PAINT: Colour = (196, 166, 70)


def sample_biome(rng: np.random.Generator) -> Biome:
    """One biome at random."""
    return BIOMES[int(rng.choice(len(BIOMES), p=_BIOME_ODDS))]


def pick(rng: np.random.Generator, colours: Sequence[Colour]) -> Colour:
    """One of the colours at random."""
    return colours[int(rng.integers(len(colours)))]
