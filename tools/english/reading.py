"""From a formula to what was looked for: one sentence, whose parts are those of the formula."""

import re
from itertools import count

from solvers.fol.analysis import analyse
from solvers.fol.ast import Counted, Formula, Not, Or, Quantified, Quantifier, Xor, conjuncts_of
from solvers.ontology import Ontology
from tools.english.sentences import SentenceSpeaker
from tools.english.shapes import noun_of, separate_parts
from tools.english.things import Amount, by_verb
from tools.english.words import Nouns, enumerated
from tools.ontologies import load_ontology

_INTRODUCTION = re.compile(r"⟦\+([^⟧]+)⟧")
_REFERENCE = re.compile(r"⟦([^+⟧][^⟧]*)⟧")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def verbalise(formula: str, ontology: str | Ontology = "dota") -> str:
    """What a formula looks for, as a phrase that begins with "images"; the same formula always gives the same words.

    "A" and "B" name things of which more is said further on. "Every ship there may be" is also true without a ship.
    Raises FormulaError for an invalid formula.
    """
    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    return describe(analyse(formula, known).require(), known)


def reading_of(formula: str, ontology: str | Ontology = "dota") -> str:
    """What a formula looks for, as one sentence to its asker: "I looked for images with a plane."."""
    return f"I looked for {verbalise(formula, ontology)}."


def describe(formula: Formula, ontology: Ontology) -> str:
    """`verbalise` for a canonical formula."""
    speaker = _QuestionSpeaker(Nouns(ontology))
    parts = separate_parts(formula)
    # After a thing of which more is said a comma would leave open what the next part belongs to.
    joint = ", and " if all(map(_is_plain, parts)) else "; "
    return _named(f"images {joint.join(speaker.item(each, parts) for each in parts)}")


class _QuestionSpeaker(SentenceSpeaker):
    """Says what an image shows."""

    def item(self, formula: Formula, siblings: list[Formula]) -> str:
        """One part of the question: "with a plane", "where every ship is near a harbor"."""
        phrase = self._shown(formula)
        if phrase is not None:
            return f"with {phrase}"
        ranked = self._ranked(formula)
        return f"where {ranked or self.sentence(formula, {}, siblings)}"

    def _shown(self, formula: Formula) -> str | None:
        match formula:
            case Quantified(Quantifier.EXISTS) if self._ranked(formula) is None:
                return self.existential(formula, {}).text
            case Counted(comparator, number, variable, body):
                return self.noun_phrase(Amount("", comparator, number), variable.name, conjuncts_of(body), {}).text
            case Not(Quantified(Quantifier.EXISTS) as inner):
                return self.none(inner, {})
            case Not(Or(parts)):
                shown = [self._plainly_shown(each) for each in parts]
                texts = [each for each in shown if each is not None]
                return f"neither {' nor '.join(texts)}" if len(texts) == len(parts) else None
            case Or(parts):
                shown = [self._plainly_shown(each) for each in parts]
                texts = [each for each in shown if each is not None]
                if len(texts) < len(parts):
                    return None
                return f"{enumerated(texts, 'or')}, or {'both' if len(parts) == 2 else 'several of these'}"
            case Xor(left, right):
                one, other = self._plainly_shown(left), self._plainly_shown(right)
                return None if one is None or other is None else f"either {one} or {other} but not both"
            case _:
                return None

    def _plainly_shown(self, formula: Formula) -> str | None:
        """One thing without anything said of it."""
        return self.existential(formula, {}).text if isinstance(formula, Quantified) and _is_plain(formula) else None

    def _ranked(self, formula: Formula) -> str | None:
        """ "the largest ship is near a harbor"."""
        match formula:
            case Quantified(Quantifier.EXISTS, (variable,), body):
                name = variable.name
            case _:
                return None
        classes, rest = noun_of(name, conjuncts_of(body))
        found = [self.property_of(name, each, {name: classes}) for each in rest]
        said = [each for each in found if each is not None]
        first = [each for each in said if each.superlative]
        others = [each for each in said if not each.superlative]
        heavy = [each for each in others if each.heavy]
        if len(said) < len(found) or len(first) != 1 or not others or len(heavy) > 1:
            return None
        ordered = [*(each for each in others if not each.heavy), *heavy]
        return f"the {first[0].text} {self.nouns.singular(classes[0])} {by_verb(ordered)}"


def _is_plain(formula: Formula) -> bool:
    """Whether a formula says how many there are of a class, and nothing else."""
    match formula:
        case Not(Quantified(Quantifier.EXISTS) as body):
            return _is_plain(body)
        case Quantified(Quantifier.EXISTS, (variable,), body) | Counted(variable=variable, body=body):
            return not noun_of(variable.name, conjuncts_of(body))[1]
        case _:
            return False


def _named(text: str) -> str:
    """The text with a letter for each thing that is referred to, in the order in which they come up."""
    used = set(_REFERENCE.findall(text))
    fresh = (f"{_LETTERS[number % 26]}{number // 26 or ''}" for number in count())
    letters: dict[str, str] = {}
    for name in _INTRODUCTION.findall(text):
        if name in used and name not in letters:
            letters[name] = next(fresh)
    introduced = _INTRODUCTION.sub(lambda found: f" {letters[found[1]]}" if found[1] in letters else "", text)
    return _REFERENCE.sub(lambda found: letters[found[1]], introduced)
