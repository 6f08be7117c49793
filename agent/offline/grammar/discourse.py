"""From the items of a query to one statement: what is resumed goes to its subject, "and" binds before "or"."""

from dataclasses import dataclass, replace
from itertools import pairwise

from agent.offline.grammar.cursor import StuckError
from agent.offline.problems import Span, UnreadableError
from agent.offline.statements import Found, Linked, Statement
from agent.offline.syntax import Amount, Combined, Force, Joined, Link, NounPhrase, Predicate
from agent.offline.walks import (
    conjoined,
    groupings_in,
    mentions_grouping,
    mentions_pronoun,
    names_another,
    names_several,
)


@dataclass(frozen=True, slots=True)
class Resumed(Statement):
    """What is said of the subject before: "and it is near a ship"; `together` where the words are "both", "all".

    It is `all_of_them` where the words say so.
    """

    predicate: Predicate
    plural: bool
    span: Span
    together: bool = False
    all_of_them: bool = False


@dataclass(frozen=True, slots=True)
class PartOf(Statement):
    """What is said of some of the things before, or of none: "two of them are near a ship"."""

    force: Force
    amount: Amount | None
    predicate: Predicate | None
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """A statement with the word that joins it to the one before; None is a comma.

    "But" and a new sentence set it in `contrast`; where a comma stands before "and" it is `parted`.
    """

    statement: Statement
    link: Link | None
    contrast: bool = False
    parted: bool = False


_PART_OF_WHAT = "it is not clear which things these are part of: name them"


def assemble(items: list[Item]) -> Statement:
    """One statement for all items; what "but", or a comma with "and", sets against alternatives holds beside them."""
    links = _resolved([item.link for item in items])
    either = [link in (Link.OR, Link.XOR) for link in links]
    if not any(either):
        return _assembled(items, links)
    bounds = [0, len(items)]
    for place, item in enumerate(items):
        apart = item.contrast or (item.parted and any(either[bounds[-2] : place]))
        if place and apart and links[place] is Link.AND and not isinstance(item.statement, Resumed | PartOf):
            bounds.insert(-1, place)
    parts = tuple(_assembled(items[start:end], links[start:end]) for start, end in pairwise(bounds))
    return parts[0] if len(parts) == 1 else Linked(Link.AND, parts)


def _assembled(items: list[Item], links: list[Link]) -> Statement:
    alternatives: list[list[Statement]] = []
    exclusive = any(item.link is Link.XOR for item in items)
    for item, link in zip(items, links, strict=True):
        if isinstance(item.statement, Resumed):
            for said_of in (alternatives if exclusive else alternatives[-1:]) or [[]]:  # whichever of the two it is
                _resume(said_of, item.statement)
        elif isinstance(item.statement, PartOf):
            _part_of(alternatives[-1] if alternatives else [], item.statement)
        elif link is Link.AND and alternatives:
            alternatives[-1].append(item.statement)
            _tie_together(alternatives[-1])
            if not item.contrast:
                _share_modifiers(alternatives[-1])
        else:
            alternatives.append([item.statement])
    options = tuple(each[0] if len(each) == 1 else Linked(Link.AND, tuple(each)) for each in alternatives)
    if not options or (exclusive and len(options) != 2):
        raise StuckError
    if len(options) == 1:
        return options[0]
    return Linked(Link.XOR if exclusive else Link.OR, options)


def _resolved(links: list[Link | None]) -> list[Link]:
    """A bare comma means what the next joining word means, and "and" where none follows."""
    resolved: list[Link] = []
    following = Link.AND
    for link in reversed(links):
        if link is not None:
            following = Link.OR if link is Link.XOR else link
        resolved.append(following)
    return resolved[::-1]


def _part_of(before: list[Statement], part: PartOf) -> None:
    """Say something of some of the things found last, which are all that are so: "them" are the ships in the image."""
    found = before[-1] if before else None
    subject = found.subject if isinstance(found, Found) else None
    if not isinstance(found, Found) or not isinstance(subject, NounPhrase) or subject.rank or subject.grouping:
        raise UnreadableError(part.span, _PART_OF_WHAT)
    asserted = subject.force in (Force.SOME, Force.THE)
    if (asserted and _is_single(found)) or names_several((subject.modifiers, found.predicate)):
        raise UnreadableError(part.span, _PART_OF_WHAT)  # "a harbor near ships, none of which ..."
    said = [subject.modifiers, *((found.predicate, *found.resumed) if asserted else ())]
    modifiers = conjoined([each for each in said if each is not None])
    some = replace(subject, force=part.force, amount=part.amount, modifiers=modifiers, other=False)
    before.append(Found(some, part.predicate))


def _resume(before: list[Statement], resumed: Resumed) -> None:
    """Say more of the subject that was found last; "they" after several single ones means all of them."""
    first = max(len(before) - 1, 0)
    while resumed.plural and first > 0 and _is_single(before[first]) and isinstance(before[first - 1], Found):
        first -= 1
    found = [each for each in before[first:] if isinstance(each, Found)]
    if not found or len(found) != len(before[first:]) or _may_mean_others(found, resumed):
        raise UnreadableError(resumed.span, "there is nothing before this that it could be said of")
    if len(found) == 1 and resumed.all_of_them and _is_bare(found[0]):
        everything = PartOf(Force.EACH, None, resumed.predicate, resumed.span)
        _part_of(before, everything)
        return
    if len(found) > 1 and mentions_grouping(resumed.predicate):
        before[first:] = [_together(found, resumed.predicate)]
        return
    before[first:] = [
        replace(each, resumed=(*each.resumed, resumed.predicate), pronoun=each.pronoun or resumed.span)
        for each in found
    ]


def _may_mean_others(found: list[Found], resumed: Resumed) -> bool:
    """Whether "they" after one thing could mean that thing and another that was named with it."""
    if not resumed.plural or len(found) > 1 or not _is_single(found[0]):
        return False
    return resumed.together or names_another((found[0].predicate, found[0].subject))


def _tie_together(statements: list[Statement]) -> None:
    """ "planes and ships near each other": what the last of several unnumbered nouns has holds among all of them."""
    last = statements[-1]
    subject = last.subject if isinstance(last, Found) else None
    if not (isinstance(last, Found) and isinstance(subject, NounPhrase) and _is_unnumbered(subject)):
        return
    rest, grouped = _split(subject.modifiers)
    if grouped is None or last.predicate is not None:
        return
    first = len(statements) - 1
    while first > 0 and _is_plain(statements[first - 1]):
        first -= 1
    subject = replace(subject, amount=None)
    earlier = [each for each in statements[first:-1] if isinstance(each, Found)]
    if earlier:
        bare = Found(replace(subject, modifiers=rest))
        statements[first:] = [_together([*earlier, bare], grouped)]


def _share_modifiers(statements: list[Statement]) -> None:
    """ "planes and ships near a harbor": what the last of several bare plurals has, all of them have."""
    last = statements[-1]
    subject = last.subject if isinstance(last, Found) and last.predicate is None else None
    if not isinstance(subject, NounPhrase) or not subject.bare or subject.modifiers is None:
        return
    if mentions_pronoun(subject.modifiers):
        return
    for place in range(len(statements) - 2, -1, -1):
        before = statements[place]
        if not (isinstance(before, Found) and isinstance(before.subject, NounPhrase) and _is_plain(before)):
            return
        if not before.subject.bare:
            return
        statements[place] = replace(before, subject=replace(before.subject, modifiers=subject.modifiers))


def _together(found: list[Found], predicate: Predicate) -> Found:
    return Found(Joined(Link.AND, tuple(each.subject for each in found)), predicate)


def _split(predicate: Predicate | None) -> tuple[Predicate | None, Predicate | None]:
    """What a predicate says of each thing, and what of a group."""
    if predicate is None:
        return None, None
    parts = predicate.parts if isinstance(predicate, Combined) and predicate.link is Link.AND else (predicate,)
    grouped = [part for part in parts if groupings_in(part)]
    return conjoined([part for part in parts if part not in grouped]), conjoined(grouped)


def _is_plain(statement: Statement) -> bool:
    """Whether only an unnumbered thing is found, of which nothing more is said."""
    subject = statement.subject if isinstance(statement, Found) and not statement.resumed else None
    return (
        isinstance(statement, Found)
        and statement.predicate is None
        and isinstance(subject, NounPhrase)
        and _is_unnumbered(subject)
        and subject.modifiers is None
    )


def _is_unnumbered(phrase: NounPhrase) -> bool:
    """Whether a phrase asks for one thing at least."""
    return phrase.force is Force.SOME and (
        phrase.amount is None or (phrase.amount.least == 1 and phrase.amount.most is None)
    )


def _is_bare(found: Found) -> bool:
    """Whether things without a number were found, of which "all of them" are all that there are."""
    return isinstance(found.subject, NounPhrase) and found.subject.bare and found.subject.force is Force.SOME


def _is_single(statement: Statement) -> bool:
    subject = statement.subject if isinstance(statement, Found) else None
    return isinstance(subject, NounPhrase) and not subject.plural and subject.amount is None
