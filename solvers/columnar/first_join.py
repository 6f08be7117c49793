"""The join that nearly all questions wait for, of no images: what takes longest to compile, and needs least for it."""

import numpy as np

from solvers.columnar.clauses import Clause
from solvers.columnar.codes import Code, Encoded
from solvers.columnar.joining import Joins, Slot
from solvers.columnar.store import Store
from solvers.columnar.view import Domain, View
from solvers.settings import RelationSettings

_NEAR = Clause(frozenset("xy"), (Encoded(Code.NEAR, False, ("x", "y")),))


def join_nothing(store: Store) -> None:
    """Join the entities of no images of a store that are near each other."""
    view = View(store, np.zeros(0, np.int64), {})
    joins = Joins(view, RelationSettings(), np.zeros(0, np.uint8), np.ones(0, np.uint8))
    ids, offsets, reach = np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros((0, 3))
    nothing = Domain(ids, offsets, view.ones(), frozenset(), reach)
    joins.join([Slot("x", nothing), Slot("y", nothing)], [_NEAR], by_image=True)
