"""Writes the parts of the documentation that follow from the code: the predicate tables and the JSON schemas.

Run `python docs/generate.py` after a change of the language or of the answers; a test compares.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from agent.batch.run import BatchSummary
from solvers.fol.signature import FUNCTIONS, RELATIONS, UNITS
from tools.archive.answers import ArchiveInfo, Compaction, Verification
from tools.evaluation.calibrating import CalibrationReport
from tools.evaluation.noise.simulate import SimulationReport
from tools.evaluation.results import Evaluation
from tools.results import CheckResult, IndexReport, RunResult, Validation

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
    files = {DOCS / "predicates.md": "\n".join(_predicates()) + "\n"}
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


def main() -> None:
    """Write the files."""
    for path, text in generated().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
