"""The tools: typed functions that a program, a command line or an agent calls; each loads what it needs when called."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.check import check_image as check_image
    from tools.describe import describe_ontology as describe_ontology
    from tools.detector import detect as detect
    from tools.equivalence import equivalent as equivalent
    from tools.evaluation.run import evaluate as evaluate
    from tools.explanation import explain as explain
    from tools.exporting import export as export
    from tools.index import index_images as index_images
    from tools.ranking import rank as rank
    from tools.validate import validate_formula as validate_formula

__all__ = [
    "check_image",
    "describe_ontology",
    "detect",
    "equivalent",
    "evaluate",
    "explain",
    "export",
    "index_images",
    "rank",
    "validate_formula",
]


def __getattr__(name: str) -> object:
    homes = {
        "check_image": "check",
        "describe_ontology": "describe",
        "detect": "detector",
        "equivalent": "equivalence",
        "evaluate": "evaluation.run",
        "explain": "explanation",
        "export": "exporting",
        "index_images": "index",
        "rank": "ranking",
        "validate_formula": "validate",
    }
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tools.{homes[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
