"""What the chat knows between two events: what is open, how questions are answered, and the last answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.conversation.turns import ImageFilters, Standing, Turn
    from tui.chat.host.protocol import FormulaNode, Looked, Word


@dataclass
class ChatState:
    """What is open and what was answered last; only the thread of the screen touches it.

    `archive` is None before one is open; `turn` is the last one, `ranked` the last one that ranked images, `ranked_of`
    how many images that ranking has in all. `looked` is what is known of the chosen image under the formula in force.
    """

    session: str
    images: str
    model: str = "offline"
    base_url: str | None = None
    candidates: int = 1
    threshold: float = 0.25
    class_thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    top_k: int = 10
    filters: ImageFilters | None = None
    archive: str | None = None
    image_count: int = 0
    entity_count: int = 0
    words: Sequence[Word] = ()
    formula: str | None = None
    tree: FormulaNode | None = None
    turn: Turn | None = None
    ranked: Turn | None = None
    ranked_of: int = 0
    image_id: str | None = None
    looked: Looked | None = None

    def stand(self, standing: Standing) -> None:
        """Take over what holds after a turn."""
        self.formula = standing.formula
        self.threshold = standing.threshold
        self.class_thresholds = MappingProxyType(dict(standing.class_thresholds))
        self.top_k = standing.top_k
        self.filters = standing.filters

    @property
    def thresholds(self) -> str:
        """The thresholds in a few words."""
        return ", ".join(
            [f"{self.threshold:g}", *(f"{name} {value:g}" for name, value in self.class_thresholds.items())]
        )
