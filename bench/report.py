"""The results as a Markdown page, as JSON, and as a plot."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.queries import QUERIES, Query
from bench.results import Figure, Results
from bench.timing import geometric_mean
from bench.whole_archive import ArchiveRow

Line = tuple[str, ...]

_INTRODUCTION = """# How fast RUNE is

Written by `make bench`; do not edit. One run, on one machine, all engines on the same archives in turns, the medians
of several rounds; a run whose engines give different answers ends with an error and writes nothing here.

The archives are synthetic: seeded, a skewed class mix, objects in clustered rows, confidences as a detector spreads
them, a heavy tail of up to 1,000 entities an image; and scenes of DOTA repeated, with drawn confidences. Their boxes
lie along the axes, so that SQL measures exactly what RUNE measures.

- **RUNE**: `tools.rank`, from the text of the formula to the ten best images with Z3's verdict and witness, ordered by
  probability over possible worlds, with exact counts over the whole archive. Its kernels are compiled, as the first
  `rune` command after an install has it done in the background; the first query of all is measured apart, up to three
  times, with the packages' bytecode there, as pip leaves it.
- **DuckDB**: SQL written by hand for each question, tables in memory, two threads; its score is the least confidence of
  the best assignment, and Z3 has no part in it.
- **Embedding**: a text encoder of the size of CLIP ViT-B/32's with random weights, and an exact scan over one vector of
  512 numbers an image, two threads; it answers by similarity alone.
"""


def markdown(results: Results) -> str:
    """The page for docs/performance.md."""
    machine = results.machine
    packages = ", ".join(f"{name} {number}" for name, number in machine.packages.items())
    parts = [
        _INTRODUCTION,
        f"Machine: {machine.processors} processors, {machine.system}, Python {machine.python}; {packages}. "
        f"Load as the run began: {machine.load:.2f}.\n",
        "## Figures\n",
        _table(("figure", "measured", "wanted", "reached"), [_figure(each) for each in results.figures()]),
        "## Questions\n",
        _table(("question", "variables", "formula"), [_question(each) for each in QUERIES]),
    ]
    parts += [_archive_section(name, results.rows_of(name)) for name in results.names()]
    parts += _image_sections(results)
    parts += _other_sections(results)
    return "\n".join(parts)


def _figure(figure: Figure) -> Line:
    wanted = f"{'<=' if figure.at_most else '>='} {figure.wanted:g}"
    return (figure.name, _number(figure.measured), wanted, "yes" if figure.reached else "no")


def _question(query: Query) -> Line:
    formula = query.formula.replace("|", "\\|")
    return (query.name, str(query.variables), f"`{formula}`")


def _archive_section(name: str, rows: Sequence[ArchiveRow]) -> str:
    lines = [
        (
            row.query,
            f"{row.sat:,}",
            *(_number(row.times[engine].median) for engine in ("rune", "duckdb", "embedding")),
            _number(1 / row.ratio("duckdb")),
            _number(row.ratio("embedding")),
        )
        for row in rows
    ]
    by_duckdb = geometric_mean(1 / row.ratio("duckdb") for row in rows)
    by_embedding = geometric_mean(row.ratio("embedding") for row in rows)
    means = (geometric_mean(row.times[engine].median for row in rows) for engine in ("rune", "duckdb", "embedding"))
    lines.append(("geometric mean", "", *map(_number, means), _number(by_duckdb), _number(by_embedding)))
    head = ("question", "sat", "RUNE ms", "DuckDB ms", "embedding ms", "DuckDB / RUNE", "RUNE / embedding")
    title = f"## Archive {name}: {rows[0].images:,} images, {rows[0].entities:,} entities, warm\n"
    return f"{title}\n{_table(head, lines)}"


def _image_sections(results: Results) -> list[str]:
    if not results.one_image:
        return []
    own = ("RUNE's Z3", "clingo", "clingo, text", "RUNE's proof", "with scores", "clingo, plan")
    head = ("question", "entities", "sat", *own, "Z3 quantified", "Z3 grounded")
    lines: list[Line] = []
    for row in results.one_image:
        slow = []
        for name, value in (("quantified", row.quantified), ("grounded", row.grounded)):
            slow.append("too large" if value is None else ("> " if name in row.given_up else "") + _number(value))
        quick = map(_number, (row.z3, row.clingo, row.clingo_text, row.proof, row.whole, row.clingo_plan))
        lines.append((row.query, str(row.entities), f"{row.sat} of {row.scenes}", *quick, *slow))
    text = (
        "## One image\n\nA verdict on a scene that has the classes that the question needs, in ms. RUNE's Z3 and "
        "clingo start from the same problems in memory: conditioned, semi-joined, what is nested decided; for `clingo, "
        "text` they are written out beforehand. RUNE's proof starts from the judged scene and finds the problems and a "
        "witness itself; clingo on the plan is given the truth of the literals between conditioned entities, as a "
        "stratified program without any choice to search. Z3 with quantifiers, or with all of them written out, is "
        "given the truth of every literal of the whole scene. `>`: some scenes were given up at the time-out, which "
        "counts as their time.\n"
    )
    return [f"{text}\n{_table(head, lines)}"]


def _other_sections(results: Results) -> list[str]:
    parts = []
    if results.proofs:
        proved: list[Line] = []
        for row in results.proofs:
            cores = row.why_not.rounds
            worst = (row.why_not.median, max(cores)) if cores else (math.nan, math.nan)
            proved.append((row.query, *map(_number, (row.batched, row.one_by_one, row.reused, *worst))))
        engines = ("batched ms an image", "a solver an image, ms", "one solver kept, ms")
        head = ("question", *engines, "why not, median ms", "why not, maximum ms")
        parts.append(f"## Proofs over {results.proofs[0].images:,} images\n\n{_table(head, proved)}")
    if results.cold is not None:
        rune, embedding = (results.cold.times[name].median for name in ("rune", "embedding"))
        firsts = ", ".join(map(_number, results.cold.first.rounds))
        parts.append(
            f"## Cold processes, {results.cold.images:,} images\n\n`rune rank` from the command line "
            f"{_number(rune)} ms, an embedding search {_number(embedding)} ms; the first ranking after an install, "
            f"with no kernel compiled, {_number(results.cold.first.median)} ms (of {firsts}).\n"
        )
    if results.growth:
        grown: list[Line] = [
            (g.query, _number(g.small.median), _number(g.large.median), _number(g.times)) for g in results.growth
        ]
        few, many, images = results.growth[0].few, results.growth[0].many, results.growth[0].images
        columns = ("question", f"{few} entities an image, ms", f"{many} entities, ms", "times")
        parts.append(f"## Growth, {images:,} images\n\n{_table(columns, grown)}")
    if results.memory is not None:
        memory = results.memory
        parts.append(
            f"## Memory\n\n{memory.entities:,} entities of all classes: {_number(memory.resident)} resident bytes an "
            f"entity beyond the imports, {_number(memory.peak)} at the highest.\n"
        )
    return parts


def as_json(results: Results) -> str:
    """All rounds, and the figures."""
    document = asdict(results)
    document["figures"] = [{**asdict(each), "reached": each.reached} for each in results.figures()]
    return json.dumps(document, indent=2) + "\n"


def plot(results: Results, path: Path) -> None:
    """Bars of each engine's median by question, an axis an archive; written as the suffix says."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    names = results.names()
    figure, axes = pyplot.subplots(len(names), 1, figsize=(9, 3.2 * len(names)), squeeze=False)
    for axis, name in zip(axes[:, 0], names, strict=True):
        rows = results.rows_of(name)
        for number, engine in enumerate(("rune", "duckdb", "embedding")):
            places = [place + 0.27 * (number - 1) for place in range(len(rows))]
            axis.bar(places, [row.times[engine].median for row in rows], 0.25, label=engine)
        axis.set_yscale("log")
        axis.set_ylabel("ms")
        axis.set_title(f"{rows[0].images:,} images, {rows[0].entities:,} entities ({name})", fontsize=10)
        axis.set_xticks(range(len(rows)), [row.query for row in rows], fontsize=8)
        axis.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def _table(head: Line, lines: Sequence[Line]) -> str:
    rows = [head, ("---",) * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _number(value: float) -> str:
    """Three significant digits."""
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"
