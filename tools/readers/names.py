"""Names of class numbers: an ultralytics data.yaml, or a text with one name a line."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from solvers.errors import InputError
from tools.readers.text_file import decode_text, read_bytes

LISTS = ("classes.txt", "names.txt", "obj.names", "classes.names")
"""Files beside labels that list names, as labelling tools call them."""
_YAML = frozenset({".yaml", ".yml"})
_DOCUMENTS = _YAML | {".json"}
_FOLDERS_UP = 3
_LARGEST_FILE = 1_000_000


def read_names(file: Path) -> Mapping[int, str]:
    """The name of each class number; raises InputError for a file that holds none.

    A .yaml or .json has `names`, a list or a table from numbers to names; any other file has one name a line.
    """
    names = _named(_document(file), file) if file.suffix.lower() in _DOCUMENTS else _lines(file)
    return names or _fail(file, "it names no class")


def find_names(folder: Path) -> Path | None:
    """The names file that lies in a folder of labels, or in one of the two folders above it; None if there is none.

    A list of names counts before a yaml. Raises InputError where several yaml files have different names.
    """
    for place in (folder, *folder.parents)[:_FOLDERS_UP]:
        for name in LISTS:
            if (place / name).is_file():
                return place / name
        found = [each for each in _yaml_files(place) if _has_names(each)]
        if len({tuple(sorted(read_names(each).items())) for each in found}) > 1:
            shown = ", ".join(each.name for each in found)
            raise InputError(f"{place}: several files name the classes differently ({shown}); choose with --names FILE")
        if found:
            return found[0]
    return None


def _yaml_files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.suffix.lower() in _YAML and each.is_file())
    except OSError:
        return ()  # a folder above that may not be listed has nothing to offer


def _has_names(file: Path) -> bool:
    """Whether a yaml beside the labels is a data set's; others may lie there too."""
    if file.stat().st_size > _LARGEST_FILE:
        return False
    try:
        document = _document(file)
    except InputError:
        return False
    return isinstance(document, dict) and "names" in document


def _document(file: Path) -> object:
    import yaml

    data = read_bytes(file)
    if len(data) > _LARGEST_FILE:
        _fail(file, f"a names file has at most {_LARGEST_FILE:,} bytes")
    try:
        document: object = yaml.safe_load(decode_text(data, str(file)))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        _fail(file, f"this is not YAML that can be read: {' '.join(str(error).split()) or type(error).__name__}")
    return document


def _named(document: object, file: Path) -> Mapping[int, str]:
    names = document.get("names") if isinstance(document, dict) else document
    if isinstance(names, list):
        return _checked(enumerate(names), file)
    if isinstance(names, dict):
        return _checked(names.items(), file)
    return _fail(file, "names must be a list of names, or a table from numbers to names")


def _checked(pairs: Iterable[tuple[object, object]], file: Path) -> Mapping[int, str]:
    names: dict[int, str] = {}
    for key, name in pairs:
        number = int(key) if isinstance(key, str) and key.isdecimal() else key
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            _fail(file, f"names: {key!r} is not a class number")
        if not isinstance(name, str | int) or isinstance(name, bool) or not str(name).strip():
            _fail(file, f"names: class {number} must have a name, not {name!r}")
        names[number] = str(name).strip()
    return names


def _lines(file: Path) -> Mapping[int, str]:
    lines = decode_text(read_bytes(file), str(file)).rstrip("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip() and len(lines) > 1:
            raise InputError(f"{file}:{number}: a class has no name; line {number} names class {number - 1}")
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


def _fail(file: Path, message: str) -> NoReturn:
    raise InputError(f"{file}: {message}")
