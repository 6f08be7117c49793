"""Measurements: distances to objects, areas, lengths and widths, and comparisons between objects."""

from dataclasses import replace

from agent.offline.amounts import AREA_UNITS
from agent.offline.grammar.determiners import Determiner
from agent.offline.grammar.places import PlaceRules
from agent.offline.problems import UnreadableError
from agent.offline.syntax import (
    AtDistance,
    Bound,
    Closer,
    Exceeding,
    Force,
    Grouped,
    Grouping,
    Joined,
    Measured,
    NounPhrase,
    Objects,
    Pattern,
    Predicate,
    Pronoun,
    Related,
)
from agent.offline.vocabulary import COMPARED, COMPARED_BY, COMPARED_SIZES, EACH_OTHER, FUNCTION_ADJECTIVES, FUNCTIONS


class MeasureRules(PlaceRules):
    """Reads measurements."""

    def measurement(self, host: Determiner | None) -> Predicate | None:
        """ "within 200 m of a bridge", "at least 50 m long", "closer to a ship than to a harbor", "wider than it"."""
        return (
            self.attempt(lambda: self.distance(host))
            or self.attempt(self.extent)
            or self.attempt(lambda: self._closer(host))
            or self.attempt(lambda: self._compared(host))
        )

    def distance(self, host: Determiner | None) -> Predicate | None:
        start = self.position
        bounds = self._radius() or self.bounds() or self.attempt(self._at_bounds)
        if bounds is None:
            self._refuse_bare_distance(start)
            return None
        apart = self.take("apart") is not None
        away = self.take("away", "distant") is not None
        if self.take("from", "of", "to", *(("around",) if self.tokens[start].text in ("within", "in") else ())) is None:
            reach = None if apart else self._within_reach(bounds, start, away=away)
            if not apart:
                return reach
        self._check_units(bounds, start, area=False)
        if self.take(*EACH_OTHER) or apart:
            return Grouped(Grouping("distance", Pattern.PAIRWISE, 2, bounds), self.span_from(start))
        beyond = any(bound.comparator[0] == ">" for bound in bounds)
        objects = self.attempt(lambda: self._nearest_one(beyond=beyond)) or self.require(self.objects(host))
        return AtDistance(bounds, each_of_any(objects, generic=True) if beyond else objects)

    def _nearest_one(self, *, beyond: bool) -> Objects | None:
        """ "the nearest ship" after a distance: every ship is at least as far, some ship is just as far."""
        start = self.position
        self.take("the")
        noun = self.noun() if self.take("nearest", "closest") else None
        if noun is None or self.look("to"):
            return None
        force = Force.EVERY if beyond else Force.SOME
        return NounPhrase(force, (noun.name,), noun.plural and not noun.singular, self.span_from(start))

    def _within_reach(self, bounds: tuple[Bound, ...], start: int, *, away: bool) -> Predicate | None:
        """ "within 50 m", "less than 50 m away", of the noun before "with"."""
        if self.tokens[start].text != "within" and not away:
            return None
        self._check_units(bounds, start, area=False)
        return AtDistance(bounds, Pronoun(False, self.span_from(start), implied=True))

    def _at_bounds(self) -> tuple[Bound, ...] | None:
        """ "at a distance of at least 50 m"."""
        return self.bounds() if self.take("at a distance of", "at a distance", "at") else None

    def _radius(self) -> tuple[Bound, ...] | None:
        """ "within a radius of 200 m"."""

        def rule() -> tuple[Bound, ...] | None:
            if self.take("within a radius of", "within a distance of", "in a radius of", "in a distance of"):
                value, unit = self.require(self.quantity())
            else:
                self.require(self.take("within", "in", "inside"))
                self.take("a", "an", "the")
                value, unit = self.require(self.quantity())
                self.require(self.take("radius", "distance", "range"))
            return (Bound("<=", value, unit),)

        return self.attempt(rule)

    def _refuse_bare_distance(self, start: int) -> None:
        if self.number_or_one() is None or self.unit_of_measure() is None:
            return
        self.take("away")
        if self.take("from"):
            number = " ".join(token.text for token in self.tokens[start : start + 2])
            raise UnreadableError(
                self.span_from(start),
                "a distance needs a bound",
                (f"within {number} of", f"at least {number} from"),
            )

    def extent(self) -> Predicate | None:
        """An area, length or width within bounds."""
        start = self.position
        self.take("of", "with", "having", "measuring")
        self.take("a", "an", "the")
        function = self.lookup(FUNCTIONS)
        if function is not None:
            self.take("of", "is", "that is")
        adjective = self._comparative()
        bounds: tuple[Bound, ...] | None
        if adjective is not None:
            implied, comparator = adjective
            value, unit = self.require(self.quantity())
            bounds = (Bound(comparator, value, unit),)
            function = function or implied
        else:
            bounds = self.bounds()
            if bounds is None:
                self._refuse_bare_extent(start, named=function is not None)
                return None
        function = function or self._function_after() or ("area" if bounds[0].unit in AREA_UNITS else None)
        if function is None:
            if self.tokens[start].text in ("of", "having", "measuring") and not self.look("from", "of", "to", "away"):
                reason = "it does not say what is measured: length, width or area"
                raise UnreadableError(self.span_from(start), reason, ("long", "wide"))
            return None
        self._check_units(bounds, start, area=function == "area")
        return Measured(function, bounds)

    def _refuse_bare_extent(self, start: int, *, named: bool) -> None:
        """ "200 m long"."""
        if self.quantity() is not None and (named or self._function_after() is not None):
            reason = "a measure needs a bound"
            raise UnreadableError(self.span_from(start), reason, ("at least", "at most", "between"))

    def _comparative(self) -> tuple[str, str] | None:
        """ "larger than", "no longer than", "at least as wide as": the function and its comparator."""
        return self.attempt(self._not_beyond) or self.attempt(self._as_much) or self.attempt(self._beyond)

    def _not_beyond(self) -> tuple[str, str] | None:
        beyond = self._beyond() if self.take("no") else None
        return None if beyond is None else (beyond[0], {">": "<=", "<": ">="}[beyond[1]])

    def _as_much(self) -> tuple[str, str] | None:
        comparator = self.take("at least", "at most")
        if comparator is None or not self.take("as"):
            return None
        function = self.lookup(COMPARED_SIZES)
        return (function, ">=" if comparator == "at least" else "<=") if function and self.take("as") else None

    def _beyond(self) -> tuple[str, str] | None:
        relation = self.lookup(COMPARED)
        if relation is not None:
            return "area", ">" if relation == "larger_than" else "<"
        return self.lookup(COMPARED_BY)

    def _function_after(self) -> str | None:
        """ "long", "in length"."""
        function = self.lookup(FUNCTION_ADJECTIVES)
        return self.attempt(self._function_noun) if function is None else function

    def _function_noun(self) -> str | None:
        self.take("in", "of")
        return self.lookup(FUNCTIONS)

    def _check_units(self, bounds: tuple[Bound, ...], start: int, *, area: bool) -> None:
        for bound in bounds:
            if (bound.unit in AREA_UNITS) is not area:
                right = "m2, ha, km2 or px2" if area else "m, km or px"
                what = "an area" if area else "a length or a distance"
                raise UnreadableError(self.span_from(start), f"{what} is measured in {right}, not in {bound.unit}")

    def _closer(self, host: Determiner | None) -> Predicate | None:
        if self.take("closer to", "nearer to"):
            comparator = "<"
        elif self.take("farther from", "further from", "farther away from", "further away from"):
            comparator = ">"
        else:
            return None
        to = self.require(self.objects(host))
        start = self.position
        self.require(self.take("than"))
        if not self.take("to", "from"):
            rivals = self.attempt(lambda: self.objects(host))
            if isinstance(rivals, NounPhrase) and rivals.other:
                return Closer(comparator, to, each_of_any(rivals), rival=True)
            reason = "this could compare with the distance to another thing, or of another thing: say which"
            raise UnreadableError(self.span_from(start), reason, ("than to", "than from"))
        return Closer(comparator, to, each_of_any(self.require(self.objects(host))))

    def _compared(self, host: Determiner | None) -> Predicate | None:
        relation = self.lookup(COMPARED)
        if relation is not None:
            return Related((relation,), each_of_any(self.require(self.objects(host))))
        by = self._comparative()
        if by is None:
            return None
        function, comparator = by
        return Exceeding(function, comparator, each_of_any(self.require(self.objects(host))))


def each_of_any(objects: Objects, *, generic: bool = False) -> Objects:
    """ "larger than any ship" is larger than each; where it is `generic`, "far from ships" is far from each, too."""
    match objects:
        case NounPhrase(force=Force.ANY):
            return replace(objects, force=Force.EACH)
        case NounPhrase(force=Force.SOME, bare=True, modifiers=None) if generic:
            return replace(objects, force=Force.EACH)
        case Joined(link, items):
            return Joined(link, tuple(each_of_any(item, generic=generic) for item in items))
        case _:
            return objects
