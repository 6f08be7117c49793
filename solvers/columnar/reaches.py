"""How far the entities of an image reach from their centroids: what tells a join how far away it has to look."""

import math

from solvers.columnar.compiled import compiled_loop
from solvers.columnar.kernels import Floats, Ids, Places, Reals


@compiled_loop
def measure(ids: Ids, offsets: Places, centroid: Floats, bounds: Reals, area: Floats, reach: Floats) -> None:
    """The greatest reach of bounds across and down, and the greatest size, of each image's entities: (images, 3)."""
    for image in range(len(offsets) - 1):
        across, down, most = 0.0, 0.0, 0.0
        for place in range(offsets[image], offsets[image + 1]):
            entity = ids[place]
            x, y = centroid[entity, 0], centroid[entity, 1]
            across = max(across, x - bounds[entity, 0], bounds[entity, 2] - x)
            down = max(down, y - bounds[entity, 1], bounds[entity, 3] - y)
            most = max(most, area[entity])
        reach[image, 0], reach[image, 1], reach[image, 2] = across, down, math.sqrt(most)
