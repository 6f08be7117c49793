"""Batches of scenes as one store, and its judge, for the tests of the columns."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from solvers.columnar.archive import ArchiveJudge
from solvers.columnar.store import store_of_scenes
from solvers.fol.analysis import analyse
from solvers.judge import ImageJudge, JudgeSettings
from solvers.plan import Plan, make_plan
from solvers.scene import Scene
from tests.conftest import REPOSITORY
from tests.reference.evaluate import read_hierarchy
from tests.strategies import Pair, scenes
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
HIERARCHY = read_hierarchy(REPOSITORY / "tools" / "ontologies" / "dota.toml")


def plan_of(text: str) -> Plan:
    """The plan of a formula over the classes of DOTA."""
    return make_plan(analyse(text, DOTA).require(), DOTA)


def judge_of(text: str, batch: Sequence[Scene], settings: JudgeSettings | None = None) -> ArchiveJudge:
    """A formula over some scenes in one store; what the columns leave open is judged by the scene itself."""
    plan, chosen = plan_of(text), settings or JudgeSettings()
    store = store_of_scenes(batch, DOTA.leaf_names)
    return ArchiveJudge(plan, store, chosen, lambda number: ImageJudge(plan, batch[number], chosen))


def named(pairs: Sequence[Pair]) -> list[Pair]:
    """The same scenes with ids of their own, in the order of these."""
    return [
        Pair(replace(pair.scene, image_id=f"P{number:04}"), replace(pair.picture, image_id=f"P{number:04}"))
        for number, pair in enumerate(pairs)
    ]


@st.composite
def batches(draw: st.DrawFn, *, certain: bool = False, most: int = 6, images: int = 5) -> list[Pair]:
    """Some scenes of one archive: sizes, scales, georeferences and known classes differ; some have no entity."""
    return named(draw(st.lists(scenes(certain=certain, most=most), min_size=1, max_size=images)))
