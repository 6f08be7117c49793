"""Scenes and archives for the tests of the archive."""

from collections.abc import Iterable
from datetime import UTC, timedelta, timezone
from pathlib import Path

from hypothesis import strategies as st

from solvers.scene import Entity, Georeference, Polygon, Scene
from tools.archive import ArchiveWriter, ImageKey, StoredImage
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")

coordinates = st.floats(allow_nan=False, allow_infinity=False)
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=6).map(tuple)
confidences = st.floats(0, 1, exclude_min=True)
transforms = st.tuples(*[st.floats(-1e6, 1e6)] * 6).filter(lambda t: t[0] * t[4] - t[1] * t[3] != 0)
times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7, minutes=30))]))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@st.composite
def entities(draw: st.DrawFn) -> tuple[Entity, ...]:
    """Entities in the order of their index, with gaps as a source leaves them that drops some."""
    indices = draw(st.lists(st.integers(0, 50), unique=True, max_size=8).map(sorted))
    return tuple(
        Entity(
            index,
            draw(st.sampled_from(DOTA.leaf_names)),
            draw(confidences),
            draw(polygons),
            draw(st.booleans()),
        )
        for index in indices
    )


@st.composite
def scenes(draw: st.DrawFn) -> list[Scene]:
    """Scenes of different ids, with everything that a scene can hold."""
    return [
        Scene(
            image_id,
            draw(st.integers(1, 10**9)),
            draw(st.integers(1, 10**9)),
            draw(entities()),
            draw(st.frozensets(st.sampled_from(DOTA.leaf_names))),
            draw(st.none() | st.floats(0, exclude_min=True, allow_infinity=False)),
            draw(st.none() | st.builds(Georeference, texts, transforms)),
            draw(st.none() | st.sampled_from(["/data/a.png", "/data/é b.tif"])),
            draw(st.none() | times),
        )
        for image_id in draw(st.lists(texts, unique=True, max_size=8))
    ]


def square(x: float, y: float, side: float = 10.0) -> Polygon:
    """A square with its upper left corner at (x, y)."""
    return ((x, y), (x + side, y), (x + side, y + side), (x, y + side))


def simple_scene(image_id: str, labels: Iterable[str] = ("plane", "ship")) -> Scene:
    """A scene of 100 x 100 px with one square per label."""
    found = tuple(Entity(index, label, 0.5, square(index, index)) for index, label in enumerate(labels))
    return Scene(image_id, 100, 100, found, frozenset(DOTA.leaf_names))


def stored(scene: Scene, digest: str = "d") -> StoredImage:
    """A scene as it is put into an archive, recognised by its id."""
    return StoredImage(ImageKey(f"/{scene.image_id}"), digest, scene)


def write(
    root: Path, scenes: Iterable[Scene], batch: int = 1_000, images_per_part: int = 4_096, *, finish: bool = True
) -> Path:
    """Write scenes to an archive, committing after each batch."""
    with ArchiveWriter(root, DOTA, images_per_part) as writer:
        for number, scene in enumerate(scenes, start=1):
            writer.put(stored(scene))
            if number % batch == 0:
                writer.commit()
        if finish:
            writer.finish()
        else:
            writer.commit()
    return root


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of an archive with its bytes."""
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}
