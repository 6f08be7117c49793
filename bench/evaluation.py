"""How good retrieval is on the DOTA scenes of ../shared/data: truth as detections, then simulated detections.

    python bench/evaluation.py [--data FOLDER] [--out FOLDER] [--count N] [--seed S] [--queries FILE] [--docs] ...

Indexes the labels, makes the queries, measures all systems on the labels themselves, on simulated detections at the
default noise, and on these calibrated; writes a report of each into FOLDER, and with --docs the tables into
docs/evaluation.md. It ends with exit code 1 where a query with a relevant image is not found whole on the labels.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from agent.translator import AgentTranslator
from tools.archive import Archive
from tools.evaluation.calibrating import CalibrationReport, calibrate
from tools.evaluation.curve import DEFAULT_STRENGTHS
from tools.evaluation.making.maker import make_queries
from tools.evaluation.noise.simulate import simulate
from tools.evaluation.queryset import read_query_set, write_query_set
from tools.evaluation.report import write_report
from tools.evaluation.report.numbers import interval, value
from tools.evaluation.results import Evaluation
from tools.evaluation.run import EvaluationSettings, evaluate
from tools.index import index_images
from tools.paths import cache_dir

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data" / "dota"
PAGE = REPOSITORY / "docs" / "evaluation.md"
ROUNDING = 1e-9
EXPLAINED = 40
"""So many queries of each report are explained."""
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
LABELLED_IN_V1 = (
    "plane", "ship", "storage_tank", "baseball_diamond", "tennis_court", "basketball_court", "ground_track_field",
    "harbor", "bridge", "large_vehicle", "small_vehicle", "helicopter", "roundabout", "soccer_ball_field",
    "swimming_pool",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation; 1 where truth as detections is not found whole, 2 without the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="labelTxt-hbb/ and image_sizes.json are in it")
    parser.add_argument("--out", type=Path, default=cache_dir() / "evaluation", help="where archives and reports go")
    parser.add_argument("--count", type=int, default=500, help="how many queries are made")
    parser.add_argument("--seed", type=int, default=0, help="of queries, noise, draws")
    parser.add_argument("--queries", type=Path, help="a set that is there already, instead of making one")
    parser.add_argument("--no-curve", action="store_true", help="leave the perturbed detections out")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/evaluation.md")
    options = parser.parse_args(arguments)
    if not (options.data / "image_sizes.json").is_file():
        print(f"there are no DOTA scenes in {options.data}", file=sys.stderr)
        return 2
    begun = time.perf_counter()
    labelled = _labelled(options.data, options.out / "labelled")
    if options.queries is None:
        queries = make_queries(labelled, options.count, options.seed)
        write_query_set(options.out / "queries.jsonl", queries)
    else:
        queries = read_query_set(options.queries, labelled.ontology)
    _tell(begun, f"{len(queries):,} queries ready")
    translator = AgentTranslator(labelled.ontology, {"model": "offline"})
    settings = EvaluationSettings(seed=options.seed)
    truth = evaluate(queries, archive=labelled, translator=translator, settings=settings)
    write_report(truth, options.out / "truth", labelled, explained=EXPLAINED)
    _tell(begun, "truth as detections measured")
    simulate(labelled, out=options.out / "simulated", seed=options.seed)
    detected = Archive.open(options.out / "simulated").uncalibrated()
    strengths = () if options.no_curve else DEFAULT_STRENGTHS
    noisy = evaluate(
        queries,
        archive=detected,
        truth=labelled,
        translator=translator,
        settings=EvaluationSettings(seed=options.seed, strengths=strengths),
    )
    write_report(noisy, options.out / "noisy", detected, explained=EXPLAINED)
    _tell(begun, "simulated detections measured")
    fitted = calibrate(detected.root, labelled, seed=options.seed)
    calibrated = Archive.open(detected.root)
    better = evaluate(queries, archive=calibrated, truth=labelled, translator=translator, settings=settings)
    write_report(better, options.out / "calibrated", calibrated, explained=EXPLAINED)
    _tell(begun, "calibrated detections measured")
    text = "\n".join(_tables(truth, noisy, better, fitted)) + "\n"
    print(text)
    if options.docs:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    whole = all(
        (precision := each.systems[name].average_precision) is None or precision > 1 - ROUNDING
        for each in truth.per_query
        for name in ("rune", "rune-max-min", "rune-hard")
    )
    return 0 if whole else 1


def _labelled(data: Path, folder: Path) -> Archive:
    index_images(
        [],
        archive=folder,
        labels=data / "labelTxt-hbb",
        sizes=data / "image_sizes.json",
        classes=list(LABELLED_IN_V1),
    )
    return Archive.open(folder)


def _tables(truth: Evaluation, noisy: Evaluation, calibrated: Evaluation, fitted: CalibrationReport) -> list[str]:
    lines = [
        f"{truth.queries:,} queries on {truth.archive.images:,} DOTA scenes with {truth.archive.entities:,} objects; "
        f"seed {truth.seed}; 95 % intervals from {truth.resamples:,} draws of the queries.",
        "",
        "**Truth as detections**",
        "",
        *_systems(truth),
        "",
    ]
    if truth.translation is not None:
        told = truth.translation
        errors = ", ".join(f"{kind} {count}" for kind, count in told.errors.items()) or "none"
        lines += [
            f"The offline translator: executable {interval(told.executable)}, equivalent to gold "
            f"{interval(told.equivalent)}, undecided {told.undecided}; errors: {errors}.",
            "",
        ]
    lines += [
        "**Simulated detections, default noise, confidences as they are**",
        "",
        *_detections(noisy),
        "",
        *_systems(noisy),
    ]
    lines += ["", "Mean average precision by level of complexity:", "", *_levels(noisy)]
    if noisy.curves:
        strengths = [point.strength for point in noisy.curves[0].points]
        lines += ["", "Perturbed further, mean average precision by strength:", ""]
        lines += _table(
            ["system", *(f"{strength:g}" for strength in strengths), "area under P(e) / P(0)"],
            [
                [curve.system, *(value(point.mean_ap.value) for point in curve.points), interval(curve.area)]
                for curve in noisy.curves
            ],
        )
    if fitted.before is not None and fitted.after is not None:
        before, after = fitted.before.expected_calibration_error, fitted.after.expected_calibration_error
        lines += [
            "",
            "**The same detections, calibrated**",
            "",
            f"{fitted.method}, fitted on {fitted.images_fitted} images; on the other {fitted.images_held_out} the "
            f"expected calibration error of detections is {before:.4f} before and {after:.4f} after.",
        ]
    return [*lines, "", *_systems(calibrated)]


def _systems(found: Evaluation) -> list[str]:
    rows = [
        [
            each.name,
            *(interval(figure) for figure in (each.mean_ap, each.map_lead, each.ndcg, each.f1)),
            *(interval(figure) for figure in (each.rrqc, each.rrqc_retention, each.rriu, each.rriu_retention)),
            "-" if each.reliability is None else value(each.reliability.expected_calibration_error),
        ]
        for each in found.systems
    ]
    names = ["system", "mAP", "lead of rune", "nDCG", "F1", "RRQC", "its retention", "RRIU", "its retention", "ECE"]
    return _table(names, rows)


def _levels(found: Evaluation) -> list[str]:
    head = ["system", *(f"{each.level} ({each.queries})" for each in found.systems[0].levels)]
    return _table(head, [[each.name, *(interval(level.mean_ap) for level in each.levels)] for each in found.systems])


def _detections(found: Evaluation) -> list[str]:
    told = found.detections
    if told is None:
        return []
    return [
        f"{told.matched:,} detections are real, {told.false:,} false; {told.missed:,} objects are missed; recall at "
        f"the threshold {value(told.recall)}."
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _tell(begun: float, what: str) -> None:
    print(json.dumps({"seconds": round(time.perf_counter() - begun, 1), "done": what}), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
