"""The ontologies: three that are shipped, and a user's own from one TOML file."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from solvers.errors import InputError
from solvers.fol.signature import FUNCTIONS, KEYWORDS, RELATIONS
from solvers.ontology import Ontology, OntologyClass, normalise_label
from tools.nearest import did_you_mean

_SUFFIX = ".toml"
_FILE_KEYS = frozenset({"name", "classes"})
_CLASS_KEYS = frozenset({"parent", "synonyms", "plurals"})


def ontology_names() -> tuple[str, ...]:
    """The names of the shipped ontologies, sorted."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def load_ontology(name_or_path: str = "dota") -> Ontology:
    """The shipped ontology of that name, or a user's own where a path ending in .toml is given.

    Raises InputError for an unknown name, and for a file that is missing or no ontology, saying what is wrong in it.
    """
    if name_or_path.lower().endswith(_SUFFIX):
        return _parse(_read(Path(name_or_path)), name_or_path, Path(name_or_path).stem)
    shipped = ontology_names()
    if name_or_path not in shipped:
        raise InputError(
            f"there is no ontology {name_or_path!r}{did_you_mean(name_or_path, shipped)}; "
            f"shipped are {', '.join(shipped)}, and a file of your own ends in {_SUFFIX}"
        )
    file = resources.files(__name__).joinpath(name_or_path + _SUFFIX)
    return _parse(file.read_text(encoding="utf-8"), file.name, name_or_path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: an ontology is a text in UTF-8, and byte {error.start} is not") from error
    except OSError as error:
        raise InputError(f"{path}: the ontology cannot be read: {error.strerror or error}") from error


def _parse(text: str, file: str, default_name: str) -> Ontology:
    try:
        document: Mapping[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: this is not TOML: {error}") from error
    except RecursionError as error:
        raise InputError(f"{file}: this is not an ontology: it is nested too deeply") from error
    _refuse_unknown_keys(document, _FILE_KEYS, file, "the file")
    name = document.get("name", default_name)
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{file}: name must be a text that is not empty, not {name!r}")
    tables = document.get("classes")
    if not isinstance(tables, dict) or not tables:
        raise InputError(f"{file}: an ontology needs at least one class, as a table [classes.NAME]")
    try:
        ontology = Ontology(name, tuple(_class(class_name, table, file) for class_name, table in tables.items()))
    except ValueError as error:
        raise InputError(f"{file}: {error}") from error
    _refuse_shared_words(ontology, file)
    _refuse_words_of_the_language(ontology, file)
    return ontology


def _class(name: str, table: object, file: str) -> OntologyClass:
    where = f"class {name}"
    if not isinstance(table, dict):
        raise InputError(f"{file}: {where} must be a table [classes.{name}], not {table!r}")
    _refuse_unknown_keys(table, _CLASS_KEYS, file, where)
    parent = table.get("parent")
    if parent is not None and not isinstance(parent, str):
        raise InputError(f"{file}: {where}: parent must be the name of another class, not {parent!r}")
    return OntologyClass(name, parent, _words(table, "synonyms", file, where), _words(table, "plurals", file, where))


def _words(table: Mapping[str, object], key: str, file: str, where: str) -> tuple[str, ...]:
    words = table.get(key, [])
    if not isinstance(words, list):
        raise InputError(f"{file}: {where}: {key} must be a list of words, not {words!r}")
    for word in words:
        if not isinstance(word, str) or not normalise_label(word):
            raise InputError(f"{file}: {where}: {key} must be a list of words, and {word!r} is none")
    return tuple(words)


def _refuse_unknown_keys(table: Mapping[str, object], allowed: frozenset[str], file: str, where: str) -> None:
    for key in table:
        if key not in allowed:
            hint = did_you_mean(key, allowed) or f"; allowed are {', '.join(sorted(allowed))}"
            raise InputError(f"{file}: {where} has the unknown key {key!r}{hint}")


def _refuse_words_of_the_language(ontology: Ontology, file: str) -> None:
    """A class called as a relation or a connective would take the word from the language, or could never be written."""
    taken = {*RELATIONS, *FUNCTIONS, *KEYWORDS, "distinct"}
    for name in ontology.by_name:
        if name in taken:
            raise InputError(f"{file}: {name!r} is a word of the language itself; give the class another name")


def _refuse_shared_words(ontology: Ontology, file: str) -> None:
    """A word that two classes share would mean the one that happens to come first."""
    owner: dict[str, str] = {}
    for each in ontology.classes:
        for word in (each.name, *each.synonyms, *each.plurals):
            first = owner.setdefault(normalise_label(word), each.name)
            if first != each.name:
                raise InputError(
                    f"{file}: the word {word!r} means both class {first} and class {each.name}; leave it to one of them"
                )
