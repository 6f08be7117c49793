"""The kernels' predicates against the evaluator of one image: never a wrong yes or no, open only where they must be."""

import importlib
import random
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numba.core.caching
import numpy as np
import pytest

import solvers.columnar.compiled
from solvers.columnar.closeness import within
from solvers.columnar.codes import Code, Column, Encoded, arity, encode, needs
from solvers.columnar.compiled import compiled
from solvers.columnar.measured import NO, OPEN, YES, Geometry, limits_of
from solvers.columnar.predicates import holds
from solvers.columnar.unary import Entities, unary_mask
from solvers.fol.ast import Atom, Comparison, Formula, Not
from solvers.fol.parser import parse
from solvers.fol.signature import RELATIONS
from solvers.literals import Literals
from solvers.ontology import Ontology
from solvers.quantities import Scale
from solvers.relations import Measured
from solvers.rings import measure, rectangles
from solvers.scene import Scene
from tests.geometry_support import FAMILIES, Polygon, grid_box, mixed, picture_scene, scene_of, turned_box
from tests.reference.geometry import UNARY
from tests.reference.scenes import read_label_folder

PLAIN_FAMILIES = ("grid_box", "turned_box", "oval")
BINARY = [f"{code.name.lower()}(x, y)" for code in Code if code.name.lower() in RELATIONS and arity(code) == 2]
TERNARY = ["collinear(x, y, z)", "between(x, y, z)"]
SIGNS = ("<", "<=", "=", "!=", ">=", ">")
GAPS = [f"distance(x, y) {sign} {limit}" for sign, limit in product(SIGNS, ("0 px", "6 px", "10 px", "5 m", "0 m"))]
COLUMNS = [
    f"{left}(x) {sign} {right}(y)"
    for (left, right), sign in product([("area", "area"), ("length", "width"), ("cx", "cy"), ("cx", "cx")], SIGNS)
]
OTHERS = ["x = y", "x != y", "~near(x, y)", "~distance(x, y) < 10 px", "10 px >= distance(x, y)"]
FEW = 12


def formula_of(text: str) -> Formula:
    formula = parse(text).formula
    assert formula is not None, text
    return formula


def columns_of(scene: Scene, precision: type[np.floating] = np.float64) -> Geometry:
    """A scene's entities as the columns of an archive."""
    corners = np.array([corner for entity in scene.entities for corner in entity.polygon], dtype=np.float64)
    offsets = np.concatenate([[0], np.cumsum([len(entity.polygon) for entity in scene.entities])])
    measured, boxes = measure(corners, offsets), rectangles(corners, offsets)
    names = sorted({entity.label for entity in scene.entities})
    labels = np.array([names.index(entity.label) for entity in scene.entities], dtype=np.int16)
    length, width, axis = (np.ascontiguousarray(column) for column in boxes.T)
    return Geometry(
        measured.centroid, measured.bounds.astype(precision), measured.area, length, width, axis, measured.plain,
        labels, offsets, corners.astype(precision),
    )  # fmt: skip


@compiled
def _fill(found: np.ndarray, code: int, numbers: np.ndarray, geometry: Geometry, settings: np.ndarray) -> None:
    """`numbers` has the value, the scale, and the two coordinates of north."""
    for a in range(found.shape[0]):
        for b in range(found.shape[1]):
            for c in range(found.shape[2]):
                found[a, b, c] = holds(
                    code, a, b, c, numbers[0], numbers[1], numbers[2], numbers[3], geometry, settings
                )


def answers(encoded: Encoded, measured: Measured, geometry: Geometry, count: int) -> np.ndarray:
    """NO, YES or OPEN for all pairs or triples, with the negation seen to; columns that are not needed are empty."""
    needed = needs(encoded)
    empty = Geometry(*(column[:0] for column in geometry))
    only = geometry._replace(**{name: getattr(empty, name) for name in geometry._fields if name not in needed})
    found = np.zeros((count, count, count if arity(encoded.code) == 3 else 1), dtype=np.int8)
    gsd = np.nan if measured.scene.gsd is None else measured.scene.gsd
    scale = {Scale.PIXELS: 1.0, Scale.GSD: gsd, Scale.GSD_SQUARED: gsd * gsd}[encoded.scale]
    north = measured.north or (np.nan, np.nan)
    _fill(found, int(encoded.code), np.array([encoded.value, scale, *north]), only, limits_of(measured.settings))
    if encoded.negated:
        found = np.choose(found, [YES, NO, OPEN])
    return found if arity(encoded.code) == 3 else found[..., 0]


def expected_of(literal: Formula, names: tuple[str, ...], measured: Measured, count: int) -> np.ndarray:
    """The evaluator of one image over the same entities, one axis a name."""
    if isinstance(literal, Not):
        return ~expected_of(literal.body, names, measured, count)
    assert isinstance(literal, Atom | Comparison)
    own, held = Literals(measured, Ontology("none", ())).truth(
        literal, dict.fromkeys(names, np.arange(count)), lower=True
    )
    return np.transpose(held, [own.index(name) for name in names])


def assert_never_wrong(scene: Scene, texts: list[str], precision: type[np.floating] = np.float64) -> float:
    """No answer contradicts the evaluator; returns the share of the answers about plain polygons that stay open."""
    measured, geometry = Measured(scene), columns_of(scene, precision)
    opened, asked = 0, 0
    for text in texts:
        literal = formula_of(text)
        encoded = encode(literal)
        assert encoded is not None, text
        count = len(scene.entities) if arity(encoded.code) == 2 else min(FEW, len(scene.entities))
        found = answers(encoded, measured, geometry, count)
        expected = expected_of(literal, encoded.arguments, measured, count)
        wrong = np.argwhere((found != OPEN) & (found != expected))
        assert not len(wrong), (text, [scene.entities[place].polygon for place in wrong[0]])
        plain = np.ix_(*[np.flatnonzero(geometry.plain[:count])] * found.ndim)
        opened, asked = opened + (found[plain] == OPEN).sum(), asked + found[plain].size
    return opened / max(1, asked)


@pytest.mark.parametrize(("family", "seed"), [*product(FAMILIES, range(3)), *(("mixed", seed) for seed in range(6))])
def test_predicates_never_contradict_the_evaluator(family: str, seed: int) -> None:
    pair = scene_of(FAMILIES.get(family, mixed), seed, 30)
    share = assert_never_wrong(pair.scene, BINARY + TERNARY + GAPS + COLUMNS + OTHERS)
    if family in {"turned_box", "oval"}:
        # A polygon and its copy touch all along, so that its centre, or nine tenths of it, may lie on a limit.
        assert share <= 1e-4
    assert share <= 0.02


def test_predicates_never_contradict_the_evaluator_on_real_entities(shared_data: Path) -> None:
    sizes = {path.stem: {"width": 1000.0, "height": 1000.0} for path in (shared_data / "dota/labelTxt").glob("*.txt")}
    for picture in read_label_folder(shared_data / "dota" / "labelTxt", sizes):
        if len(picture.things) <= 150:
            texts = [
                text for text in BINARY + TERNARY if text.split("_of")[0] not in {"north", "south", "east", "west"}
            ]
            assert assert_never_wrong(picture_scene(picture), texts + GAPS[:3]) <= 1e-3


def test_single_precision_changes_nothing_where_it_is_exact() -> None:
    for seed in range(3):
        scene = scene_of(FAMILIES["grid_box"], seed, 25).scene
        double, single = columns_of(scene), columns_of(scene, np.float32)
        assert (single.corners == double.corners).all()
        for text in BINARY + GAPS:
            encoded = encode(formula_of(text))
            assert encoded is not None
            both = [answers(encoded, Measured(scene), each, 25) for each in (double, single)]
            assert (both[0] == both[1]).all(), text


@pytest.mark.parametrize("share", [0.0, 1e-15, 1e-12, 1e-6])
def test_what_is_within_rounding_of_a_limit_is_left_open(share: float) -> None:
    """Boxes of 10 px whose gap differs from twice their size by so little, turned so that rounding is at work."""
    cos, sin = np.cos(0.3), np.sin(0.3)

    def box(place: float) -> tuple[tuple[float, float], ...]:
        corners = ((place, 0), (place + 10, 0), (place + 10, 10), (place, 10))
        return tuple((1000 + x * cos - y * sin, 1000 + x * sin + y * cos) for x, y in corners)

    for sign in (-1, 1):
        scene = scene_of(lambda _: box(0.0), 0, 3).scene
        far = scene.entities[0].__class__(1, "ship", 1.0, box(30 + sign * 20 * share))
        scene = Scene("limit", 100, 100, (scene.entities[0], far), scene.known_labels)
        encoded = encode(formula_of("near(x, y)"))
        assert encoded is not None
        found = answers(encoded, Measured(scene), columns_of(scene), 2)[0, 1]
        assert found == (OPEN if share < 1e-9 else NO if sign > 0 else YES)


def test_what_is_not_known_of_the_image_is_open() -> None:
    scene = scene_of(FAMILIES["turned_box"], 0, 5).scene
    bare = Measured(Scene("bare", 100, 100, scene.entities, scene.known_labels))
    off_diagonal = ~np.eye(5, dtype=bool)
    for text in ("north_of(x, y)", "distance(x, y) < 5 m"):
        encoded = encode(formula_of(text))
        assert encoded is not None
        found = answers(encoded, bare, columns_of(scene), 5)
        assert (found[off_diagonal] == OPEN).all()


ENCODED = [
    ("near(x, y)", Encoded(Code.NEAR, False, ("x", "y"))),
    ("~~near(x, y)", Encoded(Code.NEAR, False, ("x", "y"))),
    ("~x = y", Encoded(Code.SAME, True, ("x", "y"))),
    ("y != x", Encoded(Code.SAME, True, ("y", "x"))),
    ("distance(x, y) >= 0.5 km", Encoded(Code.GAP_BELOW, True, ("x", "y"), 500.0, Scale.GSD)),
    ("3 px < distance(x, y)", Encoded(Code.GAP_AT_MOST, True, ("x", "y"), 3.0)),
    ("length(x) > width(y)", Encoded(Code.AT_MOST, True, ("x", "y"), 5.0 * Column.LENGTH + Column.WIDTH)),
    ("between(x, y, x)", Encoded(Code.BETWEEN, False, ("x", "y", "x"))),
    ("plane(x)", None),
    ("in_left(x)", None),
    ("area(x) < 5 m2", None),
    ("distance(x, y) < length(x)", None),
    ("distance(x, y) < distance(y, z)", None),
    ("near(x, y) & near(y, x)", None),
]


@pytest.mark.parametrize(("text", "expected"), ENCODED)
def test_encode(text: str, expected: Encoded | None) -> None:
    assert encode(formula_of(text)) == expected


def test_every_relation_of_two_or_three_has_a_code() -> None:
    calls = {name: (f"{name}(x, y)", f"{name}(x, y, z)") for name in RELATIONS}
    coded = {name for name, texts in calls.items() if any(encode(formula_of(text)) for text in texts)}
    assert coded == {name for name, relation in RELATIONS.items() if relation.arity > 1} - {
        "row",
        "column",
        "clustered",
    }


LENGTHS = [
    f"{name}(x) {sign} 12 {unit}" for name, sign, unit in product(("length", "width", "cx", "cy"), SIGNS, ("px", "m"))
]
SINGLE = [
    *(f"{name}(x)" for name in sorted(UNARY)), *LENGTHS, "area(x) > 200 px2", "0.01 ha > area(x)",
    "length(x) = width(x)", "cx(x) < cy(x)", "distance(x, x) < 1 m", "distance(x, x) < width(x)", "x = x", "x != x",
    "near(x, x)", "same_class(x, x)",
]  # fmt: skip


@pytest.mark.parametrize("lower", [True, False])
def test_literals_of_one_entity_over_many_images(lower: bool) -> None:
    """Three images, one without gsd, at once; each as the evaluator of one image has it."""
    scenes = [scene_of(mixed, seed, 25).scene for seed in range(3)]
    scenes[1] = Scene("no gsd", 80, 50, scenes[1].entities, scenes[1].known_labels)
    parts, measured = [columns_of(scene) for scene in scenes], [Measured(scene) for scene in scenes]

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    outlines = np.concatenate([each.shapes.polygons for each in measured])
    columns = Entities(
        *(joined(name) for name in ("centroid", "bounds", "area", "length", "width")),
        np.repeat([float(scene.width) for scene in scenes], 25),
        np.repeat([float(scene.height) for scene in scenes], 25),
        np.repeat([np.nan if scene.gsd is None else scene.gsd for scene in scenes], 25),
        lambda rows: outlines[rows],
    )
    every = {"x": np.arange(25)}
    for text in SINGLE:
        literal = formula_of(text)
        assert isinstance(literal, Atom | Comparison)
        found = unary_mask(literal, columns, measured[0].settings, lower=lower)
        expected = [Literals(each, Ontology("none", ())).truth(literal, every, lower=lower)[1] for each in measured]
        assert (found == np.concatenate(expected)).all(), text


@compiled
def _within(geometry: Geometry, limit: float, found: np.ndarray) -> None:
    for a in range(len(found)):
        for b in range(len(found)):
            found[a, b] = within(a, b, limit * limit, geometry)


@pytest.mark.parametrize(
    ("family", "precision"),
    [(grid_box, np.float32), (grid_box, np.float64), (turned_box, np.float64), (mixed, np.float64)],
)
def test_what_bounds_tell_of_a_gap_is_so(
    family: Callable[[random.Random], Polygon], precision: type[np.floating]
) -> None:
    scene = scene_of(family, 4, 30).scene
    shapes, every = Measured(scene).shapes, np.arange(30)
    gaps, geometry = shapes.gaps(every, every), columns_of(scene, precision)
    for limit in (0.0, 5.0, 30.0):
        found = np.zeros((30, 30), dtype=np.int64)
        _within(geometry, limit, found)
        assert (gaps[found == NO] > limit).all()
        assert (gaps[found == YES] <= limit).all()
        assert (found == NO).any()
        assert limit == 0 or (found == YES).any()


def test_kernels_compile_where_no_cache_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(numba.core.caching._CacheLocator, "ensure_cache_path", refuse)

    def double(value: float) -> float:
        return 2 * value

    assert compiled(double)(21.0) == 42


def test_a_kernel_is_kept_until_any_module_of_the_package_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from solvers.columnar.compiled import compiled\n\n\n@compiled\ndef double(value):\n    return 2 * value\n"
    (tmp_path / "kept_kernel.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    hits = []
    for sources in ("as they were", "as they were", "one changed"):
        monkeypatch.setattr(solvers.columnar.compiled, "_sources", lambda text=sources: text)
        sys.modules.pop("kept_kernel", None)
        double = importlib.import_module("kept_kernel").double
        assert double(21.0) == 42
        hits.append(sum(double.stats.cache_hits.values()))
    assert hits == [0, 1, 0]
