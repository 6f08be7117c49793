"""Which phenomena a question holds."""

from collections.abc import Iterator, Sequence

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

PHENOMENA = (
    "attribute", "comparison", "count", "disjunction", "distance", "group", "negation", "nesting", "relation",
    "superlative", "universal",
)  # fmt: skip
"""Attribute: regions, areas, lengths. Comparison: larger or longer than. Nesting: what is said of a thing that another
one is related to. Group: row, column, line, cluster. Relation: any other relation of two or three things."""


def phenomena_of(statements: Sequence[Statement]) -> tuple[str, ...]:
    """The phenomena in the statements, sorted, each once; of the count alone where there is nothing else."""
    found = {each for statement in statements for each in _of_statement(statement)}
    return tuple(sorted(found)) if found else ("count",)


def mentions_of(statements: Sequence[Statement]) -> list[str]:
    """The class of every thing that the statements name, as often as they do."""
    return [each for statement in statements for each in _classes(statement)]


def has_another(statements: Sequence[Statement], ontology: Ontology) -> bool:
    """Whether a thing is related to another one that may be of its class: "a ship near another ship"."""
    leaves = ontology.leaves_of

    def related(thing: Thing) -> bool:
        return any(
            not leaves[thing.name].isdisjoint(leaves[other.name]) or related(other)
            for quality in thing.qualities
            for inner in ((quality.one, quality.other) if isinstance(quality, Either) else (quality,))
            for other in things_in(inner)
        )

    return any(related(thing) for statement in statements for thing in _things(statement))


def asserted(statement: Statement) -> tuple[str, ...]:
    """The classes of which a statement says that there is one like this, none for other statements."""
    match statement:
        case There(amount, thing):
            return () if amount.is_none else (thing.name,)
        case Group(name=name) | PairApart(name=name, every=False):
            return (name,)
        case Choice(one, other):
            return (*asserted(one), *asserted(other))
        case _:
            return ()


def _of_statement(statement: Statement) -> Iterator[str]:
    match statement:
        case There(amount, thing):
            yield from _of_amount(amount)
            yield from _of_thing(thing)
        case Every(thing, quality, denied):
            yield "universal"
            if denied:
                yield "negation"
            yield from _of_thing(thing)
            yield from _of_quality(quality)
        case NoneHas(thing, quality):
            yield "negation"
            yield from _of_thing(thing)
            yield from _of_quality(quality)
        case OnlyKinds():
            yield "universal"
        case TheExtreme(thing, quality):
            yield from _of_thing(thing)
            yield from _of_quality(quality)
        case Group():
            yield "group"
        case PairApart(every=every):
            yield "distance"
            if every:
                yield "universal"
        case Choice(one, other):
            yield "disjunction"
            yield from _of_statement(one)
            yield from _of_statement(other)


def _of_amount(amount: Amount) -> Iterator[str]:
    if amount.is_none:
        yield "negation"
    elif not amount.is_some:
        yield "count"


def _of_thing(thing: Thing) -> Iterator[str]:
    if thing.extreme is not None:
        yield "superlative"
    for quality in thing.qualities:
        yield from _of_quality(quality)


def _of_quality(quality: Quality) -> Iterator[str]:
    match quality:
        case Place(regions):
            yield "attribute"
            if len(regions) > 1:
                yield "disjunction"
        case Size():
            yield "attribute"
        case Linked(relation, things, denied):
            yield "comparison" if relation in {"larger_than", "smaller_than"} else "relation"
            if denied:
                yield "negation"
            if len(things) > 1:
                yield "disjunction"
        case Having(_, amount, _):
            yield "relation"
            yield from _of_amount(amount)
        case HavingWithin(amount=amount):
            yield "distance"
            yield from _of_amount(amount)
        case Within() | Closer():
            yield "distance"
        case AwayFromAll(value=value):
            yield "universal"
            yield "relation" if value is None else "distance"
        case Between():
            yield "relation"
        case Compared():
            yield "comparison"
        case Either(one, other):
            yield "disjunction"
            yield from _of_quality(one)
            yield from _of_quality(other)
    for thing in things_in(quality):
        if thing.qualities:
            yield "nesting"
        yield from _of_thing(thing)


def things_in(quality: Quality) -> tuple[Thing, ...]:
    """The other things that a quality speaks of."""
    match quality:
        case Linked(things=things):
            return things
        case Having(thing=thing) | HavingWithin(thing=thing) | Within(thing=thing):
            return (thing,)
        case AwayFromAll(thing=thing) | Compared(thing=thing):
            return (thing,)
        case Closer(one, other) | Between(one, other):
            return (one, other)
        case _:
            return ()


def _classes(statement: Statement) -> Iterator[str]:
    match statement:
        case OnlyKinds(names):
            yield from names
        case Group(name=name) | PairApart(name=name):
            yield name
        case _:
            for thing in _things(statement):
                yield from _classes_of_thing(thing)


def _things(statement: Statement) -> Iterator[Thing]:
    """The things that a statement is about, with all that it says of them."""
    match statement:
        case There(thing=thing):
            yield thing
        case Every(thing, quality) | NoneHas(thing, quality) | TheExtreme(thing, quality):
            yield Thing(thing.name, (*thing.qualities, quality))
        case Choice(one, other):
            yield from _things(one)
            yield from _things(other)


def _classes_of_thing(thing: Thing) -> Iterator[str]:
    yield thing.name
    for quality in thing.qualities:
        inner = (quality.one, quality.other) if isinstance(quality, Either) else (quality,)
        for each in inner:
            for other in things_in(each):
                yield from _classes_of_thing(other)
