"""Every word that the grammar reads, for telling unknown words from known ones before parsing."""

from collections.abc import Mapping

from agent.offline.amounts import BEYOND, DISTANCES, MORE, NUMERALS, SCALES, TENS, UNITS
from agent.offline.function_words import (
    BE,
    ENDS,
    EXISTS,
    IMAGE_ADJECTIVES,
    IMAGE_NOUNS,
    LACKS,
    LOCATED,
    OBJECT_WORDS,
    PLACE_NOUNS,
    POLITE,
    PRESENT,
    PRONOUNS,
    SHOWING,
    SHOWS,
    STANDS,
    VERB_FILLERS,
    VERBS,
)
from agent.offline.vocabulary import (
    BARE_VERBS,
    COMPARED,
    COMPARED_BY,
    COMPASS,
    EACH_OTHER,
    FORMED,
    FUNCTION_ADJECTIVES,
    FUNCTIONS,
    GROUP_NOUNS,
    GROUP_PHRASES,
    NEAREST,
    ORDINALS,
    RELATIONS,
    SIDE_NOUNS,
    SIDES,
    SUPERLATIVES,
    SURROUNDED,
)


def _words_of(*tables: Mapping[str, object] | tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for table in tables for phrase in table for word in phrase.split())


_MEANINGFUL = _words_of(
    SIDES, SIDE_NOUNS, COMPASS, RELATIONS, COMPARED, COMPARED_BY, FUNCTIONS, GROUP_PHRASES, SUPERLATIVES, NEAREST,
    ORDINALS, NUMERALS, TENS, UNITS, MORE, DISTANCES, LOCATED, PRONOUNS,
)  # fmt: skip
_PARTICLES = (
    "a an the some any no not none nothing anything something everything every each all another other only single",
    "one ones of from to in on at and or but nor neither either both also then if it they do does than apart else",
    "that which what who whose its their there these those with without has have having between surrounded sides",
    "outside except for excluding distance radius minimum maximum up case true such extreme whole entire this self",
    "others rest besides when whenever wherever for in case gap same very measures measure opposite well too lone",
    "range solely exclusively merely solitary sole these those them can exist exists whom see around vicinity just",
    "neighborhood whatsoever unless still anywhere partly partially",
    "form forms forming make makes making number count total",
    "image border edge boundary measuring among amongst above fewer less more away is are pair dozen nearby far",
)

KNOWN_WORDS: frozenset[str] = (
    _MEANINGFUL
    | _words_of(
        FORMED,
        BARE_VERBS,
        FUNCTION_ADJECTIVES,
        GROUP_NOUNS,
        EACH_OTHER,
        BEYOND,
        EXISTS,
        PRESENT,
        SURROUNDED,
        SCALES,
        BE,
        STANDS,
        OBJECT_WORDS,
        VERBS,
    )
    | _words_of(
        VERB_FILLERS, POLITE, IMAGE_NOUNS, PLACE_NOUNS, IMAGE_ADJECTIVES, SHOWING, SHOWS, LACKS, ENDS, _PARTICLES
    )
)

# Words that a misspelled one may be meant for: those that say something of the objects.
SUGGESTED_WORDS: frozenset[str] = _MEANINGFUL | _words_of(
    ("another", "other", "every", "each", "only", "without", "with", "there", "that", "which", "between", "surrounded")
)
