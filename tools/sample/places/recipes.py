"""What kinds of places there are, and how often each comes up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tools.sample.builder import Builder
from tools.sample.places.lay_air import lay_airfield, lay_airport, lay_coast_airport, lay_fuel_apron, lay_heliport
from tools.sample.places.lay_land import (
    lay_car_park,
    lay_crossroads,
    lay_fields,
    lay_mixed,
    lay_sports,
    lay_suburb,
    lay_tank_farm,
)
from tools.sample.places.lay_water import lay_lake, lay_marina, lay_open_sea, lay_port, lay_river


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of place: its share among scenes, the span of its ground sample distance in m/px, and its layout."""

    weight: float
    gsd: tuple[float, float]
    lay: Callable[[Builder], None]


RECIPES: Mapping[str, Recipe] = {
    "airport": Recipe(3.0, (0.34, 0.56), lay_airport),
    "fuel_apron": Recipe(2.0, (0.34, 0.5), lay_fuel_apron),
    "heliport": Recipe(1.0, (0.16, 0.28), lay_heliport),
    "airfield": Recipe(2.0, (0.16, 0.3), lay_airfield),
    "coast_airport": Recipe(1.5, (0.38, 0.56), lay_coast_airport),
    "marina": Recipe(2.5, (0.18, 0.32), lay_marina),
    "port": Recipe(2.5, (0.34, 0.52), lay_port),
    "tank_farm": Recipe(3.2, (0.28, 0.5), lay_tank_farm),
    "car_park": Recipe(1.5, (0.16, 0.28), lay_car_park),
    "suburb": Recipe(2.0, (0.2, 0.34), lay_suburb),
    "sports": Recipe(1.6, (0.28, 0.55), lay_sports),
    "river": Recipe(2.6, (0.22, 0.45), lay_river),
    "lake": Recipe(1.0, (0.18, 0.3), lay_lake),
    "open_sea": Recipe(1.5, (0.25, 0.6), lay_open_sea),
    "fields": Recipe(2.0, (0.25, 0.6), lay_fields),
    "mixed": Recipe(1.5, (0.24, 0.4), lay_mixed),
    "crossroads": Recipe(1.5, (0.2, 0.36), lay_crossroads),
}

LABELS: tuple[str, ...] = (
    "plane", "ship", "storage_tank", "baseball_diamond", "tennis_court", "basketball_court", "ground_track_field",
    "harbor", "bridge", "large_vehicle", "small_vehicle", "helicopter", "roundabout", "soccer_ball_field",
    "swimming_pool", "helipad",
)  # fmt: skip


def sample_recipe(rng: np.random.Generator) -> str:
    """The name of a recipe at random, by weight."""
    names = list(RECIPES)
    weights = np.array([RECIPES[name].weight for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def spread_recipes(rng: np.random.Generator, count: int) -> list[str]:
    """`count` recipes in random order, in the proportion of their weights (largest remainders)."""
    names = list(RECIPES)
    weights = np.array([RECIPES[name].weight for name in names])
    ideal = weights / weights.sum() * count
    whole = np.floor(ideal).astype(int)
    for place in np.argsort(-(ideal - whole), kind="stable")[: count - int(whole.sum())]:
        whole[place] += 1
    chosen = [name for name, times in zip(names, whole, strict=True) for _ in range(int(times))]
    return [chosen[int(place)] for place in rng.permutation(len(chosen))]
