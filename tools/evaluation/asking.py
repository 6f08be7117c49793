"""Questions asked of systems: one after the other, or shared out over processes that each open the archive."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from solvers.errors import RuneError
from solvers.limits import Tick, never
from solvers.worker_process import Work
from solvers.workers import Workers
from tools.archive import Archive
from tools.evaluation.scoring import Ranked, Scored, rank_question
from tools.evaluation.systems.base import Question, RetrievalSystem
from tools.evaluation.systems.choose import EMBEDDINGS, SystemOptions, make_systems
from tools.evaluation.translation import Translated
from tools.progress import Progress, ignore_progress

Booleans = npt.NDArray[np.bool_]
Answers = tuple[Ranked, ...]
"""What each of some systems answered to one question."""

CHUNK = 16
SECONDS_UNHEARD = 900.0
"""A question over a large archive may take long, and says nothing meanwhile."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process finds an archive, and how it is to read it."""

    root: Path
    is_calibrated: bool
    images: int

    @classmethod
    def of(cls, archive: Archive) -> "Place":
        """The place of an opened archive."""
        return cls(archive.root, archive.calibration is not None, len(archive.image_ids))

    def open(self) -> Archive:
        """The same archive, opened here; raises RuneError where it has changed meanwhile."""
        opened = Archive.open(self.root)
        if len(opened.image_ids) != self.images:
            raise RuneError(f"{self.root}: the archive has changed while it was evaluated")
        return opened if self.is_calibrated else opened.uncalibrated()


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions to some systems over one archive, to be cut into chunks; `relevant` has shape (questions, images)."""

    place: Place
    names: tuple[str, ...]
    asked: tuple[Question, ...]
    relevant: Booleans

    def __len__(self) -> int:
        return len(self.asked)

    def part(self, first: int, last: int) -> "Questions":
        """The questions of a range."""
        return replace(self, asked=self.asked[first:last], relevant=self.relevant[first:last])


@dataclass(frozen=True, slots=True)
class Known:
    """Translations that have been asked for, in the place of the translator, which stays in one process."""

    translated: dict[str, Translated]

    def __call__(self, english: str) -> Translated:
        return self.translated[english]


def make_asker(options: SystemOptions) -> Work[Questions, Sequence[Answers]]:
    """What a process does: open an archive when questions of it first come, then ask its systems."""
    opened: dict[tuple[Place, tuple[str, ...]], Sequence[RetrievalSystem]] = {}

    def ask(questions: Questions, tick: Tick) -> Sequence[Answers]:
        key = (questions.place, questions.names)
        if key not in opened:
            opened.clear()
            opened[key] = make_systems(questions.names, questions.place.open(), options)
        return list(_answers(opened[key], questions.asked, questions.relevant, tick))

    return ask


class Asking:
    """The systems of an evaluation, asked in this process or over several; to be used in a `with`.

    `options.translate` goes to the processes, and so is `Known` where there are several.
    """

    def __init__(self, options: SystemOptions, processes: int) -> None:
        self._options = options
        self._workers: Workers[Questions, Answers] = Workers(
            partial(make_asker, replace(options, progress=ignore_progress)), (), processes, SECONDS_UNHEARD
        )

    def __enter__(self) -> "Asking":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.__exit__(kind, error, trace)

    def ask(
        self, names: Sequence[str], archive: Archive, questions: Sequence[Question], relevant: Booleans
    ) -> list[Scored]:
        """What each system answers to the questions, of which there is at least one, over one archive.

        `relevant` has shape (questions, images). Systems with a model, and an archive of which filters leave a part,
        stay in this process. Raises InputError for a name that no system has.
        """
        systems = {each.name: each for each in make_systems(names, archive, self._options)}
        shared = tuple(name for name in systems if name != EMBEDDINGS)
        if self._workers.processes == 1 or type(archive) is not Archive or not shared:
            return self._ask_here(list(systems.values()), questions, relevant)
        found = dict(zip(shared, next(self.ask_each(shared, [archive], questions, relevant)), strict=True))
        for name in systems.keys() - found.keys():
            [found[name]] = self._ask_here([systems[name]], questions, relevant)
        return [found[name] for name in systems]

    def ask_each(
        self, names: Sequence[str], archives: Iterable[Archive], questions: Sequence[Question], relevant: Booleans
    ) -> Iterator[list[Scored]]:
        """As `ask`, over archives of the same images one after the other, which are opened as they are needed."""
        if self._workers.processes == 1:
            for archive in archives:
                yield self._ask_here(make_systems(names, archive, self._options), questions, relevant)
            return
        waiting: deque[Archive] = deque()
        answers: list[Answers] = []
        progress = self._progress(len(questions))
        for results in self._workers.map(_chunks(tuple(names), archives, waiting, questions, relevant)):
            if () in results:
                raise RuneError(f"question {questions[len(answers) + results.index(())].id}: its process ended")
            answers += results
            progress(len(answers))
            if len(answers) == len(questions):
                systems = make_systems(names, waiting.popleft(), self._options)
                yield [Scored.of(each, [row[column] for row in answers]) for column, each in enumerate(systems)]
                answers = []

    def _ask_here(
        self, systems: Sequence[RetrievalSystem], questions: Sequence[Question], relevant: Booleans
    ) -> list[Scored]:
        progress = self._progress(len(questions))
        answers: list[Answers] = []
        for row in _answers(systems, questions, relevant, never):
            answers.append(row)
            progress(len(answers))
        return [Scored.of(each, [row[column] for row in answers]) for column, each in enumerate(systems)]

    def _progress(self, total: int) -> Callable[[int], None]:
        return lambda done: self._options.progress(Progress("questions", done, total))


def _answers(
    systems: Sequence[RetrievalSystem], questions: Sequence[Question], relevant: Booleans, tick: Tick
) -> Iterator[Answers]:
    """Each question to all systems in turn, since those that judge the same formula share its judge."""
    for question, own in zip(questions, relevant, strict=True):
        row: list[Ranked] = []
        for system in systems:
            row.append(rank_question(system, question, own))
            tick()
        yield tuple(row)


def _chunks(
    names: tuple[str, ...],
    archives: Iterable[Archive],
    waiting: deque[Archive],
    questions: Sequence[Question],
    relevant: Booleans,
) -> Iterator[Questions]:
    """The questions to every archive, in chunks; the archives that were begun wait for their answers."""
    for archive in archives:
        waiting.append(archive)
        whole = Questions(Place.of(archive), names, tuple(questions), relevant)
        yield from (whole.part(first, first + CHUNK) for first in range(0, len(whole), CHUNK))
