"""Questions about trees of a query: what a predicate says of a group, and whether a pronoun points out of a tree."""

from dataclasses import fields, is_dataclass

from agent.offline.syntax import (
    INDIVIDUALS,
    AtDistance,
    Between,
    Combined,
    Grouped,
    Grouping,
    Having,
    Link,
    Negated,
    NounPhrase,
    Predicate,
    Pronoun,
    Related,
)


def conjoined(parts: list[Predicate]) -> Predicate | None:
    """One predicate for all of them, or None for none."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Combined(Link.AND, tuple(parts))


def speaks_of_pair(node: object) -> bool:
    """Whether something in a tree is "between them"."""
    match node:
        case Between(Pronoun() as first, second):
            return first is second
        case tuple():
            return any(map(speaks_of_pair, node))
        case _ if is_dataclass(node):
            return any(speaks_of_pair(getattr(node, each.name)) for each in fields(node))
        case _:
            return False


def mentions_pronoun(node: object, *, plural: bool = False) -> bool:
    """Whether a pronoun, or a plural one, points out of a tree, rather than to the noun before a "with" inside it."""
    match node:
        case Pronoun():
            return node.plural or not plural
        case Having():
            return False
        case tuple():
            return any(mentions_pronoun(each, plural=plural) for each in node)
        case _ if is_dataclass(node):
            return any(mentions_pronoun(getattr(node, each.name), plural=plural) for each in fields(node))
        case _:
            return False


def names_another(node: object) -> bool:
    """Whether something in a tree of what is said of a thing is a relation to a single other thing."""
    match node:
        case Related(_, NounPhrase(plural=False, amount=None)):
            return True
        case tuple():
            return any(map(names_another, node))
        case Combined(_, parts):
            return names_another(parts)
        case NounPhrase(modifiers=modifiers):
            return names_another(modifiers)
        case _:
            return False


def names_several(node: object) -> bool:
    """Whether something in a tree of what is said of a thing is several other things."""
    match node:
        case tuple():
            return any(map(names_several, node))
        case NounPhrase(plural=plural, amount=amount, modifiers=modifiers):
            return plural or (amount is not None and amount.least != 1) or names_several(modifiers)
        case _ if is_dataclass(node):
            return any(names_several(getattr(node, each.name)) for each in fields(node))
        case _:
            return False


def pronoun_numbers(node: object) -> frozenset[bool]:
    """Whether what points out of a tree in so many words is plural ("them") or not ("it"): either, both, neither."""
    match node:
        case Pronoun():
            return frozenset() if node.implied else frozenset({node.plural})
        case Having():
            return frozenset()
        case tuple():
            return frozenset[bool]().union(*map(pronoun_numbers, node))
        case _ if is_dataclass(node):
            return frozenset[bool]().union(*(pronoun_numbers(getattr(node, each.name)) for each in fields(node)))
        case _:
            return frozenset()


def holds_for_them(predicate: Predicate | None) -> bool:
    """Whether a "with" phrase speaks of all that it is said of at once: "with a ship between them"."""
    match predicate:
        case Having(objects):
            return mentions_pronoun(objects, plural=True)
        case Negated(body):
            return holds_for_them(body)
        case Combined(_, parts):
            return any(map(holds_for_them, parts))
        case _:
            return False


def groupings_in(predicate: Predicate) -> tuple[Grouping, ...]:
    """The group words that a predicate says of its subject, not those inside its objects."""
    match predicate:
        case Grouped(grouping):
            return (grouping,)
        case Related(_, NounPhrase(same=True)) | AtDistance(_, NounPhrase(same=True)):
            return (INDIVIDUALS,)
        case Negated(body):
            return groupings_in(body)
        case Combined(_, parts):
            return tuple(grouping for part in parts for grouping in groupings_in(part))
        case _:
            return ()


def mentions_grouping(predicate: Predicate) -> bool:
    """Whether a predicate speaks of its subject as a group."""
    return bool(groupings_in(predicate))
