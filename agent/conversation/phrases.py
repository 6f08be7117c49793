"""What the phrases of a follow-up mean, and what in the question they are about."""

import re
from collections.abc import Sequence

from agent.conversation.parts import Part, classes_in, parts_of
from agent.offline.lexicon import Lexicon
from agent.offline.tokens import tokenize
from agent.offline.translate import translate_english
from solvers.fol.analysis import analyse
from solvers.fol.ast import Quantified, Quantifier
from tools.english.shapes import Classes, fresh_names, renamed
from tools.english.words import Nouns, enumerated

ARTICLES = re.compile(r"^(?:the|a|an|any|all|those|these|that|some) ")


class UnclearError(Exception):
    """A follow-up is read, but what it is to change cannot be told; the text is the sentence for the user."""


class PhraseReader:
    """Reads phrases over one ontology, about the parts of one question."""

    def __init__(self, parts: Sequence[Part], lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.ontology = lexicon.ontology
        self.nouns = Nouns(self.ontology)
        self.parts = list(parts)

    def noun(self, text: str) -> str | None:
        """The class that a text of one noun means, its article left out."""
        tokens = tokenize(ARTICLES.sub("", text))
        known = self.lexicon.match(tokens, 0) if tokens else None
        return known.name if known is not None and known.words == len(tokens) else None

    def any_such(self, text: str) -> str:
        """The text with "the bridge" as "a bridge": the one that was spoken of, and no other one."""
        words = text.split(" ")
        for place, word in enumerate(words[:-1]):
            if word == "the" and self.lexicon.match(tokenize(" ".join(words[place + 1 :])), 0) is not None:
                words[place] = "a"
        return " ".join(words)

    def read(self, text: str) -> list[Part] | None:
        """The parts of a whole question; the names of its variables are its own."""
        formula = translate_english(text, self.ontology).formula
        if formula is None:
            return None
        analysis = analyse(formula, self.ontology)
        if analysis.formula is None:
            return None
        return parts_of(renamed(analysis.formula, {}, fresh_names("new")))

    def subject(self, classes: Classes | None = None) -> Part:
        """The one part that a follow-up can be about; raises UnclearError where there are more, or none."""
        found = [each for each in self.parts if each.is_subject and classes in (None, each.classes)]
        if len(found) == 1:
            return self.open(found[0])
        if not found:
            raise UnclearError("there is nothing in the question that this could be said of: ask anew")
        names = enumerated([f"the {self.plural(each.classes)}" for each in found], "or")
        raise UnclearError(
            f"this could be said of {names}: say of which, as in: the {self.plural(found[0].classes)} ..."
        )

    def open(self, part: Part) -> Part:
        """The part, if more can be said of it; UnclearError where it is only what a universal presupposes."""
        universal = any(
            isinstance(each.formula, Quantified)
            and each.formula.quantifier is Quantifier.FORALL
            and any(one in part.classes for one, *_ in classes_in(each.formula))
            for each in self.parts
        )
        if part.is_plain and universal:
            raise UnclearError(f"the question is about every {self.singular(part.classes)}: ask anew")
        return part

    def singular(self, classes: Classes) -> str:
        """The noun of a part."""
        return enumerated([self.nouns.singular(each) for each in classes], "or") if classes else "object"

    def plural(self, classes: Classes) -> str:
        """The same in the plural."""
        return enumerated([self.nouns.plural(each) for each in classes], "or") if classes else "objects"
