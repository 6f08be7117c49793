"""The ranking of an archive against sorting all its images, judged one by one, by score, share and id."""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numba
import numpy as np
import pytest

from solvers import ranking
from solvers.judge import ImageJudge, JudgeSettings, clause_share
from solvers.scene import Entity, Georeference, Scene
from tests.archive_support import DOTA, square, write
from tests.columnar_support import judge_of, plan_of
from tests.conftest import REPOSITORY
from tools import rank
from tools.archive import Archive
from tools.index import index_images
from tools.progress import Progress
from tools.question import Threshold
from tools.ranking import COMPILING
from tools.results import Ranking

LEAVES = frozenset(DOTA.leaf_names)
FORMULAS = (
    "exists x. plane(x)",
    "exists x. helicopter(x)",
    "exists x y. plane(x) & ship(y) & near(x, y)",
    "exists x. vehicle(x) & ~exists y. ship(y) & near(x, y)",
    "exists>=3 x. vehicle(x)",
    "(exists=2 x. plane(x)) & exists y z. ship(y) & vehicle(z) & left_of(y, z)",
    "exists<=1 x. ship(x) & exists y. plane(y) & distance(x, y) < 20 m",
    "forall x. plane(x) -> exists y. vehicle(y) & near(x, y)",
    "exists x y z. plane(x) & vehicle(y) & ship(z) & near(x, y) & near(y, z) & near(x, z)",
    "exists x y z. vehicle(x) & vehicle(y) & vehicle(z) & collinear(x, y, z)",
    "(exists x. plane(x) & in_left(x)) | exists y. ship(y) & length(y) > 12 m",
    "exists x y. ship(x) & plane(y) & ((near(x, y) & above(x, y)) | north_of(x, y))",
    "exists x. plane(x) & ~exists y. vehicle(y) & ~exists z. ship(z) & near(y, z) & near(x, z)",
)
TOP = (1, 3, 10)


SURE = (1.0,)
MIXED = (1.0, 0.92, 0.7, 0.5, 0.31, 0.25, 0.12, 0.05, 0.02)
FAINT = tuple(np.linspace(0.05, 0.24, 200))


def scene_of(generator: np.random.Generator, image_id: str, most: int, confidences: Sequence[float]) -> Scene:
    """Boxes on a grid, a few pixels apart."""
    entities = tuple(
        Entity(
            index,
            str(generator.choice(("plane", "ship", "small_vehicle", "large_vehicle"))),
            float(generator.choice(confidences)),
            square(4.0 * generator.integers(30), 4.0 * generator.integers(30), float(generator.choice((6, 10, 14)))),
        )
        for index in range(int(generator.integers(0, most + 1)))
    )
    known = LEAVES if generator.random() < 0.8 else LEAVES - {"ship"}
    gsd = None if generator.random() < 0.5 else 0.5
    north = None if generator.random() < 0.5 else Georeference("EPSG:32631", (0.6, 0.8, 0.0, 0.8, -0.6, 0.0))
    return Scene(image_id, 130, 130, entities, known, gsd, north)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Few and many entities, sure and unsure ones, none at all, and every fourth scene there again under other ids."""
    generator = np.random.Generator(np.random.Philox(7))
    found = [
        scene_of(generator, f"{prefix}{number}", most, SURE if number % 4 == 0 else MIXED)
        for prefix, most in (("b", 3), ("P", 8), ("é", 25))
        for number in range(12)
    ]
    again = [replace(scene, image_id=f"{prefix}{scene.image_id}") for scene in found[::4] for prefix in ("a", "z")]
    return [*found, *again, *(Scene(f"none{number}", 10, 10, (), LEAVES) for number in range(3))]


@pytest.fixture(scope="module")
def archive(scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("ranked") / "archive", scenes)


def order_of(formula: str, scenes: Sequence[Scene], settings: JudgeSettings | None = None) -> list[tuple[str, float]]:
    """The images and their scores, every one judged alone, sorted by what the design says."""
    plan, keys = plan_of(formula), []
    for scene in scenes:
        judge = ImageJudge(plan, scene, settings or JudgeSettings())
        share = Fraction(clause_share(judge)).limit_denominator(10_000)
        keys.append((-judge.judgement.score, -share, scene.image_id))
    return [(image_id, -score) for score, _, image_id in sorted(keys)]


def shown(answer: Ranking) -> list[tuple[str, float]]:
    assert [result.rank for result in answer.results] == list(range(1, len(answer.results) + 1))
    return [(result.image_id, result.score) for result in answer.results]


def assert_ordered(answer: Ranking, expected: Sequence[tuple[str, float]]) -> None:
    assert [image for image, _ in shown(answer)] == [image for image, _ in expected]
    assert [score for _, score in shown(answer)] == pytest.approx([score for _, score in expected], abs=1e-12)


def answer_of(answer: Ranking) -> object:
    """All of an answer but how long it took."""
    return answer.model_dump(mode="json", exclude={"timings_ms"})


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_order_is_that_of_all_images_sorted(formula: str, archive: Path, scenes: list[Scene]) -> None:
    opened = Archive.open(archive)
    expected = order_of(formula, scenes)
    whole = rank(formula, archive=opened, top_k=0)
    assert_ordered(whole, expected)
    for top in TOP:
        few = rank(formula, archive=opened, top_k=top)
        assert few.results == whole.results[:top]
        assert few.counts == whole.counts
    verdicts = [ImageJudge(plan_of(formula), scene).judgement.verdict.value for scene in scenes]
    assert [whole.counts.sat, whole.counts.unsat, whole.counts.unknown] == [
        verdicts.count(each) for each in ("sat", "unsat", "unknown")
    ]


@pytest.mark.parametrize("threshold", [0.01, 0.6, {"vehicle": 0.7, "small_vehicle": 0.1, "plane": 0.02}])
@pytest.mark.parametrize("formula", [FORMULAS[0], FORMULAS[3], FORMULAS[5]])
def test_thresholds_move_verdicts_and_shares_not_scores(
    formula: str, threshold: Threshold, archive: Path, scenes: list[Scene]
) -> None:
    if isinstance(threshold, dict):
        own = {"large_vehicle": 0.7, "small_vehicle": 0.1, "plane": 0.02}
        settings = JudgeSettings(class_thresholds=own)
    else:
        assert isinstance(threshold, float)
        settings = JudgeSettings(threshold)
    found = rank(formula, archive=archive, top_k=0, threshold=threshold)
    assert_ordered(found, order_of(formula, scenes, settings))
    by_id = {scene.image_id: scene for scene in scenes}
    for result in found.results:
        judge = ImageJudge(plan_of(formula), by_id[result.image_id], settings)
        assert result.verdict == judge.judgement.verdict.value
        assert result.witness == judge.witness()


@pytest.mark.parametrize("formula", FORMULAS[2:8])
def test_the_order_of_indexing_the_parts_and_a_second_call_change_nothing(
    formula: str, archive: Path, scenes: list[Scene], tmp_path: Path
) -> None:
    opened = Archive.open(archive)
    expected = answer_of(rank(formula, archive=opened, top_k=12))
    assert answer_of(rank(formula, archive=opened, top_k=12)) == expected
    mixed = [scenes[place] for place in np.random.default_rng(3).permutation(len(scenes))]
    other = write(tmp_path / "other", mixed, batch=7, images_per_part=5)
    assert answer_of(rank(formula, archive=other, top_k=12)) == expected


def test_a_warm_archive_answers_as_a_cold_one_whatever_was_asked_before(archive: Path) -> None:
    warm = Archive.open(archive)
    for _ in range(2):
        for formula in FORMULAS:
            cold = rank(formula, archive=Archive.open(archive), top_k=6)
            assert answer_of(rank(formula, archive=warm, top_k=6)) == answer_of(cold)


def test_threads_that_share_an_archive_answer_the_same(archive: Path) -> None:
    expected = [answer_of(rank(formula, archive=archive)) for formula in FORMULAS]
    for _ in range(3):
        shared = Archive.open(archive)
        with ThreadPoolExecutor(4) as threads:
            found = threads.map(lambda formula, own=shared: answer_of(rank(formula, archive=own)), FORMULAS)
            assert list(found) == expected


def test_another_process_answers_the_same(archive: Path) -> None:
    code = (
        "import json, sys\n"
        "from tools import rank\n"
        "answers = [rank(each, archive=sys.argv[1], top_k=9) for each in sys.argv[2:]]\n"
        "print(json.dumps([each.model_dump(mode='json', exclude={'timings_ms'}) for each in answers]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(archive), *FORMULAS],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )
    assert json.loads(done.stdout) == [answer_of(rank(each, archive=archive, top_k=9)) for each in FORMULAS]


def test_overlapping_parts_of_a_killed_run_rank_as_one_archive(scenes: list[Scene], tmp_path: Path) -> None:
    """What was committed before the kill, then a run over the rest, whose ids lie between those of the first."""
    root = write(tmp_path / "killed", scenes[::2], batch=4, images_per_part=6, finish=False)
    assert_ordered(rank(FORMULAS[3], archive=root, top_k=0), order_of(FORMULAS[3], scenes[::2]))
    whole = write(tmp_path / "whole", scenes)
    overlapping = write(tmp_path / "overlapping", [*scenes[::2], *scenes[1::2]], batch=9, finish=False)
    for formula in FORMULAS[:6]:
        assert answer_of(rank(formula, archive=overlapping)) == answer_of(rank(formula, archive=whole))


@pytest.mark.parametrize("formula", FORMULAS)
def test_an_archive_without_images_or_without_entities_is_ranked(formula: str, tmp_path: Path) -> None:
    empty = rank(formula, archive=write(tmp_path / "empty", []))
    rank(formula, archive=tmp_path / "empty", top_k=0, certify=True)
    assert (empty.results, empty.counts.sat, empty.counts.unsat, empty.counts.unknown) == ([], 0, 0, 0)
    bare = [Scene(f"{number}", 10, 10, (), LEAVES) for number in (2, 10, 1)]
    found = rank(formula, archive=write(tmp_path / "bare", bare), top_k=0)
    assert shown(found) == order_of(formula, bare)
    assert [result.image_id for result in found.results] == ["1", "10", "2"]
    assert len({result.verdict for result in found.results}) == 1


def test_what_is_compiled_meanwhile_is_told(archive: Path) -> None:
    """What is kept on disk is not; here the first report has something compiled that nobody keeps."""
    told: list[Progress] = []

    def listen(progress: Progress) -> None:
        told.append(progress)
        if progress.phase == "ranking":
            numba.njit(lambda number: number + 1)(1)

    rank("exists x. plane(x)", archive=archive, progress=listen)
    phases = [each.phase for each in told]
    assert phases[phases.index("ranking") + 1] == COMPILING
    numba.njit(lambda number: number + 2)(1)
    assert len(told) == len(phases)


def test_one_image_is_ranked(tmp_path: Path) -> None:
    scene = Scene("one", 60, 60, (Entity(4, "plane", 0.3, square(2, 2)),), LEAVES)
    (result,) = rank("exists x. plane(x)", archive=write(tmp_path / "one", [scene])).results
    assert (result.image_id, result.verdict, result.score, result.witness) == ("one", "sat", 0.3, {"x": 4})


@pytest.mark.parametrize("formula", FORMULAS)
def test_bounds_leave_out_no_image_that_belongs_among_the_first(
    formula: str, scenes: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With batches so small that every bound decides something, and bounds tightened whenever they can be."""
    monkeypatch.setattr(ranking, "FIRST_BATCH", 1)
    monkeypatch.setattr(ranking, "FIRST_CHEAP_BATCH", 1)
    monkeypatch.setattr(ranking, "SAT_TIGHTENED", 2)
    monkeypatch.setattr(ranking, "DISAPPOINTING", 2.0)
    monkeypatch.setattr(ranking, "MANY_WAITING", 0)
    monkeypatch.setattr(ranking, "TIGHTENED_AT_ONCE", 3)
    in_order = sorted(scenes, key=lambda scene: scene.image_id)
    expected = [image for image, _ in order_of(formula, scenes)]
    for top in (1, 2, 5, 20):
        found = ranking.first_images(judge_of(formula, in_order), top)
        assert [in_order[each.image].image_id for each in found] == expected[:top]


@pytest.mark.parametrize(
    "formula",
    [
        "exists x. plane(x) & ~exists y. ship(y) & near(x, y)",
        "~exists x y. ship(x) & vehicle(y) & near(x, y)",
        "(exists=2 x. plane(x)) & forall y. ship(y) -> exists z. vehicle(z) & near(y, z)",
        "(exists<=3 x. vehicle(x)) & exists y. plane(y) & ~exists z. vehicle(z) & left_of(y, z)",
        "(exists x y. plane(x) & vehicle(y) & near(x, y)) & ~exists z. ship(z) & in_left(z)",
        "(exists x y z. plane(x) & vehicle(y) & ship(z) & near(x, y) & near(y, z) & near(x, z)) & exists<=5 w. ship(w)",
    ],
)
def test_a_large_archive_is_ordered_as_if_all_were_scored(formula: str, crowd: list[Scene]) -> None:
    judge = judge_of(formula, crowd)
    scores = judge_of(formula, crowd).settled_scores(np.arange(len(crowd)))
    assert (judge.upper_bounds >= scores).all()
    assert (judge.tighter_bounds(np.arange(len(crowd))) >= scores).all()
    order = np.lexsort((np.arange(len(crowd)), ~judge.is_sat, -scores))
    for top in (1, 10, 60):
        found = ranking.first_images(judge, top)
        assert [each.score for each in found] == scores[order[:top]].tolist()
        told = [place for place, each in enumerate(found) if judge.is_sat[each.image]]
        assert [found[place].image for place in told] == order[told].tolist()


@pytest.fixture(scope="module")
def crowd() -> list[Scene]:
    """So many images that bounds are tightened, with so many faint entities that few scores tie."""
    generator = np.random.Generator(np.random.Philox(11))
    return [scene_of(generator, f"{number:05}", 30, FAINT) for number in range(1_500)]


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The real oriented boxes of which the sizes are known."""
    folder = tmp_path_factory.mktemp("real_ranked")
    dota = shared_data / "dota"
    index_images([], archive=folder, labels=dota / "labelTxt-hbb", sizes=dota / "image_sizes.json")
    return Archive.open(folder)


@pytest.mark.parametrize(
    "formula",
    [
        "exists x y. plane(x) & plane(y) & x != y & near(x, y) & ~exists z. helicopter(z) & near(z, x)",
        "exists x. ship(x) & exists>=3 y. ship(y) & y != x & adjacent(x, y)",
        "exists x y z. tennis_court(x) & tennis_court(y) & vehicle(z) & parallel(x, y) & near(z, x) & near(z, y)",
    ],
)
def test_real_scenes_keep_their_order_whatever_is_asked_for(formula: str, real: Archive) -> None:
    scenes = list(real.scenes())
    whole = rank(formula, archive=real, top_k=0)
    assert shown(whole) == order_of(formula, scenes)
    assert rank(formula, archive=real, top_k=7).results == whole.results[:7]
