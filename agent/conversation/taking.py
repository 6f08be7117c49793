"""Taking a turn: what was said is read, the formula changed or asked for, the images ranked, or one explained."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from time import perf_counter

from agent.choice import ModelChoice, OfflineChoice
from agent.conversation.changes import changes_between
from agent.conversation.commands import AboutImage, Changed, Filtered, StartOver, Undo, read_command
from agent.conversation.filtering import FilteredArchives, filters_in
from agent.conversation.follow_up import FollowUp, Question, Unread, read_follow_up
from agent.conversation.history import earlier_messages
from agent.conversation.images import find_image
from agent.conversation.turns import ShownImage, Standing, Turn, TurnKind
from agent.events import Event, QueryRefused, RunFinished, RunStarted, ToolFinished, ToolStarted
from agent.events import Problem as ProblemEvent
from agent.offline.lexicon import Lexicon
from agent.request import RunRequest
from agent.runner import execute
from solvers.errors import InputError, RuneError
from tools.archive import Archive
from tools.english import reading_of
from tools.registry import EXPLAIN, ImageArguments, Threshold, ToolContext
from tools.results import AttemptModel, DiagnosticModel, RunResult

SHOWN_IN_A_SESSION = 100


def _ignored(_: Turn) -> None:
    """Nobody wants the whole turn."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a turn is taken in; `request` carries how a question is asked, its text and formula aside.

    `archives` are `archive` under filters. `emit` is told what happens, `taken` the whole turn, of which only a part is
    kept. `is_logic` says that the text is a formula and begins anew.
    """

    archive: Archive
    archives: FilteredArchives
    model: ModelChoice
    initial: Standing
    request: RunRequest
    emit: Callable[[Event], None]
    taken: Callable[[Turn], None] = _ignored
    is_logic: bool = False


async def take_turn(
    text: str, setting: Setting, turns: Sequence[Turn], standing: Standing, past: Sequence[Standing]
) -> Turn:
    """One turn, whatever is said."""
    return await _Turn(text, setting, turns, standing, past).taken()


def threshold_of(standing: Standing, archive: Archive) -> Threshold:
    """The threshold as the tools take it: one number, or one a class, where the more specific class wins."""
    if not standing.class_thresholds:
        return standing.threshold
    roots = {each.name: standing.threshold for each in archive.ontology.classes if each.parent is None}
    return {**roots, **standing.class_thresholds}


class _Turn:
    def __init__(
        self, text: str, setting: Setting, turns: Sequence[Turn], standing: Standing, past: Sequence[Standing]
    ) -> None:
        self.text = text
        self.setting = setting
        self.turns = turns
        self.standing = standing
        self.past = past
        self.ontology = setting.archive.ontology

    async def taken(self) -> Turn:
        match await asyncio.to_thread(self._read):
            case Question():
                return await self._asked()
            case Changed(standing):
                kind: TurnKind = "setting" if standing.formula == self.standing.formula else "edit"
                return await self._settled(kind, standing)
            case Filtered(arguments):
                return await self._filtered(arguments)
            case AboutImage(image):
                return await self._explained(image)
            case Undo():
                if not self.past:
                    return self._unread("there is nothing to undo")
                return await self._settled("undo", self.past[-1])
            case StartOver():
                return self._turn("start_over", self.setting.initial)
            case Unread(problems):
                found = [
                    ProblemEvent(
                        word=each.word,
                        message=each.message,
                        start=each.start,
                        end=each.end,
                        suggestions=list(each.suggestions),
                    )
                    for each in problems
                ]
                return self._unread("; ".join(each.message for each in problems), found)

    def _read(self) -> FollowUp:
        if self.setting.is_logic:
            return Question()

        def image_ids() -> Sequence[str]:
            return self.setting.archive.image_ids

        if isinstance(self.setting.model, OfflineChoice):
            return read_follow_up(self.text, self.standing, self.ontology, image_ids)
        return read_command(self.text, self.standing, Lexicon(self.ontology), image_ids) or Question()

    async def _asked(self) -> Turn:
        """A question for the model, which sees what was asked before."""
        follows = self.standing.formula is not None and not isinstance(self.setting.model, OfflineChoice)
        request = replace(
            self._request(self.standing),
            query=self.text,
            model=self.setting.model,
            earlier=earlier_messages(self.turns) if follows else (),
            in_force=self.standing.formula if follows else None,
        )
        result = await self._run(request)
        return self._ranked("edit" if follows else "question", self.standing, result)

    async def _settled(self, kind: TurnKind, standing: Standing) -> Turn:
        """A formula that needs no model: the images are ranked by it, unless nothing is left to look for."""
        if standing.formula is None:
            return self._turn(kind, standing)
        result = await self._run(
            replace(self._request(standing), query=standing.formula, model=OfflineChoice(), candidates=1)
        )
        return self._ranked(kind, standing, result)

    async def _filtered(self, arguments: str) -> Turn:
        """Other images are asked, unless the filters are none."""
        try:
            standing = self.standing.model_copy(update={"filters": filters_in(arguments)})
            archive = await asyncio.to_thread(self.setting.archives.under, standing)
        except InputError as error:
            return self._unread(str(error))
        turn = await self._settled("setting", standing)
        left = archive.filtered
        if left is None:
            return turn
        said = [f"{left.images:,} of {archive.size.images:,} images pass"]
        if turn.result is None:  # a ranking has them
            said += archive.warnings
        return turn.model_copy(update={"changed": [*turn.changed, *said]})

    def _request(self, standing: Standing) -> RunRequest:
        threshold = threshold_of(standing, self.setting.archive)
        archive = self.setting.archives.under(standing)
        return replace(self.setting.request, archive=archive, threshold=threshold, top_k=standing.top_k)

    async def _run(self, request: RunRequest) -> RunResult:
        """Run a request as a graph of its own, whose state is none of the conversation's."""
        results: list[RunResult] = []
        name = self.setting.model.name

        def emit(event: Event) -> None:
            match event:
                case RunStarted():
                    event = event.model_copy(update={"query": self.text, "model": name})
                case RunFinished(result=result):
                    results.append(result.model_copy(update={"query": self.text, "model": name}))
                    event = RunFinished(result=results[-1])
            self.setting.emit(event)

        running = asyncio.create_task(execute(request, emit, perf_counter()), context=Context())
        try:
            await running
        finally:
            running.cancel()
        return results[-1]

    def _ranked(self, kind: TurnKind, standing: Standing, result: RunResult) -> Turn:
        if result.formula is None or result.status not in ("ok", "limit"):
            after = self.standing
        else:
            after = standing.model_copy(update={"formula": result.formula})
        turn = self._turn(kind, after)
        shown = [
            ShownImage(rank=each.rank, image_id=each.image_id, verdict=each.verdict, score=each.score)
            for each in result.results[:SHOWN_IN_A_SESSION]
        ]
        return turn.model_copy(
            update={"status": result.status, "error": result.error, "shown": shown, "result": result}
        )

    async def _explained(self, said: str) -> Turn:
        """Why an image is, or is not, an answer, in the words of the explain tool."""
        formula = self.standing.formula
        if formula is None:
            return self._unread("there is no question yet that an image could answer")
        try:
            image_id = find_image(said, self.setting.archive.image_ids)
            arguments = ImageArguments(formula=formula, image_id=image_id)
            self.setting.emit(ToolStarted(tool=EXPLAIN.name, arguments=arguments.model_dump(exclude_none=True)))
            threshold = threshold_of(self.standing, self.setting.archive)
            archive = self.setting.archives.under(self.standing)
            tools = ToolContext(ontology=self.ontology, archive=archive, threshold=threshold)
            explanation = await asyncio.to_thread(EXPLAIN.function, arguments, tools)
        except InputError as error:
            return self._unread(str(error))
        except RuneError as error:
            self.setting.emit(ToolFinished(tool=EXPLAIN.name, refused=str(error)))
            return self._turn("explanation", self.standing).model_copy(update={"status": "limit", "error": str(error)})
        self.setting.emit(ToolFinished(tool=EXPLAIN.name))
        return self._turn("explanation", self.standing).model_copy(
            update={"words": explanation.words, "image_id": image_id}
        )

    def _unread(self, error: str, problems: Sequence[ProblemEvent] = ()) -> Turn:
        """A turn that changes nothing, and says why."""
        diagnostics = [
            DiagnosticModel(
                code="syntax",
                severity="error",
                message=each.message,
                start=each.start or 0,
                end=each.end or 0,
                suggestions=each.suggestions,
            )
            for each in problems
        ]
        if problems:
            self.setting.emit(QueryRefused(candidate=0, problems=list(problems)))
        result = RunResult(
            status="unrepairable",
            query=self.text,
            model=self.setting.model.name,
            attempts=[AttemptModel(formula="", diagnostics=diagnostics)] if diagnostics else [],
            archive=self.setting.archive.size,
            error=error,
        )
        turn = self._turn("unread", self.standing)
        return turn.model_copy(update={"status": "unrepairable", "error": error, "result": result})

    def _turn(self, kind: TurnKind, standing: Standing) -> Turn:
        return Turn(
            number=len(self.turns) + 1,
            text=self.text,
            kind=kind,
            status="ok",
            model=self.setting.model.name,
            standing=standing,
            reading=None if standing.formula is None else reading_of(standing.formula, self.ontology),
            changed=changes_between(self.standing, standing, self.ontology),
        )
