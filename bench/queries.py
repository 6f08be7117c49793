"""The eight questions of the bench, in RUNE's language, as a user would write them; the planner plans them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """One question; `name` is also that of its hand-written SQL, and `variables` says how many it has.

    `needs` are classes without which no image can hold: one-image measurements take scenes that have them.
    """

    name: str
    variables: int
    formula: str
    needs: tuple[str, ...]


QUERIES = (
    Query("count", 1, "exists>=5 x. small_vehicle(x) & in_left(x)", ("small_vehicle",)),
    Query("pair", 2, "exists x y. ship(x) & harbor(y) & near(x, y)", ("ship", "harbor")),
    Query(
        "negation",
        2,
        "exists x. storage_tank(x) & ~exists y. vehicle(y) & near(x, y)",
        ("storage_tank", "small_vehicle"),
    ),
    Query(
        "universal",
        2,
        "(exists x. ship(x)) & forall x. ship(x) -> exists y. harbor(y) & near(x, y)",
        ("ship", "harbor"),
    ),
    Query(
        "superlative",
        3,
        "exists x y. ship(x) & (forall z. ship(z) & z != x -> larger_than(x, z)) & harbor(y) & near(x, y)",
        ("ship", "harbor"),
    ),
    Query(
        "nested count",
        3,
        "exists x. harbor(x) & (exists>=3 y. ship(y) & near(x, y)) & ~exists z. bridge(z) & near(x, z)",
        ("harbor", "ship"),
    ),
    Query(
        "cycle",
        4,
        "exists x y z w. plane(x) & large_vehicle(y) & plane(z) & large_vehicle(w) & x != z & y != w"
        " & near(x, y) & near(y, z) & near(z, w) & near(w, x)",
        ("plane", "large_vehicle"),
    ),
    Query(
        "chain",
        5,
        "exists x y z w. plane(x) & plane(y) & x != y & near(x, y) & large_vehicle(z) & near(y, z)"
        " & storage_tank(w) & left_of(z, w) & ~exists v. helicopter(v) & near(v, x)",
        ("plane", "large_vehicle", "storage_tank"),
    ),
)
