"""An evaluation as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from tools.evaluation.report.explained import ExplainedImage, ExplainedQuery, Explainer
from tools.evaluation.report.markdown import summary_line
from tools.evaluation.report.numbers import COLUMNS, Column, value
from tools.evaluation.report.plots import plots
from tools.evaluation.report.style import STYLE
from tools.evaluation.results import Estimate, Evaluation, QueryResult, SystemResult
from tools.progress import Progress, ProgressListener, ignore_progress

if TYPE_CHECKING:
    from tools.archive import Archive

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_UNPRINTABLE = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)), " ")


def page(
    evaluation: Evaluation,
    archive: "Archive | None",
    *,
    explained: int,
    pictures: int,
    progress: ProgressListener = ignore_progress,
) -> str:
    """The page; with the archive the first `explained` queries are explained, at most `pictures` images drawn."""
    explanations: dict[str, ExplainedQuery] = {}
    if archive is not None:
        explainer = Explainer(archive, evaluation.threshold, pictures)
        chosen = evaluation.per_query[:explained]
        for number, query in enumerate(chosen, start=1):
            explanations[query.id] = explainer.explain(query)
            progress(Progress("explaining", number, len(chosen)))
    return "\n".join(_page(evaluation, explanations)) + "\n"


def _page(evaluation: Evaluation, explanations: dict[str, ExplainedQuery]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>Evaluation of retrieval</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>Evaluation of retrieval</h1>\n<p class=lead>{_text(summary_line(evaluation))}</p>"
    for warning in evaluation.warnings:
        yield f"<p class=warning>{_text(warning)}.</p>"
    yield from _systems(evaluation)
    drawn = plots(evaluation)
    if drawn:
        yield "<h2>Figures</h2>\n<div class=plots>"
        for title, svg in drawn.items():
            yield f"<figure><figcaption>{_text(title)}</figcaption>{svg}</figure>"
        yield "</div>"
    yield from _translation(evaluation)
    yield from _queries(evaluation)
    yield "<h2>Query by query</h2>"
    for number, query in enumerate(evaluation.per_query):
        yield from _query(number, query, explanations.get(query.id))
    yield "</main>\n</body>\n</html>"


def _systems(evaluation: Evaluation) -> Iterator[str]:
    yield "<h2>Systems</h2>\n<div class=wide><table>\n<thead><tr><th>system</th>"
    yield "".join(f'<th title="{_text(column.meaning)}">{_text(column.name)}</th>' for column in COLUMNS)
    yield "<th>refused</th></tr></thead>\n<tbody>"
    best = {column.name: _best(column, evaluation.systems) for column in COLUMNS}
    for system in evaluation.systems:
        cells = "".join(_estimate(column.of(system), best[column.name]) for column in COLUMNS)
        yield f'<tr><th title="{_text(system.description)}">{_text(system.name)}</th>{cells}'
        yield f"<td>{system.refused}</td></tr>"
    yield "</tbody></table></div>\n<details><summary>What the columns mean</summary><dl>"
    yield "".join(f"<dt>{_text(column.name)}</dt><dd>{_text(column.meaning)}</dd>" for column in COLUMNS)
    yield "".join(f"<dt>{_text(each.name)}</dt><dd>{_text(each.description)}</dd>" for each in evaluation.systems)
    yield "</dl></details>"


def _best(column: Column, systems: list[SystemResult]) -> float | None:
    values = [each for system in systems if (each := column.of(system).value) is not None]
    if not values or column.better == 0:
        return None
    return max(values) if column.better > 0 else min(values)


def _estimate(estimate: Estimate, best: float | None) -> str:
    if estimate.value is None:
        return "<td class=none>-</td>"
    mark = " class=best" if best is not None and estimate.value == best else ""
    between = ""
    if estimate.low is not None and estimate.high is not None:
        between = f"<small>{value(estimate.low)} to {value(estimate.high)}</small>"
    return f"<td{mark}>{value(estimate.value)}{between}</td>"


def _translation(evaluation: Evaluation) -> Iterator[str]:
    found = evaluation.translation
    if found is None:
        return
    errors = ", ".join(f"{kind} {count:,}" for kind, count in found.errors.items()) or "none"
    yield "<h2>Translation</h2>\n<table><thead><tr><th>translator</th><th>questions</th><th>executable</th>"
    yield "<th>equivalent to gold</th><th>undecided</th><th>kinds of error</th></tr></thead><tbody><tr>"
    yield f"<th>{_text(found.translator)}</th><td>{found.questions:,}</td>{_estimate(found.executable, None)}"
    yield f"{_estimate(found.equivalent, None)}<td>{found.undecided:,}</td>"
    yield f"<td class=text>{_text(errors)}</td></tr></tbody></table>"


def _queries(evaluation: Evaluation) -> Iterator[str]:
    yield "<h2>Queries</h2>\n<div class=tall><table>\n<thead><tr><th>query</th><th>in English</th><th>c</th>"
    yield "<th>level</th><th>relevant</th><th title='mean over the images, bits a detection'>uncertainty</th>"
    yield "".join(f"<th>{_text(system.name)}</th>" for system in evaluation.systems) + "</tr></thead>\n<tbody>"
    for number, query in enumerate(evaluation.per_query):
        yield f"<tr><th><a href='#q{number}'>{_text(query.id)}</a></th><td class=text>{_text(_short(query))}</td>"
        yield f"<td>{query.complexity or '-'}</td><td>{query.level or '-'}</td><td>{query.relevant:,}</td>"
        yield f"<td>{query.uncertainty:.2f}</td>"
        yield "".join(_precision(query, system.name) for system in evaluation.systems) + "</tr>"
    yield "</tbody></table></div>"


def _short(query: QueryResult) -> str:
    return query.query or query.formula or ""


def _precision(query: QueryResult, system: str) -> str:
    figures = query.systems[system]
    if figures.average_precision is None:
        return "<td class=none>-</td>"
    if figures.refused is not None:
        return f'<td class=refused title="{_text(figures.refused)}">refused</td>'
    shade = round(min(4.0, figures.average_precision * 5))
    return f"<td class=s{shade:.0f}>{value(figures.average_precision, 2)}</td>"


def _query(number: int, query: QueryResult, explained: ExplainedQuery | None) -> Iterator[str]:
    yield f"<section id=q{number}>\n<h3>{_text(query.id)} <a class=back href='#'>top</a></h3>"
    if query.query is not None:
        yield f"<p class=question>{_text(query.query)}</p>"
    if query.formula is not None:
        yield f"<pre>{_text(query.formula)}</pre>"
    facts = [f"{query.relevant:,} relevant"]
    facts += [f"complexity {query.complexity}, level {query.level}"] if query.complexity else []
    facts += [", ".join(query.kinds)] if query.kinds else []
    yield f"<p class=facts>{_text('; '.join(facts))}</p>"
    translation = query.translation
    if translation is not None and translation.outcome != "equivalent":
        said = f": {translation.said}" if translation.said else ""
        read = f"; read as {translation.formula}" if translation.formula else ""
        kind = f" ({translation.error})" if translation.error and translation.error != translation.outcome else ""
        yield f"<p class=facts>Translation: {_text(translation.outcome + kind + said + read)}</p>"
    if explained is not None:
        if explained.problem is not None:
            yield f"<p class=facts>{_text(explained.problem)}</p>"
        if len(explained.parts) > 1:
            parts = "".join(
                f"<li><b>{_text(name)}</b> <code>{_text(text)}</code></li>" for name, text in explained.parts
            )
            yield f"<ul class=parts>{parts}</ul>"
        yield "<div class=images>"
        for image in explained.images:
            yield from _image(image)
        yield "</div>"
    yield "</section>"


def _image(image: ExplainedImage) -> Iterator[str]:
    shown = image.shown
    mark = "relevant" if shown.relevant else "not relevant"
    yield f"<article class='{'yes' if shown.relevant else 'no'}'>"
    facts = f"{image.verdict}, score {shown.score:.3f}, {mark}"
    yield f"<h4>{shown.rank:,}. {_text(shown.image_id)} <span>{facts}</span></h4>"
    if image.picture is not None:
        yield f'<img src="{image.picture}" alt="{_text(shown.image_id)} with the objects that are named below">'
    yield "".join(f"<p>{_text(line)}</p>" for line in image.words)
    yield "</article>"


def _text(text: str) -> str:
    """Text from outside, with nothing that a browser would act on, control and direction characters left out."""
    return escape(text.translate(_UNPRINTABLE))
