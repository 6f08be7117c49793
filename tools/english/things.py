"""Noun phrases: a thing with what is said of it, as "a plane near a storage tank"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solvers.fol.ast import Comparator
from tools.english.shapes import Classes
from tools.english.words import COUNTS, Nouns, enumerated, number_word, with_article

Scope = Mapping[str, Classes]
"""The things that can be referred to by name, with their classes."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a thing.

    `having` where it takes "with" and not "is", `heavy` where nothing may follow it, since it ends in a thing of which
    more is said, `superlative` for "largest", `verbal` where it takes "that is".
    """

    text: str
    having: bool = False
    heavy: bool = False
    superlative: bool = False
    verbal: bool = False

    @property
    def apart(self) -> bool:
        """Whether it takes an "is" of its own, since "not" would reach over what comes after it."""
        return self.verbal or (not self.having and self.text.startswith("not "))


@dataclass(frozen=True, slots=True)
class Thing:
    """A noun phrase; `heavy` as in Said."""

    text: str
    heavy: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """The determiner: a word such as "a", "no", "any" and "every", or a bounded count."""

    word: str = "a"
    comparator: Comparator | None = None
    count: int = 1

    @property
    def several(self) -> bool:
        """Whether the noun stands in the plural."""
        return self.comparator is not None and self.count != 1


ONE = Amount()
NO = Amount("no")
ANY = Amount("any")
EVERY = Amount("every")


def introduction(name: str) -> str:
    """Where a thing gets its name, if it needs one."""
    return f"⟦+{name}⟧"


def reference(name: str) -> str:
    """The thing by its name."""
    return f"⟦{name}⟧"


def head(amount: Amount, classes: Classes, nouns: Nouns, *, other: bool) -> str:
    """The determiner and the noun."""
    if amount.comparator is not None:
        words = f"{COUNTS[amount.comparator]} {number_word(amount.count)}{' other' if other else ''}"
        name = classes[0] if classes else "object"
        return f"{words} {nouns.plural(name) if amount.several else nouns.singular(name)}"
    singulars = [nouns.singular(name) for name in classes] or ["object"]
    if amount.word == "a" and not other:
        return enumerated([with_article(each) for each in singulars], "or")
    determiner = {"a": "another", "no": "no other", "any": "any other", "every": "every other"}[amount.word]
    return f"{determiner if other else amount.word} {enumerated(singulars, 'or')}"


def ordered(said: Sequence[Said]) -> tuple[list[Said], list[Said]]:
    """What can be said in one go, at most one heavy thing at its end, and what has to be said otherwise."""
    light = [each for each in said if not each.heavy]
    heavy = [each for each in said if each.heavy]
    light.sort(key=lambda each: (each.having, not each.verbal, each.apart))
    return [*light, *heavy[:1]], heavy[1:]


def directly(said: Sequence[Said]) -> str:
    """After a noun: "near a storage tank and with no ship near it"."""
    return enumerated([f"with {each.text}" if each.having else each.text for each in said], "and")


def by_verb(said: Sequence[Said], *, several: bool = False) -> str:
    """After a subject: "is near a storage tank and has no ship near it"."""
    runs: list[list[Said]] = []
    for each in said:
        if runs and runs[-1][0].having == each.having and not (each.apart or runs[-1][0].apart):
            runs[-1].append(each)
        else:
            runs.append([each])
    is_, has = ("are each", "each have") if several else ("is", "has")
    texts = [f"{has if run[0].having else is_} {enumerated([each.text for each in run], 'and')}" for run in runs]
    return enumerated(texts, "and")


def thing(
    amount: Amount,
    classes: Classes,
    said: Sequence[Said],
    such_that: str,
    *,
    nouns: Nouns,
    name: str,
    other: bool = False,
    nested: bool = False,
    aside: str = "",
) -> Thing:
    """The noun phrase of one variable; `nested` within another one, `aside` right after the noun."""
    superlatives = [each for each in said if each.superlative]
    plain = [each for each in said if not each.superlative]
    if len(superlatives) == 1 and not plain and not such_that and not aside and amount == ONE and len(classes) == 1:
        return Thing(f"the {superlatives[0].text} {nouns.singular(classes[0])}{introduction(name)}", False)
    kind = enumerated([nouns.plural(each) for each in classes], "and") if classes else "objects"
    sayable = [*(Said(f"the {each.text} of all {kind}") for each in superlatives), *plain]
    sayable, _ = ordered(sayable)
    if len(classes) > 1 and (amount.comparator is not None or sayable or such_that):
        # After "a plane or a ship" it would be open of which of them more is said.
        options = enumerated([with_article(nouns.singular(each)) for each in classes], "or")
        aside = f" ({'each ' if amount.several else ''}{options}){aside}"
        classes = ()
    text = f"{head(amount, classes, nouns, other=other)}{introduction(name)}{aside}"
    if sayable:
        verbal = any(each.verbal for each in sayable) or (len(sayable) > 1 and any(each.apart for each in sayable))
        if amount.several and amount.comparator is Comparator.GE:
            text += f", each of which {by_verb(sayable)}" if verbal else f", each {directly(sayable)}"
        elif amount.several:
            text += f" that {by_verb(sayable, several=True)}"
        elif nested or superlatives or verbal:
            text += f" that {by_verb(sayable)}"
        else:
            text += f" {directly(sayable)}"
    if such_that:
        text += f" such that {such_that}"
    return Thing(text, bool(sayable or such_that))
