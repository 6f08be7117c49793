"""Scenes from one GeoJSON or GeoParquet file: outlines in pixels of named images, or in the coordinates of a map."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from solvers.errors import InputError
from solvers.ontology import Ontology
from solvers.scene import Entity, Georeference, Polygon, Scene
from tools.georeference import Placement, ground_of, pixels_at, transform_points
from tools.images import CollectedImages, RejectedImageError, file_digest, probe_image
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.records import is_coordinate
from tools.readers.vector import LONGITUDE_LATITUDE, VectorFeature, VectorFile, read_vector_file
from tools.sources.base import PlacementBook, SizeBook, SourceImage, count, digest_of
from tools.sources.matching import BY_NAME, match

if TYPE_CHECKING:
    import shapely

_EDGE_POINTS = 8


@dataclass(frozen=True, slots=True)
class _OnMap:
    """Features that name no image, with an index of their outlines in the file's coordinates."""

    features: tuple[VectorFeature, ...]
    tree: "shapely.STRtree"


class VectorScenes:
    """The scenes of given images with the features that name them or lie in them; or, of no images, of all names."""

    phase = "writing"

    def __init__(
        self,
        file: Path,
        collected: CollectedImages | None,
        *,
        ontology: Ontology,
        known_labels: frozenset[str],
        sizes: SizeBook,
        on_fault: FaultHandler = raise_fault,
    ) -> None:
        self._file = file
        self._collected = collected
        self._ontology = ontology
        self._known_labels = known_labels
        self._sizes = sizes
        self._placements = PlacementBook()
        self._content = read_vector_file(file, ontology, on_fault)
        self._file_digest = file_digest(file)
        by_name: dict[str, list[VectorFeature]] = defaultdict(list)
        for each in self._content.features:
            if each.image is not None:
                by_name[each.image.replace("\\", "/")].append(each)
        names = sorted(by_name)
        if collected is None:
            self._require_named_pixels(self._content)
            self._named = {SourceImage(file, name): by_name[name] for name in names}
        else:
            matched = match(collected.files, [PurePosixPath(name) for name in names], BY_NAME)
            self._named = {SourceImage(collected.files[image]): by_name[names[at]] for image, at in matched.items()}
        self._unused = len(names) - len(self._named)
        self.images: Sequence[SourceImage] = (
            tuple(self._named) if collected is None else tuple(map(SourceImage, collected.files))
        )
        self._on_map = _indexed([each for each in self._content.features if each.image is None])
        self._placed: set[int] = set()
        self._empty = 0

    @property
    def origin(self) -> str:
        """The format of the annotations."""
        return "GeoParquet" if self._file.suffix.lower() in {".parquet", ".geoparquet"} else "GeoJSON"

    def digest(self, image: SourceImage) -> str:
        """A hash of the whole file, of the image's bytes, its georeference, the ontology and the known classes."""
        pixels_digest = None if self._collected is None else file_digest(image.file)
        placed = [] if self._collected is None else self._placements.digests(image.file)
        known = [repr(self._ontology.classes), sorted(self._known_labels), repr(self._sizes.find(self._path(image)))]
        return digest_of("vector", self._file_digest, pixels_digest, placed, *known)

    def check(self, image: SourceImage) -> None:
        """Nothing more to check: the whole file was read."""

    def expect(self, images: Sequence[SourceImage]) -> None:
        """Nothing to read ahead."""

    def scene(self, image: SourceImage, image_id: str) -> Scene:
        """The image with the features that name it, and of those that name none the ones that lie in it."""
        placement = Placement()
        if self._collected is None:
            width, height = self._stated_size(image)
        else:
            width, height = probe_image(image.file)
            placement = self._placements.find(image.file, (width, height))
        named = self._named.get(image, [])
        entities = [self._entity(each, placement.georeference) for each in named]
        entities += self._lying_in(placement.georeference, width, height)
        self._empty += not entities
        return Scene(
            image_id,
            width,
            height,
            tuple(sorted(entities, key=lambda each: each.index)),
            self._known_labels,
            self._sizes.gsd(self._path(image), placement.gsd),
            placement.georeference,
            path=None if self._collected is None else str(image.file),
            acquired=placement.acquired,
        )

    def claims(self, archived: SourceImage, *, has_pixels: bool) -> bool:
        """With images, those beneath the given folders; without, the images of this file."""
        if self._collected is None:
            return not has_pixels and archived.file == self._file
        return has_pixels and self._collected.covers(archived.file)

    def rejected(self) -> Sequence[tuple[Path, str]]:
        """The folders of images that could not be read."""
        return () if self._collected is None else self._collected.unreadable

    @property
    def unmapped(self) -> Sequence[str]:
        """The classes that the ontology lacks."""
        return self._content.unmapped

    def warnings(self) -> Sequence[str]:
        """Classes that the ontology lacks, images that were not given, features in no image, images without any."""
        warnings = []
        if self._content.unmapped:
            warnings.append(
                f"the ontology {self._ontology.name} has no class for these of {self._file}, and their features were "
                f"left out: {', '.join(self._content.unmapped)}"
            )
        if self._unused:
            warnings.append(f"{count(self._unused, 'image')} of {self._file} had no file among those given")
        if self._empty:
            warnings.append(f"{count(self._empty, 'image')} had no feature in {self._file}, taken to hold no objects")
        return [*warnings, *self._placements.warnings(), *self._sizes.warnings()]

    def _entity(self, feature: VectorFeature, georeference: Georeference | None) -> Entity:
        outline = self._in_pixels(feature.outline, georeference)
        if not all(is_coordinate(value) for corner in outline for value in corner):
            raise RejectedImageError(f"feature {feature.index} of {self._file} does not lie where the image can be")
        return Entity(feature.index, feature.label, feature.confidence, outline)

    def _in_pixels(self, outline: Polygon, georeference: Georeference | None) -> Polygon:
        """Map coordinates as pixels; what tells no CRS is pixels of a plain image, and degrees on a placed one."""
        if georeference is None:
            if self._content.crs is not None:
                raise RejectedImageError(f"{self._file} has map coordinates, and the image has no georeference")
            return outline
        ground = transform_points(outline, self._content.crs or LONGITUDE_LATITUDE, georeference.crs)
        return tuple((float(x), float(y)) for x, y in pixels_at(georeference, ground))

    def _lying_in(self, georeference: Georeference | None, width: int, height: int) -> list[Entity]:
        """The features without an image's name whose outline meets the image's ground."""
        if not self._on_map.features:
            return []
        if georeference is None:
            if self._content.crs is None and len(self.images) == 1:
                return [self._entity(each, None) for each in self._on_map.features]
            raise RejectedImageError(f"features of {self._file} name no image, and this one has no georeference")
        import shapely

        frame = _frame(width, height)
        ground = transform_points(ground_of(georeference, frame), georeference.crs, self._crs)
        if not all(abs(value) < float("inf") for value in ground.ravel()):
            return []
        found = self._on_map.tree.query(shapely.Polygon(ground).buffer(0))
        inside = shapely.box(0, 0, width, height)
        entities = [self._entity(self._on_map.features[int(each)], georeference) for each in sorted(found)]
        return [each for each in entities if _hull(each.polygon).intersection(inside).area > 0]

    @property
    def _crs(self) -> str:
        return self._content.crs or LONGITUDE_LATITUDE

    def _path(self, image: SourceImage) -> Path:
        return Path(image.member) if self._collected is None else image.file

    def _stated_size(self, image: SourceImage) -> tuple[int, int]:
        size = self._sizes.find(self._path(image))
        if size is None:
            raise InputError(
                f"{self._file}: it does not tell the size of {image.member!r}: give IMAGES or --sizes FILE"
            )
        return size.width, size.height

    def _require_named_pixels(self, content: VectorFile) -> None:
        if content.crs is not None or any(each.image is None for each in content.features):
            raise InputError(
                f"{self._file}: without IMAGES every feature needs its image_id and pixel coordinates without a CRS"
            )
        for name in {each.image for each in content.features if each.image is not None}:
            self._stated_size(SourceImage(self._file, name.replace("\\", "/")))


def _indexed(features: Iterable[VectorFeature]) -> _OnMap:
    import shapely

    kept = tuple(features)
    return _OnMap(kept, shapely.STRtree([_hull(each.outline) for each in kept]))


def _hull(outline: Polygon) -> "shapely.Polygon":
    import shapely

    polygon = shapely.Polygon(outline)
    return polygon if polygon.is_valid else shapely.convex_hull(polygon)


def _frame(width: int, height: int) -> list[tuple[float, float]]:
    """The image's edge in pixels, dense enough that it stays an edge in another projection."""
    steps = [number / _EDGE_POINTS for number in range(_EDGE_POINTS)]
    return [
        *((width * step, 0.0) for step in steps),
        *((float(width), height * step) for step in steps),
        *((width * (1 - step), float(height)) for step in steps),
        *((0.0, height * (1 - step)) for step in steps),
    ]
