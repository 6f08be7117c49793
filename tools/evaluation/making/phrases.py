"""Noun phrases: a thing with all that is said of it, in one of the ways in which people say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tools.english.words import with_article
from tools.evaluation.making.meaning import (
    SOME,
    Amount,
    AwayFromAll,
    Between,
    Closer,
    Compared,
    Either,
    Having,
    HavingWithin,
    Linked,
    Place,
    Quality,
    Size,
    Thing,
    Within,
)
from tools.evaluation.making.phenomena import things_in
from tools.evaluation.making.wording import (
    ADJECTIVES,
    COMPARATIVES,
    EXTREMES,
    HELD,
    REGIONS,
    RELATIONS,
    STANDING,
    UNITS,
    Nouns,
    listed,
    number,
    quantity,
)

BOUNDS = {
    ">=": ("at least", "no less than"),
    ">": ("more than", "over"),
    "<=": ("at most", "no more than"),
    "<": ("less than", "under"),
}


BESIDE = frozenset({"near", "adjacent", "left_of", "right_of"})
"""Where things are parked or moored."""
LYING = frozenset({"near", "left_of", "right_of", "above", "below", "inside"})
"""Where things lie, or are located."""


@dataclass(frozen=True, slots=True)
class Said:
    """A quality in words: after "is", or after "has" and "with".

    `bare` where it names no other thing; `long` where what follows it would be taken for a part of it; `where` where it
    tells the place, so that things also lie there or are located there.
    """

    verb: Literal["be", "have"]
    text: str
    long: bool = False
    denied: bool = False
    bare: bool = False
    where: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase; `plural` for the verb, `modified` where something stands after the noun."""

    text: str
    plural: bool = False
    modified: bool = False


class PhraseWriter:
    """Words for things and qualities, drawn at random."""

    def __init__(self, nouns: Nouns, random: Random) -> None:
        self.random = random
        self._is_a = nouns.is_a
        self._nouns = nouns.chosen(random)
        self._digits = random.random() < 0.15
        self._units = {unit: random.choice(names) for unit, names in UNITS.items()}

    def phrase(self, amount: Amount, thing: Thing, beside: str | None = None) -> Phrase:
        """So many such things; other ones than the thing that is named, where they are of its class."""
        singular, plural = self._noun(thing, beside)
        if thing.extreme is not None:
            most = self.random.choice(EXTREMES[thing.extreme])
            head, many = f"the {most} {self.random.choice((singular, singular, f'of all {plural}'))}", False
        else:
            alike = any(each.name == thing.name for quality in thing.qualities for each in things_in(quality))
            head, many = (
                (f"no {singular}", False) if amount.is_none and alike else self.counted(amount, singular, plural)
            )
        after = self.modifiers(thing, many=many)
        return Phrase(f"{head} {after}" if after else head, many, bool(after))

    def a(self, thing: Thing, beside: str | None = None) -> str:
        """One such thing, as the object of another."""
        if thing.extreme is not None:
            return self.phrase(SOME, thing, beside).text
        head = _with_article(self._noun(thing, beside)[0])
        after = self.modifiers(thing, many=False, inner=True)
        return f"{head} {after}" if after else head

    def any(self, thing: Thing, beside: str | None = None, *, plurals: float = 0.25) -> str:
        """Whichever such thing: after "far from", or what is denied."""
        singular, plural = self._noun(thing, beside)
        many = self.random.random() < plurals
        after = self.modifiers(thing, many=many, inner=True)
        noun = plural if many else f"any {singular}"
        return f"{noun} {after}" if after else noun

    def noun(self, name: str) -> tuple[str, str]:
        """What this question calls a class: one, and several."""
        return self._nouns[name]

    def number(self, count: int) -> str:
        """A number, as this question writes small ones."""
        return str(count) if self._digits else number(count)

    def quantity(self, value: float, unit: str) -> str:
        """A value with its unit, as this question writes it."""
        return quantity(value, self._units[unit])

    def _noun(self, thing: Thing, beside: str | None) -> tuple[str, str]:
        singular, plural = self._nouns[thing.name]
        same = beside is not None and thing.extreme is None and self._is_a(beside, thing.name)
        other = "other " if same else ""
        return other + singular, other + plural

    def counted(self, amount: Amount, singular: str, plural: str) -> tuple[str, bool]:
        """The noun with its amount, and whether it is a plural."""
        pick, count = self.random.choice, amount.count
        if amount.is_none:
            return pick(((f"no {singular}", False), (f"no {plural}", True)))
        if amount.is_some:
            chance = self.random.random()
            if chance < 0.8:
                return _with_article(singular), False
            return (f"at least one {singular}", False) if chance < 0.92 else (f"one or more {plural}", True)
        said = self.number(count)
        if amount.most is not None:
            most = self.number(amount.most)
            if most.isdigit():
                said = str(count)
            return f"{pick((f'between {said} and {most}', f'{said} to {most}'))} {plural}", True
        if amount.operator == ">=":
            ways = [said, said, f"at least {said}", f"at least {said}", f"{said} or more", f"no fewer than {said}"]
            if count > 2:
                ways.append(f"more than {self.number(count - 1)}")
            return f"{pick(ways)} {plural}", True
        if amount.operator == "=":
            if count == 1:
                return f"{pick(('exactly one', 'a single', 'just one', 'only one'))} {singular}", False
            return f"{pick(('exactly', 'precisely', 'only', 'just'))} {said} {plural}", True
        fewer = f"fewer than {self.number(count + 1)} {plural}"
        if count == 1:
            return pick(((f"at most one {singular}", False), (f"no more than one {singular}", False), (fewer, True)))
        return pick((f"at most {said} {plural}", f"no more than {said} {plural}", fewer)), True

    def modifiers(self, thing: Thing, *, many: bool, inner: bool = False) -> str:
        """What stands after the noun, or nothing; `inner` where it could be taken for a part of what is around it."""
        said = self._ordered([self.said(each, thing.name) for each in thing.qualities])
        if not said:
            return ""
        if len(said) == 1:
            direct = "" if inner else self._direct(thing, said[0], many=many)
            return direct or self.clause(said, many=many)
        if all(each.verb == "have" for each in said) and not many and self.random.random() < 0.5:
            return "with " + listed([each.text for each in said], "and")
        if said[0].bare and said[0].verb == "be" and not inner and self.random.random() < 0.6:
            return f"{said[0].text} {self.clause(said[1:], many=many)}"
        return self.clause(said, many=many)

    def _direct(self, thing: Thing, said: Said, *, many: bool) -> str:
        """The only quality right after the noun, or nothing where it takes a clause."""
        if said.verb == "have":
            if self.random.random() < 0.3:
                return ""
            return f"each with {said.text}" if many else f"with {said.text}"
        if said.denied or said.text.startswith("either ") or self.random.random() < 0.15:
            return ""
        standing, [quality] = STANDING.get(thing.name, ()), thing.qualities
        if standing and isinstance(quality, Linked) and quality.relation in BESIDE and self.random.random() < 0.3:
            return f"{self.random.choice(standing)} {said.text}"
        return said.text

    def clause(self, said: Sequence[Said], *, many: bool) -> str:
        """ "that is near a tank and has a ship inside it"."""
        return "that " + self.predicate(said, many=many, each=many)

    def predicate(self, said: Sequence[Said], *, many: bool, each: bool = False) -> str:
        """What is said, as verbs: equal ones once, but again after one that denies."""
        groups: list[tuple[str, list[str]]] = []
        fresh = True
        ordered = self._ordered(said)
        for one in ordered:
            verb = self._verb(one.verb, many=many, each=each)
            if one.where and len(ordered) == 1 and self.random.random() < 0.25:
                verb = self.random.choice(("lie", "are located") if many else ("lies", "is located"))
            if fresh or groups[-1][0] != verb:
                groups.append((verb, []))
            groups[-1][1].append(one.text)
            fresh = one.denied
        parts = [f"{verb} {listed(texts, 'and')}" for verb, texts in groups]
        apart = len(groups) > 1 and any(len(texts) > 1 for _, texts in groups)
        return f"{', '.join(parts[:-1])}, and {parts[-1]}" if apart else listed(parts, "and")

    def _ordered(self, said: Sequence[Said]) -> list[Said]:
        """What names no other thing first, then what is plain, what denies, and last what nothing may follow."""
        return sorted(said, key=lambda one: (one.long, one.denied, one.verb == "have", not one.bare))

    def _verb(self, verb: str, *, many: bool, each: bool) -> str:
        if verb == "be":
            return "are" if many else "is"
        return ("each have" if each else "have") if many else "has"

    def said(self, quality: Quality, of: str) -> Said:
        """A quality of a thing of the named class in words."""
        pick = self.random.choice
        match quality:
            case Place(regions):
                places = " or ".join(pick(REGIONS[each]) for each in regions)
                return Said("be", places, bare=True, where=len(regions) == 1 and "touching" not in places)
            case Size("area", comparator, value, unit):
                size = f"{pick(BOUNDS[comparator])} {self.quantity(value, unit)}"
                if self.random.random() < 0.25:
                    return Said("be", f"{size} in area", bare=True)
                return Said("have", f"an area of {size}", bare=True)
            case Size(function, comparator, value, unit):
                size = f"{pick(BOUNDS[comparator])} {self.quantity(value, unit)}"
                how = ADJECTIVES[function] if self.random.random() < 0.75 else f"in {function}"
                return Said("be", f"{size} {how}", bare=True)
            case Linked():
                return self._linked(quality, of)
            case Having(relation, amount, thing):
                return Said("have", f"{self.phrase(amount, thing, of).text} {pick(HELD[relation])}")
            case HavingWithin(amount, value, unit, thing):
                close = f"within {self.quantity(value, unit)} of it"
                return Said("have", f"{self.phrase(amount, thing, of).text} {close}")
            case Within(thing=thing):
                return Said("be", f"{self._within(quality)} {self.a(thing, of)}", long=bool(thing.qualities))
            case AwayFromAll(thing, value, unit):
                far = pick(("far from", "far away from"))
                if value is not None:
                    distance = self.quantity(value, unit)
                    far = pick((f"more than {distance} from", f"over {distance} away from"))
                return Said("be", f"{far} {self.any(thing, of)}", long=bool(thing.qualities))
            case Closer(near, far_one):
                closer = f"{pick(('closer', 'nearer'))} to {self.a(near, of)}"
                return Said("be", f"{closer} than to {self.a(far_one, of)}", long=True)
            case Between(one, other):
                if one == other and not one.qualities:
                    return Said("be", f"between two {self._noun(one, of)[1]}", long=True)
                return Said("be", f"between {self.a(one, of)} and {self.a(other, of)}", long=True)
            case Compared(function, thing):
                return Said("be", f"{COMPARATIVES[function]} than {self.a(thing, of)}", long=bool(thing.qualities))
            case Either(one, other):
                return Said("be", f"either {self.said(one, of).text} or {self.said(other, of).text}", long=True)

    def _linked(self, linked: Linked, of: str) -> Said:
        word = self.random.choice(RELATIONS[linked.relation])
        long = len(linked.things) > 1 or any(each.qualities for each in linked.things)
        if not linked.denied:
            others = " or ".join(self.a(each, of) for each in linked.things)
            return Said("be", f"{word} {others}", long=long, where=linked.relation in LYING)
        if len(linked.things) == 1:
            [thing] = linked.things
            noun = self.a(thing, of) if self.random.random() < 0.5 else self.any(thing, of, plurals=0)
            return Said("be", f"not {word} {noun}", long=long, denied=True)
        names = [self.a(each, of) for each in linked.things]
        if self.random.random() < 0.5:
            return Said("be", f"{word} neither {' nor '.join(names)}", long=True, denied=True)
        return Said("be", f"not {word} {' or '.join(names)}", long=True, denied=True)

    def _within(self, quality: Within) -> str:
        distance = self.quantity(quality.value, quality.unit)
        pick = self.random.choice
        if quality.least is not None:
            least = f"{quality.least:,g}"
            return pick((f"between {least} and {distance} from", f"{least} to {distance} away from"))
        if quality.comparator == "<":
            return pick((f"less than {distance} from", f"less than {distance} away from", f"closer than {distance} to"))
        return pick((f"within {distance} of", f"no more than {distance} from", f"at most {distance} from"))


def _with_article(noun: str) -> str:
    return f"another {noun.removeprefix('other ')}" if noun.startswith("other ") else with_article(noun)
