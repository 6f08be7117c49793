"""Random well-typed formulas and small random scenes, for property tests."""

from dataclasses import dataclass

from hypothesis import strategies as st

from solvers.fol.analysis import analyse
from solvers.fol.diagnostics import Code
from solvers.ontology import Ontology
from solvers.scene import Entity, Georeference, Scene
from tests.reference.scenes import Picture, Thing

LABELS = ("plane", "ship", "small_vehicle", "large_vehicle")
CLASSES = (*LABELS, "vehicle")
UNARY = (
    "in_left", "in_middle_column", "in_right", "in_top", "in_center", "in_bottom_right", "in_far_left", "at_border",
)  # fmt: skip
BINARY = (
    "left_of", "right_of", "above", "below", "upper_left_of", "lower_right_of", "near", "far_from", "adjacent",
    "overlaps", "inside", "contains", "on", "larger_than", "smaller_than", "parallel", "perpendicular", "aligned",
    "same_class", "north_of", "east_of",
)  # fmt: skip
TERNARY = ("collinear", "between")
COMPARATORS = ("<", "<=", ">", ">=", "=", "!=")
SIDE = 60


@st.composite
def literals(draw: st.DrawFn, scope: tuple[str, ...]) -> str:
    """One literal over the variables in scope."""
    variables = st.sampled_from(scope)
    kind = draw(st.integers(0, 11))
    if kind < 5:
        return f"{draw(st.sampled_from(CLASSES))}({draw(variables)})"
    if kind < 8:
        return f"{draw(st.sampled_from(BINARY))}({draw(variables)}, {draw(variables)})"
    if kind == 8:
        return f"{draw(st.sampled_from(UNARY))}({draw(variables)})"
    if kind == 9:
        return f"{draw(variables)} {draw(st.sampled_from(('=', '!=')))} {draw(variables)}"
    if kind == 10:
        return draw(comparisons(scope))
    if len(scope) > 2 and draw(st.booleans()):
        return f"{draw(st.sampled_from(TERNARY))}({draw(variables)}, {draw(variables)}, {draw(variables)})"
    word = draw(st.sampled_from(("row", "column", "clustered", "aligned")))
    return f"{word}({', '.join(draw(st.lists(variables, min_size=2, max_size=3)))})"


@st.composite
def comparisons(draw: st.DrawFn, scope: tuple[str, ...]) -> str:
    """One comparison of quantities, in pixels or in metres."""
    variables = st.sampled_from(scope)
    sign = draw(st.sampled_from(COMPARATORS))
    lengths = st.sampled_from(("length({0})", "width({0})", "cx({0})", "cy({0})", "distance({0}, {1})"))
    first = draw(lengths).format(draw(variables), draw(variables))
    match draw(st.integers(0, 2)):
        case 0:
            return f"{first} {sign} {draw(st.integers(0, SIDE))} {draw(st.sampled_from(('px', 'm')))}"
        case 1:
            return f"area({draw(variables)}) {sign} {draw(st.integers(0, 900))} {draw(st.sampled_from(('px2', 'm2')))}"
        case _:
            return f"{first} {sign} {draw(lengths).format(draw(variables), draw(variables))}"


@st.composite
def formulas(draw: st.DrawFn, scope: tuple[str, ...] = (), depth: int = 4) -> str:
    """One formula whose free variables are in scope, fully parenthesised."""
    if scope and (depth == 0 or draw(st.integers(0, 3)) == 0):
        return draw(literals(scope))
    kind = draw(st.integers(0, 9)) if scope else draw(st.sampled_from((0, 1, 2, 3, 3, 4, 5, 6)))
    if depth == 0:
        kind = 3
    if kind <= 2 or kind >= 7:
        if not scope and depth < 3:
            kind = 3
        elif kind == 0:
            return f"~({draw(formulas(scope, depth - 1))})"
        else:
            sign = draw(st.sampled_from(("&", "&", "|", "->", "<->", "^")))
            return f"({draw(formulas(scope, depth - 1))}) {sign} ({draw(formulas(scope, depth - 1))})"
    names = ("x", "y", "z", "w", "u", "v")
    fresh = [name for name in names if name not in scope] or list(names)
    count = draw(st.integers(1, min(2, len(fresh)))) if kind in (3, 4) else 1
    bound = tuple(fresh[:count])
    body = draw(formulas((*scope, *bound), max(0, depth - 1)))
    quantifier = {3: "exists", 4: "forall"}.get(kind)
    if quantifier is None:
        quantifier = f"exists{draw(st.sampled_from(('>=', '<=', '=')))}{draw(st.integers(0, 3))}"
    if quantifier.startswith("exists") and draw(st.booleans()):
        body = f"{draw(st.sampled_from(CLASSES))}({bound[0]}) & ({body})"
    return f"{quantifier} {' '.join(bound)}. ({body})"


@dataclass(frozen=True)
class Pair:
    """The same scene for the solver and for the reference."""

    scene: Scene
    picture: Picture


@st.composite
def scenes(draw: st.DrawFn, *, certain: bool = False, most: int = 6) -> Pair:
    """A small scene with boxes turned and crossing, degenerate ones among them; some classes may be unknown."""
    entities = [
        (draw(st.sampled_from(LABELS)), draw(polygons()), 1.0 if certain else draw(confidences()))
        for _ in range(draw(st.integers(0, most)))
    ]
    gsd = draw(st.sampled_from((None, None, 0.5, 1.0)))
    unknown = draw(st.sets(st.sampled_from(LABELS), max_size=2)) if draw(st.integers(0, 3)) == 0 else set()
    north_up, turned, mirrored = (
        (1.0, 0.0, 5.0, 0.0, -1.0, 9.0),
        (0.6, 0.8, 0.0, 0.8, -0.6, 0.0),
        (1.0, 0, 0, 0, 1.0, 0),
    )
    transform = draw(st.sampled_from((None, north_up, turned, mirrored)))
    return Pair(
        Scene(
            "scene", SIDE, SIDE,
            tuple(Entity(index, *each[::2], each[1]) for index, each in enumerate(entities)),
            frozenset(DOTA_LEAVES) - unknown, gsd,
            None if transform is None else Georeference("EPSG:32631", transform),
        ),
        Picture(
            "scene", SIDE, SIDE,
            tuple(Thing(label, polygon, confidence) for label, polygon, confidence in entities),
            gsd, frozenset(DOTA_LEAVES) - unknown, transform,
        ),
    )  # fmt: skip


def is_vague(text: str, pair: Pair, ontology: Ontology) -> bool:
    """Whether the design leaves it open: a class is unknown, and a quantifier is idle or has no entity."""
    idle = any(each.code is Code.UNUSED_VARIABLE for each in analyse(text, ontology).diagnostics)
    return (idle or not pair.scene.entities) and not frozenset(ontology.leaf_names) <= pair.scene.known_labels


def confidences() -> st.SearchStrategy[float]:
    """Detector-like confidences, some of them sure, some below the floor."""
    return st.sampled_from((1.0, 1.0, 0.9, 0.6, 0.5, 0.3, 0.25, 0.2, 0.1, 0.04))


@st.composite
def polygons(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """A box on a coarse grid, so that edges, centres and angles coincide often; sometimes turned, flat or crossing."""
    x, y = draw(st.integers(0, SIDE)), draw(st.integers(0, SIDE))
    width, height = draw(st.sampled_from((4, 6, 10, 20))), draw(st.sampled_from((4, 6, 10, 30)))
    match draw(st.integers(0, 11)):
        case 0:
            return ((x, y), (x + width, y + height), (x + width, y), (x, y + height))
        case 1:
            return ((x, y), (x + width, y), (x + width, y), (x, y))
        case 2 | 3:
            return ((x, y), (x + width, y + height), (x + width - height, y + height + width), (x - height, y + width))
        case 4:
            return ((x, y), (x + width, y), (x + width // 2, y + height))
        case _:
            return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


DOTA_LEAVES = (
    "plane", "ship", "storage_tank", "baseball_diamond", "tennis_court", "basketball_court", "ground_track_field",
    "harbor", "bridge", "large_vehicle", "small_vehicle", "helicopter", "roundabout", "soccer_ball_field",
    "swimming_pool", "container_crane", "airport", "helipad",
)  # fmt: skip
