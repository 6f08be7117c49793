"""Z3 confirms a whole archive, and every planted wrong verdict is caught: of the columns, of a block, of a count."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solvers.certify import Outcomes
from solvers.columnar import proof, solutions
from solvers.columnar.archive import SAT, UNKNOWN, UNSAT, ArchiveJudge
from solvers.columnar.blocks import Prepared, Setting
from solvers.columnar.proof import prove
from solvers.columnar.solutions import Solved, facts, solve
from solvers.fol.ast import Comparator, Quantified
from solvers.geometry import Booleans
from solvers.judge import DisagreementError
from solvers.limits import never
from solvers.problem import Int64s
from solvers.scene import Entity, Scene
from tests.archive_support import DOTA, square, write
from tests.columnar_support import judge_of, z3_says
from tools import rank
from tools.archive import Archive
from tools.certifying import certify_archive
from tools.index import index_images
from tools.progress import ignore_progress
from tools.question import Question, prepare

FORMULAS = (
    "exists x. plane(x)",
    "exists x y. plane(x) & ship(y) & near(x, y)",
    "exists x. vehicle(x) & ~exists y. ship(y) & near(x, y)",
    "exists x y z. plane(x) & vehicle(y) & ship(z) & near(x, y) & near(y, z) & near(x, z)",
    "forall x. plane(x) -> exists y. vehicle(y) & near(x, y)",
    "(exists x. plane(x) & in_left(x)) | ~exists y. ship(y) & in_right(y)",
)
COUNTS = ("exists>=3 x. vehicle(x)", "exists=1 x. plane(x) & in_left(x)", "exists<=1 x. ship(x)")


PAIRED = (
    "exists x y. plane(x) & ship(y) & near(x, y)",
    "exists x y. plane(x) & vehicle(y) & ~near(x, y) & larger_than(x, y)",
    "exists x y z. plane(x) & ship(y) & vehicle(z) & near(x, y) & (left_of(y, z) | above(y, z))",
)


def scenes(count: int, seed: int = 5) -> list[Scene]:
    """Small crowded scenes, half of the detections above the threshold; every tenth source knows no ships."""
    generator = np.random.Generator(np.random.Philox(seed))
    labels = ("plane", "ship", "small_vehicle", "large_vehicle")
    found = []
    for number in range(count):
        entities = tuple(
            Entity(
                index,
                str(generator.choice(labels)),
                float(generator.choice((0.9, 0.6, 0.3, 0.1))),
                square(3.0 * generator.integers(30), 3.0 * generator.integers(30), float(generator.choice((6, 9)))),
            )
            for index in range(int(generator.integers(9)))
        )
        known = frozenset(DOTA.leaf_names) - ({"ship"} if number % 10 == 9 else set())
        found.append(Scene(f"P{number:04}", 100, 100, entities, known, gsd=(None, 0.5)[number % 2]))
    return found


@pytest.fixture(scope="module")
def batch() -> list[Scene]:
    return scenes(120)


@pytest.fixture(scope="module")
def archive(batch: Sequence[Scene], tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive.open(write(tmp_path_factory.mktemp("certified") / "archive", batch))


def judge_of_archive(formula: str, archive: Archive) -> ArchiveJudge:
    return prepare(formula, archive, 0.25).archive_judge()


@pytest.mark.parametrize("formula", PAIRED)
def test_z3_sees_the_same_before_code_for_it_is_compiled_and_after(
    formula: str, batch: Sequence[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judge_of(formula, batch)
    view = judge.view_at_threshold(np.arange(len(batch)))
    block = judge.plan.parts[0].formula
    assert isinstance(block, Quantified)
    solved = solve(judge.program(view, judge.groups[0].unknowns).prepared(block, None, Setting(True, positive=False)))
    monkeypatch.setattr(solutions, "FEW_BESIDE", 1_000)
    seen = []
    for is_compiled in (True, False):
        monkeypatch.setattr(solutions, "is_compiled", lambda _, answer=is_compiled: answer)
        seen.append(facts(solved.prepared))
    assert any(len(edge.rows) for edge in seen[0].edges)
    for one, other in zip(seen[0].edges, seen[1].edges, strict=True):
        assert (one.variables, one.forbidden) == (other.variables, other.forbidden)
        assert np.array_equal(one.starts, other.starts)
        assert np.array_equal(one.rows, other.rows)


@pytest.mark.parametrize("formula", [*FORMULAS, *COUNTS])
def test_what_is_right_is_certified(formula: str, archive: Archive) -> None:
    plain, certified = (rank(formula, archive=archive, top_k=5, certify=each) for each in (False, True))
    assert certified.results == plain.results
    assert certified.counts == plain.counts
    assert 0 < certified.counts.sat < certified.archive.images


@pytest.mark.parametrize("formula", [*FORMULAS, *COUNTS])
def test_a_flipped_verdict_of_any_image_is_found_and_named(formula: str, archive: Archive) -> None:
    """One wrong verdict at a time, sat or unsat, wherever it stands in the archive."""
    right = judge_of_archive(formula, archive).verdicts
    generator = np.random.default_rng(len(formula))
    for verdict in (SAT, UNSAT):
        image = int(generator.choice(np.flatnonzero(right == verdict)))
        judge = judge_of_archive(formula, archive)
        judge.verdicts[image] = UNSAT if verdict == SAT else SAT
        with pytest.raises(DisagreementError, match=f"image P{image:04}"):
            certify_archive(judge, processes=1, tick=never, progress=ignore_progress)


@pytest.mark.parametrize("planted", [SAT, UNSAT, UNKNOWN])
def test_an_unknown_verdict_is_wrong_where_another_is_right_and_the_other_way_round(
    planted: int, archive: Archive
) -> None:
    formula = "exists x y. plane(x) & ship(y) & distance(x, y) < 30 m"
    for right in {SAT, UNSAT, UNKNOWN} - {planted}:
        judge = judge_of_archive(formula, archive)
        found = np.flatnonzero(judge.verdicts == right)
        judge.verdicts[found[-1:]] = planted
        if len(found):
            with pytest.raises(DisagreementError, match=f"P{found[-1]:04}"):
                certify_archive(judge, processes=1, tick=never, progress=ignore_progress)


@pytest.mark.parametrize("certify", [False, True])
@pytest.mark.parametrize("formula", [FORMULAS[0], FORMULAS[2], COUNTS[0]])
def test_rank_fails_on_a_planted_verdict_that_it_shows_or_certifies(
    formula: str, certify: bool, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judge_of_archive(formula, archive)
    planted = int(np.flatnonzero(judge.verdicts == UNSAT)[3])
    judge.verdicts[planted] = SAT
    monkeypatch.setattr(Question, "archive_judge", lambda _: judge)
    with pytest.raises(DisagreementError, match=f"P{planted:04}"):
        rank(formula, archive=archive, top_k=1 if certify else 0, certify=certify)


@pytest.mark.parametrize("formula", FORMULAS[:5])
def test_a_wrong_claim_about_a_block_is_denied_by_z3(
    formula: str, batch: Sequence[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the columns claim of a block is flipped on one image, before Z3 sees it."""
    judge = judge_of(formula, batch)
    images = np.flatnonzero(~prove(judge, np.arange(len(batch)), z3_says()).is_open)[:60]
    claims: list[int] = []

    def flipped(prepared: Prepared) -> Solved:
        solved = solve(prepared)
        planted = claims[0] % len(solved.holds)
        solved.holds[planted] ^= True
        return solved

    monkeypatch.setattr(proof, "solve", flipped)
    for planted in (0, 17, 59):
        claims[:] = [planted]
        with pytest.raises(DisagreementError, match="P0"):
            prove(judge, images, z3_says())


@pytest.mark.parametrize("formula", COUNTS)
def test_a_wrong_claim_about_a_count_is_denied_by_z3(formula: str, batch: Sequence[Scene]) -> None:
    judge, says = judge_of(formula, batch), z3_says()
    images = np.arange(len(batch))
    for planted in (0, 31, 107):

        def lying(  # noqa: PLR0917
            comparator: Comparator, count: int, least: Int64s, most: Int64s, holds: Booleans, at: int = planted
        ) -> Outcomes:
            claimed = holds.copy()
            claimed[at % len(claimed)] ^= True
            return says.counts(comparator, count, least, most, claimed)

        with pytest.raises(DisagreementError):
            prove(judge, images, replace(says, counts=lying))


def test_an_unknown_verdict_is_certified_as_what_it_is(batch: Sequence[Scene]) -> None:
    judge = judge_of("exists x y. plane(x) & ship(y) & near(x, y)", batch)
    proved = prove(judge, np.arange(len(batch)), z3_says())
    lacking = np.arange(len(batch)) % 10 == 9
    assert (judge.verdicts[lacking] == UNKNOWN).any()
    assert (proved.verdicts == judge.verdicts)[~proved.is_open].all()
    assert not proved.is_open[lacking].all()


@pytest.mark.parametrize("planted", [False, True])
def test_real_scenes_are_certified_over_processes(planted: bool, shared_data: Path, tmp_path: Path) -> None:
    dota = shared_data / "dota"
    index_images([], archive=tmp_path / "real", labels=dota / "labelTxt-hbb", sizes=dota / "image_sizes.json")
    formula = "exists x y. ship(x) & harbor(y) & near(x, y)"
    judge = judge_of_archive(formula, Archive.open(tmp_path / "real"))
    if not planted:
        certify_archive(judge, processes=2, tick=never, progress=ignore_progress)
        return
    judge.verdicts[-1] = SAT if judge.verdicts[-1] == UNSAT else UNSAT
    with pytest.raises(DisagreementError, match=judge.store.images.ids[-1]):
        certify_archive(judge, processes=2, tick=never, progress=ignore_progress)
