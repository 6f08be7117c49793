"""The max-min confidence against plain loops over all entities."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from solvers.columnar.levels import max_min_confidences
from solvers.fol.analysis import analyse
from solvers.fol.diagnostics import Code
from solvers.judge import ImageJudge
from solvers.levels import max_min_confidence
from solvers.scene import Georeference
from tests.columnar_support import DOTA, HIERARCHY, batches, judge_of, plan_of
from tests.reference.evaluate import Evaluator
from tests.reference.scenes import Picture
from tests.strategies import Pair, formulas
from tools.evaluation.brute_force.parse import parse
from tools.evaluation.brute_force.syntax import Binary, Node, Not, Quantified

FLOOR = 0.05
STEP = 1 / 65_536


def told(pair: Pair) -> Pair:
    """The same scene with nothing unknown."""
    place, every = (0.6, 0.8, 0.0, 0.8, -0.6, 0.0), frozenset(DOTA.leaf_names)
    return Pair(
        replace(pair.scene, known_labels=every, gsd=0.5, georeference=Georeference("EPSG:32631", place)),
        replace(pair.picture, known=every, gsd=0.5, transform=place),
    )


def degree(node: Node, picture: Picture, evaluator: Evaluator, binding: dict[str, int]) -> float:
    """The value of a formula by Zadeh's rules, each entity there to the degree of its confidence."""
    match node:
        case Not():
            return 1 - degree(node.body, picture, evaluator, binding)
        case Binary("&", left, right):
            return min(degree(each, picture, evaluator, binding) for each in (left, right))
        case Binary(kind, left, right):
            first, second = (degree(each, picture, evaluator, binding) for each in (left, right))
            either = min(max(first, 1 - second), max(1 - first, second))
            return {"|": max(first, second), "->": max(1 - first, second), "<->": either, "^": 1 - either}[kind]
        case Quantified():
            return quantified(node, picture, evaluator, binding)
        case _:
            return float(evaluator.value(node, binding) is True)


def quantified(node: Quantified, picture: Picture, evaluator: Evaluator, binding: dict[str, int]) -> float:
    universal = node.kind == "forall"
    instances = []
    for place, thing in enumerate(picture.things):
        there = thing.confidence if thing.confidence >= FLOOR else 0.0
        value = degree(node.body, picture, evaluator, {**binding, node.variable: place})
        instances.append(min(there, 1 - value if universal else value))
    instances = [1.0, *sorted(instances, reverse=True), *[0.0] * (node.count + 2)]
    match node.kind:
        case "exists":
            return instances[1]
        case "forall":
            return 1 - instances[1]
        case ">=":
            return instances[max(0, node.count)]
        case "<=":
            return 1 - instances[node.count + 1]
    return min(instances[node.count], 1 - instances[node.count + 1])


def expected(text: str, pairs: Sequence[Pair]) -> list[float]:
    node = parse(text)
    return [degree(node, pair.picture, Evaluator(pair.picture, HIERARCHY), {}) for pair in pairs]


@settings(max_examples=40, deadline=None)
@given(formulas(), batches(images=3))
def test_columns_and_single_images_agree_with_plain_loops(text: str, pairs: list[Pair]) -> None:
    analysis = analyse(text, DOTA)
    assume(analysis.formula is not None)
    assume(not any(each.code is Code.UNUSED_VARIABLE for each in analysis.diagnostics))
    pairs = [told(pair) for pair in pairs]
    scenes = [pair.scene for pair in pairs]
    found = max_min_confidences(judge_of(text, scenes), np.arange(len(scenes)))
    wanted = expected(text, pairs)
    assert found.tolist() == pytest.approx(wanted, abs=2 * STEP)
    alone = [max_min_confidence(ImageJudge(plan_of(text), scene)) for scene in scenes]
    assert alone == pytest.approx(wanted, abs=2 * STEP)
