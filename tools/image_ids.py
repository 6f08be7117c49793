"""The names of images: a file's stem, and as much more of its path as it takes to tell two images apart."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath


def image_ids(paths: Sequence[str]) -> list[str]:
    """An id for each path, all different where the paths are, whatever their order.

    The stem; where two agree, all of them get folder/stem; where that agrees, folder/stem.extension; and where even
    that does, one folder more at a time.
    """
    names = [PurePosixPath(path) for path in paths]
    steps = [0] * len(names)
    ids = [name.stem for name in names]
    while True:
        times = Counter(ids)
        longer = [number for number, each in enumerate(ids) if times[each] > 1 and ids[number] != paths[number]]
        if not longer:
            return ids
        for number in longer:
            steps[number] += 1
            ids[number] = _spelled(names[number], paths[number], steps[number])


def _spelled(name: PurePosixPath, path: str, step: int) -> str:
    parts = [part for part in name.parts if part != name.root]
    if step == 1:
        return "/".join([*parts[-2:-1], name.stem])
    return "/".join(parts[-step:]) if step <= len(parts) else path
