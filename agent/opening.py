"""From the model that was chosen to a provider that answers; loads no more than that one needs."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from agent.choice import ChatChoice, ModelChoice, OfflineChoice
from agent.events import Event
from agent.provider import LocalProvider, Provider
from solvers.ontology import Ontology


@asynccontextmanager
async def opened_provider(
    choice: ModelChoice, ontology: Ontology, *, seconds: float, samples: int, emit: Callable[[Event], None]
) -> AsyncIterator[Provider]:
    """The provider of a chosen model, with `seconds` from now for all of its answers together."""
    if isinstance(choice, OfflineChoice):
        from agent.offline_model import OfflineChatModel

        yield LocalProvider(OfflineChatModel(ontology=ontology))
    elif isinstance(choice, ChatChoice):
        yield LocalProvider(choice.chat, seconds=seconds)
    else:
        from agent.server import opened_server

        async with opened_server(choice, seconds=seconds, samples=samples, emit=emit) as server:
            yield server
