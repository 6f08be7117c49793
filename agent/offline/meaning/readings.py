"""How a noun phrase is to be read: as one thing for all, with the widest scope, at several places."""

from dataclasses import dataclass, replace
from itertools import combinations

from agent.offline.meaning.boxes import Subject
from agent.offline.problems import Span, UnreadableError
from agent.offline.syntax import (
    AtDistance,
    Combined,
    Force,
    InRegion,
    Joined,
    Link,
    NounPhrase,
    Objects,
    Predicate,
    Pronoun,
    Related,
)

PLAIN_SURROUNDINGS = "what surrounds a thing is named plainly, as in: surrounded by ships"
_SIDES = (("left", "right"), ("top", "bottom"), ("above", "below"), ("upper", "lower"))
_OPPOSITE = (*_SIDES, *((other, one) for one, other in _SIDES))


@dataclass(frozen=True, slots=True)
class Met(Objects):
    """Entities that are known already."""

    subject: Subject


def widest_in(said: Predicate, subject: NounPhrase) -> "Related | AtDistance | None":
    """What is said of the subject that takes it along: a thing is in one harbor only, so "in every harbor" is a ship
    in each; "each", and "every" after a number of things, speak of each first."""
    if subject.force is not Force.SOME or subject.rank is not None:
        return None
    for part in said.parts if isinstance(said, Combined) and said.link is Link.AND else (said,):
        match part:
            case Related(relations, NounPhrase(force=Force.EVERY, each=each, amount=None)) if not part.denied:
                if each or subject.amount is not None or set(relations) <= {"inside", "on"}:
                    return part
            case AtDistance(_, NounPhrase(force=Force.EVERY, each=each, amount=None)):
                if each or subject.amount is not None:
                    return part
    return None


def opposed(said: Predicate) -> tuple[Predicate, ...]:
    """The places among what is said of a thing of which no two can be true of it, if they are two or more."""
    parts = said.parts if isinstance(said, Combined) and said.link is Link.AND else ()
    for kind in (InRegion, Related):
        places = tuple(part for part in parts if isinstance(part, kind))
        if len(places) > 1 and all(_exclude(one, other) for one, other in combinations(places, 2)):
            return places
    return ()


def _exclude(one: Predicate, other: Predicate) -> bool:
    """Whether two places are on opposite sides, of the image or of the same thing."""
    match one, other:
        case InRegion((first,)), InRegion((second,)):
            return any(a in first and b in second for a, b in _OPPOSITE)
        case Related((first,), objects), Related((second,), others):
            same = isinstance(objects, Pronoun) and isinstance(others, Pronoun)
            return same and any(a in first and b in second for a, b in _OPPOSITE)
        case _:
            return False


def is_one(objects: Objects) -> bool:
    """Whether objects are the same for every member of a subject: one thing, or one group."""
    match objects:
        case Pronoun() | Met():
            return True
        case Joined(link, items):
            return link is Link.AND and all(map(is_one, items))
        case NounPhrase(force, amount=amount, grouping=grouping, plural=plural):
            single = amount is None or (amount.least in (0, 1) and amount.most is None)
            if force is Force.THE:
                return not plural and single
            return force in (Force.SOME, Force.ANY) and (single or grouping is not None)
        case _:
            return False


def affirmed(objects: Objects) -> Objects:
    """What is denied, in the affirmative: "nor no ship" is nor a ship, "without the ship" without a ship."""
    if isinstance(objects, NounPhrase) and objects.rank is None:
        single = objects.force is Force.THE and not objects.plural and objects.amount is None
        return replace(objects, force=Force.SOME) if objects.force is Force.NO or single else objects
    return objects


def one_phrase(objects: Objects) -> NounPhrase:
    """Objects as one noun phrase whose classes are alternatives; refuses what is no such thing."""
    match objects:
        case NounPhrase():
            return objects
        case Joined(Link.AND | Link.OR, (NounPhrase() as first, *others)) if first.modifiers is None:
            classes = first.classes
            for each in others:
                if not isinstance(each, NounPhrase) or each.modifiers is not None or each.amount is not None:
                    break
                classes = (*classes, *each.classes)
            else:
                return replace(first, classes=tuple(dict.fromkeys(classes)), plural=True)
    raise UnreadableError(span_of(objects), PLAIN_SURROUNDINGS)


def span_of(objects: Objects) -> Span:
    match objects:
        case Joined(_, items):
            return (span_of(items[0])[0], span_of(items[-1])[1])
        case NounPhrase(span=span) | Pronoun(span=span):
            return span
        case _:
            return (0, 0)
