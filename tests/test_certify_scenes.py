"""Z3 certifies real scenes: the vectorised verdicts of all of them stand, and each planted wrong one is found."""

from pathlib import Path

import numpy as np
import pytest

from solvers.certify import Claim, Outcome, certify_batch
from solvers.fol.analysis import analyse
from solvers.fol.ast import Counted, Formula, Quantified
from solvers.grounding import fold, problems_of
from solvers.judge import ImageJudge
from solvers.plan import make_plan
from solvers.scene import Scene
from solvers.verdict import Verdict
from solvers.z3_backend import Z3Backend
from tests.conftest import REPOSITORY
from tests.test_real_scenes import FORMULAS
from tools.archive import Archive
from tools.index import index_images
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
BACKEND = Z3Backend()
SCENES = 60


@pytest.fixture(scope="module")
def real_scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    """Some of the real scenes, by way of an archive."""
    dota = REPOSITORY / ".." / "shared" / "data" / "dota"
    if not dota.exists():
        pytest.skip("the real scenes (../shared/data) are not here")
    folder: Path = tmp_path_factory.mktemp("real")
    index_images([], archive=folder / "archive", labels=dota / "labelTxt-hbb", sizes=dota / "image_sizes.json")
    return list(Archive.open(folder / "archive").scenes())[:SCENES]


def claims_of(formula: Formula, judge: ImageJudge, image: int) -> list[tuple[Claim, bool]]:
    """The problems of a formula's blocks, each with the vectorised evaluator's answer to its block."""
    claims: list[Claim] = []

    def claim(block: Quantified | Counted, lower: bool) -> bool:
        truth = bool(judge.certain.truth(block, lower=lower).any())
        problems = problems_of(block, judge.certain, lower=lower)
        assert len(problems) == 1
        claims.append(Claim(image, problems[0], truth))
        return truth

    folded = fold(formula, claim, lower=True)
    return [(each, bool(folded)) for each in claims]


@pytest.mark.parametrize("text", FORMULAS[:24])
def test_real_verdicts_are_confirmed_and_planted_ones_denied(text: str, real_scenes: list[Scene]) -> None:
    plan = make_plan(analyse(text, DOTA).require(), DOTA)
    claims: list[Claim] = []
    for image, scene in enumerate(real_scenes):
        judge = ImageJudge(plan, scene)
        for part in judge.judgement.parts:
            found = claims_of(part.part.formula, judge, image)
            assert all(holds == (part.verdict is Verdict.SAT) for _, holds in found)
            claims += [each for each, _ in found]
    assert set(certify_batch(claims, BACKEND)) == {Outcome.CONFIRMED}
    planted = np.random.Generator(np.random.Philox(len(text))).random(len(claims)) < 0.1
    wrong = [
        Claim(claim.image, claim.problem, claim.holds != bool(is_planted))
        for claim, is_planted in zip(claims, planted, strict=True)
    ]
    outcomes = certify_batch(wrong, BACKEND)
    assert [outcome is Outcome.DISAGREEMENT for outcome in outcomes] == planted.tolist()
