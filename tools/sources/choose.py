"""Which source makes the scenes, by what the user gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from solvers.errors import InputError
from solvers.ontology import Ontology, normalise_label
from tools.images import CollectedImages, absolute
from tools.nearest import did_you_mean
from tools.ontologies import load_ontology, ontology_names
from tools.progress import ProgressListener
from tools.readers.faults import FaultHandler, raise_fault
from tools.readers.names import find_names, read_names
from tools.readers.text_file import read_bytes
from tools.readers.xbd import is_xbd
from tools.sources.base import SceneSource, SizeBook
from tools.sources.coco_file import CocoScenes
from tools.sources.detected import DetectedScenes
from tools.sources.label_files import LabelFiles, find_label_files
from tools.sources.label_folder import LabelFolder
from tools.sources.label_formats import ClassMask, DotaText, LabelFormat, XbdJson, YoloText
from tools.sources.vector_file import VectorScenes

if TYPE_CHECKING:
    from tools.detector import Detector

DetectorName = Literal["yolo", "annotations"]

_VECTOR_SUFFIXES = frozenset({".geojson", ".parquet", ".geoparquet"})
_FORMATS = (
    "annotations are a folder of DOTA labelTxt, YOLO txt, xBD json or masks, or one COCO .json, GeoJSON or "
    "GeoParquet file"
)
_FLOODNET = "floodnet"


@dataclass(frozen=True, slots=True)
class Looking:
    """How a detector looks at images; see `tools.detector.load_detector`."""

    device: str | None = None
    tile: int | None = None
    overlap: int | None = None
    overview: bool = True
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gave: `images` and `labels` are absolute, None is what was left out.

    `names` is a file with the names of class numbers, or a shipped ontology whose order counts.
    """

    ontology: Ontology
    images: CollectedImages | None = None
    labels: Path | None = None
    weights: str | Path | None = None
    classes: str | Sequence[str] | None = None
    sizes: SizeBook | None = None
    names: str | Path | None = None
    looking: Looking = Looking()
    on_fault: FaultHandler = raise_fault


def choose_source(detector: DetectorName | None, given: Given, progress: ProgressListener) -> SceneSource:
    """The annotations where there are any, else a detector; InputError for what contradicts itself or is missing."""
    match detector or ("yolo" if given.labels is None else "annotations"):
        case "annotations":
            return _annotated(given)
        case "yolo":
            return _detected(given, progress)
        case other:
            raise InputError(f"there is no detector {other!r}; there are yolo and annotations")


def _detected(given: Given, progress: ProgressListener) -> SceneSource:
    if given.labels is not None:
        raise InputError("a detector finds the objects itself: leave out --labels, or use --detector annotations")
    if given.classes is not None:
        raise InputError("--classes says what annotators labelled, and a detector's classes are those of its weights")
    if given.names is not None:
        raise InputError(
            "--names tells what the class numbers of labels mean, and a detector's names are in its weights"
        )
    if given.images is None:
        raise InputError("there is nothing to index: give IMAGES (files or folders), or --labels PATH")

    def load() -> "Detector":
        from tools.detector import load_detector

        looking = given.looking
        return load_detector(
            given.weights,
            ontology=given.ontology,
            device=looking.device,
            tile=looking.tile,
            overlap=looking.overlap,
            overview=looking.overview,
            batch=looking.batch,
            progress=progress,
        )

    return DetectedScenes(given.images, load, given.sizes or SizeBook({}))


def _annotated(given: Given) -> SceneSource:
    labels = given.labels
    if labels is None:
        raise InputError("annotations are to be read, and there are none: give --labels PATH")
    if given.weights is not None:
        raise InputError(
            "weights belong to a detector, and annotations are to be read: leave out --weights or --labels"
        )
    if given.looking != Looking():
        raise InputError(
            "device, tiles and batch are a detector's, and annotations are to be read: leave them out, or --labels"
        )
    if labels.is_dir():
        return _folder(labels, find_label_files(labels), given)
    if not labels.exists():
        raise InputError(f"{labels}: there are no such annotations; {_FORMATS}")
    suffix = labels.suffix.lower()
    if suffix in _VECTOR_SUFFIXES:
        return _vector_file(labels, given)
    if suffix != ".json":
        hint = "; give the folder that it lies in" if suffix == ".txt" else ""
        raise InputError(f"{labels}: {_FORMATS}{hint}")
    data = read_bytes(labels)
    if b'"FeatureCollection"' in data:
        return _vector_file(labels, given)
    if is_xbd(data):
        return _folder(labels, LabelFiles((labels,), "xbd"), given)
    _refuse_classes(given, f"{labels}: a COCO file names its classes itself, in its categories")
    _refuse_names(given, f"{labels}: a COCO file names its classes itself, in its categories")
    return CocoScenes(labels, given.images, given.ontology, given.sizes or SizeBook({}), given.on_fault)


def _vector_file(labels: Path, given: Given) -> VectorScenes:
    _refuse_names(given, f"{labels}: features name their classes themselves")
    return VectorScenes(
        labels,
        given.images,
        ontology=given.ontology,
        known_labels=_labelled(given),
        sizes=given.sizes or SizeBook({}),
        on_fault=given.on_fault,
    )


def _folder(labels: Path, found: LabelFiles, given: Given) -> LabelFolder:
    return LabelFolder(
        labels,
        found.files,
        label_format=_folder_format(labels, found, given),
        collected=given.images,
        ontology=given.ontology,
        sizes=given.sizes,
        on_fault=given.on_fault,
    )


def _folder_format(labels: Path, found: LabelFiles, given: Given) -> LabelFormat:
    match found.format or ("dota" if given.names is None else "yolo"):
        case "yolo":
            _refuse_classes(given, f"{labels}: the names of YOLO classes say what was labelled")
            return YoloText(given.ontology, _names(labels, given, "YOLO txt files"))
        case "mask":
            _refuse_classes(given, f"{labels}: the names of class numbers say what was labelled")
            return ClassMask(given.ontology, _names(labels, given, "masks"))
        case "xbd":
            _refuse_classes(given, f"{labels}: the classes of xBD are its damage classes")
            _refuse_names(given, f"{labels}: the classes of xBD are its damage classes")
            return XbdJson(given.ontology)
        case "dota":
            _refuse_names(given, f"{labels}: DOTA labelTxt files name the class of every object themselves")
            return DotaText(given.ontology, _labelled(given))


def _labelled(given: Given) -> frozenset[str]:
    """The leaves that the user says were looked for, else all of the ontology."""
    if given.classes is None:
        return frozenset(given.ontology.leaf_names)
    return _stated_classes(given.classes, given.ontology)


def _refuse_classes(given: Given, reason: str) -> None:
    if given.classes is not None:
        raise InputError(f"{reason}; leave out --classes")


def _refuse_names(given: Given, reason: str) -> None:
    if given.names is not None:
        raise InputError(f"{reason}; leave out --names")


def _names(labels: Path, given: Given, numbered: Literal["YOLO txt files", "masks"]) -> Mapping[int, str]:
    """The names of class numbers: from the file that was named, a shipped ontology's order, or a file beside."""
    if given.names is None:
        beside = find_names(labels)
        if beside is not None:
            return read_names(beside)
        if numbered == "masks" and given.ontology.name == _FLOODNET:
            return dict(enumerate(load_ontology(_FLOODNET).leaf_names))
        raise InputError(
            f"{labels}: {numbered} number their classes, and no names lie beside them (data.yaml, classes.txt): give "
            "--names FILE, or --names dota (floodnet, ...) where the numbers are in the order of that ontology"
        )
    shipped = str(given.names)
    if shipped in ontology_names() and not Path(shipped).exists():
        return dict(enumerate(load_ontology(shipped).leaf_names))
    return read_names(absolute(given.names))


def _stated_classes(names: str | Sequence[str], ontology: Ontology) -> frozenset[str]:
    """The leaves that a list of classes covers, superclasses and synonyms included; InputError for an unknown one."""
    texts = [names] if isinstance(names, str) else names
    words = [word.strip() for text in texts for word in text.split(",") if word.strip()]
    if not words:
        raise InputError("--classes names no class; name those that the annotators labelled, or leave it out")
    return frozenset(leaf for word in words for leaf in _leaves(word, ontology))


def _leaves(word: str, ontology: Ontology) -> frozenset[str]:
    name = normalise_label(word)
    if name in ontology.by_name:
        return ontology.leaves_of[name]
    leaf = ontology.leaf_for(word)
    if leaf is None:
        raise InputError(f"ontology {ontology.name} has no class {word!r}{did_you_mean(name, ontology.by_name)}")
    return frozenset({leaf})
