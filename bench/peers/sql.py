"""The eight questions as hand-tuned SQL for DuckDB.

One table a class, sorted by image, with the columns of `DuckPeer`. With ANSWER after it, each of the STEPS answers with
one row: the number of sat images at the threshold, and the ten best of them as (image, score, witness). The score is
simpler than RUNE's: the least confidence of the best assignment's entities, by dynamic programming where the question
is a tree; negations and universals are taken at the threshold.

What made it fast, by trial: `near` as comparisons of stored bounds that were grown by the reach, within the hash join
on the image, and the exact arithmetic on the few pairs left, behind a materialised step (three times faster than the
arithmetic as a join condition); images that cannot hold semi-joined away first; counting instead of universals.
"""

from collections.abc import Mapping

THRESHOLD = 0.25
TOP = 10


def sure(label: str) -> str:
    """The entities of a class at the threshold."""
    return f"(select * from {label} where conf >= {THRESHOLD})"


def near(name: str, first: str, second: str, but: str = "true") -> str:
    """Steps that end in `name`: the near pairs of two tables; image, a, b (indices), a_key, b_key, a_conf, b_conf."""
    return f"""{name}_boxes as materialized (
        select a.image, a.idx as a, b.idx as b, a.key as a_key, b.key as b_key, a.conf as a_conf, b.conf as b_conf,
            greatest(0, abs(a.mx - b.mx) - (a.hw + b.hw)) as dx, greatest(0, abs(a.my - b.my) - (a.hh + b.hh)) as dy,
            greatest(a.reach2, b.reach2) as reach2
        from {first} a join {second} b on a.image = b.image and {but}
            and a.left_end <= b.right_end and a.right_end >= b.left_end
            and a.top_end <= b.bottom_end and a.bottom_end >= b.top_end),
    {name} as (select * from {name}_boxes where dx * dx + dy * dy <= reach2)"""


def best_of(best: str, *steps: str) -> str:
    """The steps up to `best`: image, score and witness, one row a sat image."""
    return f"with {', '.join([*steps, f'best as materialized ({best})'])}"


ANSWER = f"""
    select (select count(*) from best), (select list((image, score, witness)) from
        (select * from best order by score desc, image limit {TOP}))"""

SAT_IMAGES = "select image from best"


BEST_PAIR = """
    select image, max(least(a_conf, b_conf)) as score, arg_max([a, b], least(a_conf, b_conf)) as witness
    from pairs group by image"""

COUNT = f"""
    select image, list_min(max(conf, 5)) as score, arg_max(idx, conf, 5) as witness from small_vehicle
    where conf >= {THRESHOLD} and cx < third
    group by image having count(*) >= 5"""

NEGATION = f"""
    select image, max(conf) as score, [arg_max(idx, conf)] as witness from {sure("storage_tank")} tank
    where key not in (select a_key from small) and key not in (select a_key from large)
    group by image"""

UNIVERSAL = f"""
    select image, max(conf) as score, [arg_max(idx, conf)] as witness from {sure("ship")} ship
    join (select image, count(distinct a) as served from pairs group by image) using (image)
    group by image, served having count(*) = served"""

LARGEST = f"""
    first as (
        select image, arg_max(key, area) as key, max(area, 2) as areas
        from {sure("ship")} ship semi join {sure("harbor")} h using (image) group by image),
    largest as (select * from ship semi join (select key from first where len(areas) < 2 or areas[1] > areas[2])
        using (key))"""

NESTED_COUNT = """
    select image, max(score) as score, arg_max(witness, score) as witness from (
        select image, least(any_value(a_conf), list_min(max(b_conf, 3))) as score,
            [a] || arg_max(b, b_conf, 3) as witness
        from pairs where a_key not in (select a_key from bridged)
        group by image, a having count(*) >= 3)
    group by image"""

BRIDGED = f"(select * from {sure('harbor')} h semi join {sure('bridge')} b using (image))"

CYCLE = """
    select image, max(score) as score, arg_max(witness, score) as witness from (
        select p.image, least(any_value(p.a_conf), any_value(q.a_conf), list_min(max(p.b_conf, 2))) as score,
            [p.a, q.a] || arg_max(p.b, p.b_conf, 2) as witness
        from pairs p join pairs q on p.b_key = q.b_key and p.a < q.a
        group by p.image, p.a, q.a having count(*) >= 2)
    group by image"""

HOPEFUL = f"""
    hopeful as materialized (
        select distinct image from {sure("storage_tank")} w
        semi join {sure("plane")} p using (image) semi join {sure("large_vehicle")} z using (image)),
    planes as materialized (select * from {sure("plane")} p semi join hopeful using (image)),
    trucks as materialized (select * from {sure("large_vehicle")} z semi join hopeful using (image)),
    tanks as materialized (select * from {sure("storage_tank")} w semi join hopeful using (image))"""

CHAIN_STEPS = """
    z as materialized (
        select z.key, max(least(z.conf, w.conf)) as score, arg_max([z.idx, w.idx], least(z.conf, w.conf)) as witness
        from (select * from trucks semi join (select b_key as key from served) using (key)) z
        join tanks w on z.image = w.image and w.cx > z.cx and abs(w.cy - z.cy) <= w.cx - z.cx
        group by z.key),
    y as materialized (
        select a_key as key, max(least(a_conf, z.score)) as score,
            arg_max([a] || z.witness, least(a_conf, z.score)) as witness
        from served join z on served.b_key = z.key group by a_key)"""

CHAIN = """
    select image, max(least(a_conf, y.score)) as score, arg_max([a] || y.witness, least(a_conf, y.score)) as witness
    from pairs join y on pairs.b_key = y.key where a_key not in (select b_key from circled)
    group by image"""

STEPS: Mapping[str, str] = {
    "count": best_of(COUNT),
    "pair": best_of(BEST_PAIR, near("pairs", sure("ship"), sure("harbor"))),
    "negation": best_of(
        NEGATION,
        near("small", sure("storage_tank"), sure("small_vehicle")),
        near("large", sure("storage_tank"), sure("large_vehicle")),
    ),
    "universal": best_of(UNIVERSAL, near("pairs", sure("ship"), sure("harbor"))),
    "superlative": best_of(BEST_PAIR, LARGEST, near("pairs", "largest", sure("harbor"))),
    "nested count": best_of(
        NESTED_COUNT, near("pairs", sure("harbor"), sure("ship")), near("bridged", BRIDGED, sure("bridge"))
    ),
    "cycle": best_of(CYCLE, near("pairs", sure("plane"), sure("large_vehicle"))),
    "chain": best_of(
        CHAIN,
        HOPEFUL,
        near("served", "planes", "trucks"),
        CHAIN_STEPS,
        near("pairs", "planes", "(select * from planes semi join y using (key))", "a.idx <> b.idx"),
        near("circled", sure("helicopter"), "planes"),
    ),
}
