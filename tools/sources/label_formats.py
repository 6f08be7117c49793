"""Formats that have one file of annotations an image: how the files are named, read, and what their absence means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from solvers.ontology import Ontology, normalise_label
from tools.readers.dota import parse_dota
from tools.readers.faults import FaultHandler
from tools.readers.mask import HOLLOW_SHARE, MINIMUM_AREA, NOTHING, TOLERANCE, parse_mask
from tools.readers.records import Annotations
from tools.readers.xbd import CLASS_OF_DAMAGE, parse_xbd
from tools.readers.yolo import parse_yolo

MASK_ENDING = re.compile(r"(?<=.)[_-](lab|label|labels|labelids|mask|masks|gt|seg|target)$", re.IGNORECASE)
"""What data sets add to an image's name for its mask."""


class LabelFormat(Protocol):
    """One format; `name` and `fingerprint` go into the digest of a scene, `noun` is what the user is told."""

    @property
    def name(self) -> str:
        """The format's short name."""

    @property
    def origin(self) -> str:
        """What the archive keeps of where entities come from."""

    @property
    def noun(self) -> str:
        """What one file is called."""

    @property
    def known_labels(self) -> frozenset[str]:
        """The leaves that the annotators could have labelled."""

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """What else the entities depend on, as JSON values."""

    @property
    def in_shares(self) -> bool:
        """Whether corners are shares of the image's width and height, not pixels."""

    @property
    def tells_size(self) -> bool:
        """Whether a file tells the size of its image."""

    @property
    def pixel_for_pixel(self) -> bool:
        """Whether a file must have the size of its image."""

    @property
    def absent_is_empty(self) -> bool:
        """Whether an image without a file is one without objects; else nobody knows what it holds."""

    def image_name(self, file: Path) -> PurePath:
        """The file's path as its image's would be, but for the extension."""

    def read(self, data: bytes, file: str, on_fault: FaultHandler) -> Annotations:
        """The annotations of one file; InputError for what breaks all of it."""


@dataclass(frozen=True)
class DotaText:
    """DOTA labelTxt; `known_labels` is what the user says that annotators looked for."""

    ontology: Ontology
    known_labels: frozenset[str]
    name: str = "dota"
    origin: str = "labelTxt"
    noun: str = "txt"
    fingerprint: tuple[object, ...] = ()
    in_shares: bool = False
    tells_size: bool = False
    pixel_for_pixel: bool = False
    absent_is_empty: bool = True

    def image_name(self, file: Path) -> PurePath:
        """The name is the image's."""
        return file

    def read(self, data: bytes, file: str, on_fault: FaultHandler) -> Annotations:
        """The objects of one labelTxt file."""
        return parse_dota(data, file, self.ontology, on_fault)


@dataclass(frozen=True)
class YoloText:
    """YOLO txt; the classes are those of `names`, the names of class numbers."""

    ontology: Ontology
    names: Mapping[int, str]
    name: str = "yolo"
    origin: str = "YOLO"
    noun: str = "txt"
    in_shares: bool = True
    tells_size: bool = False
    pixel_for_pixel: bool = False
    absent_is_empty: bool = True
    known_labels: frozenset[str] = field(init=False)
    fingerprint: tuple[object, ...] = field(init=False)

    def __post_init__(self) -> None:
        leaves = frozenset(filter(None, map(self.ontology.leaf_for, self.names.values())))
        object.__setattr__(self, "known_labels", leaves)
        object.__setattr__(self, "fingerprint", (sorted(self.names.items()),))

    def image_name(self, file: Path) -> PurePath:
        """The name is the image's."""
        return file

    def read(self, data: bytes, file: str, on_fault: FaultHandler) -> Annotations:
        """The objects of one YOLO txt."""
        return parse_yolo(data, file, self.names, self.ontology, on_fault)


@dataclass(frozen=True)
class XbdJson:
    """xBD / xView2 json."""

    ontology: Ontology
    name: str = "xbd"
    origin: str = "xBD"
    noun: str = "json"
    fingerprint: tuple[object, ...] = ()
    in_shares: bool = False
    tells_size: bool = True
    pixel_for_pixel: bool = False
    absent_is_empty: bool = False
    known_labels: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        leaves = frozenset(filter(None, map(self.ontology.leaf_for, CLASS_OF_DAMAGE.values())))
        object.__setattr__(self, "known_labels", leaves)

    def image_name(self, file: Path) -> PurePath:
        """The name is the image's."""
        return file

    def read(self, data: bytes, file: str, on_fault: FaultHandler) -> Annotations:
        """The buildings of one xBD file."""
        return parse_xbd(data, file, self.ontology, on_fault)


@dataclass(frozen=True)
class ClassMask:
    """Class-index masks; the classes are those of `names`, the names of class numbers."""

    ontology: Ontology
    names: Mapping[int, str]
    name: str = "mask"
    origin: str = "masks"
    noun: str = "mask"
    in_shares: bool = False
    tells_size: bool = True
    pixel_for_pixel: bool = True
    absent_is_empty: bool = False
    known_labels: frozenset[str] = field(init=False)
    fingerprint: tuple[object, ...] = field(init=False)

    def __post_init__(self) -> None:
        named = [each for each in self.names.values() if normalise_label(each) not in NOTHING]
        object.__setattr__(self, "known_labels", frozenset(filter(None, map(self.ontology.leaf_for, named))))
        settings = (MINIMUM_AREA, TOLERANCE, HOLLOW_SHARE)
        object.__setattr__(self, "fingerprint", (sorted(self.names.items()), *settings))

    def image_name(self, file: Path) -> PurePath:
        """The name is the image's, with or without an ending such as _lab or _mask."""
        return file.with_name(MASK_ENDING.sub("", file.stem) + file.suffix)

    def read(self, data: bytes, file: str, on_fault: FaultHandler) -> Annotations:
        """The regions of one mask."""
        return parse_mask(data, file, self.names, self.ontology, on_fault)
