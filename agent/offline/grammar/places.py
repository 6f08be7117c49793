"""Places: regions of the image, and the side of another object."""

from agent.offline.grammar.determiners import Determiner
from agent.offline.grammar.nouns import NounRules
from agent.offline.problems import UnreadableError
from agent.offline.syntax import Combined, InRegion, Link, Objects, Predicate, Pronoun, Related
from agent.offline.vocabulary import BORDERS, COMPASS, CORNERS, OUTERMOST, SIDE_NOUNS, SIDES, Side

_PREPOSITIONS = ("on", "at", "in", "to", "towards", "within", "inside")


class PlaceRules(NounRules):
    """Reads places."""

    def place(self, host: Determiner | None) -> Predicate | None:
        """ "in the upper left", "on the left of a ship", "on the center of the top", "at the border of the image"."""
        return (
            self.attempt(self._in_image)
            or self.attempt(self._at_border)
            or self.attempt(self._in_a_corner)
            or self.attempt(lambda: self._toward(host))
            or self.attempt(lambda: self._side(host))
        )

    def _in_image(self) -> Predicate | None:
        return InRegion(()) if self.take("in", "on", "within") and self.image() else None

    def _at_border(self) -> Predicate | None:
        if not self.take("at", "on", "touching"):
            return None
        self.take("the very", "the")
        if not self.take("image border", "image edge", *BORDERS):
            return None
        if self.take("of"):
            return InRegion(("at_border",)) if self.image() else None
        return InRegion(("at_border",))

    def _in_a_corner(self) -> Predicate | None:
        """In one of the four, whichever."""
        if not self.take("in a corner", "in any corner", "in one corner", "in one of the corners"):
            return None
        if self.take("of") and not self.image():
            return None
        return Combined(Link.OR, tuple(InRegion(side.regions) for side in CORNERS))

    def _toward(self, host: Determiner | None) -> Predicate | None:
        """ "(to the) north of"."""
        if self.take("to", "on", "at"):
            self.take("the")
        start = self.position
        relation = self.lookup(COMPASS)
        if relation is None:
            return None
        if self.take(*COMPASS):
            reason = "this is no relation that is checked: there are north, south, east and west"
            raise UnreadableError(self.span_from(start), reason, ("north of", "east of"))
        self.take("side")
        self.require(self.take("of"))
        return Related((relation,), self.require(self.objects(host)))

    def side(self) -> Side | None:
        """A side by its name; the "right" of "at right angles to" is none."""
        return None if self.at_noun() or self.look("right angles") else self.lookup(SIDES)

    def side_of(self) -> str | None:
        """The relation of "to the left of", without its objects."""
        self.take(*_PREPOSITIONS)
        self.take("the")
        side = self.side()
        self.take(*SIDE_NOUNS)
        return side.relation if side is not None and self.take("of") else None

    def _side(self, host: Determiner | None) -> Predicate | None:
        start = self.position
        away = self.take("far to", "far away to") is not None
        preposition = "to" if away else self.take(*_PREPOSITIONS)
        own = self.take("its", "their")
        article = None if own else self.take("the")
        if self.at_noun():
            return None
        far = self.take(*OUTERMOST) is not None or away
        before_side = self.position
        side = self.side()
        if side is None:
            return None
        words = self.position - before_side
        named = self.take(*SIDE_NOUNS)
        if named == "third" and side.regions == ("in_center",):
            reason = "this could be the middle column or the middle row: say which"
            raise UnreadableError(self.span_from(start), reason, ("middle column", "middle row", "center"))
        if own:
            return self._beside(
                side, Pronoun(own == "their" and not self.one_by_one, self.span_from(start)), far, preposition, start
            )
        if self.take("of"):
            return self._of(side, host, far, preposition, start)
        if preposition == "to":
            return self._beside(side, Pronoun(False, self.span_from(start), implied=True), far, preposition, start)
        if not (preposition or article or named or far or words > 1):
            return None
        if self.at_noun():
            reason = "before a noun this could mean a place or a rank: say which"
            raise UnreadableError(self.span_from(start), reason, ("in the upper left", "leftmost"))
        return InRegion(self._regions(side, far, start))

    def _of(
        self, side: Side, host: Determiner | None, far: bool, preposition: str | None, start: int
    ) -> Predicate | None:
        if self.image():
            return InRegion(self._regions(side, far, start))
        if side.regions == ("in_center",):
            return InRegion(self.require(self.attempt(lambda: self._center_of(start))))
        objects = self.require(self.objects(host))
        return self._beside(side, objects, far, preposition, start)

    def _beside(self, side: Side, objects: Objects, far: bool, preposition: str | None, start: int) -> Predicate:
        if side.relation is None:
            raise UnreadableError(self.span_from(start), "this is no place beside an object that can be checked")
        if not far:
            return Related((side.relation,), objects)
        if preposition != "to":
            raise UnreadableError(
                self.span_from(start),
                "this could mean the outermost one, or one far away: say which",
                ("leftmost", "far to the left of"),
            )
        return Related((side.relation, "far_from"), objects)

    def _center_of(self, start: int) -> tuple[str, ...] | None:
        """ "the far left" after "the center of"."""
        self.take("the")
        far = self.take(*OUTERMOST) is not None
        side = self.lookup(SIDES) if not self.at_noun() else None
        if side is None:
            raise UnreadableError(
                self.span_from(start), "the center of an object is no place that can be checked", ("inside", "on")
            )
        self.take(*SIDE_NOUNS)
        if self.look("of") and not (self.take("of") and self.image()):
            return None
        if side.middle is None:
            raise UnreadableError(self.span_from(start), "a corner has no center", ("upper left", "center of the left"))
        return (*self._regions(side, far, start), side.middle)

    def _regions(self, side: Side, far: bool, start: int) -> tuple[str, ...]:
        if not far:
            return side.regions
        if side.far is None:
            raise UnreadableError(
                self.span_from(start),
                '"far" and "very" go with left, right, top and bottom only',
                ("far left", "upper left"),
            )
        return (side.far,)
