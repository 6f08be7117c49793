"""The conversation that the process holds: opened, spoken to, and told of in reports that fit a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.conversation.turns import Standing, Turn
from agent.events import Event, ProgressMade, RankingReady, RunFinished, TurnFinished
from solvers.errors import InputError
from solvers.fol.diagnostics import FormulaError
from tui.chat.host.protocol import FormulaNode, Happened, Open, Opened, Say, Taken, Word
from tui.chat.host.tree import tree_of

if TYPE_CHECKING:
    from agent.conversation import Conversation
    from solvers.ontology import Ontology
    from tui.chat.host.desk import Job

MOST_SHOWN = 500
"""Of a ranking so many images are told; an export has all."""
PROGRESS_PAUSE_S = 0.1


@dataclass
class ConversationHolder:
    """The conversation that is open, and the last whole turn of it that ranked images."""

    conversation: Conversation | None = None
    ranked: Turn | None = None

    def opened(self) -> Conversation:
        """The conversation; raises InputError where none is open."""
        if self.conversation is None:
            raise InputError("no archive is open: /archive DIR opens one, /demo makes a sample")
        return self.conversation


def open_conversation(request: Open, holder: ConversationHolder) -> Opened:
    """Open the archive and the session; raises InputError where either cannot be used."""
    from agent.conversation import Conversation

    archive = request.archive if request.archive is not None else _archive_of(request.session)
    conversation = Conversation(
        archive=archive,
        session=request.session,
        model=request.model,
        base_url=request.base_url,
        candidates=request.candidates,
        threshold=request.threshold,
        top_k=request.top_k,
    )
    standing = conversation.standing
    opened = Opened(
        number=request.number,
        session=request.session,
        archive=str(conversation.archive.root),
        size=conversation.archive.size,
        model=request.model,
        ontology=conversation.archive.ontology.name,
        words=words_of(conversation.archive.ontology),
        standing=standing,
        turns=conversation.turns,
        tree=_tree(standing, conversation.archive.ontology),
    )
    holder.conversation, holder.ranked = conversation, None
    return opened


def take_turn(request: Say, job: Job, holder: ConversationHolder) -> Taken:
    """Take a turn, reporting what happens; raises RunCancelledError where it is stopped."""
    conversation = holder.opened()
    turn: Turn | None = None
    told_at, told_phase = -PROGRESS_PAUSE_S, ""
    events = conversation.stream(request.text, is_logic=request.is_logic)
    with job.cancel.calling(conversation.cancel):
        for event in events:
            match event:
                case TurnFinished():
                    turn = event.turn
                case ProgressMade() if event.done != event.total or told_phase:
                    if job.seconds - told_at >= PROGRESS_PAUSE_S:
                        told_at, told_phase = job.seconds, event.phase
                        _tell(event, job)
                case RankingReady() | RunFinished():
                    pass  # the turn has it
                case _:
                    _tell(event, job)
    if turn is None:
        raise RuntimeError("the turn ended without a result")
    if turn.result is not None and turn.result.counts is not None:
        holder.ranked = turn
    return Taken(
        number=request.number,
        seconds=job.seconds,
        turn=_for_a_screen(turn),
        ranked=0 if turn.result is None else len(turn.result.results),
        tree=_tree(turn.standing, conversation.archive.ontology),
    )


def words_of(ontology: Ontology) -> list[Word]:
    """The names that a formula over the ontology may use, and synonyms of its classes."""
    from tools.describe import describe_ontology

    known = describe_ontology(ontology)
    words = [Word(name=each.name, meaning="class") for each in known.classes]
    words += [Word(name=each, meaning=f"class {of.name}") for of in known.classes for each in of.synonyms]
    words += [Word(name=each.name, meaning=each.meaning) for each in known.relations]
    words += [Word(name=each.name, meaning=each.meaning) for each in known.functions]
    return list({each.name: each for each in reversed(words)}.values())[::-1]


def _tell(event: Event, job: Job) -> None:
    job.report(Happened(number=job.number, seconds=job.seconds, event=event))


def _for_a_screen(turn: Turn) -> Turn:
    if turn.result is None or len(turn.result.results) <= MOST_SHOWN:
        return turn
    result = turn.result.model_copy(update={"results": turn.result.results[:MOST_SHOWN]})
    return turn.model_copy(update={"result": result})


def _tree(standing: Standing, ontology: Ontology) -> FormulaNode | None:
    if standing.formula is None:
        return None
    try:
        return tree_of(standing.formula, ontology)
    except FormulaError:  # kept by a session whose archive has another ontology now; the turn told of it
        return None


def _archive_of(session: str) -> str:
    from agent.sessions import list_sessions

    kept = {each.name: each.archive for each in list_sessions()}
    if session not in kept:
        raise InputError(f"there is no session {session!r}: /sessions lists those that are kept")
    return kept[session]
