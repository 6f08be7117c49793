"""The bindings that come with Textual's widgets, with ids, so that they can be remapped too."""

from textual.containers import ScrollableContainer
from textual.widgets import DataTable, TextArea, Tree

from tui.chat.actions.registry import with_ids

EDIT = with_ids("edit", TextArea.BINDINGS)
TABLE = with_ids("table", DataTable.BINDINGS)
TREE = with_ids("tree", Tree.BINDINGS)
SCROLL = with_ids("scroll", ScrollableContainer.BINDINGS)
