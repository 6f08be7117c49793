"""What a conversation is made of: turns, and the standing that each leaves for the next."""

import shlex
from typing import Literal

from pydantic import Field

from tools.results import Model, RunResult, StatusName

DEFAULT_THRESHOLD = 0.25
DEFAULT_TOP_K = 10
TurnKind = Literal["question", "edit", "setting", "explanation", "undo", "start_over", "unread"]


class ImageFilters(Model):
    """Which images are asked, as it was said; `tools.filters.Filters` tells what each means."""

    area: str | None = None
    area_crs: str | None = None
    since: str | None = None
    until: str | None = None
    folder: str | None = None

    @property
    def words(self) -> str:
        """The filters in a line, as they would be typed."""
        given = self.model_dump(exclude_none=True)
        return " ".join(f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in given.items())


class Standing(Model):
    """What holds between two turns: the formula in force, and how images are ranked by it.

    `threshold` holds for the classes that `class_thresholds` does not name; `filters` is None where all images are
    asked.
    """

    formula: str | None = None
    threshold: float = DEFAULT_THRESHOLD
    class_thresholds: dict[str, float] = Field(default_factory=dict)
    top_k: int = DEFAULT_TOP_K
    filters: ImageFilters | None = None


class ShownImage(Model):
    """One image of a turn's ranking, as a session keeps it."""

    rank: int
    image_id: str
    verdict: str
    score: float


class Turn(Model):
    """One thing that was said, and what came of it.

    `standing` is what holds after the turn and `reading` what its formula looks for, in English; `changed` says in
    words what the turn changed; `words` answers a question about one image, `image_id`. `result` is the whole answer
    where images were ranked or the text could not be read; a session keeps `shown` of it.
    """

    number: int
    text: str
    kind: TurnKind
    status: StatusName
    model: str
    standing: Standing
    reading: str | None = None
    changed: list[str] = Field(default_factory=list)
    words: list[str] = Field(default_factory=list)
    image_id: str | None = None
    error: str | None = None
    shown: list[ShownImage] = Field(default_factory=list)
    result: RunResult | None = None

    @property
    def formula(self) -> str | None:
        """The formula in force after the turn."""
        return self.standing.formula
