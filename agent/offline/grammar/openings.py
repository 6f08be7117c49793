"""Openings: words that ask for images before anything is said of them."""

from itertools import count

from agent.offline.function_words import (
    BE,
    IMAGE_ADJECTIVES,
    IMAGE_NOUNS,
    LACKS,
    PLACE_NOUNS,
    POLITE,
    SHOWING,
    SHOWS,
    VERB_FILLERS,
    VERBS,
)
from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.predicates import PredicateRules
from agent.offline.problems import UnreadableError

_PLURAL = frozenset({"do", "are", *(verb for verb in (*SHOWS, *LACKS) if not verb.endswith("s"))})
_SINGULAR = frozenset({"does", "is", *(verb for verb in SHOWS if verb not in _PLURAL), "lacks"})


class OpeningRules(PredicateRules):
    """Reads openings; `_of_image` where a clause about the image, "that contain ...", was begun and may go on."""

    _of_image = False
    _verb_number: str | None = None

    def opening(self) -> bool:
        """Words that ask for a search and say nothing of the image; whether there were any."""
        start = self.position
        while self.take(*POLITE, ","):
            pass
        self.attempt(self._which_things)
        if self.take(*VERBS):
            self.take(*VERB_FILLERS)
            self.take(":")
        return self.position > start

    def _which_things(self) -> str | None:
        """ "which" in "which ships are near a harbor", which images of such ships answer."""
        word = self.take("which", "what")
        noun = self.lexicon.match(self.tokens, self.position) if word is not None else None
        return word if noun is not None and noun.plural else None

    def image_opening(self, *, first: bool) -> bool | None:
        """ "images with", or "with" going on from it; whether it negates, None where there is no such opening."""
        start = self.position
        if first and self.take(*SHOWS):
            return False
        if first and self.attempt(self._in_which_images):
            return False
        head = self.attempt(self._image_head)
        number = self._number_of_verb()
        if head is None and self._of_image and None not in (number, self._verb_number) and number != self._verb_number:
            return None  # "images that show a ship that is ... and has ..." goes on with the ship
        if self.take("in the image", "in the images", "in the scene", "in the picture"):
            self.take(",")
        begun = head is not None or self._of_image
        of_image = self.attempt(lambda: self._shown(begun=head is not None)) if begun else None
        if of_image is not None:
            self._of_image = True
            self._verb_number = self._verb_number or number
            return of_image
        self.position = start if head is None else self.position
        if head is None and self.take("do not", "does not"):
            return True if self.require(self.take(*SHOWS)) else None
        if self.take("without", *LACKS) or (self.look("not") and self.word(1) in SHOWING and self.take("not")):
            self.take(*SHOWING)
            return True
        if (head is not None and self.take(*SHOWS, "where is", "where are")) or self.take(*SHOWING):
            return False
        if head is not None:
            raise StuckError
        return None

    def _number_of_verb(self) -> str | None:
        """Whether the verb that comes next, if there is one, is in the singular or the plural."""
        ahead = next(each for each in count() if self.word(each) not in ("that", "which", "also", "only"))
        verb = self.word(ahead)
        return "singular" if verb in _SINGULAR else "plural" if verb in _PLURAL else None

    def _in_which_images(self) -> bool | None:
        """ "in which images are there ..."."""
        if not self.take("in which", "in what", "on which", "on what"):
            return None
        while self.take(*IMAGE_ADJECTIVES):
            pass
        return True if self.take(*IMAGE_NOUNS) and self.look("is there", "are there", *BE) else None

    def _shown(self, *, begun: bool) -> bool | None:
        """ "that show", "which do not contain", "that lack": whether it negates."""
        relative = self.take("that", "which", "who")
        if relative is None and not (begun or self._of_image):
            return None
        self.take("also", "only") if self.word(1) in SHOWS else None
        if self.take("do not", "does not"):
            return None if self.take(*SHOWS) is None else True
        if self.take(*LACKS):
            return True
        if self.take("are", "is"):
            return None if self.take(*LACKS, "without") is None else True
        return None if self.take(*SHOWS) is None else False

    def _image_head(self) -> bool | None:
        self.take("only", "just")
        self.take("there is", "there are", "is there", "are there", "do", "does", "what are", "which are")
        self.take(
            "all the",
            "all of the",
            "only",
            "only the",
            "just the",
            "just",
            "all",
            "any",
            "some",
            "every",
            "the",
            "an",
            "a",
            "those",
            "which",
            "what",
        )
        start = self.position
        if self.numeral() is not None and self.take(*IMAGE_NOUNS):
            raise UnreadableError(
                self.span_from(start), "how many images are shown is an option, not a part of the question"
            )
        self.position = start
        while self.take(*IMAGE_ADJECTIVES):
            pass
        return True if self.take(*IMAGE_NOUNS) or self.attempt(self._places) else None

    def _places(self) -> bool | None:
        """ "areas" in "areas with ships", not in "an area of 50 m2"."""
        named = self.take(*PLACE_NOUNS) is not None
        return True if named and not self.look("of") and self.look(*SHOWING, "that", "which", "without") else None
