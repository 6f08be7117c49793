"""The tree of a query: noun phrases, and what is said of them."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from agent.offline.problems import Span
from agent.offline.qualities import Quality


class Objects:
    """Things that are spoken of: a noun phrase, a pronoun, or several joined."""

    __slots__ = ()


class Predicate:
    """What is said of things."""

    __slots__ = ()


class Force(Enum):
    """How a noun phrase speaks of its noun."""

    SOME = "some"
    ANY = "any"
    NO = "no"
    EVERY = "every"
    EACH = "each of any"
    NOT_EVERY = "not every"
    ONLY = "only"
    THE = "the"


class Link(StrEnum):
    """How things of one kind are joined."""

    AND = "and"
    OR = "or"
    XOR = "xor"
    NOR = "nor"


@dataclass(frozen=True, slots=True)
class Amount:
    """How many, both bounds inclusive; `plain` is a numeral without a bound, which means at least."""

    least: int | None
    most: int | None
    plain: bool = False


class Pattern(StrEnum):
    """How a group word orders its members: each to the next, every two, all in one relation, or not at all."""

    CHAIN = "chain"
    PAIRWISE = "pairwise"
    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A group word: the relation among the members, and how many there are where nobody says.

    Where `relation` is "distance", `bounds` says what each distance is held against.
    """

    relation: str
    pattern: Pattern
    unstated: int
    bounds: "tuple[Bound, ...]" = ()


INDIVIDUALS = Grouping("", Pattern.APART, 2)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rank goes by: a relation to come first in, a function to be least or greatest in, or a corner."""

    relation: str | None = None
    function: str | None = None
    least_first: bool = True
    corner: str | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """ "the second from the left": place `ordinal` by a measure, among those of the class that `among` holds of.

    `to` is the object that a distance is measured to; the others are of the same `classes` where nothing else is said.
    """

    measure: Measure
    ordinal: int
    span: Span
    among: Predicate | None = None
    to: Objects | None = None
    classes: tuple[str | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class NounPhrase(Objects):
    """A noun with its determiner and modifiers; a class of None is any object, several classes are alternatives.

    `other` is other than the things spoken of before, `each` is "each" among the words for every, `same` one thing for
    all; `all_kinds` are meant where classes were joined by "and"; a `bare` plural has no determiner.
    """

    force: Force
    classes: tuple[str | None, ...]
    plural: bool
    span: Span
    amount: Amount | None = None
    other: bool = False
    each: bool = False
    same: bool = False
    all_kinds: bool = False
    bare: bool = False
    rank: Rank | None = None
    grouping: Grouping | None = None
    modifiers: Predicate | None = None


@dataclass(frozen=True, slots=True)
class Pronoun(Objects):
    """ "it" or "them": the noun before a "with", else the subject of what was said last; `implied` in "nearby"."""

    plural: bool
    span: Span
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Joined(Objects):
    """Noun phrases joined by one word."""

    link: Link
    items: tuple[Objects, ...]


@dataclass(frozen=True, slots=True)
class InRegion(Predicate):
    """In all of these regions of the image; none at all is "in the image"."""

    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Related(Predicate):
    """In all of these relations to the same objects, or in none of them where it is `denied` of each object."""

    relations: tuple[str, ...]
    objects: Objects
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a measurement: `< 50 m`."""

    comparator: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Measured(Predicate):
    """A function of the subject within bounds."""

    function: str
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class AtDistance(Predicate):
    """The distance to objects within bounds."""

    bounds: tuple[Bound, ...]
    objects: Objects


@dataclass(frozen=True, slots=True)
class Exceeding(Predicate):
    """A function of the subject compared with the same function of objects: "longer than a ship"."""

    function: str
    comparator: str
    objects: Objects


@dataclass(frozen=True, slots=True)
class Closer(Predicate):
    """The distance to one thing compared with the distance to another: "closer to a than to b".

    Where the `rival` is another thing, it is its distance to the first: "closer to a than any other ship".
    """

    comparator: str
    to: Objects
    than: Objects
    rival: bool = False


@dataclass(frozen=True, slots=True)
class Between(Predicate):
    """Between two things: two noun phrases, or one for two things of a kind."""

    first: Objects
    second: Objects


@dataclass(frozen=True, slots=True)
class Surrounded(Predicate):
    """Near ones in all four cones."""

    objects: Objects


@dataclass(frozen=True, slots=True)
class Having(Predicate):
    """ "with objects": what is true of the image, or of the noun before where a pronoun points back to it."""

    objects: Objects
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Grouped(Predicate):
    """The members of the subject stand in a group: "in a row", "near each other"."""

    grouping: Grouping
    span: Span


@dataclass(frozen=True, slots=True)
class Ranked(Predicate):
    """The subject is the one of its class with this rank: "is the largest"."""

    rank: Rank


@dataclass(frozen=True, slots=True)
class OfClass(Predicate):
    """Of one of these classes: "is a ship"."""

    classes: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class OfQuality(Predicate):
    """Of a narrower class than the noun's: "is flooded"."""

    quality: Quality
    span: Span


@dataclass(frozen=True, slots=True)
class Negated(Predicate):
    """Not so."""

    body: Predicate


@dataclass(frozen=True, slots=True)
class Combined(Predicate):
    """Predicates of one subject, joined by one word."""

    link: Link
    parts: tuple[Predicate, ...]
