"""The tab Results: the ranking as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.widgets import DataTable

from tui.chat.actions.registry import bindings
from tui.chat.messages import ImageChosen
from tui.chat.safe_text import VERDICTS
from tui.chat.widgets.stock import TABLE
from tui.text import safe

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tools.results import ImageResult

COLUMNS = ("rank", "image", "score", "verdict", "proof")
SORTABLE = COLUMNS[:-1]
_ORDER = {"sat": 0, "unknown": 1, "unsat": 2}
_AT_ONCE = 50
_LONGEST_PROOF = 160


class Results(DataTable[Text], inherit_bindings=False):
    """A row an image; sorted by rank unless the user says otherwise."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("results"), *TABLE]

    def __init__(self) -> None:
        super().__init__(id="results-table", cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._results: Sequence[ImageResult] = ()
        self._column = "rank"
        self._is_reversed = False
        self._headed: tuple[str, bool] | None = None
        self._filling = 0

    def on_mount(self) -> None:
        """The columns, sized as the rows come."""
        self._fill()

    def show(self, results: Sequence[ImageResult]) -> None:
        """Another ranking, from its first image."""
        self._results = results
        self._column, self._is_reversed = "rank", False
        self._fill()

    def move(self, by: int) -> None:
        """Go to another image of the table, as it is sorted."""
        if self.row_count:
            self.move_cursor(row=max(0, min(self.row_count - 1, self.cursor_row + by)))

    def sort_by(self, column: str) -> None:
        """Sort by a column, by the next one where none is named."""
        if column and column not in SORTABLE:
            self.app.bell()
            return
        self._column = column or SORTABLE[(SORTABLE.index(self._column) + 1) % len(SORTABLE)]
        self._fill()

    def turn_round(self) -> None:
        """The last first."""
        self._is_reversed = not self._is_reversed
        self._fill()

    @property
    def order(self) -> list[str]:
        """The images as they are shown."""
        return [each.image_id for each in self._sorted()]

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """A click on a heading sorts, another one turns round."""
        name = str(event.column_key.value)
        if name not in SORTABLE:
            return
        if name == self._column:
            self.turn_round()
        else:
            self.sort_by(name)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """The image under the cursor is the one that the other tabs show."""
        event.stop()
        place = event.cursor_row
        shown = self._sorted()
        if 0 <= place < len(shown):
            self.post_message(ImageChosen(shown[place].image_id))

    def _sorted(self) -> list[ImageResult]:
        keys = {
            "rank": lambda each: each.rank,
            "image": lambda each: (each.image_id, each.rank),
            "score": lambda each: (-each.score, each.rank),
            "verdict": lambda each: (_ORDER[each.verdict], each.rank),
        }
        return sorted(self._results, key=keys[self._column], reverse=self._is_reversed)

    def _fill(self) -> None:
        if self._headed != (self._column, self._is_reversed):
            self._headed = (self._column, self._is_reversed)
            self.clear(columns=True)
            arrow = "▼" if self._is_reversed else "▲"
            for name in COLUMNS:
                self.add_column(Text(f"{name} {arrow}" if name == self._column else name), key=name)
        else:
            self.clear()
        self._filling += 1
        self._add_rows(self._sorted(), 0, self._filling)

    def _add_rows(self, results: Sequence[ImageResult], start: int, filling: int) -> None:
        """A few rows at a time, so that a long ranking holds up no key."""
        if filling != self._filling or not results:
            return
        from tui.render import proof_words

        colours = self.app.theme_variables
        for each in results[start : start + _AT_ONCE]:
            word, style = VERDICTS[each.verdict]
            proof = proof_words(each)
            self.add_row(
                Text(str(each.rank), justify="right"),
                Text(safe(each.image_id)),
                Text(f"{each.score:.3f}"),
                Text(word, style=colours.get(style.removeprefix("$"), "")),
                Text(proof if len(proof) <= _LONGEST_PROOF else f"{proof[: _LONGEST_PROOF - 1]}…"),
            )
        if start + _AT_ONCE < len(results):
            self.call_later(self._add_rows, results, start + _AT_ONCE, filling)
