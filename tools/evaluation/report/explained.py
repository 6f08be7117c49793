"""Why the first images of a query come first, and why its last relevant one does not: for the page of a report."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from solvers.errors import LimitError, RuneError
from solvers.fol.diagnostics import FormulaError
from tools.evaluation.results import QueryResult, ShownImage

if TYPE_CHECKING:
    from tools.archive import Archive
    from tools.explanation import Explanation
    from tools.question import Threshold

SIDE = 360
QUALITY = 72
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class ExplainedImage:
    """One image of a ranking with its verdict, the words that explain it, and a small JPEG as a data address."""

    shown: ShownImage
    verdict: str
    words: tuple[str, ...]
    picture: str | None


@dataclass(frozen=True, slots=True)
class ExplainedQuery:
    """The parts of a query's formula, and its images; `problem` says why there are none."""

    parts: tuple[tuple[str, str], ...]
    images: tuple[ExplainedImage, ...]
    problem: str | None = None


class Explainer:
    """Explains queries over one archive, and draws at most so many pictures."""

    def __init__(self, archive: "Archive", threshold: "Threshold", pictures: int) -> None:
        self._archive = archive
        self._threshold = threshold
        self._pictures_left = pictures

    def explain(self, query: QueryResult) -> ExplainedQuery:
        """The parts and the shown images of a query; what cannot be explained is told."""
        from tools.describe import plan_parts
        from tools.question import prepare

        if query.formula is None:
            return ExplainedQuery((), (), "there is no formula")
        try:
            question = prepare(query.formula, self._archive, self._threshold)
        except FormulaError as error:
            return ExplainedQuery((), (), str(error))
        parts = tuple((part.id, part.formula) for part in plan_parts(question.plan))
        return ExplainedQuery(parts, tuple(self._images(query, query.formula)))

    def _images(self, query: QueryResult, formula: str) -> Iterator[ExplainedImage]:
        from tools.explanation import explain

        for shown in query.shown:
            try:
                found = explain(formula, archive=self._archive, image_id=shown.image_id, threshold=self._threshold)
            except LimitError as error:
                yield ExplainedImage(shown, "unknown", (str(error),), None)
                continue
            words = found.words[:MOST_WORDS]
            if len(found.words) > MOST_WORDS:
                words.append(f"and {len(found.words) - MOST_WORDS:,} lines more")
            yield ExplainedImage(shown, found.check.verdict, tuple(words), self._picture(shown.image_id, found))

    def _picture(self, image_id: str, found: "Explanation") -> str | None:
        """The image with what proves it, or comes nearest, as a data address; None without pixels."""
        path = self._archive.scene(image_id).path
        if self._pictures_left <= 0 or path is None or not Path(path).is_file():
            return None
        self._pictures_left -= 1
        try:
            return _drawn(Path(path), found)
        except RuneError:  # an image that cannot be read is explained without its picture
            return None


def _drawn(path: Path, found: "Explanation") -> str:
    from PIL import Image

    from tools.overlay import draw_overlay

    entities = found.check.entities[:20]
    with TemporaryDirectory(prefix="rune-report-") as folder:
        target = Path(folder) / "overlay.png"
        draw_overlay(path, target, entities, {each.index: f"{each.label} #{each.index}" for each in entities})
        with Image.open(target) as picture:
            small = picture.convert("RGB")
            small.thumbnail((SIDE, SIDE))
    data = io.BytesIO()
    small.save(data, format="JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"
