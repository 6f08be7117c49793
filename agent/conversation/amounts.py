"""Follow-ups that change a number: how many there are to be, and how far or how large."""

import re
from collections.abc import Sequence

from agent.conversation.parts import Amount, Kind, Part, counted, part_of, parts_of, replaced, shown_in, without_numbers
from agent.conversation.phrases import PhraseReader, UnclearError
from solvers.fol.ast import Comparison, Quantity, subformulas
from solvers.fol.signature import UNITS
from tools.english.shapes import Classes, exists
from tools.english.words import enumerated


class AmountEditor(PhraseReader):
    """Changes numbers; every method gives the new parts, or None where a text is no such change."""

    def amount(self, text: str) -> list[Part] | None:
        """ "at least five", "exactly two ships"."""
        things = [each for part in self.parts for each in shown_in(part.formula)]
        own = self.read(text)
        if own is not None:
            amounts = _amounts(own)
            if amounts is None:
                return None
            found = [each for each in things if each.classes == own[0].classes]
            return self._recounted(found, amounts, own[0].classes) if found else None
        numbered = [each for each in things if each.kind is Kind.COUNT]
        targets = numbered or [each for each in self.parts if each.is_subject]
        if not targets or text == "both":
            return None
        classes = targets[0].classes
        readings = [self.read(f"{text} {self.plural(classes[:1])}"), self.read(f"{text} {self.singular(classes[:1])}")]
        known = [amounts for each in readings if each is not None and (amounts := _amounts(each)) is not None]
        return self._recounted(targets, known[0], None) if known else None

    def _recounted(self, targets: Sequence[Part], amounts: Sequence[Amount], classes: Classes | None) -> list[Part]:
        if len({each.classes for each in targets}) > 1 and classes is None:
            names = enumerated([self.plural(each.classes) for each in targets], "or")
            raise UnclearError(f"this could be the number of {names}: say of which")
        if any(each.group for each in targets):
            raise UnclearError(f"the {self.plural(targets[0].classes)} are looked for as a group: ask anew")
        formulas = [each.formula for each in self.parts]
        first = targets[0]
        noun = () if first.noun is None else (first.noun,)
        bounded = counted(exists([first.name], [*noun, *first.said]), amounts)
        # Two bounds on one number, "between 3 and 6", are two parts.
        others = {
            id(each.formula) for each in targets[1:] if without_numbers(each.formula) == without_numbers(first.formula)
        }
        if len(targets) - 1 > len(others):
            raise UnclearError(f"the question speaks of {self.plural(first.classes)} more than once: ask anew")
        left = [replaced(each, first.formula, bounded) for each in formulas if id(each) not in others]
        return [part for each in left for part in parts_of(each)]

    def quantity(self, text: str) -> list[Part] | None:
        """ "within 300 m", "500 m": the one measure in the formula with another number."""
        found = re.fullmatch(
            r"(?P<bound>.*?)(?P<number>[0-9][0-9.,]*) ?(?P<unit>[a-z0-9²]+(?: [a-z]+)?)(?: away| long| wide)?", text
        )
        if found is None:
            return None
        read = None
        for form in ("a ship within {} of a bridge", "a ship with an area of at least {}"):
            read = read or self.read(form.format(f"{found['number']} {found['unit']}"))
        news = [
            each
            for part in read or ()
            for each in subformulas(part.formula)
            if isinstance(each, Comparison) and isinstance(each.right, Quantity)
        ]
        if len(news) != 1 or not isinstance(news[0].right, Quantity) or news[0].right.unit is None:
            return None
        new = news[0].right
        whole = [each for part in self.parts for each in subformulas(part.formula)]
        olds = [
            each
            for each in whole
            if isinstance(each, Comparison)
            and isinstance(each.right, Quantity)
            and each.right.unit is not None
            and UNITS[each.right.unit].dimension is UNITS[new.unit or ""].dimension
        ]
        if not olds:
            return None
        if len(olds) > 1:
            raise UnclearError(
                f"the question holds {len(olds)} measures of this kind: say which, with what it measures"
            )
        old = olds[0]
        bound = (
            self.read(f"a ship {found['bound']}{found['number']} {found['unit']} from a bridge")
            if found["bound"].strip()
            else None
        )
        signs = [
            each.comparator
            for part in bound or ()
            for each in subformulas(part.formula)
            if isinstance(each, Comparison)
        ]
        comparison = Comparison(old.left, signs[0] if signs else old.comparator, new)
        return [part_of(replaced(each.formula, old, comparison)) for each in self.parts]

    def uncounted(self) -> list[Part]:
        subject = self.subject()
        return [
            part_of(exists([subject.name], [*((subject.noun,) if subject.noun else ()), *subject.said]))
            if each is subject
            else each
            for each in self.parts
        ]


def _amounts(parts: Sequence[Part]) -> list[Amount] | None:
    """The bounds that parts of one class put on its number; None where they say anything else."""
    if not all(each.is_plain and each.is_subject and each.classes == parts[0].classes for each in parts):
        return None
    return [each.amount for each in parts if each.amount is not None]
