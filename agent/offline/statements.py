"""The statements that a query makes about an image."""

from dataclasses import dataclass

from agent.offline.problems import Span
from agent.offline.syntax import Link, Objects, Predicate


class Statement:
    """What is said of an image."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Found(Statement):
    """The image shows this, of which `predicate` is said in the same clause, and `resumed` afterwards ("it is ...").

    `pronoun` is the place of the first word that took it up again, for messages.
    """

    subject: Objects
    predicate: Predicate | None = None
    resumed: tuple[Predicate, ...] = ()
    pronoun: Span | None = None


@dataclass(frozen=True, slots=True)
class Denied(Statement):
    """The image does not show this."""

    body: Statement


@dataclass(frozen=True, slots=True)
class Linked(Statement):
    """Statements joined by one word."""

    link: Link
    parts: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Statement):
    """If the one then the other; also the reverse where it holds `both_ways`."""

    condition: Statement
    consequence: Statement
    both_ways: bool = False


@dataclass(frozen=True, slots=True)
class ForEach(Statement):
    """ "for every ship there is a harbor near it": a statement about each of the objects."""

    objects: Objects
    body: Statement
