"""Whether one picture satisfies a formula: candidates by what is said of a variable alone, then every combination.

Three values by the design's rule: with all that is unknown taken as false, and as true.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from tools.evaluation.brute_force.arrangement import BINARY, TERNARY, UNARY, Arrangement, Truths, Values
from tools.evaluation.brute_force.syntax import Atom, Comparison, Constant, Measure, Same
from tools.evaluation.brute_force.trials import (
    GROUPS,
    Denied,
    Joined,
    Literal,
    Prepared,
    Some,
    Trial,
    is_plain,
    prepare,
)

Hierarchy = Mapping[str, frozenset[str]]
Binding = Mapping[str, int]
RELATIONS = UNARY | BINARY | TERNARY | GROUPS
_METRES = {"m": 1.0, "km": 1000.0, "m2": 1.0, "ha": 10_000.0, "km2": 1_000_000.0}
_COMPARE: Mapping[str, Callable[[Values, Values], Truths]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "!=": np.not_equal,
}
_AREAS = frozenset({"px2", "m2", "ha", "km2"})


@dataclass(frozen=True)
class _Order:
    """The variables of an existential in the order to bind them; for each the conditions that are then complete."""

    variables: tuple[str, ...]
    plain: tuple[tuple[Trial, ...], ...]
    searched: tuple[tuple[Trial, ...], ...]


class Evaluator:
    """One picture and the classes that each class covers; what is found of it is kept for the next formula."""

    def __init__(self, arrangement: Arrangement, hierarchy: Hierarchy) -> None:
        self._arrangement = arrangement
        self._picture = arrangement.picture
        self._hierarchy = hierarchy
        self._all = np.arange(len(arrangement))
        self._present = np.zeros(len(arrangement), dtype=np.bool_)
        self._present[list(self._picture.indices)] = True
        self._labels = frozenset(self._picture.things[index].label for index in self._picture.indices)
        self._rows: dict[tuple[str, tuple[int, ...]], Truths | None] = {}
        self._classes: dict[str, Truths] = {}
        self._measures: dict[tuple[str, tuple[int, ...], float | None], Values] = {}
        self._found: dict[tuple[Some, bool, tuple[int, ...]], bool] = {}
        self._candidates: dict[tuple[Some, str, bool], Truths] = {}

    def verdict(self, formula: str | Prepared) -> str:
        """sat, unsat or unknown."""
        trial = self._begin(formula)
        if self._holds(trial, {}, low=True):
            return "sat"
        return "unknown" if self._holds(trial, {}, low=False) else "unsat"

    def satisfies(self, formula: str | Prepared) -> bool:
        """Whether the verdict is sat."""
        return self._holds(self._begin(formula), {}, low=True)

    def _begin(self, formula: str | Prepared) -> Trial:
        # What was found of the formula before is of no use to the next one.
        self._found.clear()
        self._candidates.clear()
        prepared = prepare(formula) if isinstance(formula, str) else formula
        return prepared.scoped if any(self._is_unknown(name) for name in prepared.names) else prepared.plain

    def _holds(self, trial: Trial, binding: Binding, *, low: bool) -> bool:
        match trial:
            case Literal():
                return bool(self._row(trial.node, "", binding, low=low)[0])
            case Denied():
                return not self._holds(trial.body, binding, low=not low)
            case Joined(parts, every):
                if every:
                    return all(self._holds(part, binding, low=low) for part in parts)
                return any(self._holds(part, binding, low=low) for part in parts)
            case Some():
                key = (trial, low, tuple(binding[name] for name in trial.outer))
                if key not in self._found:
                    self._found[key] = self._some(trial, binding, low=low)
                return self._found[key]

    def _some(self, some: Some, binding: Binding, *, low: bool) -> bool:
        if not some.free and any(self._is_unknown(name) for name in some.own_names):
            return not low
        if some.least <= 0:
            return True
        counts = {name: np.count_nonzero(self._alone(some, name, low=low)) for name in some.variables}
        if min(counts.values()) < some.least:
            return False
        free = set(some.variables)
        if not all(self._holds(part, binding, low=low) for part in some.parts if not part.free & free):
            return False
        order = _order(some, sorted(some.variables, key=lambda name: (counts[name], some.variables.index(name))))
        return self._extend(some, order, 0, dict(binding), low=low)

    def _extend(self, some: Some, order: _Order, level: int, binding: dict[str, int], *, low: bool) -> bool:
        """Whether the variables from this level on can be bound, in at least so many ways."""
        variable = order.variables[level]
        fits = self._alone(some, variable, low=low)
        for part in order.plain[level]:
            fits = fits & self._mask(part, variable, binding, low=low)
        found = np.count_nonzero(fits)
        if found < some.least:
            return False
        last = level == len(order.variables) - 1
        if last and not order.searched[level]:
            return True
        hits, left = 0, found
        for entity in np.flatnonzero(fits).tolist():
            binding[variable] = entity
            left -= 1
            if all(self._holds(part, binding, low=low) for part in order.searched[level]):
                hits += last or self._extend(some, order, level + 1, binding, low=low)
            if hits >= some.least:
                return True
            if hits + left < some.least:
                return False
        return False

    def _alone(self, some: Some, variable: str, *, low: bool) -> Truths:
        """The entities that the plain conditions on the variable alone allow."""
        key = (some, variable, low)
        if key not in self._candidates:
            fits = self._present
            for part in some.parts:
                if part.free == {variable} and is_plain(part):
                    fits = fits & self._mask(part, variable, {}, low=low)
            self._candidates[key] = fits
        return self._candidates[key]

    def _mask(self, trial: Trial, variable: str, binding: Binding, *, low: bool) -> Truths:
        """For every entity in the variable's place whether a plain condition holds."""
        match trial:
            case Literal():
                return self._row(trial.node, variable, binding, low=low)
            case Denied():
                return ~self._mask(trial.body, variable, binding, low=not low)
            case Joined(parts, every):
                masks = [self._mask(part, variable, binding, low=low) for part in parts]
                return reduce(np.logical_and if every else np.logical_or, masks)
            case Some():
                raise TypeError("an existential is no plain condition")

    def _row(self, node: Atom | Same | Comparison, variable: str, binding: Binding, *, low: bool) -> Truths:
        """A literal for every entity in the variable's place, the others bound; of length 1 without the variable."""
        match node:
            case Atom(name, (only,)) if name not in RELATIONS:
                return self._class(name, -1 if only == variable else binding[only])
            case Atom(name, arguments):
                places = tuple(-1 if each == variable else binding[each] for each in arguments)
                related = self._relation(name, places)
                return self._unknown(places, low=low) if related is None else related
            case Same(left, right):
                one, other = (self._all if each == variable else np.array([binding[each]]) for each in (left, right))
                return np.asarray(one == other, dtype=np.bool_)
            case Comparison():
                compared = self._comparison(node, variable, binding)
                return np.full(1, not low) if compared is None else compared

    def _unknown(self, places: tuple[int, ...], *, low: bool) -> Truths:
        """What stands for a relation that the picture cannot tell; of a thing and itself it is false all the same."""
        one, other = (self._all if place < 0 else np.array([place]) for place in places)
        return np.asarray((one != other) & (not low), dtype=np.bool_)

    def _class(self, name: str, place: int) -> Truths:
        covered = self._hierarchy[name]
        if place >= 0:
            return np.array([self._picture.things[place].label in covered])
        if name not in self._classes:
            holds = np.zeros(len(self._all), dtype=np.bool_)
            for label in sorted(covered & self._labels):
                holds |= np.asarray(self._arrangement.labels == label, dtype=np.bool_)
            self._classes[name] = holds
        return self._classes[name]

    def _relation(self, name: str, places: tuple[int, ...]) -> Truths | None:
        """A relation, -1 standing for every entity."""
        key = (name, places)
        if key not in self._rows:
            at = [self._all if place < 0 else np.array([place]) for place in places]
            arrangement = self._arrangement
            self._rows[key] = arrangement.region(name, at[0]) if len(at) == 1 else arrangement.related(name, *at)
        return self._rows[key]

    def _comparison(self, node: Comparison, variable: str, binding: Binding) -> Truths | None:
        units = {term.unit for term in (node.left, node.right) if isinstance(term, Constant)}
        scale = 1.0
        if not units <= {"px", "px2"}:
            gsd = self._picture.gsd
            if gsd is None:
                return None
            scale = gsd * gsd if units & _AREAS else gsd
        limit = min(
            (_pixels(each) / scale for each in (node.left, node.right) if isinstance(each, Constant)), default=None
        )
        left, right = (
            np.array([_pixels(term)])
            if isinstance(term, Constant)
            else self._quantity(term, variable, binding, limit) * scale
            for term in (node.left, node.right)
        )
        return _COMPARE[node.operator](left, right)

    def _quantity(self, term: Measure, variable: str, binding: Binding, limit: float | None) -> Values:
        """A function in pixels; a distance that is surely beyond the limit, if there is one, is infinite."""
        places = tuple(-1 if each == variable else binding[each] for each in term.arguments)
        key = (term.name, places, limit if term.name == "distance" else None)
        if key not in self._measures:
            at = [self._all if place < 0 else np.array([place]) for place in places]
            self._measures[key] = self._arrangement.measure(term.name, *at, limit=key[2])
        return self._measures[key]

    def _is_unknown(self, name: str) -> bool:
        known = self._picture.known
        return known is not None and name in self._hierarchy and not self._hierarchy[name] <= known


def _pixels(constant: Constant) -> float:
    """The value in px or m, px2 or m2."""
    return constant.value * _METRES.get(constant.unit, 1.0)


def _order(some: Some, variables: Sequence[str]) -> _Order:
    """Each condition on several variables stands at the last of them."""
    plain: list[tuple[Trial, ...]] = []
    searched: list[tuple[Trial, ...]] = []
    for level, variable in enumerate(variables):
        later = set(variables[level + 1 :])
        due = [part for part in some.parts if variable in part.free and not part.free & later]
        plain.append(tuple(part for part in due if is_plain(part) and part.free != {variable}))
        searched.append(tuple(part for part in due if not is_plain(part)))
    return _Order(tuple(variables), tuple(plain), tuple(searched))
