"""The plots of an evaluation as inline SVG, by matplotlib; equal figures give equal bytes."""

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tools.evaluation.results import Estimate, Evaluation
from tools.paths import cache_dir

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The colours of Okabe and Ito, which can be told apart with any colour vision; the markers say the same.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#4D4D4D")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_SIZE = (5.6, 3.7)

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.S)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.S)


def plots(evaluation: Evaluation) -> dict[str, str]:
    """Each plot that there is something for: its title and its SVG."""
    drawn = {
        "Average precision against complexity": _by_complexity(evaluation),
        "Average precision against uncertainty": _by_uncertainty(evaluation),
        "Reliability": _reliability(evaluation),
        "Perturbed detections": _curves(evaluation),
    }
    return {title: svg for title, svg in drawn.items() if svg is not None}


def _by_complexity(evaluation: Evaluation) -> str | None:
    lines = [
        (system.name, [float(each.level) for each in system.levels], [each.mean_ap for each in system.levels])
        for system in evaluation.systems
        if system.levels
    ]

    def finish(axes: "Axes") -> None:
        axes.set_xlabel("level of complexity of the gold formula")
        axes.set_xticks(range(1, 6))

    return _lines_plot("complexity", lines, _places(evaluation), finish)


def _by_uncertainty(evaluation: Evaluation) -> str | None:
    lines = [
        (system.name, [each.mean for each in system.uncertainty], [each.mean_ap for each in system.uncertainty])
        for system in evaluation.systems
        if system.uncertainty
    ]
    if not any(mean > 0 for _, means, _ in lines for mean in means):
        return None
    return _lines_plot(
        "uncertainty",
        lines,
        _places(evaluation),
        lambda axes: axes.set_xlabel("mean uncertainty of the images, bits a detection"),
    )


def _curves(evaluation: Evaluation) -> str | None:
    lines = [
        (curve.system, [point.strength for point in curve.points], [point.mean_ap for point in curve.points])
        for curve in evaluation.curves
    ]
    return _lines_plot(
        "curve", lines, _places(evaluation), lambda axes: axes.set_xlabel("strength of the perturbation")
    )


def _places(evaluation: Evaluation) -> dict[str, int]:
    """The place of each system, which its colour follows in every plot."""
    return {name: place for place, name in enumerate([*(each.name for each in evaluation.systems), "detections"])}


def _lines_plot(
    name: str,
    lines: Sequence[tuple[str, Sequence[float], Sequence[Estimate]]],
    places: Mapping[str, int],
    finish: "Callable[[Axes], object]",
) -> str | None:
    if not lines:
        return None

    def draw(axes: "Axes") -> None:
        for label, xs, estimates in lines:
            place = places[label]
            known = [(x, each) for x, each in zip(xs, estimates, strict=True) if each.value is not None]
            ys = [each.value or 0.0 for _, each in known]
            below = [
                max(0.0, y - (y if each.low is None else each.low)) for y, (_, each) in zip(ys, known, strict=True)
            ]
            above = [
                max(0.0, (y if each.high is None else each.high) - y) for y, (_, each) in zip(ys, known, strict=True)
            ]
            colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
            axes.errorbar(
                [x for x, _ in known], ys, yerr=[below, above], label=label, color=colour, marker=marker,
                markersize=5, linewidth=1.5, elinewidth=0.9, capsize=2,
            )  # fmt: skip
        axes.set_ylabel("mean average precision")
        axes.set_ylim(-0.02, 1.04)
        finish(axes)

    return _svg(name, draw)


def _reliability(evaluation: Evaluation) -> str | None:
    lines = [(each.name, each.reliability.bins) for each in evaluation.systems if each.reliability is not None]
    if evaluation.detections is not None and evaluation.detections.reliability is not None:
        lines.append(("detections", evaluation.detections.reliability.bins))
    if not lines:
        return None

    def draw(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1)
        for label, bins in lines:
            place = _places(evaluation)[label]
            colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
            claimed, observed = [each.claimed for each in bins], [each.observed for each in bins]
            axes.plot(claimed, observed, label=label, color=colour, marker=marker, markersize=5, linewidth=1.5)
        axes.set_xlabel("claimed probability")
        axes.set_ylabel("observed share")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.04)

    return _svg("reliability", draw)


def _svg(name: str, draw: "Callable[[Axes], None]") -> str:
    """One figure; `name` salts the ids of its parts, which must differ between the plots of a page."""
    os.environ.setdefault("MPLCONFIGDIR", str(cache_dir() / "matplotlib"))
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings = {
        "svg.hashsalt": f"rune-{name}",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": "#e4e4e4",
        "grid.linewidth": 0.7,
        "legend.frameon": False,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        figure.legend(loc="outside lower center", ncols=3, fontsize=8.5)
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    bare = _METADATA.sub("", _PROLOGUE.sub("", target.getvalue()))
    return re.sub(
        r'id="(figure|axes|patch|matplotlib\.axis|line2d|text|xtick|ytick|legend|LineCollection)_(\d+)"', "", bare
    )
