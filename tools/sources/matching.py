"""Which annotations belong to which image: by stem, and by folder and stem where stems agree."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import PurePath

from solvers.errors import InputError

Key = Callable[[PurePath], Hashable]

BY_STEM: tuple[Key, ...] = (
    lambda path: (path.parent.name, path.stem),
    lambda path: path.stem,
)
BY_NAME: tuple[Key, ...] = (
    lambda path: (path.parent.name, path.name),
    lambda path: (path.parent.name, path.stem),
    lambda path: path.name,
    lambda path: path.stem,
)


def match(images: Sequence[PurePath], names: Sequence[PurePath], keys: Sequence[Key]) -> dict[int, int]:
    """For each image the annotations with its name, as positions; keys are tried from the most to the least telling.

    A key tells only where one image and one annotation have it. Raises InputError where both an image and
    annotations of its stem are left, since either choice could be wrong.
    """
    matched: dict[int, int] = {}
    for key in keys:
        images_of, names_of = _grouped(images, key), _grouped(names, key)
        taken = set(matched.values())
        for value, with_value in images_of.items():
            named = names_of.get(value, [])
            if len(with_value) == len(named) == 1 and with_value[0] not in matched and named[0] not in taken:
                matched[with_value[0]] = named[0]
    taken = set(matched.values())
    names_of_stem = _grouped(names, keys[-1])
    for number, image in enumerate(images):
        left = [each for each in names_of_stem.get(keys[-1](image), []) if each not in taken]
        if number not in matched and left:
            raise InputError(
                f"{names[left[0]]}: it does not show whether these annotations are those of {image}; where stems "
                f"agree, annotations and image lie in folders of one name: {image.parent.name}/{image.stem}"
            )
    return matched


def _grouped(paths: Sequence[PurePath], key: Key) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, path in enumerate(paths):
        groups[key(path)].append(number)
    return groups
