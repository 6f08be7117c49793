"""The classes that a scene's labels belong to: names, synonyms and hierarchy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_SEPARATORS = re.compile(r"[\s\-_]+")
_CLASS_NAME = re.compile(r"[a-z][a-z0-9_]*")


def normalise_label(text: str) -> str:
    """The logic spelling of a label: lower case, words joined by underscores ("Storage-Tank" -> "storage_tank")."""
    return _SEPARATORS.sub("_", text.strip().lower()).strip("_")


@dataclass(frozen=True, slots=True)
class OntologyClass:
    """One class: its `name` as logic writes it, the superclass that holds it, and other words for it.

    `synonyms` are English nouns in the singular ("airplane", "oil tank"); irregular plurals are in `plurals`.
    """

    name: str
    parent: str | None = None
    synonyms: tuple[str, ...] = ()
    plurals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _CLASS_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a class name: lower case letters, digits and underscores")


@dataclass(frozen=True)
class Ontology:
    """A set of classes; those that are nobody's parent are its leaves, and only leaves label entities."""

    name: str
    classes: tuple[OntologyClass, ...]

    def __post_init__(self) -> None:
        names = [each.name for each in self.classes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"ontology {self.name}: class {twice[0]} is defined twice")
        for each in self.classes:
            seen = {each.name}
            parent = each.parent
            while parent is not None:
                if parent not in self.by_name:
                    raise ValueError(f"ontology {self.name}: class {each.name} has the unknown parent {parent}")
                if parent in seen:
                    raise ValueError(f"ontology {self.name}: class {each.name} is its own ancestor")
                seen.add(parent)
                parent = self.by_name[parent].parent

    @cached_property
    def by_name(self) -> Mapping[str, OntologyClass]:
        """Every class by its name, leaves and superclasses, in the order of the ontology."""
        return {each.name: each for each in self.classes}

    @cached_property
    def leaf_names(self) -> tuple[str, ...]:
        """The leaves, in the order of the ontology."""
        parents = {each.parent for each in self.classes}
        return tuple(each.name for each in self.classes if each.name not in parents)

    @cached_property
    def leaf_set(self) -> frozenset[str]:
        """The leaves, in no order."""
        return frozenset(self.leaf_names)

    @cached_property
    def leaves_of(self) -> Mapping[str, frozenset[str]]:
        """For every class the leaves that it covers; a leaf covers itself."""
        covered: dict[str, set[str]] = {each.name: set() for each in self.classes}
        for leaf in self.leaf_names:
            current: str | None = leaf
            while current is not None:
                covered[current].add(leaf)
                current = self.by_name[current].parent
        return {name: frozenset(leaves) for name, leaves in covered.items()}

    @cached_property
    def _leaf_by_word(self) -> Mapping[str, str]:
        words: dict[str, str] = {}
        for leaf in self.leaf_names:
            for word in (leaf, *self.by_name[leaf].synonyms, *self.by_name[leaf].plurals):
                words.setdefault(normalise_label(word), leaf)
        return words

    @cached_property
    def _leaf_by_joined_word(self) -> Mapping[str, str]:
        joined: dict[str, str] = {}
        for word, leaf in self._leaf_by_word.items():
            joined.setdefault(word.replace("_", ""), leaf)
        return joined

    def leaf_for(self, label: str) -> str | None:
        """The leaf that a source's label means, by name or synonym; None if it means none.

        Case and separators do not count: storage-tank, "Storage Tank", StorageTank and storagetank are one.
        """
        word = normalise_label(label)
        if word in self.leaf_names:
            return word
        return self._leaf_by_word.get(word) or self._leaf_by_joined_word.get(word.replace("_", ""))
