"""The join that nearly all questions wait for, of no images: what takes longest to compile, and needs least for it."""

import numpy as np

from solvers.columnar.joining import Joins, Slot
from solvers.columnar.store import Store
from solvers.columnar.view import Domain, View
from solvers.settings import RelationSettings


def join_nothing(store: Store) -> None:
    """Join the entities of no images of a store."""
    view = View(store, np.zeros(0, np.int64), {})
    joins = Joins(view, RelationSettings(), np.zeros(0, np.uint8), np.ones(0, np.uint8))
    nothing = Domain(np.zeros(0, np.int32), np.zeros(1, np.int64), view.ones(), frozenset())
    joins.join([Slot("x", nothing), Slot("y", nothing)], [], by_image=True)
