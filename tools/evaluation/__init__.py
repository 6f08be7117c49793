"""Measuring retrieval: query sets, systems, metrics; each is loaded when it is first called."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.evaluation.making.maker import make_queries as make_queries

__all__ = ["make_queries"]


def __getattr__(name: str) -> object:
    homes = {"make_queries": "making.maker"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tools.evaluation.{homes[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
