"""What a formula says of one thing, as a phrase: "near a storage tank", "with no ship near it"."""

from abc import abstractmethod
from collections.abc import Sequence

from solvers.fol.ast import (
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    FunctionTerm,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    Quantity,
    Variable,
    conjuncts_of,
    free_variables,
    literal_variables,
)
from tools.english.links import link_between, two_others
from tools.english.shapes import components, flattened, inequality, is_class, keeps_apart, noun_of, rooted
from tools.english.things import ANY, NO, ONE, Amount, Said, Scope, Thing, reference
from tools.english.words import (
    ADJECTIVES,
    BOUNDS,
    MIRRORED,
    REGIONS,
    SUPERLATIVES,
    Nouns,
    enumerated,
    quantity,
    with_article,
)


class PropertySpeaker:
    """Says what holds of a thing that has been named, where a phrase can say it; None where only a sentence can."""

    def __init__(self, nouns: Nouns) -> None:
        self.nouns = nouns

    @abstractmethod
    def noun_phrase(
        self,
        amount: Amount,
        name: str,
        conjuncts: Sequence[Formula],
        scope: Scope,
        *,
        other: bool = False,
        nested: bool = False,
    ) -> Thing:
        """A thing with what is said of it."""

    def property_of(self, name: str, formula: Formula, scope: Scope) -> Said | None:
        """What the formula says of the thing, its only subject."""
        match formula:
            case Atom(predicate, (Variable(),)) if predicate in REGIONS:
                return Said(REGIONS[predicate])
            case Atom() | Comparison() if not is_class(formula, name):
                return self._literal(name, formula)
            case Not(Quantified(Quantifier.EXISTS, variables, body)):
                return self._linked(name, [each.name for each in variables], body, scope, denied=True)
            case Atom(predicate) if is_class(formula, name):
                return Said(f"also {with_article(self.nouns.singular(predicate))}", verbal=True)
            case Not(Atom(predicate) as kind) if is_class(kind, name):
                return Said(f"not {with_article(self.nouns.singular(predicate))}", verbal=True)
            case Not(Atom() | Comparison() as literal):
                said = self.property_of(name, literal, scope)
                return None if said is None or said.having else Said(f"not {said.text}")
            case Quantified(Quantifier.EXISTS, variables, body):
                names = [each.name for each in variables]
                return self._linked(name, names, body, scope) or self._linked_to_two(name, names, body, scope)
            case Quantified(Quantifier.FORALL, (Variable(name=other),), Implies(condition, claim)):
                return self._superlative(name, other, condition, claim, scope) or self._of_each(
                    name, other, condition, claim, scope
                )
            case Counted(comparator, count, Variable(name=other), body):
                return self._linked(name, [other], body, scope, amount=Amount("", comparator, count))
            case Or(parts):
                return self._either(name, parts, scope)
            case _:
                return None

    def _either(self, name: str, parts: Sequence[Formula], scope: Scope) -> Said | None:
        said = [self.property_of(name, part, scope) for part in parts]
        texts = [
            each.text for each in said if each is not None and not (each.having or each.superlative or each.verbal)
        ]
        return Said(f"either {enumerated(texts, 'or')}", heavy=True) if len(texts) == len(parts) else None

    def _literal(self, name: str, literal: Atom | Comparison) -> Said | None:
        """What a literal says of the thing and of one that has a name, or of the thing alone."""
        match literal:
            case Comparison(Quantity() as most, sign, FunctionTerm() as term):
                return self._literal(name, Comparison(term, MIRRORED[sign], most))
            case Comparison(FunctionTerm("area", (Variable(),)), sign, Quantity() as most):
                return Said(f"an area of {BOUNDS[sign]} {quantity(most)}", having=True)
            case Comparison(FunctionTerm(function, (Variable(),)), sign, Quantity() as most) if function in ADJECTIVES:
                return Said(f"{BOUNDS[sign]} {quantity(most)} {ADJECTIVES[function]}")
            case Comparison(FunctionTerm("distance"), _, FunctionTerm()):
                return self._closer(name, literal)
        others = list(dict.fromkeys(each.name for each in literal_variables(literal) if each.name != name))
        if len(others) != 1:
            return self._between(name, literal)
        if inequality(literal):
            return Said(f"different from {reference(others[0])}")
        link = link_between(name, others[0], literal)
        return None if link is None or link.reverse else Said(f"{link.text} {reference(others[0])}")

    def _between(self, name: str, literal: Formula) -> Said | None:
        match literal:
            case Atom("between", (Variable(name=subject), Variable(name=one), Variable(name=other))):
                if subject == name and name not in (one, other):
                    return Said(f"between {reference(one)} and {reference(other)}")
        return None

    def _closer(self, name: str, literal: Comparison) -> Said | None:
        match literal:
            case Comparison(
                FunctionTerm("distance", (Variable(name=one), Variable(name=to))),
                Comparator.LT | Comparator.GT as sign,
                FunctionTerm("distance", (Variable(name=other), Variable(name=than))),
            ) if one == other == name and name not in (to, than):
                words = ("closer to", "than to") if sign is Comparator.LT else ("farther from", "than from")
                return Said(f"{words[0]} {reference(to)} {words[1]} {reference(than)}")
            case _:
                return None

    def _linked(
        self, name: str, names: list[str], body: Formula, scope: Scope, *, denied: bool = False, amount: Amount = ONE
    ) -> Said | None:
        """What ties the thing to one that comes up here: "near a storage tank", or "a ship near it"."""
        for root in names:
            conjuncts = rooted(root, [each for each in names if each != root], conjuncts_of(body))
            ties = [each for each in conjuncts if free_variables(each) >= {name, root}]
            rest = [each for each in conjuncts if each not in ties]
            if ties and not any(name in free_variables(each) for each in rest):
                return self._tied(name, root, ties, rest, scope, denied=denied, amount=amount)
        return None

    def _tied(
        self,
        name: str,
        root: str,
        ties: Sequence[Formula],
        rest: Sequence[Formula],
        scope: Scope,
        *,
        denied: bool,
        amount: Amount,
    ) -> Said | None:
        links = [link_between(name, root, each) for each in ties if not inequality(each)]
        known = [each for each in links if each is not None]
        if not known or len(known) < len(links):
            return None
        classes, _ = noun_of(root, rest)
        other = classes == scope[name]
        coincide = self.nouns.may_coincide(classes, scope[name])
        if coincide and not any(keeps_apart(each) == {name, root} for each in ties):
            return None
        told_by_link = any(keeps_apart(each) == {name, root} for each in ties if not inequality(each))
        if coincide and not told_by_link and not other:
            return None
        phrase = enumerated([each.text for each in known], "and")
        if not any(each.reverse for each in known):
            found = self.noun_phrase(ANY if denied else amount, root, rest, scope, other=other, nested=True)
            return Said(f"{'not ' if denied else ''}{phrase} {found.text}", heavy=found.heavy)
        if all(each.reverse or each.symmetric for each in known):
            found = self.noun_phrase(NO if denied else amount, root, rest, scope, other=other, nested=True)
            if not found.heavy:
                return Said(f"{found.text} {phrase} it", having=True)
        return None

    def _linked_to_two(self, name: str, names: list[str], body: Formula, scope: Scope) -> Said | None:
        """ "between a tank and a ship", "closer to a tank than to a ship"."""
        found, conjuncts = flattened(names, conjuncts_of(body))
        ties = [each for each in conjuncts if len(free_variables(each) & {name, *found}) == 3]
        rest = [each for each in conjuncts if each not in ties and not inequality(each)]
        if len(ties) != 1 or any(name in free_variables(each) for each in rest):
            return None
        two = two_others(ties[0], name)
        if two is None:
            return None
        one, other = two
        held = {key: values for keys, values in components(found, rest) for key in keys[:1] if len(keys) == 1}
        if held.keys() != {one, other} or {one, other} != set(found):
            return None
        between = isinstance(ties[0], Atom)
        told = [inequality(each) for each in conjuncts]
        kinds = {key: noun_of(key, values) for key, values in held.items()}
        if between and kinds[one] == kinds[other] and len(kinds[one][0]) == 1 and not kinds[one][1]:
            return Said(
                f"between two{' other' if kinds[one][0] == scope[name] else ''} {self.nouns.plural(kinds[one][0][0])}"
            )
        things: list[Thing] = []
        earlier = {name: scope[name]}
        for key in (one, other):
            same = [each for each, known in earlier.items() if self.nouns.may_coincide(kinds[key][0], known)]
            if any(not between and key == one and {name, one} not in told for _ in same):
                return None
            alike = any(earlier[each] == kinds[key][0] for each in same)
            things.append(self.noun_phrase(ONE, key, held[key], scope, other=alike, nested=True))
            earlier[key] = kinds[key][0]
        if things[0].heavy:
            return None
        if between:
            return Said(f"between {things[0].text} and {things[1].text}", heavy=things[1].heavy)
        tie = ties[0]
        closer = isinstance(tie, Comparison) and tie.comparator is Comparator.LT
        words = ("closer to", "than to") if closer else ("farther from", "than from")
        return Said(f"{words[0]} {things[0].text} {words[1]} {things[1].text}", heavy=things[1].heavy)

    def _superlative(self, name: str, other: str, condition: Formula, claim: Formula, scope: Scope) -> Said | None:
        """ "largest": before every other one of its class."""
        classes, rest = noun_of(other, conjuncts_of(condition))
        if classes != scope[name] or len(classes) != 1 or [inequality(each) for each in rest] != [{name, other}]:
            return None
        match claim:
            case Atom(predicate, (Variable(name=first), Variable(name=second))) if (first, second) == (name, other):
                word = SUPERLATIVES.get((predicate, ""))
            case Comparison(
                FunctionTerm(one, (Variable(name=first),)), sign, FunctionTerm(two, (Variable(name=second),))
            ):
                fits = one == two and (first, second) == (name, other)
                word = SUPERLATIVES.get((one, sign)) if fits else None
            case _:
                word = None
        return None if word is None else Said(word, superlative=True)

    def _of_each(self, name: str, other: str, condition: Formula, claim: Formula, scope: Scope) -> Said | None:
        """ "far from any harbor": said of each, and true where there is none."""
        link = link_between(name, other, claim)
        conjuncts = conjuncts_of(condition)
        if link is None or link.reverse or not link.of_each:
            return None
        apart = [each for each in conjuncts if inequality(each) == {name, other}]
        rest = [each for each in conjuncts if each not in apart]
        classes, _ = noun_of(other, rest)
        if any(name in free_variables(each) for each in rest):
            return None
        if bool(apart) != (classes == scope[name]) or (not apart and self.nouns.may_coincide(classes, scope[name])):
            return None
        found = self.noun_phrase(ANY, other, rest, scope, other=bool(apart), nested=True)
        return Said(f"{link.text} {found.text}", heavy=found.heavy)
