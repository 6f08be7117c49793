"""What the synthetic images show: kinds of place, each with its mix of classes, and how large the classes are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SceneType:
    """One kind of place: its share of the images, its median number of entities, and its mix of classes."""

    share: float
    median_entities: float
    mix: dict[str, float]


SCENE_TYPES = (
    SceneType(
        0.38,
        24,
        {"small_vehicle": 0.74, "large_vehicle": 0.17, "swimming_pool": 0.05, "bridge": 0.015, "roundabout": 0.01,
         "tennis_court": 0.015},
    ),
    SceneType(
        0.25,
        26,
        {"ship": 0.72, "harbor": 0.13, "small_vehicle": 0.11, "large_vehicle": 0.02, "bridge": 0.01,
         "container_crane": 0.01},
    ),
    SceneType(
        0.10,
        18,
        {"plane": 0.62, "small_vehicle": 0.16, "large_vehicle": 0.17, "storage_tank": 0.03, "airport": 0.008,
         "helicopter": 0.009, "helipad": 0.003},
    ),
    SceneType(
        0.10,
        20,
        {"storage_tank": 0.56, "large_vehicle": 0.18, "small_vehicle": 0.2, "ship": 0.03, "harbor": 0.02,
         "container_crane": 0.01},
    ),
    SceneType(
        0.12,
        12,
        {"tennis_court": 0.3, "small_vehicle": 0.35, "basketball_court": 0.1, "baseball_diamond": 0.08,
         "ground_track_field": 0.06, "soccer_ball_field": 0.06, "swimming_pool": 0.05},
    ),
    SceneType(
        0.05,
        10,
        {"small_vehicle": 0.3, "ship": 0.2, "large_vehicle": 0.15, "plane": 0.1, "storage_tank": 0.1, "harbor": 0.05,
         "bridge": 0.05, "roundabout": 0.03, "helicopter": 0.02},
    ),
)  # fmt: skip
"""Streets, water, airfields, industry, sports grounds, and a bit of all."""

SIDES = {
    "airport": (900.0, 500.0), "baseball_diamond": (110.0, 100.0), "basketball_court": (70.0, 40.0),
    "bridge": (160.0, 40.0), "container_crane": (110.0, 40.0), "ground_track_field": (300.0, 170.0),
    "harbor": (150.0, 35.0), "helicopter": (45.0, 38.0), "helipad": (40.0, 40.0), "large_vehicle": (42.0, 13.0),
    "plane": (85.0, 78.0), "roundabout": (95.0, 90.0), "ship": (55.0, 17.0), "small_vehicle": (19.0, 9.0),
    "soccer_ball_field": (200.0, 130.0), "storage_tank": (42.0, 41.0), "swimming_pool": (38.0, 24.0),
    "tennis_court": (75.0, 37.0),
}  # fmt: skip
"""The median length and width of each class in px."""
