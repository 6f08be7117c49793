"""From what a question means to its formula, by the normative reading of English (design, section 8)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, combinations, count

from solvers.ontology import Ontology
from tools.evaluation.making.meaning import (
    Amount,
    AwayFromAll,
    Between,
    Choice,
    Closer,
    Compared,
    Either,
    Every,
    Group,
    Having,
    HavingWithin,
    Linked,
    NoneHas,
    OnlyKinds,
    PairApart,
    Place,
    Quality,
    Size,
    Statement,
    TheExtreme,
    There,
    Thing,
    Within,
)

EXTREMES = {
    "largest": "larger_than({0}, {1})",
    "smallest": "smaller_than({0}, {1})",
    "longest": "length({0}) > length({1})",
    "leftmost": "cx({0}) < cx({1})",
    "rightmost": "cx({0}) > cx({1})",
    "topmost": "cy({0}) < cy({1})",
    "bottommost": "cy({0}) > cy({1})",
}


def formula_of(statements: Sequence[Statement], ontology: Ontology) -> str:
    """The text of the formula that all statements hold; not canonical."""
    writer = _Writer(ontology)
    return " & ".join(f"({writer.statement(each)})" for each in statements)


class _Writer:
    """Writes formulas with a new variable for every thing."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._names: Iterator[str] = chain("xyzwuv", (f"x{number}" for number in count(7)))

    def statement(self, statement: Statement) -> str:
        match statement:
            case There(amount, thing):
                return self._counted(amount, lambda x: self._is(x, thing))
            case Every(thing, quality, denied):
                some, x = self._there(thing), next(self._names)
                every = f"forall {x}. (({self._is(x, thing)}) -> ({self._has(x, thing.name, quality)}))"
                return f"({some}) & {'~' if denied else ''}({every})"
            case NoneHas(thing, quality):
                x = next(self._names)
                return f"~exists {x}. (({self._is(x, thing)}) & ({self._has(x, thing.name, quality)}))"
            case OnlyKinds(kinds):
                there = [f"({self._there(Thing(kind))})" for kind in kinds]
                x = next(self._names)
                return " & ".join([*there, f"(forall {x}. ({' | '.join(f'{kind}({x})' for kind in kinds)}))"])
            case TheExtreme(thing, quality):
                x = next(self._names)
                return f"exists {x}. (({self._is(x, thing)}) & ({self._has(x, thing.name, quality)}))"
            case Group(word, name, members):
                names = [next(self._names) for _ in range(members)]
                classes = [f"{name}({x})" for x in names]
                apart = [f"{one} != {other}" for one, other in combinations(names, 2)]
                together = f"{word}({', '.join(names)})"
                return f"exists {' '.join(names)}. ({' & '.join([*classes, *apart, together])})"
            case PairApart(name, comparator, value, unit, every):
                x, y = next(self._names), next(self._names)
                two = f"{name}({x}) & {name}({y}) & {x} != {y}"
                distance = f"distance({x}, {y}) {comparator} {value:g} {unit}"
                if every:
                    return f"forall {x} {y}. (({two}) -> {distance})"
                return f"exists {x} {y}. ({two} & {distance})"
            case Choice(one, other, exclusive):
                return f"({self.statement(one)}) {'^' if exclusive else '|'} ({self.statement(other)})"

    def _there(self, thing: Thing) -> str:
        x = next(self._names)
        return f"exists {x}. ({self._is(x, thing)})"

    def _counted(self, amount: Amount, body: Callable[[str], str]) -> str:
        x = next(self._names)
        if amount.is_some:
            return f"exists {x}. ({body(x)})"
        if amount.is_none:
            return f"~exists {x}. ({body(x)})"
        first = f"exists{amount.operator}{amount.count} {x}. ({body(x)})"
        if amount.most is None:
            return first
        y = next(self._names)
        return f"({first}) & (exists<={amount.most} {y}. ({body(y)}))"

    def _is(self, x: str, thing: Thing) -> str:
        """That x is such a thing."""
        parts = [f"{thing.name}({x})"]
        if thing.extreme is not None:
            y = next(self._names)
            more = EXTREMES[thing.extreme].format(x, y)
            parts.append(f"forall {y}. (({thing.name}({y}) & {x} != {y}) -> {more})")
        parts.extend(self._has(x, thing.name, each) for each in thing.qualities)
        return " & ".join(f"({part})" for part in parts)

    def _has(self, x: str, name: str | None, quality: Quality) -> str:
        """That x, a thing of the named class, has a quality."""
        match quality:
            case Place(regions):
                return " | ".join(f"{region}({x})" for region in regions)
            case Size(function, comparator, value, unit):
                return f"{function}({x}) {comparator} {value:g} {unit}"
            case Linked(relation, things, denied):
                texts = [self._some(x, name, each, f"{relation}({x}, {{0}})") for each in things]
                joined = " | ".join(f"({text})" for text in texts)
                return f"~({joined})" if denied else joined
            case Having(relation, amount, thing):
                return self._counted(amount, lambda y: self._other(x, name, y, thing, f"{relation}({y}, {x})"))
            case Within(comparator, value, unit, thing, least):
                far = f"distance({x}, {{0}}) {comparator} {value:g} {unit}"
                if least is not None:
                    far = f"distance({x}, {{0}}) >= {least:g} {unit} & {far}"
                return self._some(x, name, thing, far)
            case HavingWithin(amount, value, unit, thing):
                close = f"distance({{0}}, {x}) <= {value:g} {unit}"
                return self._counted(amount, lambda y: self._other(x, name, y, thing, close.format(y)))
            case AwayFromAll(thing, value, unit):
                y = next(self._names)
                far = f"far_from({x}, {y})" if value is None else f"distance({x}, {y}) > {value:g} {unit}"
                apart = f" & {x} != {y}" if self._may_coincide(name, thing.name) else ""
                return f"forall {y}. (({self._is(y, thing)}{apart}) -> {far})"
            case Closer(near, far):
                y, z = next(self._names), next(self._names)
                nearer = f"distance({x}, {y}) < distance({x}, {z})"
                inner = self._other(x, name, z, far, nearer)
                return f"exists {y}. ({self._other(x, name, y, near, f'exists {z}. ({inner})')})"
            case Between(one, other):
                y, z = next(self._names), next(self._names)
                inner = self._other(y, one.name, z, other, f"between({x}, {y}, {z})")
                return f"exists {y}. ({self._other(x, name, y, one, f'exists {z}. ({inner})')})"
            case Compared(function, thing):
                return self._some(x, name, thing, f"{function}({x}) > {function}({{0}})")
            case Either(one, other):
                return f"({self._has(x, name, one)}) | ({self._has(x, name, other)})"

    def _some(self, x: str, name: str | None, thing: Thing, link: str) -> str:
        y = next(self._names)
        return f"exists {y}. ({self._other(x, name, y, thing, link.format(y))})"

    def _other(self, x: str, name: str | None, y: str, thing: Thing, link: str) -> str:
        """That y is such a thing, another one than x, and linked to it."""
        apart = f" & {x} != {y}" if self._may_coincide(name, thing.name) else ""
        return f"({self._is(y, thing)}){apart} & {link}"

    def _may_coincide(self, one: str | None, other: str) -> bool:
        """Whether a thing can be of both classes; None is any class."""
        leaves = self._ontology.leaves_of
        return one is not None and not leaves[one].isdisjoint(leaves[other])
