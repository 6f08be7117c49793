"""The manifest: which immutable parts an archive consists of, and the ontology of its labels, in full."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from solvers.errors import InputError
from solvers.ontology import Ontology, OntologyClass
from tools.archive.files import MANIFEST_FILE, write_atomically
from tools.readers.json_file import JsonValue, load_json

SCHEMA_VERSION = 2
"""Version 1 is read, and becomes this one when it is next written to."""

_FORMAT = "rune-archive"
_PART_FILE = re.compile(r"(images|entities)-[0-9a-f]{24}\.parquet")


@dataclass(frozen=True, slots=True)
class PartEntry:
    """One part: its two Parquet files, how many rows they have, and the first and last image id in code point order."""

    images_file: str
    entities_file: str
    images: int
    entities: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The state of an archive; every image is in exactly one part, and the parts are sorted by their first image.

    `version` is that of the schema of its parts.
    """

    ontology: Ontology
    parts: tuple[PartEntry, ...] = ()
    version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        ordered = sorted(self.parts, key=lambda part: (part.first, part.images_file))
        object.__setattr__(self, "parts", tuple(ordered))

    @property
    def files(self) -> frozenset[str]:
        """The names of all files that count."""
        return frozenset(file for part in self.parts for file in (part.images_file, part.entities_file))


def is_part_file(name: str) -> bool:
    """Whether a file's name is one that an archive gives to its parts."""
    return _PART_FILE.fullmatch(name) is not None


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Commit a state: once this returns, it is the archive's; before, the one before is."""
    document = {
        "format": _FORMAT,
        "schema_version": manifest.version,
        "images": sum(part.images for part in manifest.parts),
        "entities": sum(part.entities for part in manifest.parts),
        "ontology": {
            "name": manifest.ontology.name,
            "classes": [
                {
                    "name": each.name,
                    "parent": each.parent,
                    "synonyms": list(each.synonyms),
                    "plurals": list(each.plurals),
                }
                for each in manifest.ontology.classes
            ],
        },
        "parts": [
            {
                "images_file": part.images_file,
                "entities_file": part.entities_file,
                "images": part.images,
                "entities": part.entities,
                "first": part.first,
                "last": part.last,
            }
            for part in manifest.parts
        ],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    write_atomically(root / MANIFEST_FILE, text.encode())


def read_manifest(root: Path) -> Manifest:
    """The committed state of the archive in a folder.

    Raises InputError where the folder is missing, is no archive, or was written by a newer version.
    """
    path = root / MANIFEST_FILE
    try:
        exists = root.exists()
    except OSError as error:
        raise InputError(f"{root}: the archive cannot be read: {error.strerror}") from error
    if not exists:
        raise InputError(f"{root}: there is no such archive; {_how_to_make(root)}")
    if not root.is_dir():
        raise InputError(f"{root}: an archive is a folder, and this is none; {_how_to_make(root)}")
    if not os.access(root, os.R_OK | os.X_OK):
        raise InputError(f"{root}: the archive cannot be read: permission denied")
    if not path.is_file():
        raise InputError(f"{root}: this folder is no archive, it has no {MANIFEST_FILE}; {_how_to_make(root)}")
    document = load_json(path)
    kind = document.get("format")
    if kind is None or kind.value != _FORMAT:
        raise InputError(f"{root}: this folder is no archive, its {MANIFEST_FILE} is another's; {_how_to_make(root)}")
    version = _version(document.need("schema_version"), root)
    ontology = _ontology(document.need("ontology"))
    return Manifest(ontology, tuple(_part(each) for each in document.need("parts").items()), version)


def _version(value: JsonValue, root: Path) -> int:
    version = value.value
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        value.fail(f"{version!r} is no schema version")
    if version > SCHEMA_VERSION:
        raise InputError(
            f"{root}: the archive was written by a newer version of RUNE (schema version {version}; this one reads up "
            f"to {SCHEMA_VERSION}); update RUNE, or index the images again into another archive"
        )
    return version


def _how_to_make(root: Path) -> str:
    return f"make one with: rune index IMAGES --archive {root}"


def _ontology(value: JsonValue) -> Ontology:
    classes = []
    for each in value.need("classes").items():
        parent = each.get("parent")
        synonyms = tuple(word.text() for word in each.need("synonyms").items())
        plurals = tuple(word.text() for word in each.need("plurals").items())
        try:
            classes.append(
                OntologyClass(each.need("name").text(), None if parent is None else parent.text(), synonyms, plurals)
            )
        except ValueError as error:
            each.fail(str(error))
    try:
        return Ontology(value.need("name").text(), tuple(classes))
    except ValueError as error:
        value.fail(str(error))


def _part(value: JsonValue) -> PartEntry:
    for key in ("images_file", "entities_file"):
        if not is_part_file(value.need(key).text()):
            value.need(key).fail("this is no name of a part")
    return PartEntry(
        value.need("images_file").text(),
        value.need("entities_file").text(),
        int(value.need("images").number()),
        int(value.need("entities").number()),
        value.need("first").string(),
        value.need("last").string(),
    )
