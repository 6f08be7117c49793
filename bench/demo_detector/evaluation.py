"""The detector as a user runs it, measured on scenes that it was not trained on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from bench.demo_detector.score import ClassScore, mean_average_precision, prob_iou, score_classes, shared_areas
from solvers.scene import Entity
from tools.detector import load_detector
from tools.ontologies import load_ontology
from tools.readers.dota import parse_dota
from tools.sample import write_sample

THRESHOLD = 0.25
Pair: TypeAlias = tuple[Sequence[Entity], Sequence[Entity]]
"""What is true of an image, and what is found in it."""


def held_out(folder: Path, seed: int, count: int) -> list[tuple[Path, Sequence[Entity]]]:
    """`count` scenes as `rune demo` renders them, from another seed: each picture's file and its truth."""
    images, labels = folder / "images", folder / "labelTxt"
    if not (labels / f"S{count:04d}.txt").is_file():
        write_sample(folder, seed=seed, count=count)
    ontology = load_ontology("dota")
    scenes = []
    for number in range(1, count + 1):
        file = labels / f"S{number:04d}.txt"
        scenes.append((images / f"{file.stem}.png", parse_dota(file.read_bytes(), str(file), ontology).entities))
    return scenes


def detect(weights: Path, scenes: Sequence[tuple[Path, Sequence[Entity]]]) -> Iterator[Pair]:
    """The truth of each scene and what is found in it, at the size and with the settings that indexing uses."""
    detector = load_detector(weights, ontology=load_ontology("dota"), confidence_floor=0.01)
    for image, truth in scenes:
        yield truth, detector.detect(image).entities


def evaluate(weights: Path, scenes: Sequence[tuple[Path, Sequence[Entity]]]) -> dict[str, ClassScore]:
    """Scores by class over the scenes, by the area that boxes share."""
    return dict(score_classes(detect(weights, scenes), THRESHOLD))


def table(pairs: Sequence[Pair]) -> str:
    """The scores as a Markdown table, the average precision also by ProbIoU."""
    scores, by_prob_iou = (score_classes(pairs, THRESHOLD, overlaps) for overlaps in (shared_areas, prob_iou))
    lines = ["| class | objects | AP50 | by ProbIoU | precision | recall |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {label.replace('_', ' ')} | {each.objects} | {each.average_precision:.3f} "
        f"| {by_prob_iou[label].average_precision:.3f} | {each.precision:.3f} | {each.recall:.3f} |"
        for label, each in scores.items()
    ]
    means = " | ".join(f"**{mean_average_precision(each):.3f}**" for each in (scores, by_prob_iou))
    return "\n".join([*lines, f"| **mean** | {sum(each.objects for each in scores.values())} | {means} | | |"])
