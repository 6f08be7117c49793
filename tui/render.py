"""The text that people read: a ranking, one image's answer, an indexing report."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.results import CheckResult, EntityModel, ImageResult, IndexReport, RunResult, VerdictCounts
from tui.text import Style, cells, pad, safe

MANY_INDICES = 6
HEADINGS = ("rank", "image", "verdict", "score", "proof")


def render_run(result: RunResult, style: Style, *, threshold: str, overlays: Sequence[Path] = ()) -> str:
    """A ranking: the question, the logic, the counts, a row per image with its proof, and where the pictures are."""
    lines = head_lines(result, style)
    if result.archive is not None:
        size = f"{_number(result.archive.images, 'image')}, {_number(result.archive.entities, 'entity', 'entities')}"
        lines.append(_field("archive", size, style))
    if result.filtered is not None:
        lines.append(_field("filtered", f"{_number(result.filtered.images, 'image')} asked", style))
    if result.counts is not None:
        lines.append(_field("counts", f"{_counts(result.counts, style)} at threshold {threshold}", style))
    lines += [_field("warning", style.yellow(safe(each)), style) for each in result.warnings]
    if result.results:
        lines += ["", *_table(result.results, style)]
    if overlays:
        lines += ["", style.bold("overlays"), *(f"  {safe(str(each))}" for each in overlays)]
    return "\n".join(lines)


def head_lines(result: RunResult, style: Style) -> list[str]:
    """The question and what it became in logic."""
    lines = []
    if result.query is not None:
        lines.append(_field("query", safe(result.query), style))
    if result.formula is not None:
        lines.append(_field("formula", safe(result.formula), style))
    if result.reading is not None:
        lines.append(_field("reading", safe(result.reading), style))
    if len(result.parts) > 1:
        lines += [_field(each.id, safe(each.formula), style) for each in result.parts]
    return lines


def render_check(result: CheckResult, words: Sequence[str], style: Style) -> str:
    """One image's answer: the verdict, what every part says, and why or why not in words."""
    lines = [
        _field("image", safe(result.image_id), style),
        _field("verdict", _verdict(result.verdict, style), style),
        _field("score", f"{result.score:.3f}", style),
    ]
    if len(result.parts) > 1:
        lines += [_field(each.id, f"{_verdict(each.verdict, style)} {each.score:.3f}", style) for each in result.parts]
    said = "\n".join(words)
    lines += [_field("warning", style.yellow(safe(each)), style) for each in result.warnings if each not in said]
    return "\n".join([*lines, "", *map(safe, words)])


def render_report(report: IndexReport, style: Style) -> str:
    """What indexing did, in numbers."""
    done = f"{report.added} added, {report.replaced} replaced, {report.unchanged} unchanged, {report.dropped} dropped"
    lines = [
        _field("archive", safe(report.archive), style),
        _field("images", f"{report.images} ({done})", style),
        _field("entities", str(report.entities), style),
    ]
    if report.unmapped:
        lines.append(_field("unmapped", style.yellow(_number(len(report.unmapped), "class", "classes")), style))
    if report.rejected:
        lines.append(_field("rejected", style.red(str(len(report.rejected))), style))
    if report.skipped.count:
        lines.append(_field("skipped", style.red(_number(report.skipped.count, "broken annotation")), style))
    return "\n".join(lines)


def witness_words(witness: Mapping[str, int | list[int]], entities: Sequence[EntityModel]) -> str:
    """Each variable with its entities, such as `x=#12 plane 0.91`."""
    by_index = {each.index: each for each in entities}
    return ", ".join(f"{safe(name)}={_entity_words(value, by_index)}" for name, value in witness.items())


def proof_words(result: ImageResult) -> str:
    """Why an image has its verdict: the witness, the clauses that fail together, or the parts left open."""
    if result.verdict == "sat":
        return witness_words(result.witness, result.entities) or "nothing in the image speaks against it"
    if result.verdict == "unknown":
        return f"undecided: {', '.join(each.id for each in result.parts if each.verdict == 'unknown')}"
    parts = dict.fromkeys(each.part for each in result.why_not)
    several = len(result.parts) > 1
    failing = []
    for part in parts:
        clauses = ", ".join(safe(each.clause) for each in result.why_not if each.part == part)
        failing.append(f"{part}: {clauses}" if several else clauses)
    return f"fails {'; '.join(failing)}" if failing else "fails"


def _entity_words(value: int | list[int], by_index: Mapping[int, EntityModel]) -> str:
    indices = value if isinstance(value, list) else [value]
    words = [
        f"#{index} {safe(by_index[index].label)} {by_index[index].confidence:.2f}" if index in by_index else f"#{index}"
        for index in indices[:MANY_INDICES]
    ]
    more = len(indices) - len(words)
    return " ".join([*words, f"and {more} more"] if more else words)


def _table(results: Sequence[ImageResult], style: Style) -> list[str]:
    rows = [(str(each.rank), safe(each.image_id), each.verdict, f"{each.score:.3f}") for each in results]
    widths = [max(map(cells, column)) for column in zip(HEADINGS[:-1], *rows, strict=True)]
    lines = [style.bold("  ".join([*map(pad, HEADINGS[:-1], widths), HEADINGS[-1]]))]
    for (rank, image, verdict, score), result in zip(rows, results, strict=True):
        blanks = " " * (widths[2] - len(verdict))
        painted = _verdict(verdict, style) + blanks
        row = (pad(rank, widths[0], right=True), pad(image, widths[1]), painted, pad(score, widths[3]))
        lines.append("  ".join([*row, proof_words(result)]))
    return lines


def _field(name: str, value: str, style: Style) -> str:
    return f"{style.bold(pad(name, 9))} {value}"


def _verdict(verdict: str, style: Style) -> str:
    return {"sat": style.green, "unsat": style.red}.get(verdict, style.yellow)(verdict)


def _counts(counts: VerdictCounts, style: Style) -> str:
    sat, unsat, unknown = (f"{counts.sat} sat", f"{counts.unsat} unsat", f"{counts.unknown} unknown")
    return ", ".join([style.green(sat), unsat, style.yellow(unknown) if counts.unknown else unknown])


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
