"""What a made question means: things, what is said of them, and statements."""

from dataclasses import dataclass
from typing import Literal

Operator = Literal[">=", "<=", "="]


@dataclass(frozen=True, slots=True)
class Amount:
    """How many: `operator` and `count`; with `most`, from `count` to `most`, both included."""

    operator: Operator
    count: int
    most: int | None = None

    @property
    def is_some(self) -> bool:
        """Whether it only says that there is one."""
        return self == SOME

    @property
    def is_none(self) -> bool:
        """Whether it says that there is none."""
        return self == NONE


SOME = Amount(">=", 1)
NONE = Amount("<=", 0)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of a class; with `extreme` the one that is strictly more so than all others of its class."""

    name: str
    qualities: tuple["Quality", ...] = ()
    extreme: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """In one of the parts of the image."""

    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """A function of the thing alone, compared with a value."""

    function: str
    comparator: Literal["<", "<=", ">", ">="]
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Linked:
    """In a relation to one of several alternative things: relation(this, that)."""

    relation: str
    things: tuple[Thing, ...]
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Having:
    """So many things in a relation to this one: relation(that, this)."""

    relation: str
    amount: Amount
    thing: Thing


@dataclass(frozen=True, slots=True)
class Within:
    """At most, or less than, so far from a thing; with `least` at least so far too."""

    comparator: Literal["<", "<="]
    value: float
    unit: str
    thing: Thing
    least: float | None = None


@dataclass(frozen=True, slots=True)
class HavingWithin:
    """So many things within a distance of this one."""

    amount: Amount
    value: float
    unit: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class AwayFromAll:
    """Far from each thing of a kind, or with `value` more than so far; where there is none, this holds."""

    thing: Thing
    value: float | None = None
    unit: str = "px"


@dataclass(frozen=True, slots=True)
class Closer:
    """Closer to the one thing than to the other."""

    near: Thing
    far: Thing


@dataclass(frozen=True, slots=True)
class Between:
    """Between two things."""

    one: Thing
    other: Thing


@dataclass(frozen=True, slots=True)
class Compared:
    """A function of the thing is more than that of another one."""

    function: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class Either:
    """One of two qualities at least."""

    one: "Quality"
    other: "Quality"


Quality = Place | Size | Linked | Having | Within | HavingWithin | AwayFromAll | Closer | Between | Compared | Either


@dataclass(frozen=True, slots=True)
class There:
    """So many such things are in the image."""

    amount: Amount
    thing: Thing


@dataclass(frozen=True, slots=True)
class Every:
    """There are such things, and each has the quality; with `denied` there are, and not each has."""

    thing: Thing
    quality: Quality
    denied: bool = False


@dataclass(frozen=True, slots=True)
class NoneHas:
    """No such thing has the quality."""

    thing: Thing
    quality: Quality


@dataclass(frozen=True, slots=True)
class OnlyKinds:
    """There are things of each of the classes, and nothing else."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TheExtreme:
    """The thing that is the most so of its class has the quality."""

    thing: Thing
    quality: Quality


@dataclass(frozen=True, slots=True)
class Group:
    """So many different things of a class in a row, column, line (aligned) or cluster."""

    word: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PairApart:
    """Two things of a class whose distance compares so with a value; with `every` any two."""

    name: str
    comparator: Literal["<=", ">="]
    value: float
    unit: str
    every: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One statement or the other, or with `exclusive` just one of them."""

    one: "Statement"
    other: "Statement"
    exclusive: bool = False


Statement = There | Every | NoneHas | OnlyKinds | TheExtreme | Group | PairApart | Choice
