"""The tab Logic: the formula to be changed and run, and what it is made of, with the verdicts of the chosen image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Static, TextArea, Tree

from tui.chat.actions.registry import bindings
from tui.chat.messages import FormulaSubmitted
from tui.chat.safe_text import MUTED, VERDICTS, plain
from tui.chat.widgets.keyed import KeyedTextArea
from tui.chat.widgets.stock import TREE
from tui.text import safe

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widgets.tree import TreeNode

    from tui.chat.host.protocol import FormulaNode
    from tui.chat.state import ChatState

NOTHING = "There is no formula yet: ask, or write one here, such as: exists x. plane(x)"


class FormulaEditor(KeyedTextArea):
    """The formula as text; Enter runs it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("logic")


class LogicTree(Tree[str], inherit_bindings=False):
    """The formula as a tree."""

    BINDINGS = TREE


class Logic(Vertical):
    """The editor, and below it the tree."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__(id="logic")
        self._editor = FormulaEditor(keys, id="formula", placeholder=NOTHING)
        self._hint = Static("", id="logic-hint", markup=False)
        self._tree: LogicTree = LogicTree("", id="formula-tree")
        self._shown: str | None = None
        self._drawn: tuple[object, object] = (None, None)

    def compose(self) -> ComposeResult:
        """The parts."""
        yield self._editor
        yield self._hint
        yield self._tree

    def on_mount(self) -> None:
        """No tree without a formula."""
        self._tree.show_root = False
        self._tree.guide_depth = 3
        self._tree.display = False

    def show(self, state: ChatState) -> None:
        """The formula in force; what the user has changed in it and not run yet is replaced."""
        if state.formula != self._shown:
            self._shown = state.formula
            self._editor.text = state.formula or ""
        looked = state.looked
        verdicts = {} if looked is None else {each.id: each.verdict for each in looked.check.parts}
        of = "" if looked is None else f" · verdicts of {looked.image_id}"
        self._hint.update(plain(f"Enter runs it{of}" if state.formula else "Enter runs it", MUTED))
        if (state.tree, verdicts) != self._drawn:
            self._drawn = (state.tree, verdicts)
            self._draw(state.tree, verdicts)

    def submit(self) -> None:
        """Have the formula run as it stands."""
        if self._editor.text.strip():
            self.post_message(FormulaSubmitted(self._editor.text))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Nobody else has to know."""
        event.stop()

    def _draw(self, tree: FormulaNode | None, verdicts: Mapping[str, str]) -> None:
        self._tree.clear()
        self._tree.display = tree is not None
        if tree is None:
            return
        for part in tree.children:
            self._add(self._tree.root, part, verdicts)
        self._tree.root.expand_all()

    def _add(self, above: TreeNode[str], node: FormulaNode, verdicts: Mapping[str, str]) -> None:
        label = Text()
        if node.part is not None:
            label.append(f"{safe(node.part)}  ", style="bold")
            if node.part in verdicts:
                word, style = VERDICTS[verdicts[node.part]]
                label.append(f"{word}  ", style=self.app.theme_variables.get(style.removeprefix("$"), ""))
        label.append(safe(node.label))
        if not node.children:
            above.add_leaf(label)
            return
        here = above.add(label)
        for each in node.children:
            self._add(here, each, verdicts)
