"""How images are laid out in parts: a function of what the archive holds, whatever the order it came in."""

from collections.abc import Sequence
from hashlib import sha256

IMAGES_PER_PART = 4_096
"""The mean number of images in a part."""


def part_ends(sorted_ids: Sequence[str], images_per_part: int = IMAGES_PER_PART) -> list[int]:
    """Where each part ends in the sorted ids, exclusive.

    A part ends after each id whose hash says so: an image more or less changes one part and leaves the others alone.
    """
    ends = [
        number
        for number, image_id in enumerate(sorted_ids, start=1)
        if int.from_bytes(sha256(image_id.encode()).digest()[:8]) % images_per_part == 0
    ]
    if sorted_ids and (not ends or ends[-1] != len(sorted_ids)):
        ends.append(len(sorted_ids))
    return ends
