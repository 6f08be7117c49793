"""The registry of all actions, and what is made from it: bindings, slash commands, help."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from textual.binding import Binding, BindingType

from tui.chat.actions import keeping, looking, settling, typing
from tui.chat.actions.action import Action, Scope

ACTIONS: tuple[Action, ...] = (*typing.ACTIONS, *looking.ACTIONS, *keeping.ACTIONS, *settling.ACTIONS)
BY_ID: Mapping[str, Action] = MappingProxyType({each.id: each for each in ACTIONS})
SLASH: tuple[Action, ...] = tuple(each for each in ACTIONS if each.slash)

_YIELDS_TO_WIDGETS = frozenset({"cancel"})
"""A list, a palette or a dialogue takes these keys first."""


def bindings(scope: Scope) -> list[BindingType]:
    """The bindings of a scope, each with the id of its action, so that a keymap can give it other keys."""
    return [
        Binding(
            each.keys,
            f"app.act('{each.id}')",
            each.footer or each.summary,
            show=bool(each.footer),
            priority=scope == "app" and each.id not in _YIELDS_TO_WIDGETS,
            id=each.id,
            tooltip=each.summary,
        )
        for each in ACTIONS
        if each.scope == scope and each.keys
    ]


def keys_of(scope: Scope, keymap: Mapping[str, str]) -> Mapping[str, str]:
    """The keys of a scope as the settings have them, each with its action."""
    return {
        key.strip(): each.id
        for each in ACTIONS
        if each.scope == scope and each.keys
        for key in keymap.get(each.id, each.keys).split(",")
    }


def with_ids(prefix: str, stock: Sequence[BindingType]) -> list[BindingType]:
    """The bindings of a stock widget, each with an id of its own, such as `edit.cursor_left`."""
    return [
        Binding(
            each.key,
            each.action,
            each.description,
            show=False,
            priority=each.priority,
            id=f"{prefix}.{_name(each.action)}",
        )
        for each in Binding.make_bindings(stock)
    ]


def stock_ids() -> tuple[str, ...]:
    """The ids of the bindings that come with the widgets: moving, scrolling, editing."""
    return tuple(dict.fromkeys(binding.id for _, binding in stock_bindings() if binding.id is not None))


def stock_bindings() -> Iterator[tuple[str, Binding]]:
    """The bindings that come with the widgets, with the name of the widget."""
    from tui.chat.widgets.stock import EDIT, SCROLL, TABLE, TREE

    for name, each in (("text", EDIT), ("table", TABLE), ("tree", TREE), ("scrolling", SCROLL)):
        for binding in Binding.make_bindings(each):
            yield name, binding


def remappable() -> tuple[str, ...]:
    """Every name that the table of keys in the settings may use."""
    return (*(each.id for each in ACTIONS), *stock_ids())


def _name(action: str) -> str:
    return action.replace("(True)", "_select").replace("(", "_").replace(")", "").replace("'", "")
