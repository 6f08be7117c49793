"""Noun phrases: from what a formula says of a thing, or of several together, to words."""

from abc import abstractmethod
from collections.abc import Sequence

from solvers.fol.ast import (
    Atom,
    Comparison,
    Formula,
    FunctionTerm,
    Quantified,
    Variable,
    conjuncts_of,
    free_variables,
)
from tools.english.properties import PropertySpeaker
from tools.english.shapes import flattened, group_of, is_self, keeps_apart, noun_of, rooted
from tools.english.things import NO, ONE, Amount, Said, Scope, Thing, by_verb, ordered, reference, thing
from tools.english.words import GROUPS, enumerated, number_word


class PhraseSpeaker(PropertySpeaker):
    """Says what there is."""

    @abstractmethod
    def within(self, formula: Formula, scope: Scope, siblings: Sequence[Formula] = ()) -> str:
        """The sentence as a part of another one."""

    @abstractmethod
    def sentence(self, formula: Formula, scope: Scope, siblings: Sequence[Formula] = ()) -> str:
        """The formula as a finite clause."""

    def existential(self, formula: Quantified, scope: Scope, *, nested: bool = False) -> Thing:
        """What there is, as a noun phrase, or as several with what holds of them together."""
        names = [each.name for each in formula.variables]
        group = self.group(names, conjuncts_of(formula.body), scope)
        if group is not None:
            return group
        conjuncts = rooted(names[0], names[1:], conjuncts_of(formula.body))
        fluent = self.noun_phrase(ONE, names[0], conjuncts, scope, nested=nested)
        names, conjuncts = flattened(names, conjuncts_of(formula.body))
        return fluent if len(names) == 1 or " such that " not in fluent.text else self._things(names, conjuncts, scope)

    def none(self, formula: Quantified, scope: Scope) -> str | None:
        """What there is not, as a noun phrase; None where only several things together say it."""
        names, conjuncts = [each.name for each in formula.variables], conjuncts_of(formula.body)
        group = self.group(names, conjuncts, scope)
        if group is not None:
            return f"no {group.text}"
        found = self.noun_phrase(NO, names[0], rooted(names[0], names[1:], conjuncts), scope).text
        return found if len(names) == 1 or " such that " not in found else None

    def _things(self, names: Sequence[str], conjuncts: Sequence[Formula], scope: Scope) -> Thing:
        things: list[str] = []
        claims = list(conjuncts)
        for name in names:
            known = {*scope, name}
            classes, rest = noun_of(name, [each for each in claims if name in free_variables(each)])
            inner = {**scope, name: classes}
            said = {each: self.property_of(name, each, inner) for each in rest if free_variables(each) <= known}
            own = [each for each, one in said.items() if one is not None and not (one.heavy or one.superlative)]
            kind = [each for each in claims if name in free_variables(each) and each not in rest]
            aside = self._aside(name, classes, [each for each in conjuncts if name in free_variables(each)], scope)
            things.append(self.noun_phrase(ONE, name, [*kind, *own], scope, aside=aside).text)
            claims = [each for each in claims if each not in own and each not in kind]
            scope = inner
        text = ", and ".join(things) if any(" and " in each for each in things) else enumerated(things, "and")
        if not claims:
            return Thing(text, heavy=True)
        return Thing(f"{text} such that {self.all_of(claims, scope)}", heavy=True)

    def all_of(self, claims: Sequence[Formula], scope: Scope) -> str:
        """Sentences as one."""
        if len(claims) == 1:
            return self.sentence(claims[0], scope, claims)
        return ", and ".join(self.within(each, scope, claims) for each in claims)

    def noun_phrase(
        self,
        amount: Amount,
        name: str,
        conjuncts: Sequence[Formula],
        scope: Scope,
        *,
        other: bool = False,
        nested: bool = False,
        aside: str = "",
    ) -> Thing:
        """A thing with all that is said of it, in phrases where they do, else in sentences after "such that"."""
        classes, rest = noun_of(name, [each for each in conjuncts if not is_self(each)])
        inner = {**scope, name: classes}
        found = [(each, self.property_of(name, each, inner)) for each in rest]
        _, left = ordered([said for _, said in found if said is not None])
        superlatives = [said for _, said in found if said is not None and said.superlative]
        left += superlatives[1:]
        said = [each for _, each in found if each is not None and not any(each is one for one in left)]
        sentences = [each for each, one in found if one is None or any(one is other_one for other_one in left)]
        such_that = self.all_of(sentences, inner) if sentences else ""
        return thing(
            amount,
            classes,
            said,
            such_that,
            nouns=self.nouns,
            name=name,
            other=other,
            nested=nested,
            aside="" if other else aside or self._aside(name, classes, rest, scope),
        )

    def _aside(self, name: str, classes: tuple[str, ...], conjuncts: Sequence[Formula], scope: Scope) -> str:
        """Which of the things that it is related to the thing itself may be, where nothing keeps them apart."""
        mentioned = frozenset[str]().union(*(map(free_variables, conjuncts)))
        apart = {each for conjunct in conjuncts for each in keeps_apart(conjunct)}
        same = [
            each
            for each, known in scope.items()
            if each in mentioned and each not in apart and self.nouns.may_coincide(classes, known)
        ]
        return f" (which may be {enumerated([reference(each) for each in same], 'or')} itself)" if same else ""

    def group(self, names: list[str], conjuncts: Sequence[Formula], scope: Scope) -> Thing | None:
        """ "three ships in a row", "two ships near each other"."""
        kinds = [noun_of(name, conjuncts)[0] for name in names]
        if len(names) < 2 or len(kinds[0]) != 1 or any(each != kinds[0] for each in kinds):
            return None
        rest = list(conjuncts)
        for name in names:
            rest = noun_of(name, rest)[1]
        alone: dict[str, list[Said]] = {name: [] for name in names}
        ties = []
        for each in rest:
            free = free_variables(each)
            subject = next((name for name in names if free == {name}), None)
            said = None if subject is None else self.property_of(subject, each, {**scope, subject: kinds[0]})
            if subject is None or said is None or said.heavy or said.superlative:
                ties.append(each)
            else:
                alone[subject].append(said)
        if any(said != alone[names[0]] for said in alone.values()):
            return None
        found = group_of(names, ties)
        if found is None:
            return None
        text = f"{number_word(len(names))} {self.nouns.plural(kinds[0][0])}"
        predicate, measured, pattern = found
        if pattern == "together":
            words = GROUPS[predicate]
        else:
            every = "all " if len(names) > 2 else ""
            words = (
                f"{every}{self._tie_words(predicate, measured)} {'each other' if pattern == 'pairs' else 'the next'}"
            )
            if pattern == "chain":
                words = f"in a chain, each {self._tie_words(predicate, measured)} the next"
            elif every:
                words = f"that are {words}"
        shared = alone[names[0]]
        return Thing(f"{text} {words}{f', each {by_verb(shared)}' if shared else ''}", heavy=True)

    def _tie_words(self, predicate: str, measured: Comparison | None) -> str:
        one, other = Variable("one"), Variable("other")
        tie: Formula = Atom(predicate, (one, other))
        if measured is not None:
            tie = Comparison(FunctionTerm("distance", (one, other)), measured.comparator, measured.right)
        said = self.property_of("one", tie, {"one": ("",), "other": ("",)})
        return said.text.removesuffix(reference("other")).strip() if said is not None else predicate
