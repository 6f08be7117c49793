"""Scenes on land: tank farms, car parks, suburbs, sports grounds, fields, junctions, mixtures."""

from tools.sample.builder import Builder
from tools.sample.canvas import Material
from tools.sample.geometry import Area, Pose, points
from tools.sample.light import mixed
from tools.sample.places.air import apron, heliport
from tools.sample.places.country import farmland, farmstead
from tools.sample.places.industry import tank_farm, warehouses
from tools.sample.places.layout import any_heading, cut, road_between, shown_part
from tools.sample.places.leisure import courts, sports_ground
from tools.sample.places.paving import car_park, lorry_park, paths, road, track
from tools.sample.places.planting import plant, tree_row
from tools.sample.places.town import junction, shops, suburb
from tools.sample.places.water import jetty, natural_water, open_water, walled_water


def lay_tank_farm(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    watered = builder.chance(0.5)
    if watered:
        land, sea = cut(builder, whole, 0.1, 0.5)
        if builder.chance(0.6):
            walled_water(builder, sea)
        else:
            natural_water(builder, [sea.outline()], 8.0)
        if builder.chance(0.7):
            jetty(builder, sea, moored=0.8)
        elif builder.chance(0.5):
            open_water(builder, shown_part(builder, sea, 10), builder.whole(1, 2), big=0.5)
    else:
        land, rest = cut(builder, whole, 0.1, 0.7, 16)
        road_between(builder, land, rest)
        farmland(builder, shown_part(builder, rest), 2)
    yard = shown_part(builder, land, 18)
    busy = builder.chance(0.5)
    part, other = yard.split(builder.uniform(0.45, 0.9), 9)
    tank_farm(builder, part, filled=builder.uniform(0.6, 1.0), vehicles=builder.whole(2, 9) if busy else 0)
    if other.length > 40:
        if busy:
            lorry_park(builder, other.turned(), occupied=builder.uniform(0.3, 0.8))
        else:
            tank_farm(builder, other.shrunk(4), filled=0.8, biggest=12)
    plant(builder, density=0.7)


def lay_car_park(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    near, rest = cut(builder, whole, -0.35, 0.3, 18)
    road_between(builder, near, rest)
    shops(builder, shown_part(builder, near, 10).turned(), occupied=builder.uniform(0.35, 0.95))
    use = str(builder.rng.choice(["halls", "lorries", "suburb", "sports", "shops"]))
    other = shown_part(builder, rest, 10).turned()
    if use == "halls":
        warehouses(builder, other, cars=0.6, lorries=0.5)
    elif use == "lorries":
        lorry_park(builder, other, occupied=builder.uniform(0.3, 0.8))
    elif use == "suburb":
        suburb(builder, other, pools=0.2, cars=0.6)
    elif use == "sports":
        sports_ground(builder, other)
    else:
        shops(builder, other, occupied=builder.uniform(0.2, 0.9))
    plant(builder, density=0.9)


def lay_suburb(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    paths(builder, builder.whole(0, 2))
    pools = float(builder.rng.choice([0.0, builder.uniform(0.1, 0.5)], p=[0.25, 0.75]))
    if builder.chance(0.35):
        homes, park = cut(builder, whole, 0.1, 0.5, 16)
        road_between(builder, homes, park)
        sports_ground(builder, shown_part(builder, park, 10).turned())
        suburb(builder, shown_part(builder, homes, 4).turned(), pools=pools, cars=builder.uniform(0.2, 0.8))
    elif builder.chance(0.35):
        pose = Pose(
            builder.uniform(-0.4, 0.4) * builder.reach, builder.uniform(-0.4, 0.4) * builder.reach, whole.pose.heading
        )
        junction(builder, pose, arms=4, spacing=builder.uniform(30, 80))
        quarter = builder.reach * 1.6
        for across in (-1.0, 1.0):
            for along in (-1.0, 1.0):
                block = Area(pose.at(along * (quarter / 2 + 2), across * (quarter / 2 + 2)), quarter, quarter)
                suburb(builder, block, pools=pools, cars=builder.uniform(0.2, 0.7), hem=7.0)
    else:
        suburb(builder, shown_part(builder, whole, 0), pools=pools, cars=builder.uniform(0.2, 0.8))
    plant(builder, density=1.5)


def lay_sports(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    park, rest = cut(builder, whole, 0.25, 0.7, 14)
    road_between(builder, park, rest)
    paths(builder, builder.whole(1, 4))
    sports_ground(builder, shown_part(builder, park, 8))
    if builder.chance(0.7):
        shown = shown_part(builder, rest, 4).turned()
        car_park(
            builder,
            Area(shown.pose.at(0, -shown.width / 2 + 24), builder.reach, 36),
            occupied=builder.uniform(0.1, 0.8),
        )
    plant(builder, density=1.3)


def lay_fields(builder: Builder) -> None:
    heading = any_heading(builder)
    whole = builder.everything(heading)
    farmland(builder, whole, 5)
    if builder.chance(0.5):
        reach = builder.reach * 2
        lane = Pose(0, builder.uniform(-0.5, 0.5) * builder.reach, heading).apply(
            points((-reach, 0), (0, builder.uniform(-0.1, 0.1) * builder.reach), (reach, 0))
        )
        road(builder, lane, marked=builder.chance(0.4)) if builder.chance(0.5) else track(builder, lane)
    if builder.chance(0.3):
        pond = Pose(builder.uniform(-0.6, 0.6) * builder.reach, builder.uniform(-0.6, 0.6) * builder.reach)
        side = builder.uniform(18, 50)
        natural_water(builder, [Area(pond, side, side * 0.7).outline()], 7.0)
    if builder.chance(0.35):
        spot = Pose(builder.uniform(-0.7, 0.7) * builder.reach, builder.uniform(-0.7, 0.7) * builder.reach, heading)
        farmstead(builder, spot)
    plant(builder, density=0.9, woods=float(builder.rng.choice([0.0, 0.15, 0.5])))


def lay_mixed(builder: Builder) -> None:
    """Four quarters, each of another kind."""
    whole = builder.everything(any_heading(builder))
    lower, upper = cut(builder, whole, -0.25, 0.25, 14)
    kinds = [
        str(each)
        for each in builder.rng.permutation(
            ["apron", "tanks", "cars", "halls", "suburb", "courts", "lorries", "helis", "woods"]
        )
    ]
    road_between(builder, lower, upper)
    quarters = []
    for half in (lower, upper):
        shown = shown_part(builder, half, 10).turned()
        quarters += list(shown.split(builder.uniform(0.35, 0.65), 12))
    for kind, part in zip(kinds, quarters, strict=False):
        _quarter(builder, kind, part.shrunk(4))
    plant(builder, density=1.0)


def _quarter(builder: Builder, kind: str, part: Area) -> None:
    match kind:
        case "apron":
            apron(builder, part, "small" if part.width < 70 else "airline", filled=0.8, vehicles=0.2)
        case "tanks":
            tank_farm(builder, part, vehicles=builder.whole(0, 4), biggest=18)
        case "cars":
            car_park(builder, part, occupied=builder.uniform(0.3, 0.9))
        case "halls":
            warehouses(builder, part)
        case "suburb":
            suburb(builder, part, pools=0.3, cars=0.5)
        case "courts":
            for _ in range(6):
                pose = part.pose.at(builder.uniform(-0.2, 0.2) * part.length, builder.uniform(-0.2, 0.2) * part.width)
                if courts(builder, pose, builder.whole(1, 3), 1):
                    break
        case "lorries":
            lorry_park(builder, part, occupied=0.6)
        case "helis":
            heliport(builder, Area(part.pose, part.length, min(part.width, 40)), builder.whole(2, 6))
        case _:
            builder.canvas.polygon(
                part.outline(), mixed(builder.biome.grass[0][0], builder.biome.soil[0], 0.2), material=Material.TURF
            )


def lay_crossroads(builder: Builder) -> None:
    whole = builder.everything(any_heading(builder))
    pose = Pose(
        builder.uniform(-0.35, 0.35) * builder.reach, builder.uniform(-0.35, 0.35) * builder.reach, whole.pose.heading
    )
    arms = builder.whole(3, 4)
    junction(builder, pose, arms=arms, spacing=builder.uniform(15, 60))
    if arms == 4:
        side = builder.reach * 1.5
        for along, across in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            block = Area(pose.at(along * (side / 2 + 24), across * (side / 2 + 24)), side, side)
            kind = str(builder.rng.choice(["halls", "cars", "lorries", "farm", "farm", "wood"]))
            if kind == "farm":
                farmland(builder, block, 2)
            elif kind != "wood":
                _quarter(builder, kind, block.shrunk(4))
    else:
        farmland(builder, whole, 4)
    if builder.chance(0.5):
        line = pose.apply(points((24, 12), (builder.reach * 2, 12)))
        tree_row(builder, line, 12, 3)
    plant(builder, density=1.2, woods=float(builder.rng.choice([0.0, 0.2])))
