"""Boxes: what a stretch of a query says, as entities that it introduces and conditions on them.

A box becomes a formula by binding its entities, each as close to its conditions as it can be. These are the boxes of
discourse representation theory (Kamp and Reyle, 1993); presuppositions are accommodated after van der Sandt (1992).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from solvers.fol.ast import (
    And,
    Comparator,
    Comparison,
    Formula,
    Quantified,
    Quantifier,
    Variable,
    conjunction,
    free_variables,
)

Names = tuple[str, ...]
Condition = tuple[Formula, frozenset[str]]  # with its free variables


MAX_CONDITIONS = 800


class TooMuchSaidError(Exception):
    """A box holds more conditions than are checked."""


class NothingSaidError(Exception):
    """A box that holds neither an entity nor a condition says nothing that could be denied or be one of two choices."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A variable with the classes that it may have; `leaves` are the leaf labels that these cover.

    `number` says when it came up; its working name follows from that.
    """

    number: int
    classes: tuple[str | None, ...]
    leaves: frozenset[str]

    @property
    def name(self) -> str:
        """The working name."""
        return f"e{self.number}"

    @property
    def variable(self) -> Variable:
        """The variable in a formula."""
        return Variable(self.name)


Subject = tuple[Entity, ...]


class Box:
    """A stretch of discourse; `binder` are entities that a quantifier outside of it binds.

    A `site` is where the presuppositions of what stands inside are added. `positive` says whether what is added here
    is also asserted of the image.
    """

    def __init__(
        self, parent: "Box | None" = None, binder: Subject = (), *, site: bool = False, positive: bool = False
    ) -> None:
        self.parent = parent
        self.binder = binder
        self.is_site = site or parent is None
        self.positive: bool = parent is None or (positive and parent.positive)
        self.introduced: list[Subject] = []
        self.conditions: list[Formula] = []

    @property
    def site(self) -> "Box":
        """The nearest box that takes presuppositions."""
        return self if self.is_site or self.parent is None else self.parent.site

    def introduce(self, entities: Subject) -> None:
        """Bind entities in this box."""
        self.introduced.append(entities)

    def add(self, condition: Formula) -> None:
        """Add a condition, or the parts of a conjunction, unless they stand there already."""
        for part in condition.parts if isinstance(condition, And) else (condition,):
            if part not in self.conditions:
                self.conditions.append(part)
        if len(self.conditions) > MAX_CONDITIONS:
            raise TooMuchSaidError

    def visible(self) -> Iterator[Entity]:
        """The entities that a condition in this box may name, the latest first."""
        for entities in reversed(self.introduced):
            yield from reversed(entities)
        yield from reversed(self.binder)
        if self.parent is not None:
            yield from self.parent.visible()

    def reaches(self, names: frozenset[str]) -> bool:
        """Whether conditions on these variables may be added here."""
        return names <= {entity.name for entity in self.visible()}

    def free(self) -> frozenset[str]:
        """The variables that the box's conditions name and that it does not bind itself."""
        named = frozenset[str]().union(*map(free_variables, self.conditions))
        return named - {entity.name for entities in self.introduced for entity in entities}

    def absorb(self, other: "Box") -> None:
        """Take over what another box holds."""
        self.introduced.extend(other.introduced)
        for condition in other.conditions:
            self.add(condition)

    def formula(self) -> Formula:
        """The box as a formula; an entity on which there is no condition is equal to itself."""
        named = {name for condition in self.conditions for name in free_variables(condition)}
        unconditioned = [entity for entities in self.introduced for entity in entities if entity.name not in named]
        if not self.conditions:
            unconditioned.extend(self.binder)
        if not self.conditions and not unconditioned:
            raise NothingSaidError
        selves = (Comparison(each.variable, Comparator.EQ, each.variable) for each in unconditioned)
        groups = [tuple(entity.name for entity in entities) for entities in self.introduced]
        return _bind(groups, [(condition, free_variables(condition)) for condition in (*self.conditions, *selves)])


def _bind(groups: list[Names], conditions: list[Condition]) -> Formula:
    """The conditions under existential quantifiers, each around no more conditions than it needs."""
    parts: list[Formula] = []
    for names, linked in _components(groups, conditions):
        if not names:
            parts.extend(condition for condition, _ in linked)
            continue
        variables = tuple(map(Variable, names[0]))
        parts.append(Quantified(Quantifier.EXISTS, variables, _bind(names[1:], linked)))
    return conjunction(tuple(parts))


def _components(groups: list[Names], conditions: list[Condition]) -> list[tuple[list[Names], list[Condition]]]:
    """The conditions split into sets that share no variable of the groups, in the order of their first conditions."""
    components: list[tuple[set[Names], list[int]]] = []
    for place, (_, free) in enumerate(conditions):
        names = {group for group in groups if not free.isdisjoint(group)}
        linked = [each for each in components if not names.isdisjoint(each[0])]
        places = sorted({place}.union(*(each[1] for each in linked)))
        components = [each for each in components if each not in linked]
        components.append((names.union(*(each[0] for each in linked)), places))
    components.sort(key=lambda each: each[1][0])
    return [
        ([group for group in groups if group in names], [conditions[place] for place in places])
        for names, places in components
    ]
