"""Numerals, bounds and quantities: "at least three", "between 3 and 6", "less than 200 m"."""

from agent.offline.amounts import BEYOND, DISTANCES, MORE, NUMERALS, SCALES, TENS, UNITS
from agent.offline.grammar.cursor import Cursor, StuckError
from agent.offline.problems import UnreadableError
from agent.offline.syntax import Amount, Bound

MAX_COUNT = 999_999
MAX_DIGITS = 12


class NumberRules(Cursor):
    """Reads numbers."""

    def number(self) -> float | None:
        """A number in digits or in words."""
        if self.word() and self.tokens[self.position].is_number:
            start = self.position
            self.advance()
            if len(self.word(-1)) > MAX_DIGITS:
                raise UnreadableError(self.span_from(start), f"numbers are read up to {MAX_DIGITS} digits")
            value = float(self.word(-1))
            scale = self.lookup(SCALES)
            return value * scale if scale is not None else value
        return self.attempt(self._spelled_number)

    def _spelled_number(self) -> float | None:
        if self.look("a", "an", "one") and self.word(1) in SCALES:
            self.advance()
            total = 1
        elif self.word() in SCALES:
            total = 1
        else:
            tens = self.lookup(TENS)
            unit = (
                self.lookup(NUMERALS) if tens is None or (self.word() in NUMERALS and self.word() != "zero") else None
            )
            if tens is None and unit is None:
                return None
            total = (tens or 0) + (unit or 0)
        while total < MAX_COUNT and (scale := self.lookup(SCALES)) is not None:
            total *= scale
        return float(total)

    def numeral(self) -> int | None:
        """A whole number, as of things that are counted; refuses a fraction."""
        start = self.position
        dozens = self.attempt(self._dozens)
        value = self.number() if dozens is None else float(dozens)
        if value is None:
            return None
        if value != int(value):
            raise UnreadableError(self.span_from(start), f"{value:g} is no number of things: write a whole number")
        if value > MAX_COUNT:
            raise UnreadableError(self.span_from(start), f"things are counted up to {MAX_COUNT:,} only")
        return int(value)

    def _dozens(self) -> int | None:
        if self.take("a dozen", "dozen"):
            return 12
        count = self.number()
        return int(count) * 12 if count is not None and self.take("dozen") else None

    def amount(self) -> Amount | None:
        """How many: a bound with its number, a span, or a numeral alone, which means at least."""
        return self.attempt(self._span_of_counts) or self.attempt(self._bounded) or self.attempt(self._plain_amount)

    def _span_of_counts(self) -> Amount | None:
        start = self.position
        opening = self.take("between", "from")
        least = self.numeral()
        if least is None or not self.take(*(("and",) if opening == "between" else ("to",))):
            return None
        most = self.require(self.numeral())
        if most < least:
            raise UnreadableError(
                self.span_from(start), f"between {least} and {most} lies no number: write the lower first"
            )
        return Amount(least, most)

    def _bounded(self) -> Amount | None:
        """ "at least two", "at least two but fewer than six"."""
        first = self._one_bound()
        if first is None or first.least is None or first.most is not None:
            return first
        second = self.attempt(lambda: self._one_bound() if self.take("and", "but") else None)
        return first if second is None else self._joint(first, second)

    def _joint(self, first: Amount, second: Amount) -> Amount:
        if second.least is not None or second.most is None or second.most < (first.least or 0):
            raise UnreadableError(self.span_from(self.position - 1), "these two bounds leave no number between them")
        return Amount(first.least, second.most)

    def _one_bound(self) -> Amount | None:
        sign = self.lookup(MORE)
        if sign is None:
            sign = "=" if self.take("only") else None
        if sign is None:
            return None
        start = self.position
        count = self.require(self.numeral_or_one() if sign != "=" else self._exact_numeral())
        match sign:
            case ">=":
                return Amount(count, None)
            case "<=":
                return Amount(None, count)
            case ">":
                return Amount(count + 1, None)
            case "<" if count == 0:
                raise UnreadableError(self.span_from(start), "there can be no fewer than none")
            case "<":
                return Amount(None, count - 1)
            case _:
                return Amount(count, count)

    def _exact_numeral(self) -> int | None:
        """A numeral after "only": "only a ship" could as well mean nothing but a ship, and is no count."""
        return 1 if self.take("a single") else self.numeral()

    def numeral_or_one(self) -> int | None:
        """A numeral, or "a", "a single", which is one."""
        if (value := self.numeral()) is not None:
            return value
        return 1 if self.take("a single", "a", "an", "single") else None

    def _plain_amount(self) -> Amount | None:
        if self.take("a single", "single", "a lone", "a solitary", "a sole"):
            return Amount(1, 1)
        count = self.numeral()
        if count is None:
            return None
        if self.take("or more", "and more", "or above", "+"):
            return Amount(count, None)
        if self.take("or fewer", "or less"):
            return Amount(None, count)
        if (most := self.attempt(lambda: self._next_number(count))) is not None:
            return Amount(count, most)
        return Amount(count, None, plain=True) if count else Amount(0, 0)

    def _next_number(self, count: int) -> int | None:
        """ "or three" after two."""
        return count + 1 if self.take("or") and self.numeral() == count + 1 else None

    def bounds(self) -> tuple[Bound, ...] | None:
        """What a measurement is held against: "less than 50 m", "between 50 and 200 m"."""
        return (
            self.attempt(self._span_of_lengths) or self.attempt(self._bound) or self.attempt(self._quantity_and_beyond)
        )

    def _quantity_and_beyond(self) -> tuple[Bound, ...] | None:
        """ "50 m or more"."""
        quantity = self._quantity()
        if quantity is None:
            return None
        self.take("long", "wide", "away")
        comparator = self.lookup(BEYOND)
        return None if comparator is None else (Bound(comparator, *quantity),)

    def _bound(self) -> tuple[Bound, ...] | None:
        sign = self.lookup(DISTANCES)
        if sign is None:
            return None
        value, unit = self.require(self.quantity())
        return (Bound(sign, value, unit),)

    def _span_of_lengths(self) -> tuple[Bound, ...] | None:
        opening = self.take("between", "from")
        least = self.number_or_one()
        if least is None:
            return None
        unit = self.lookup(UNITS)
        if not self.take("to", *(("and",) if opening == "between" else ())):
            return None
        most, last_unit = self.require(self.quantity())
        return (Bound(">=", least, unit or last_unit), Bound("<=", most, last_unit))

    def quantity(self) -> tuple[float, str] | None:
        """A number with its unit."""
        return self.attempt(self._quantity)

    def _quantity(self) -> tuple[float, str] | None:
        value = self.number_or_one()
        if value is None:
            return None
        unit = self.lookup(UNITS)
        if unit is None:
            raise StuckError
        return value, unit

    def unit_of_measure(self) -> str | None:
        """A unit."""
        return self.lookup(UNITS)

    def number_or_one(self) -> float | None:
        """A number, or "a", "an", which is one."""
        if (value := self.number()) is not None:
            return value
        return 1.0 if self.take("a", "an") else None
