"""Cases for the columns by hand: three values, group words, every relation at once, what no kernel reads, rounding."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from solvers.columnar import joining
from solvers.columnar.archive import SAT, UNKNOWN, UNSAT, VERDICTS, ArchiveJudge
from solvers.columnar.proof import prove
from solvers.columnar.ranges import THREADS
from solvers.columnar.store import Store, store_of_scenes
from solvers.columnar.view import View
from solvers.judge import ImageJudge, JudgeSettings
from solvers.scene import Entity, Georeference, Scene
from tests.archive_support import DOTA, square, write
from tests.columnar_support import HIERARCHY, judge_of, plan_of, z3_says
from tests.reference.evaluate import Evaluator
from tests.reference.scenes import Picture, Thing
from tests.reference.score import exact_score
from tests.strategies import BINARY, TERNARY, UNARY
from tools import rank

LEAVES = frozenset(DOTA.leaf_names)
NORTH = Georeference("EPSG:32631", (0.5, 0.31, 0.0, 0.31, -0.5, 0.0))


def scene(*things: tuple[str, float, float, float], **known: object) -> Scene:
    """A scene of squares of 10 px, each by its label, its upper left corner and its confidence."""
    entities = tuple(
        Entity(index, label, confidence, square(x, y)) for index, (label, x, y, confidence) in enumerate(things)
    )
    return replace(Scene("s", 120, 120, entities, LEAVES), **known)  # type: ignore[arg-type]


def picture_of(scene: Scene) -> Picture:
    things = tuple(Thing(each.label, each.polygon, each.confidence) for each in scene.entities)
    transform = None if scene.georeference is None else scene.georeference.transform
    return Picture(scene.image_id, scene.width, scene.height, things, scene.gsd, scene.known_labels, transform)


def as_archive(scenes: Sequence[Scene]) -> list[Scene]:
    return [replace(each, image_id=f"P{number:04}") for number, each in enumerate(scenes)]


def assert_told(judge: ArchiveJudge, scenes: Sequence[Scene], text: str) -> None:
    """Verdicts and scores are the reference's, whoever decides them."""
    found = [VERDICTS[verdict].value for verdict in judge.verdicts]
    assert found == [Evaluator(picture_of(each), HIERARCHY).verdict(text) for each in scenes], text
    scores = judge.settled_scores(np.arange(len(scenes)))
    expected = [exact_score(text, picture_of(each), HIERARCHY) for each in scenes]
    assert scores.tolist() == pytest.approx(expected, abs=1e-9), text


PLANE, SHIP = ("plane", 10.0, 10.0, 1.0), ("ship", 30.0, 10.0, 1.0)
NO_SHIPS = LEAVES - {"ship"}


@pytest.mark.parametrize(
    ("text", "one", "verdict"),
    [
        ("exists x y. plane(x) & ship(y) & distance(x, y) < 20 m", scene(PLANE, SHIP), UNKNOWN),
        ("exists x y. plane(x) & ship(y) & distance(x, y) < 20 m", scene(PLANE, SHIP, gsd=1.0), SAT),
        ("exists x y. plane(x) & ship(y) & distance(x, y) < 20 m", scene(PLANE), UNSAT),
        ("~exists x y. plane(x) & ship(y) & distance(x, y) < 20 m", scene(PLANE, SHIP), UNKNOWN),
        ("exists x. plane(x) & ~exists y. ship(y) & distance(x, y) < 20 m", scene(PLANE, SHIP), UNKNOWN),
        ("exists x. plane(x) & ~exists y. ship(y) & distance(x, y) < 20 m", scene(PLANE), SAT),
        ("exists x. plane(x) & (in_left(x) | length(x) > 3 m)", scene(PLANE), SAT),
        ("exists x. plane(x) & in_right(x) & length(x) > 3 m", scene(PLANE), UNSAT),
        ("exists x. plane(x) & (in_right(x) | length(x) > 3 m)", scene(PLANE), UNKNOWN),
        ("exists>=2 x. plane(x) & length(x) > 3 m", scene(PLANE), UNSAT),
        ("exists>=1 x. plane(x) & length(x) > 3 m", scene(PLANE), UNKNOWN),
        ("exists<=1 x. plane(x) & length(x) > 3 m", scene(PLANE), SAT),
        ("exists=1 x. plane(x) & length(x) > 3 m", scene(PLANE), UNKNOWN),
        ("exists x y. plane(x) & ship(y) & north_of(x, y)", scene(PLANE, SHIP), UNKNOWN),
        ("exists x y. plane(x) & ship(y) & ~north_of(x, y)", scene(PLANE, SHIP), UNKNOWN),
        ("exists x y. plane(x) & ship(y) & ~north_of(x, y)", scene(PLANE, SHIP, georeference=NORTH), SAT),
        ("exists x y. plane(x) & plane(y) & ~north_of(x, y)", scene(PLANE), SAT),  # of an entity and itself it is false
        ("exists x y. plane(x) & plane(y) & north_of(x, y)", scene(PLANE), UNSAT),
        ("exists x. ship(x)", scene(SHIP, known_labels=NO_SHIPS), UNKNOWN),
        ("~exists x. ship(x)", scene(PLANE, known_labels=NO_SHIPS), UNKNOWN),
        ("(exists x. ship(x)) & exists y. helicopter(y)", scene(SHIP, known_labels=NO_SHIPS), UNSAT),
        ("(exists x. ship(x)) & exists y. plane(y)", scene(PLANE, SHIP, known_labels=NO_SHIPS), UNKNOWN),
        ("(exists x. ship(x)) | exists y. plane(y)", scene(PLANE, known_labels=NO_SHIPS), SAT),
        ("exists x y. plane(x) & ship(y) & near(x, y)", scene(PLANE, known_labels=NO_SHIPS), UNKNOWN),
        ("exists x. vehicle(x)", scene(PLANE, known_labels=LEAVES - {"large_vehicle"}), UNKNOWN),
        ("exists x. small_vehicle(x)", scene(PLANE, known_labels=LEAVES - {"large_vehicle"}), UNSAT),
        ("(exists x. plane(x)) ^ exists y. ship(y)", scene(PLANE, known_labels=NO_SHIPS), UNKNOWN),
        ("forall x. ship(x) -> in_left(x)", scene(known_labels=NO_SHIPS), UNKNOWN),
        ("forall x. ship(x) -> in_left(x)", scene(), SAT),
    ],
)
def test_three_values(text: str, one: Scene, verdict: int) -> None:
    """Among images that can tell more, and less."""
    scenes = as_archive([one, scene(PLANE, SHIP, gsd=2.0, georeference=NORTH), one, scene(), one])
    judge = judge_of(text, scenes)
    assert judge.verdicts[[0, 2, 4]].tolist() == [verdict] * 3
    assert judge.settled_scores(np.arange(5))[[0, 2, 4]].tolist() == [float(verdict == SAT)] * 3


LINE = scene(
    ("plane", 5, 50, 0.9), ("plane", 30, 52, 0.8), ("plane", 60, 50, 0.7), ("plane", 5, 5, 1.0), ("ship", 90, 51, 0.6)
)
COLUMN = scene(("plane", 50, 5, 0.9), ("plane", 52, 30, 0.8), ("plane", 50, 60, 0.7), ("ship", 51, 90, 0.6))
CROWD = scene(
    ("plane", 5, 5, 0.9), ("plane", 16, 5, 0.5), ("plane", 5, 16, 1.0), ("ship", 16, 16, 0.3), ("ship", 16, 16, 0.4)
)
SAME_PLACE = scene(*(("plane", 20.0, 20.0, 0.5) for _ in range(4)))
SCENES = as_archive([LINE, COLUMN, CROWD, SAME_PLACE, scene(), replace(LINE, gsd=0.5, georeference=NORTH)])


@pytest.mark.parametrize(
    "clause",
    [
        "near(x, y)",
        "adjacent(y, x)",
        "distance(x, y) < 15 px",
        "distance(x, y) <= 15 px",
        "distance(x, y) < 10 m",
        "distance(x, y) <= 7.5 m",
        "distance(x, y) <= 0 px",
        "15 px > distance(y, x)",
        "~near(x, y)",
    ],
)
@pytest.mark.parametrize("classes", ["plane(x) & ship(y)", "plane(x) & plane(y)", "plane(x) & plane(y) & x != y"])
def test_joins_by_one_distance(clause: str, classes: str) -> None:
    """Of boxes along the axes, where bounds tell nearly all; an entity is within a distance of itself, but not near."""
    scenes = as_archive([*SCENES, replace(CROWD, gsd=2.0), replace(COLUMN, gsd=0.3)])
    for text in (f"exists x y. {classes} & {clause}", f"exists x. plane(x) & ~exists y. {classes} & {clause}"):
        assert_told(judge_of(text, scenes), scenes, text)


@pytest.mark.parametrize("word", ["row", "column", "aligned", "clustered"])
@pytest.mark.parametrize("quantifier", ["exists", "~exists", "forall"])
def test_group_words(word: str, quantifier: str) -> None:
    for members in ("plane(x) & plane(y) & plane(z)", "plane(x) & plane(y) & ship(z)"):
        sign = "->" if quantifier == "forall" else "&"
        text = f"{quantifier} x y z. ({members}) {sign} {word}(x, y, z)"
        assert_told(judge_of(text, SCENES), SCENES, text)
    four = f"exists w x y z. plane(w) & plane(x) & plane(y) & ship(z) & {word}(w, x, y, z)"
    assert_told(judge_of(four, SCENES), SCENES, four)


def random_scenes(count: int, most: int, seed: int = 1) -> list[Scene]:
    """Boxes on a grid of 5 px, some turned, so that they meet, coincide and line up often."""
    generator = np.random.Generator(np.random.Philox(seed))
    found = []
    for _ in range(count):
        entities = []
        for index in range(int(generator.integers(1, most + 1))):
            x, y, w, h = (5.0 * generator.integers((18, 18, 3, 2)) + (0, 0, 5, 5)).tolist()
            h = w + h  # of a square no axis is the longer one
            turned = ((x, y), (x + w, y + h), (x + w - 2 * h, y + h + 2 * w), (x - 2 * h, y + 2 * w))
            polygon = turned if generator.random() < 0.3 else ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
            label = str(generator.choice(("plane", "ship", "small_vehicle")))
            entities.append(Entity(index, label, float(generator.choice((1.0, 0.6, 0.3))), polygon))
        north = NORTH if generator.random() < 0.5 else None
        gsd = 0.5 if generator.random() < 0.5 else None
        found.append(Scene("s", 100, 100, tuple(entities), LEAVES, gsd, north))
    return as_archive(found)


MIXED = random_scenes(25, 7)


@pytest.mark.parametrize("relation", [*BINARY, "west_of", "south_of", "lower_left_of", "upper_right_of"])
def test_every_relation_in_every_place(relation: str) -> None:
    for text in (
        f"exists x y. plane(x) & ship(y) & {relation}(x, y)",
        f"exists x. plane(x) & ~exists y. ship(y) & {relation}(y, x)",
        f"exists x. vehicle(x) & exists>=2 y. ship(y) & ~{relation}(x, y)",
        f"exists x y z. plane(x) & ship(y) & vehicle(z) & {relation}(x, y) & {relation}(y, z) & ~{relation}(x, z)",
        f"forall x y. plane(x) & ship(y) -> {relation}(x, y) | {relation}(y, x)",
    ):
        assert_told(judge_of(text, MIXED), MIXED, text)


def test_all_relations_at_once() -> None:
    """One block with a clause of each: the more of them it denies the likelier it is to hold somewhere."""
    for sign, group in product(("", "~"), (0, 1, 2, 3)):
        own = " & ".join(f"{sign}{name}(x)" for name in UNARY[group::4])
        pairs = " & ".join(f"{sign}{name}(x, y)" for name in BINARY[group::4])
        triples = " & ".join(f"{sign}{name}(x, y, z)" for name in TERNARY)
        text = f"exists x y z. plane(x) & ship(y) & vehicle(z) & {own} & {pairs} & {triples}"
        assert_told(judge_of(text, MIXED), MIXED, text)
    every = " | ".join(f"{name}(x, y)" for name in BINARY)
    text = f"exists x. plane(x) & forall y. (ship(y) -> ({every}))"
    assert_told(judge_of(text, MIXED), MIXED, text)


UNREAD = (
    "exists x y. plane(x) & ship(y) & ((near(x, y) & above(x, y)) | left_of(x, y))",
    "exists x y. plane(x) & ship(y) & near(x, y) & exists z. vehicle(z) & left_of(z, x) & left_of(z, y)",
    "exists x y. plane(x) & ship(y) & ~exists z. vehicle(z) & near(z, x) & near(z, y)",
    "exists x y. plane(x) & ship(y) & exists>=2 z. vehicle(z) & near(z, x) & above(z, y)",
    "~exists x y. plane(x) & ship(y) & ((near(x, y) & above(x, y)) | right_of(x, y))",
    "exists x. plane(x) & ~exists y. ship(y) & ((near(x, y) & above(x, y)) | x = y)",
    "exists=1 x. plane(x) & exists y. ship(y) & ((near(x, y) & ~above(x, y)) | larger_than(x, y))",
    "forall x y. plane(x) & ship(y) -> exists z. vehicle(z) & between(z, x, y)",
    "(exists x. plane(x) & in_left(x)) & exists y z. ship(y) & vehicle(z) & (near(y, z) <-> above(y, z))",
    "exists x y. plane(x) & ship(y) & distance(x, y) < cx(x)",
    "exists x y. plane(x) & ship(y) & (distance(x, y) >= cy(y) | ~near(x, y))",
    "exists x y z. plane(x) & plane(y) & ship(z) & distance(x, y) < distance(y, z)",
)


@pytest.mark.parametrize("text", UNREAD)
def test_what_no_kernel_reads_is_answered_alike(text: str) -> None:
    judge = judge_of(text, MIXED)
    assert_told(judge, MIXED, text)
    scores, _ = judge.scorer.scores(np.arange(len(MIXED)))
    assert (scores >= judge.settled_scores(np.arange(len(MIXED)))).all()


def test_most_of_these_leave_images_to_the_exact_evaluator() -> None:
    loose = [judge_of(text, MIXED).scorer.scores(np.arange(len(MIXED)))[1].any() for text in UNREAD]
    assert sum(loose) >= len(UNREAD) / 2


def test_a_part_that_is_left_open_does_not_close_the_others() -> None:
    """Boxes that cross themselves: what is near them no kernel tells, what is left of them it does."""
    crossing = [((x, 0.0), (x + 4, 4.0), (x + 4, 0.0), (x, 4.0)) for x in (0.0, 0.0, 3.0)]
    labels = ("plane", "plane", "small_vehicle")
    entities = tuple(Entity(index, label, 1.0, crossing[index]) for index, label in enumerate(labels))
    scenes = as_archive([scene(), Scene("s", 60, 60, entities, LEAVES)])
    near = "exists x y. plane(x) & small_vehicle(y) & near(x, y)"
    aside = "exists x y z. plane(x) & plane(y) & small_vehicle(z) & left_of(x, z) & left_of(y, z)"
    for text in (f"({near}) & {aside}", f"({near}) & ~{aside}", f"(~{near}) & {aside}"):
        assert_told(judge_of(text, scenes), scenes, text)


@pytest.mark.parametrize(
    "text", ["exists x. ~plane(x)", "exists x y. x != y & near(x, y)", "exists=2 x. x = x", "exists>=0 x. plane(x)"]
)
def test_variables_of_no_class_and_counts_of_none(text: str) -> None:
    assert_told(judge_of(text, MIXED), MIXED, text)


def test_thresholds_of_classes_and_below_the_floor() -> None:
    one = as_archive(
        [scene(("plane", 5, 5, 0.02), ("ship", 12, 5, 0.4)), scene(("plane", 5, 5, 0.3), ("ship", 12, 5, 0.04))]
    )
    text = "exists x y. plane(x) & ship(y) & near(x, y)"
    for given, expected in (
        ({"plane": 0.02, "ship": 0.4}, [SAT, UNSAT]),
        ({"plane": 0.02, "ship": 0.04}, [SAT, SAT]),
        ({"plane": 0.3, "ship": 0.01}, [UNSAT, SAT]),
        ({"ship": 0.04}, [UNSAT, SAT]),
        ({}, [UNSAT, UNSAT]),
    ):
        judge = judge_of(text, one, JudgeSettings(class_thresholds=given))
        assert judge.verdicts.tolist() == expected
        assert judge.settled_scores(np.arange(2)).tolist() == [0.0, 0.0]  # below the floor nothing is ever real


def test_corners_that_no_single_float_holds_are_kept_exactly() -> None:
    """A class whose corners need double precision comes after one whose corners do not, and the other way round."""
    third = Entity(0, "plane", 1.0, square(1 / 3, 1 / 3, 1 / 7))
    whole = Entity(1, "ship", 1.0, square(1.0, 1.0, 1.0))
    scenes = as_archive([Scene("s", 10, 10, (third, whole), LEAVES)] * 3)
    for first, second in (("plane", "ship"), ("ship", "plane")):
        store = store_of_scenes(scenes, DOTA.leaf_names)
        for label in (first, second):
            store.offsets(label)
        for entity in range(6):
            expected = third if store.label_of(entity) == "plane" else whole
            assert store.rings(np.array([entity]))[0].tolist() == [list(corner) for corner in expected.polygon]
    gap = float(1.0 - (1 / 3 + 1 / 7)) * 2**0.5
    for limit, verdict in ((gap * (1 + 1e-9), SAT), (gap * (1 - 1e-9), UNSAT)):
        judge = judge_of(f"exists x y. plane(x) & ship(y) & distance(x, y) < {limit:.17f} px", scenes)
        assert judge.verdicts.tolist() == [verdict] * 3


def test_a_confidence_at_the_threshold_counts_whatever_its_precision() -> None:
    for threshold in (0.3, 0.1, 1 / 3, 0.7000000000000001, float(np.float32(0.9))):
        scenes = as_archive(
            [scene(("plane", 5, 5, threshold)), scene(("plane", 5, 5, float(np.nextafter(threshold, 0))))]
        )
        judge = judge_of("exists x. plane(x)", scenes, JudgeSettings(threshold))
        assert judge.verdicts.tolist() == [SAT, UNSAT]
        assert judge.settled_scores(np.arange(2)).tolist() == [
            round(threshold, 12),
            round(float(np.nextafter(threshold, 0)), 12),
        ]


@pytest.mark.parametrize("sure", [0, 4, 9])
def test_bounds_from_a_quarter_of_the_worlds_look_at_every_entity(sure: int) -> None:
    """Of ten planes one is sure: with it what the others lack is made up for, wherever it stands among them."""
    planes = [("plane", 10.0 * place, 0.0, 1.0 if place == sure else 0.6) for place in range(10)]
    ships = [("ship", 10.0 * place, 20.0, 1.0 if place == 3 else 0.3) for place in range(10)]
    scenes = as_archive([scene(*planes, *ships)] * 2)
    for related in ("near(x, y)", "above(x, y)", "far_from(x, y)", "x != y"):
        judge = judge_of(f"(exists x y. plane(x) & ship(y) & {related}) & ~exists z. vehicle(z)", scenes)
        images = np.arange(2)
        assert (judge.tighter_bounds(images) >= judge.settled_scores(images)).all()


@pytest.mark.parametrize("first", [0, 1_020, 65_530, 2**20 - 3, 2**31 - 2])
def test_indices_of_any_size_draw_the_same_worlds_and_come_back_in_witnesses(first: int, tmp_path: Path) -> None:
    """Ten planes and ten ships, indices with gaps; a class with small indices is read before."""
    generator = np.random.Generator(np.random.Philox(first))
    entities = [
        Entity(
            first + 3 * place if label != "helicopter" else place, label, float(generator.uniform(0.06, 0.9)),
            square(*generator.integers(0, 50, 2).tolist()),
        )
        for place, label in enumerate(["helicopter", *["plane", "ship"] * 10])
    ]  # fmt: skip
    one = Scene("one", 60, 60, tuple(entities), LEAVES)
    root = write(tmp_path / "archive", [one])
    for text in ("exists x. helicopter(x)", "exists x y. plane(x) & ship(y) & left_of(x, y) & near(x, y)"):
        judge = ImageJudge(plan_of(text), one)
        (result,) = rank(text, archive=root).results
        assert result.score == pytest.approx(judge.judgement.score, abs=1e-12)
        assert result.witness == judge.witness()
        assert {each.index for each in result.entities} == set(judge.witness().values())


@pytest.mark.parametrize("compiled", [True, False])
def test_few_images_at_a_limit_need_no_code_for_corners(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    """Gaps of just two sizes: whether the code that looks at corners is there makes no difference to what is told."""
    apart = (34.0, 35.0, 36.0, 80.0)
    scenes = as_archive(
        [scene(("plane", 5, 5, 0.9), ("ship", x, 5, 0.6), ("ship", 90, y, 0.4)) for x in apart for y in apart]
    )
    monkeypatch.setattr(joining, "is_compiled_for_corners", lambda _: compiled)
    for text in ("exists x y. plane(x) & ship(y) & near(x, y)", "exists x. plane(x) & ~exists y. ship(y) & near(x, y)"):
        judge = judge_of(text, scenes)
        assert_told(judge, scenes, text)
        assert judge.store.mostly_upright
        proved = prove(judge, np.arange(len(scenes)), z3_says())
        assert (proved.is_open | (proved.verdicts == judge.verdicts)).all()
        assert proved.is_open.sum() <= 4  # those at the limit


def test_threads_give_what_one_run_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that is large enough to be shared among threads, and the same one without them."""
    scenes = as_archive(random_scenes(40, 30, seed=3) * 75)
    near = "exists x y z. plane(x) & ship(y) & vehicle(z) & near(x, y) & ~above(y, z)"
    text = f"{near} & exists>=2 w. ship(w) & left_of(w, x)"
    shared = judge_of(text, scenes)
    assert len(shared.store.confidence) > THREADS * 20_000
    verdicts, scores = shared.verdicts, shared.settled_scores(np.arange(len(scenes)))
    monkeypatch.setattr(View, "run", lambda view, kernel, _, **named: kernel(0, view.size))
    single = judge_of(text, scenes)
    assert single.verdicts.tolist() == verdicts.tolist()
    assert single.settled_scores(np.arange(len(scenes))).tolist() == scores.tolist()
    assert verdicts[:40].tolist() * 75 == verdicts.tolist()


def test_one_store_serves_many_questions_in_any_order() -> None:
    store = store_of_scenes(MIXED, DOTA.leaf_names)

    def ask(text: str, own: Store) -> list[float]:
        plan = plan_of(text)
        judge = ArchiveJudge(plan, own, JudgeSettings(), lambda number: ImageJudge(plan, MIXED[number]))
        return [*judge.verdicts.tolist(), *judge.settled_scores(np.arange(len(MIXED))).tolist()]

    for text in (*UNREAD, *reversed(UNREAD)):
        assert ask(text, store) == ask(text, store_of_scenes(MIXED, DOTA.leaf_names))
