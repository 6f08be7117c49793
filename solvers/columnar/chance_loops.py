"""Compiled loops over the confidences of entities: chances, and the possible worlds that each is in."""

import numpy as np

from solvers.columnar.compiled import compiled, compiled_loop
from solvers.columnar.kernels import Bytes, Floats, Ids, Places, Reals, Wholes
from solvers.tables import Words


@compiled_loop
def chances_of_any(first: int, last: int, ids: Ids, offsets: Places, confidence: Reals, found: Floats) -> None:
    """The chance that any entity of each image is real."""
    for image in range(first, last):
        none = 1.0
        for place in range(offsets[image], offsets[image + 1]):
            none *= 1.0 - np.float64(confidence[ids[place]])
        found[image] = 1.0 - none


@compiled_loop
def count_uncertain(
    first: int, last: int, ids: Ids, offsets: Places, confidence: Reals, most: int, found: Places
) -> None:
    """Add to each image's number how many of its entities are not certain, until there are more than `most`."""
    for image in range(first, last):
        for place in range(offsets[image], offsets[image + 1]):
            if found[image] > most:
                break
            found[image] += confidence[ids[place]] < 1.0


@compiled
def chances_of_enough(ids: Ids, offsets: Places, confidence: Reals, least: int, found: Floats) -> None:
    """The chance that at least so many entities of each image are real (Poisson binomial)."""
    exactly = np.zeros(least)
    for image in range(len(offsets) - 1):
        if offsets[image + 1] - offsets[image] < least:
            found[image] = 0.0
            continue
        exactly[:] = 0.0
        exactly[0] = 1.0
        for place in range(offsets[image], offsets[image + 1]):
            chance = confidence[ids[place]]
            for number in range(least - 1, 0, -1):
                exactly[number] = exactly[number] * (1.0 - chance) + exactly[number - 1] * chance
            exactly[0] *= 1.0 - chance
        total = 0.0
        for number in range(least):
            total += exactly[number]
        found[image] = max(0.0, 1.0 - total)


@compiled
def chances_of_enough_in_spans(
    images: Places, starts: Ids, confidence: Reals, threshold: float, least: int, exactly: Floats
) -> None:
    """Fold the entities of a class into `exactly` (images, least): how probably 0, 1, ... are real so far."""
    for row in range(len(images)):
        for entity in range(starts[images[row]], starts[images[row] + 1]):
            chance = confidence[entity]
            if chance < threshold:
                continue
            for number in range(least - 1, 0, -1):
                exactly[row, number] = exactly[row, number] * (1.0 - chance) + exactly[row, number - 1] * chance
            exactly[row, 0] *= 1.0 - chance


@compiled_loop
def presence(
    first: int, last: int, ids: Ids, offsets: Places, confidence: Reals, index: Wholes, ranks: Bytes, jitters: Floats,
    table: Words, enumerated: Bytes, numbers: Bytes, patterns: Words, words: Words,
) -> None:  # fmt: skip
    """The worlds of the entities of each image: `words` (k, W).

    Where all worlds are `enumerated`, world w holds the uncertain entity of number i where bit i of w is set, as
    `patterns` (8, W) has it. Else an entity is in the worlds whose rank, in its own permutation, is below its share.
    """
    permutations = ranks.shape[0]
    worlds = ranks.shape[1]
    every = ~np.uint64(0)
    for image in range(first, last):
        for place in range(offsets[image], offsets[image + 1]):
            entity = ids[place]
            chance = confidence[entity]
            own, turn = index[entity] % permutations, index[entity] // permutations % permutations
            filled = int(np.ceil(chance * worlds - jitters[own]))
            for word in range(words.shape[1]):
                bits = np.uint64(0)
                if chance >= 1.0:
                    bits = every
                elif enumerated[image] != 0:
                    bits = patterns[numbers[entity], word]
                elif turn == 0:
                    bits = table[own, filled, word]
                else:
                    for bit in range(64):
                        if ranks[turn, ranks[own, word * 64 + bit]] < filled:
                            bits |= np.uint64(1) << np.uint64(bit)
                words[place, word] = bits


@compiled_loop
def probabilities(held: Words, enumerated: Bytes, uncertain: Places, of_bit: Floats, found: Floats) -> None:
    """How probable what is held (images, W) is: the weight of its worlds, or their share."""
    worlds = 64 * held.shape[1]
    for image in range(len(held)):
        total = 0.0
        number = uncertain[image]
        every = 1 << number if enumerated[image] != 0 else worlds
        missing = 0
        for world in range(every):
            if (held[image, world >> 6] >> np.uint64(world & 63)) & np.uint64(1):
                weight = 1.0
                if enumerated[image] != 0:
                    for bit in range(number):
                        chance = of_bit[image, bit]
                        weight *= chance if (world >> bit) & 1 else 1.0 - chance
                total += weight
            else:
                missing += 1
        found[image] = 1.0 if missing == 0 else (total if enumerated[image] != 0 else total / worlds)
