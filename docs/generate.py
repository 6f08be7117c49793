"""Writes the parts of the documentation that follow from the code: predicates, JSON schemas, the chat's actions.

Run `python docs/generate.py` after a change of the language or of the answers; a test compares.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from pydantic import BaseModel

from agent.batch.run import BatchSummary
from solvers.fol.signature import FUNCTIONS, RELATIONS, UNITS
from tools.archive.answers import ArchiveInfo, Compaction, Verification
from tools.evaluation.calibrating import CalibrationReport
from tools.evaluation.noise.simulate import SimulationReport
from tools.evaluation.results import Evaluation
from tools.results import CheckResult, IndexReport, RunResult, Validation
from tui.chat.actions.registry import ACTIONS
from tui.chat.keys import key_words
from tui.chat.settings import Settings

DOCS = Path(__file__).parent
SCHEMAS: tuple[type[BaseModel], ...] = (
    RunResult,
    CheckResult,
    Validation,
    IndexReport,
    BatchSummary,
    ArchiveInfo,
    Verification,
    Compaction,
    Evaluation,
    SimulationReport,
    CalibrationReport,
)


def generated() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    chat = (DOCS / "chat.md").read_text(encoding="utf-8")
    for name, lines in (("actions", _actions()), ("settings", _settings())):
        inner = "\n".join(lines)
        chat = re.sub(
            rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)",
            lambda found, inner=inner: f"{found[1]}\n{inner}\n\n{found[2]}",
            chat,
            flags=re.S,
        )
    files = {DOCS / "chat.md": chat, DOCS / "predicates.md": "\n".join(_predicates()) + "\n"}
    for model in SCHEMAS:
        schema = json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False)
        files[DOCS / "schema" / f"{model.__name__}.json"] = schema + "\n"
    return files


def _predicates() -> Iterator[str]:
    yield "# Predicates, functions and units"
    yield ""
    yield "Generated from `solvers/fol/signature.py` by `python docs/generate.py`. Beside these, every class of the"
    yield "ontology is a predicate of one variable."
    for arity, title in ((1, "Regions"), (2, "Relations of two"), (3, "Relations of three")):
        yield from ("", f"## {title}", "", "| predicate | holds when |", "|---|---|")
        for each in RELATIONS.values():
            if each.arity == arity and not each.variadic:
                yield f"| `{each.name}({', '.join('xyz'[:arity])})` | {each.meaning} |"
    yield from ("", "## Group words", "", "Of two or more variables.", "", "| predicate | holds when |", "|---|---|")
    for each in RELATIONS.values():
        if each.variadic:
            yield f"| `{each.name}(x, y, ...)` | {each.meaning} |"
    yield from ("", "## Functions", "", "| function | measures |", "|---|---|")
    for function in FUNCTIONS.values():
        yield f"| `{function.name}({', '.join('xy'[: function.arity])})` | {function.meaning} ({function.dimension}) |"
    lengths = ", ".join(f"`{unit.name}`" for unit in UNITS.values() if unit.dimension == "length")
    areas = ", ".join(f"`{unit.name}`" for unit in UNITS.values() if unit.dimension == "area")
    yield from ("", "## Units", "", f"Lengths: {lengths}. Areas: {areas}.")


def _actions() -> Iterator[str]:
    places = {"app": "", "prompt": "in the prompt", "step": "on a step", "results": "in Results", "logic": "in Logic"}
    yield "| name | key | where | command | what it does |"
    yield "|---|---|---|---|---|"
    for each in ACTIONS:
        command = f"`{each.usage}`" if each.slash else ""
        yield f"| `{each.id}` | {key_words(each.keys)} | {places[each.scope]} | {command} | {each.summary} |"


def _settings() -> Iterator[str]:
    yield "| setting | unless told | what it is |"
    yield "|---|---|---|"
    unset = Settings()
    for each in fields(Settings):
        value = getattr(unset, each.name)
        shown = "" if value in ("", {}) else f"`{value}`"
        yield f"| `{each.name}` | {shown} | {each.metadata['sentence']} |"


def main() -> None:
    """Write the files."""
    for path, text in generated().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
