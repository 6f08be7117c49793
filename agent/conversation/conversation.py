"""A conversation as Python holds it: say something, get a turn; what was said before is remembered."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Unpack

from agent.api import ModelOptions, request_of
from agent.cancelling import CancelToken
from agent.choice import OfflineChoice
from agent.conversation.filtering import FilteredArchives
from agent.conversation.turns import DEFAULT_THRESHOLD, DEFAULT_TOP_K, Standing, Turn
from agent.events import Event, TurnFinished
from agent.pump import Emit, emitted_by
from agent.request import check_query
from agent.sessions.database import check_name
from solvers.errors import InputError
from solvers.ontology import normalise_label
from tools.archive import Archive
from tools.nearest import did_you_mean
from tools.progress import ProgressListener, ignore_progress

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    from agent.conversation.graph import ConversationState

_UNNAMED = "a conversation"


class Conversation:
    """Questions over one archive that go on from one another; one turn at a time.

    With `session`, a name, every turn is kept in the database of sessions as soon as it ends, and a session that is
    there goes on where it was, with its own threshold and number of images. Without one nothing outlives the object.
    `options` are those of `agent.translate`.
    """

    def __init__(
        self,
        *,
        archive: str | Path | Archive,
        session: str | None = None,
        threshold: float = DEFAULT_THRESHOLD,
        class_thresholds: Mapping[str, float] = MappingProxyType({}),
        top_k: int = DEFAULT_TOP_K,
        certify: bool = False,
        progress: ProgressListener = ignore_progress,
        **options: Unpack[ModelOptions],
    ) -> None:
        for value in (threshold, *class_thresholds.values()):
            if not 0 < value <= 1:
                raise InputError(f"the threshold is {value}; it is a confidence above 0 and at most 1")
        self.archive = archive if isinstance(archive, Archive) else Archive.open(archive)
        self.session = None if session is None else check_name(session)
        names = {normalise_label(name): value for name, value in class_thresholds.items()}
        unknown = sorted(names.keys() - self.archive.ontology.by_name.keys())
        if unknown:
            hint = did_you_mean(unknown[0], tuple(self.archive.ontology.by_name))
            raise InputError(f"the ontology {self.archive.ontology.name} has no class {unknown[0]!r}{hint}")
        self._initial = Standing(threshold=threshold, class_thresholds=names, top_k=top_k)
        self._request = request_of(
            _UNNAMED, self.archive.ontology, self.archive, top_k=top_k, certify=certify, progress=progress, **options
        )
        self._archives = FilteredArchives(self.archive)
        self._memory: BaseCheckpointSaver[str] | None = None
        self._token = CancelToken()
        if self.session is not None:
            self._check_standing()

    def send(self, text: str) -> Turn:
        """Say something and wait for the turn; raises InputError for a text that is blank, too long or not UTF-8."""
        turns = [event.turn for event in self.stream(text) if isinstance(event, TurnFinished)]
        return turns[-1]

    def stream(self, text: str, *, is_logic: bool = False) -> Iterator[Event]:
        """Say something and see what happens; the last event carries the turn.

        With `is_logic` the text is a formula, which no model is asked about. Closing the iterator, or `cancel`, ends
        the turn and leaves the conversation as it was before.
        """
        check_query(text)
        self._token = CancelToken()

        async def take(emit: Emit[Event]) -> None:
            await self._take(text, emit, is_logic=is_logic)

        return emitted_by(take, self._token)

    async def asend(self, text: str) -> Turn:
        """Do as `send` does without holding up the running event loop; cancelling the task cancels the turn."""
        sending = asyncio.create_task(asyncio.to_thread(self.send, text))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            raise

    def cancel(self) -> None:
        """End the turn under way, from any thread; it raises RunCancelledError, and is as if it had not been."""
        self._token.cancel()

    @property
    def turns(self) -> list[Turn]:
        """The turns so far, oldest first; those of a session without their results."""
        from agent.conversation.graph import turns_in

        return turns_in(self._state())

    @property
    def standing(self) -> Standing:
        """The formula in force, the threshold, and how many images are shown."""
        from agent.conversation.graph import standing_in

        return standing_in(self._state()) or self._initial

    async def _take(self, text: str, emit: Emit[Event], *, is_logic: bool) -> None:
        from agent.conversation.graph import say
        from agent.conversation.taking import Setting

        model = OfflineChoice() if is_logic else self._request.model
        setting = Setting(self.archive, self._archives, model, self._initial, self._request, emit, is_logic=is_logic)
        async with self._checkpointer() as saver:
            turn = await say(text, self.session or _UNNAMED, setting, saver)
        # Told when it is kept, so that whoever leaves at this event loses nothing.
        emit(TurnFinished(turn=turn))

    @asynccontextmanager
    async def _checkpointer(self) -> "AsyncIterator[BaseCheckpointSaver[str]]":
        if self.session is None:
            yield self._in_memory()
            return
        from agent.sessions.database import in_use, prune, writing

        with in_use(self.session):
            async with writing() as saver:
                yield saver
                await prune(saver, self.session)

    def _in_memory(self) -> "BaseCheckpointSaver[str]":
        from langgraph.checkpoint.memory import InMemorySaver

        if self._memory is None:
            self._memory = InMemorySaver()
        return self._memory

    def _state(self) -> "ConversationState":
        from agent.sessions.listing import state_in, stored_state

        if self.session is not None:
            return stored_state(self.session)
        return state_in(self._in_memory(), _UNNAMED)

    def _check_standing(self) -> None:
        """Refuse a session whose formula names what the archive's ontology lacks."""
        formula = self.standing.formula
        if formula is None:
            return
        from solvers.fol.analysis import analyse

        if analyse(formula, self.archive.ontology).formula is None:
            raise InputError(
                f"the session {self.session!r} is about {formula}, which the ontology {self.archive.ontology.name} "
                "of this archive cannot say: take another archive, or another session"
            )
