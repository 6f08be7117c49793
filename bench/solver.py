"""How long a verdict takes: RUNE's vectorised evaluator and its Z3 proof, against Z3 on the fully grounded formula.

One run, the same scenes and formulas for all, and all verdicts compared for equality: `python bench/solver.py`.
Prints a table of medians per image and of ratios, and writes it as JSON with --out FILE. Scenes are random, seeded.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import z3

from solvers.fol.analysis import analyse
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Xor,
    literal_variables,
)
from solvers.judge import ImageJudge
from solvers.literals import Literals
from solvers.plan import make_plan
from solvers.relations import Measured
from solvers.scene import Entity, Scene
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend
from tools.ontologies import load_ontology

FORMULAS = (
    "exists x. plane(x)",
    "exists>=5 x. small_vehicle(x) & in_left(x)",
    "exists x y. ship(x) & harbor(y) & near(x, y)",
    "exists x. storage_tank(x) & ~exists y. vehicle(y) & near(x, y)",
    "forall x. ship(x) -> exists y. harbor(y) & near(x, y)",
    "exists x y z. plane(x) & plane(y) & storage_tank(z) & x != y & near(x, z) & left_of(y, z)",
)
LABELS = ("small_vehicle", "ship", "plane", "harbor", "storage_tank", "large_vehicle", "bridge")
WEIGHTS = (0.4, 0.2, 0.14, 0.1, 0.08, 0.06, 0.02)


def random_scene(seed: int, entities: int) -> Scene:
    """A scene of turned boxes with a skewed class mix, all of them certain."""
    generator = np.random.Generator(np.random.Philox(seed))
    made = []
    for index in range(entities):
        x, y = generator.uniform(0, 2000, size=2)
        length, width = generator.uniform(15, 80), generator.uniform(8, 30)
        turn = generator.uniform(0, np.pi)
        along = np.array([np.cos(turn), np.sin(turn)]) * length / 2
        across = np.array([-np.sin(turn), np.cos(turn)]) * width / 2
        corners = [(x, y) + a * along + b * across for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
        label = str(generator.choice(LABELS, p=WEIGHTS))
        made.append(Entity(index, label, 1.0, tuple((float(px), float(py)) for px, py in corners)))
    return Scene(f"s{seed}", 2000, 2000, tuple(made), frozenset(load_ontology().leaf_names))


def grounded(formula: Formula, facts: Callable[[Formula, Mapping[str, int]], bool], size: int) -> z3.BoolRef:
    """The formula with every quantifier written out over all entities."""

    def ground(node: Formula, bound: Mapping[str, int]) -> z3.BoolRef:
        match node:
            case Atom() | Comparison():
                return z3.BoolVal(facts(node, bound))
            case Not(body):
                return z3.Not(ground(body, bound))
            case And(parts):
                return z3.And([ground(part, bound) for part in parts])
            case Or(parts):
                return z3.Or([ground(part, bound) for part in parts])
            case Xor(left, right):
                return z3.Xor(ground(left, bound), ground(right, bound))
            case Implies(left, right):
                return z3.Implies(ground(left, bound), ground(right, bound))
            case Iff(left, right):
                return ground(left, bound) == ground(right, bound)
            case Quantified(quantifier, variables, body):
                names = [variable.name for variable in variables]
                tuples = product(range(size), repeat=len(names))
                each = [ground(body, {**bound, **dict(zip(names, places, strict=True))}) for places in tuples]
                return z3.Or(each) if quantifier is Quantifier.EXISTS else z3.And(each)
            case Counted(comparator, count, variable, body):
                each = [(ground(body, {**bound, variable.name: place}), 1) for place in range(size)]
                if comparator is Comparator.GE:
                    return z3.PbGe(each, count)
                return z3.PbLe(each, count) if comparator is Comparator.LE else z3.PbEq(each, count)

    return ground(formula, {})


def naive_verdict(formula: Formula, scene: Scene) -> Verdict:
    """Z3 on the grounded formula; the relations are looked up in tables made before."""
    literals = Literals(Measured(scene), load_ontology())
    everyone = np.arange(len(scene.entities))
    tables: dict[Formula, tuple[tuple[str, ...], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]] = {}

    def facts(literal: Formula, bound: Mapping[str, int]) -> bool:
        if literal not in tables:
            assert isinstance(literal, Atom | Comparison)
            domains = {variable.name: everyone for variable in literal_variables(literal)}
            tables[literal] = literals.truth(literal, domains, lower=True)
        names, held = tables[literal]
        return bool(held[tuple(bound[name] for name in names)])

    solver = z3.Solver()
    solver.add(grounded(formula, facts, len(scene.entities)))
    return Verdict.SAT if solver.check() == z3.sat else Verdict.UNSAT


def measured(action: Callable[[Scene], Verdict], scenes: Sequence[Scene]) -> tuple[float, list[Verdict]]:
    """The median milliseconds an image, and the verdicts."""
    times, verdicts = [], []
    for scene in scenes:
        start = time.perf_counter()
        verdicts.append(action(scene))
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), verdicts


def main() -> None:
    """Measure, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--entities", type=int, default=30)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    scenes = [random_scene(seed, arguments.entities) for seed in range(arguments.scenes)]
    ontology, backend = load_ontology(), Z3Backend()
    rows = []
    print(f"{arguments.scenes} scenes of {arguments.entities} entities; median milliseconds an image")
    print(f"{'vectorised':>11} {'with proof':>11} {'grounded':>11} {'ratio':>8}  formula")
    for text in FORMULAS:
        formula = analyse(text, ontology).require()
        plan = make_plan(formula, ontology)
        fast, first = measured(lambda scene, plan=plan: ImageJudge(plan, scene).judgement.verdict, scenes)
        proved, second = measured(lambda scene, plan=plan: ImageJudge(plan, scene).prove(backend).verdict, scenes)
        slow, third = measured(lambda scene, formula=formula: naive_verdict(formula, scene), scenes)
        if not first == second == third:
            raise SystemExit(f"the verdicts differ on {text}")
        rows.append({"formula": text, "vectorised_ms": fast, "proved_ms": proved, "grounded_ms": slow})
        print(f"{fast:11.3f} {proved:11.3f} {slow:11.3f} {slow / proved:8.1f}  {text}")
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
