"""Questions about trees of a query: what a predicate says of a group, and whether a pronoun points out of a tree."""

from dataclasses import fields, is_dataclass

from agent.offline.syntax import Combined, Grouped, Grouping, Having, Link, Negated, Predicate, Pronoun


def conjoined(parts: list[Predicate]) -> Predicate | None:
    """One predicate for all of them, or None for none."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Combined(Link.AND, tuple(parts))


def mentions_pronoun(node: object) -> bool:
    """Whether a pronoun in a tree points out of it, rather than to the noun before a "with" inside it."""
    match node:
        case Pronoun():
            return True
        case Having():
            return False
        case tuple():
            return any(map(mentions_pronoun, node))
        case _ if is_dataclass(node):
            return any(mentions_pronoun(getattr(node, each.name)) for each in fields(node))
        case _:
            return False


def groupings_in(predicate: Predicate) -> tuple[Grouping, ...]:
    """The group words that a predicate says of its subject, not those inside its objects."""
    match predicate:
        case Grouped(grouping):
            return (grouping,)
        case Negated(body):
            return groupings_in(body)
        case Combined(_, parts):
            return tuple(grouping for part in parts for grouping in groupings_in(part))
        case _:
            return ()


def mentions_grouping(predicate: Predicate) -> bool:
    """Whether a predicate speaks of its subject as a group."""
    return bool(groupings_in(predicate))
