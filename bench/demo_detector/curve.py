"""The curve of a training run: its losses, and what its checkpoints find in held-out scenes."""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.demo_detector.evaluation import evaluate
from bench.demo_detector.export import export
from bench.demo_detector.score import mean_average_precision
from bench.demo_detector.training import LAST, SNAPSHOT
from solvers.scene import Entity


def score_checkpoints(run_folder: Path, scenes: Sequence[tuple[Path, Sequence[Entity]]]) -> list[tuple[int, float]]:
    """Step and mAP50 of each checkpoint that the run kept, and of its last."""
    points = []
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pt"
        for checkpoint in (*sorted(run_folder.glob(SNAPSHOT.format("*"))), run_folder / LAST):
            step = export(checkpoint, weights)
            if not points or step > points[-1][0]:
                points.append((step, mean_average_precision(evaluate(weights, scenes))))
    return points


def draw_curve(curve: Path, points: Sequence[tuple[int, float]], target: Path) -> None:
    """An SVG of the losses by step and, on an axis of its own, of the scores."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    mpl.rcParams.update({"svg.hashsalt": "rune", "svg.fonttype": "none", "font.size": 9})
    with curve.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
    figure, losses = pyplot.subplots(figsize=(6.4, 3.2), layout="constrained")
    for name, label in (("box_loss", "box loss"), ("cls_loss", "class loss")):
        losses.plot(steps, [float(row[name]) for row in rows], label=label, linewidth=1)
    losses.set(xlabel="step", ylabel="loss", ylim=(0, None))
    scores = losses.twinx()
    scores.plot(*zip(*points, strict=True), "k.-", label="mAP50, held-out scenes")
    scores.set(ylabel="mAP50", ylim=(0, 1))
    handles, labels = (
        first + second
        for first, second in zip(losses.get_legend_handles_labels(), scores.get_legend_handles_labels(), strict=True)
    )
    losses.legend(handles, labels, frameon=False, loc="center right")
    figure.savefig(target, metadata={"Date": None})
    pyplot.close(figure)
