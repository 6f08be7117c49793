"""Formulas as sentences, in which things that come up again have letters for names."""

import re
from collections.abc import Sequence

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Iff,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Quantity,
    Term,
    Variable,
    Xor,
    conjunction,
    conjuncts_of,
    free_variables,
)
from tools.english.phrases import PhraseSpeaker
from tools.english.shapes import (
    exists,
    inequality,
    noun_of,
    same_but_for_names,
)
from tools.english.things import (
    EVERY,
    Amount,
    Said,
    Scope,
    by_verb,
    ordered,
    reference,
)
from tools.english.words import (
    ORDERED_GROUPS,
    REGIONS,
    RELATIONS,
    enumerated,
    quantity,
    with_article,
)

_CONNECTIVE = re.compile(r",|;|\b(?:and|or|if|when|such that)\b")
_COMPARED = {
    Comparator.LT: "is less than",
    Comparator.LE: "is at most",
    Comparator.GT: "is more than",
    Comparator.GE: "is at least",
    Comparator.EQ: "is equal to",
    Comparator.NE: "is not equal to",
}


class SentenceSpeaker(PhraseSpeaker):
    """Says formulas; `siblings` are the formulas that are said beside the present one."""

    def sentence(self, formula: Formula, scope: Scope, siblings: Sequence[Formula] = ()) -> str:
        """The formula as a finite clause."""
        match formula:
            case Atom() | Comparison():
                return self._literal_sentence(formula, denied=False)
            case Not(Atom() | Comparison() as literal):
                return self._literal_sentence(literal, denied=True)
            case Not(Quantified(Quantifier.EXISTS) as existential) if (
                none := self.none(existential, scope)
            ) is not None:
                return f"there is {none}"
            case Not(Quantified(Quantifier.FORALL) as universal) if not scope:
                said = self._universal_by_verb(universal, scope, assumed=True)
                if said is not None:
                    return f"not every {said.removeprefix('every ')}"
                return self._denied(universal, scope)
            case Not(body):
                return self._denied(body, scope)
            case And(parts):
                return ", and ".join(self.within(each, scope, parts) for each in parts)
            case Or(parts):
                texts = [self.within(each, scope) for each in parts]
                return f"either {' or '.join(texts)}, or {'both' if len(texts) == 2 else 'several of these'}"
            case Xor(left, right):
                return f"either {self.within(left, scope)} or {self.within(right, scope)}, but not both"
            case Implies(left, right):
                return f"if {self.within(left, scope)}, then {self.within(right, scope)}"
            case Iff(left, right):
                return f"{self.within(left, scope)} exactly when {self.within(right, scope)}"
            case Counted(comparator, count, variable, body):
                amount = Amount("", comparator, count)
                found = self.noun_phrase(amount, variable.name, conjuncts_of(body), scope)
                return f"there {'are' if amount.several else 'is'} {found.text}"
            case Quantified(Quantifier.EXISTS):
                return f"there is {self.existential(formula, scope).text}"
            case Quantified():
                return self._universal(formula, scope, siblings)

    def _universal(self, formula: Quantified, scope: Scope, siblings: Sequence[Formula]) -> str:
        said = self._universal_by_verb(formula, scope, siblings)
        if said is not None:
            return said
        names = [each.name for each in formula.variables]
        body = formula.body
        conditions = list(conjuncts_of(body.left)) if isinstance(body, Implies) else []
        things: list[str] = []
        inner = scope
        for name in names:
            own = [
                each
                for each in conditions
                if free_variables(each) - inner.keys() == {name} or inequality(each) >= {name}
            ]
            own = [each for each in own if free_variables(each) <= {*inner, name}]
            conditions = [each for each in conditions if each not in own]
            things.append(self._every(name, own, inner, assumed=False))
            inner = {**inner, name: noun_of(name, own)[0]}
        claim = body.right if isinstance(body, Implies) else body
        if conditions:
            claim = Implies(conjunction(tuple(conditions)), claim)
        return f"for {' and '.join(things).rstrip(',')}, {self.within(claim, inner)}"

    def _universal_by_verb(
        self, formula: Quantified, scope: Scope, siblings: Sequence[Formula] = (), *, assumed: bool = False
    ) -> str | None:
        """ "every ship is near a harbor"."""
        match formula:
            case Quantified(Quantifier.FORALL, (Variable(name=name),), Implies(condition, claim)):
                conditions = list(conjuncts_of(condition))
            case Quantified(Quantifier.FORALL, (Variable(name=name),), claim):
                conditions = []
            case _:
                return None
        classes, _ = noun_of(name, conditions)
        assumed = assumed or self._presupposed(exists([name], conditions), siblings)
        claimed, others = noun_of(name, conjuncts_of(claim))
        kind = (
            [Said(enumerated([with_article(self.nouns.singular(each)) for each in claimed], "or"))] if claimed else []
        )
        found = [self.property_of(name, each, {**scope, name: classes}) for each in others]
        said, left = ordered([*kind, *(each for each in found if each is not None)])
        if left or None in found or any(each.superlative for each in said):
            return None
        return f"{self._every(name, conditions, scope, assumed=assumed)} {by_verb(said)}"

    def _presupposed(self, existence: Formula, siblings: Sequence[Formula]) -> bool:
        """Whether a formula beside says that there is such a thing, or how many."""
        said = [
            exists([each.variable.name], conjuncts_of(each.body))
            if isinstance(each, Counted) and each.comparator is not Comparator.LE and each.count
            else each
            for each in siblings
        ]
        return any(same_but_for_names(existence, each) for each in said)

    def _every(self, name: str, conditions: Sequence[Formula], scope: Scope, *, assumed: bool) -> str:
        every = self.noun_phrase(EVERY, name, conditions, scope)
        if assumed:
            return every.text
        return f"{every.text}, if there is one," if every.heavy else f"{every.text} there may be"

    def _denied(self, formula: Formula, scope: Scope) -> str:
        return f"it is not true that {self.within(formula, scope)}"

    def within(self, formula: Formula, scope: Scope, siblings: Sequence[Formula] = ()) -> str:
        """The sentence as a part of another one, in brackets where it has joints of its own."""
        text = self.sentence(formula, scope, siblings)
        return f"({text})" if _CONNECTIVE.search(text) else text

    def _literal_sentence(self, literal: Atom | Comparison, *, denied: bool) -> str:
        is_ = "is not" if denied else "is"
        match literal:
            case Atom(predicate, (Variable(name=one),)) if predicate in REGIONS:
                return f"{reference(one)} {is_} {REGIONS[predicate]}"
            case Atom(predicate, (Variable(name=one),)) if predicate not in RELATIONS:
                return f"{reference(one)} {is_} {with_article(self.nouns.singular(predicate))}"
            case Atom(predicate, (Variable(name=one), Variable(name=other))) if predicate in RELATIONS:
                return f"{reference(one)} {is_} {RELATIONS[predicate]} {reference(other)}"
            case Atom("between", (Variable(name=one), Variable(name=two), Variable(name=three))):
                return f"{reference(one)} {is_} between {reference(two)} and {reference(three)}"
            case Comparison(Variable(name=one), Comparator.EQ | Comparator.NE as sign, Variable(name=other)):
                same = (sign is Comparator.EQ) is not denied
                names = f"{reference(one)} and {reference(other)}"
                return f"{names} are one and the same" if same else f"{names} are different"
        said = self._many(literal) if isinstance(literal, Atom) else self._compared(literal)
        return f"it is not true that {said}" if denied else said

    def _many(self, literal: Atom) -> str:
        names = enumerated([reference(each.name) for each in literal.arguments if isinstance(each, Variable)], "and")
        return f"{names}, all different, {ORDERED_GROUPS[literal.predicate]}"

    def _compared(self, comparison: Comparison) -> str:
        return f"{_term(comparison.left)} {_COMPARED[comparison.comparator]} {_term(comparison.right)}"


def _term(term: Term) -> str:
    match term:
        case Quantity():
            return quantity(term)
        case FunctionTerm("distance", (Variable(name=one), Variable(name=other))):
            return f"the distance between {reference(one)} and {reference(other)}"
        case FunctionTerm("cx", (Variable(name=one),)):
            return f"the distance of {reference(one)}'s centre from the left edge of the image"
        case FunctionTerm("cy", (Variable(name=one),)):
            return f"the distance of {reference(one)}'s centre from the top edge of the image"
        case FunctionTerm(name, (Variable(name=one),)):
            return f"the {name} of {reference(one)}"
        case _:
            raise TypeError(f"the signature check lets no {term} through")
