"""Follow-ups that change the formula: what is added, dropped, exchanged or counted otherwise."""

import re
from collections.abc import Sequence

from agent.conversation.amounts import AmountEditor
from agent.conversation.parts import (
    Kind,
    Part,
    classes_in,
    joined,
    part_of,
    parts_of,
    things_in,
    without,
    without_numbers,
)
from agent.conversation.phrases import ARTICLES, UnclearError
from agent.offline.meaning.names import name_variables
from solvers.fol.analysis import analyse
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Formula,
    Implies,
    Not,
    Or,
    Quantified,
    Quantifier,
    children,
    rebuild,
    subformulas,
)
from solvers.fol.printer import print_formula
from tools.english.shapes import Classes, exists, fresh_names, renamed, same_but_for_names
from tools.english.words import REGIONS, enumerated, with_article

_PART_WORDS = re.compile(r" (?:part|bit|condition|requirement|constraint|restriction|thing)$")
_PRONOUN = re.compile(r"\b(?:it|its|them|their)\b")
_ABOUT_NOUN = re.compile(
    r"the (?P<noun>.+?) (?P<verb>(?:should|must|has to|have to)(?: also)? (?:not )?(?:be|have)|is|are|has|have)"
    r"(?P<not> not)? (?P<rest>.+)"
)


class Editor(AmountEditor):
    """Edits one formula over one ontology; every method gives the new parts, or None where a text is no such edit."""

    def over(self, parts: Sequence[Part]) -> "Editor":
        """An editor of other parts."""
        return Editor(parts, self.lexicon)

    def about_noun(self, text: str) -> list[Part] | None:
        """ "the planes should be near a harbor"."""
        found = _ABOUT_NOUN.fullmatch(text)
        name = self.noun(found["noun"]) if found else None
        if found is None or name is None or not any(each.is_subject and name in each.classes for each in self.parts):
            return None
        has = "ha" in found["verb"].split()[-1]
        denied = "not " if found["not"] or " not " in found["verb"] else ""
        verb = "does not have" if has and denied else "has" if has else f"is {denied}".strip()
        target = next(each for each in self.parts if each.is_subject and name in each.classes)
        return self.predicate(f"that {verb} {found['rest']}", self.open(target), instead=False)

    def tied(self, text: str) -> list[Part] | None:
        """ "with no ship near it": said of what is looked for, where a pronoun points to it."""
        return self.predicate(text, instead=False) if _PRONOUN.search(text) else None

    def predicate(self, text: str, subject: Part | None = None, *, instead: bool) -> list[Part] | None:
        """ "near a harbor", "not near the bridge", "in the upper left": said of what is looked for."""
        known = [each for each in self.parts if each.is_subject]
        classes = (subject or known[0]).classes if known else ()
        noun = with_article(self.nouns.singular(classes[0]) if classes else "object")
        lead = "that is " if text.startswith(("not ", "neither ", "either ")) else ""
        found = self.read(f"{noun} {lead}{self.any_such(text)}")
        if found is None or found[0].kind is not Kind.SOME or found[0].group or not found[0].said:
            return None
        if found[0].classes != classes[:1]:
            return None
        about = subject or self.subject()
        if about.group:
            raise UnclearError(f"the {self.plural(about.classes)} are looked for as a group: ask anew")
        said = [self._taken_over(each, found[0].name, about.name) for each in found[0].said]
        changed = [
            about.saying(_merged(about.said, said, about.name, instead=instead)) if each is about else each
            for each in self.parts
        ]
        return self._added(changed, found[1:])

    def drop(self, text: str) -> list[Part] | None:
        """ "the ship", "near a harbor"."""
        wanted = _PART_WORDS.sub("", text)
        if ARTICLES.sub("", wanted) in ("number", "count"):
            return self.uncounted()
        name = self.noun(wanted)
        if name is not None:
            return self._without(name)
        for about in (each for each in self.parts if each.is_subject and not each.group):
            noun = with_article(self.nouns.singular(about.classes[0]) if about.classes else "object")
            found = self.read(f"{noun} {self.any_such(wanted)}")
            if found is None or len(found) != 1 or found[0].kind is not Kind.SOME or not found[0].said:
                continue
            said = [self._taken_over(each, found[0].name, about.name) for each in found[0].said]
            left = [each for each in about.said if not any(_alike(each, one, about.name) for one in said)]
            if len(left) < len(about.said):
                return [about.saying(left) if each is about else each for each in self.parts]
        return None

    def _without(self, name: str) -> list[Part]:
        if not self._speaks_of(self.parts, name):
            things = [each for part in self.parts for each in things_in(part.formula)]
            there = sorted({self.plural(each.classes) for each in things if each.classes})
            raise UnclearError(
                f"the question does not speak of {self.nouns.plural(name)}; "
                f"it speaks of {enumerated(there, 'and') if there else 'no class'}"
            )
        left = self._left_without(self.parts, name)
        if self._speaks_of(left, name):
            raise UnclearError(f"the {self.nouns.plural(name)} are part of a condition: ask anew")
        return left

    def _is_of(self, classes: Classes, name: str) -> bool:
        leaves = self.ontology.leaves_of
        return bool(classes) and all(each in leaves and leaves[each] <= leaves[name] for each in classes)

    def _speaks_of(self, parts: Sequence[Part], name: str) -> bool:
        return any(self._is_of(each, name) for part in parts for each in classes_in(part.formula))

    def _left_without(self, parts: Sequence[Part], name: str) -> list[Part]:
        left = [without(each.formula, lambda classes: self._is_of(classes, name)) for each in parts]
        return [part_of(each) for each in left if each is not None]

    def exchange(self, new: str, old: str) -> list[Part] | None:
        """One class for another, wherever it stands."""
        after, before = self.noun(new), self.noun(old)
        if after is None or before is None:
            return None
        if not any(
            isinstance(each, Atom) and each.predicate == before
            for part in self.parts
            for each in subformulas(part.formula)
        ):
            self._without(before)
            return None
        return [part_of(_exchanged(each.formula, before, after)) for each in self.parts]

    def other_class(self, text: str) -> list[Part] | None:
        """ "ships instead"."""
        name = self.noun(text)
        return None if name is None else self._with_subject_classes((name,))

    def other_things(self, text: str) -> list[Part] | None:
        """ "two ships instead": another class, and another number of them."""
        found = self.read(text)
        if found is None or not all(each.is_plain and each.is_subject for each in found):
            return None
        return self.over(self._with_subject_classes(found[0].classes)).amount(text)

    def or_class(self, text: str) -> list[Part] | None:
        """ "or a helicopter"."""
        name = self.noun(text)
        if name is None:
            return None
        return self._with_subject_classes(tuple(dict.fromkeys((*self.subject().classes, name))))

    def _with_subject_classes(self, classes: Classes) -> list[Part]:
        subject = self.subject()
        if subject.group:
            raise UnclearError(f"the {self.plural(subject.classes)} are looked for as a group: ask anew")
        others = [each for each in subject.said if any(one in classes_in(each) for one in zip(subject.classes))]
        if not others:
            return [subject.with_classes(classes) if each is subject else each for each in self.parts]
        # "the largest ship", "a ship near another ship": who is compared is of the class that changes.
        if len(subject.classes) != 1 or len(classes) != 1:
            raise UnclearError(f"the {self.plural(subject.classes)} are compared with each other: ask anew")
        changed = part_of(_exchanged(subject.formula, subject.classes[0], classes[0]))
        return [changed if each is subject else each for each in self.parts]

    def alternative(self, text: str) -> list[Part] | None:
        """ "or two ships near a harbor": one or the other."""
        found, now = self.read(f"images with {text}"), joined(self.parts)
        new = joined(found) if found else None
        return None if new is None or now is None else [part_of(Or((now, new)))]

    def opposite(self) -> list[Part] | None:
        """Not what was asked for."""
        now = joined(self.parts)
        if now is None:
            return None
        return parts_of(now.body) if isinstance(now, Not) else [part_of(Not(now))]

    def addition(self, text: str) -> list[Part] | None:
        """ "a ship near a harbor", "no ships"."""
        found = self.read(f"images with {text}")
        return None if found is None else self._added(list(self.parts), found)

    def _added(self, parts: list[Part], new: Sequence[Part]) -> list[Part]:
        for part in new:
            if part.kind is Kind.NONE and part.is_plain and part.classes:
                for name in part.classes:
                    parts = self._left_without(parts, name) if self._speaks_of(parts, name) else parts
            elif part.is_subject:
                parts = [
                    each
                    for each in parts
                    if not (each.kind is Kind.NONE and each.is_plain and each.classes == part.classes)
                ]
            if any(same_but_for_names(each.formula, part.formula) for each in parts):
                continue
            known = [
                each
                for each in parts
                if _alike(each.formula, part.formula, "")
                or (
                    part.is_plain
                    and each.is_plain
                    and each.is_subject
                    and part.is_subject
                    and each.classes == part.classes
                )
            ]
            parts = [each for each in parts if each not in known]
            parts.append(part)
        return parts

    def _taken_over(self, formula: Formula, new: str, name: str) -> Formula:
        """A formula on the new variable, on one of ours."""
        return renamed(formula, {new: name}, fresh_names(f"{new}_of_{name}_"))

    def text(self, parts: Sequence[Part]) -> str | None:
        """The canonical formula of the parts; None where they come to none."""
        formula = joined(parts)
        if formula is None:
            return None
        return analyse(print_formula(name_variables(formula)), self.ontology).canonical


def _is_region(formula: Formula) -> bool:
    return isinstance(formula, Atom) and formula.predicate in REGIONS


def _is_rank(formula: Formula) -> bool:
    """Whether a formula is that of a superlative: of every other one, a comparison."""
    match formula:
        case Quantified(
            Quantifier.FORALL, body=Implies(And(parts), Comparison() | Atom("larger_than" | "smaller_than"))
        ):
            return any(isinstance(each, Comparison) and each.comparator is Comparator.NE for each in parts)
        case _:
            return False


def _merged(said: Sequence[Formula], new: Sequence[Formula], name: str, *, instead: bool) -> list[Formula]:
    """What was said with what is new: its opposite goes, another number takes the place of the old one."""
    kept = list(said)
    for kind in (_is_region, _is_rank):
        if instead and all(map(kind, new)):
            kept = [each for each in kept if not kind(each)]
    for each in new:
        opposite = each.body if isinstance(each, Not) else Not(each)
        place = next(
            (at for at, old in enumerate(kept) if _alike(old, each, name) or _alike(old, opposite, name)), None
        )
        if place is None:
            kept.append(each)
        else:
            kept[place] = each
    return kept


def _alike(one: Formula, other: Formula, name: str) -> bool:
    """Whether two formulas on one variable differ in names and numbers only."""
    return same_but_for_names(without_numbers(_bound(one, name)), without_numbers(_bound(other, name)))


def _bound(formula: Formula, name: str) -> Formula:
    return exists([name], [formula]) if name else formula


def _exchanged(formula: Formula, before: str, after: str) -> Formula:
    match formula:
        case Atom(predicate, arguments) if predicate == before:
            return Atom(after, arguments)
        case _:
            return rebuild(formula, tuple(_exchanged(each, before, after) for each in children(formula)))
