"""Reading a follow-up: which kind of turn it is, and what it makes of the formula in force."""

import re
from dataclasses import dataclass

from agent.conversation.commands import Changed, Command, ImageIds, read_command
from agent.conversation.edits import Editor
from agent.conversation.parts import Part, parts_of
from agent.conversation.phrases import UnclearError
from agent.conversation.turns import Standing
from agent.offline.lexicon import Lexicon
from agent.offline.problems import Problem
from agent.offline.translate import translate_english
from solvers.fol.analysis import analyse
from solvers.ontology import Ontology

_LEADS = (
    r"ok(?:ay)?|please|now|then|and|but|also|plus|so|well|actually|rather|instead|as well|in addition|additionally|"
    r"(?:i (?:want|need|meant|would like)|make (?:it|that|them)|let (?:it|them) be|change (?:it|that|them) to|"
    r"it (?:must|should) be|they (?:must|should) be|(?:what|how) about|"
    r"(?:the )?same(?: (?:query|question|search|thing|again|one))?)"
)
_LEAD = re.compile(rf"(?:{_LEADS})(?:[ ,:]+|$)")
_TRAIL = re.compile(r"[ ,]+(?:of (?:them|those|these)|instead|too|as well|again|please|though|then|this time|now)$")
_ABOUT = re.compile(r"(?:what|how) about\b")
_ADDING = re.compile(r"\b(?:and|also|plus|too|as well|in addition|additionally)\b")
_SEARCH = re.compile(
    r"(?:(?:find|search|look|show|give|get|list|retrieve|locate|i am looking|images?|scenes?|pictures?|photos?)\b|"
    r"(?:exists|forall|∃|∀|~|\())"
)
_DROP = re.compile(
    r"(?:drop|remove|forget|ignore|leave out|leave|skip|lose|get rid of|take out|delete|omit|never mind|"
    r"no need for|not necessarily|no matter|without the|any number of)(?: about)? (?P<rest>.+?)(?: out| away)?"
)
_INSTEAD = re.compile(r"(?P<new>.+?) (?:instead of|rather than|in place of) (?P<old>.+)")
_REPLACE = re.compile(r"(?:replace|substitute|swap|exchange) (?P<old>.+?) (?:by|with|for) (?P<new>.+)")
_CHANGE = re.compile(r"(?:change|turn) (?P<old>.+?) (?:to|into) (?P<new>.+)")
_OPPOSITE = re.compile(r"(?:the )?(?:opposite|reverse|contrary)|negate(?: it| that)?|not (?:that|so)|not")
_WITH = re.compile(r"(?:with|having|including|containing|showing) (?P<rest>.+)")
_NONE = re.compile(
    r"(?:without|with no|no|not any|lacking)(?: any| an?)? (?!(?:more|fewer|less|farther|further|closer) )(?P<rest>.+)"
)
_JOINT = re.compile(r",? (?:and|but) |, ")


@dataclass(frozen=True, slots=True)
class Question:
    """A complete question, which begins anew."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that is neither; `problems` name its words, with their places in it."""

    problems: tuple[Problem, ...]


FollowUp = Question | Command | Unread


def read_follow_up(text: str, standing: Standing, ontology: Ontology, image_ids: ImageIds) -> FollowUp:
    """What a text says after what was said before; without a formula in force only commands are follow-ups."""
    reader = _Reader(Lexicon(ontology), image_ids)
    command = read_command(text, standing, reader.lexicon, image_ids)
    if command is not None:
        return command
    plain = " ".join(text.lower().replace("’", "'").split()).rstrip(" .?!")
    if standing.formula is None:
        if any(each.fullmatch(_unmarked(plain)[0]) for each in (_DROP, _REPLACE, _OPPOSITE)):
            return Unread((Problem(text.strip(), *_span(text), "there is no question yet that this could change"),))
        return Question()
    try:
        if reader.begins_anew(plain, standing.formula):
            return Question()
        changed = reader.changed(plain, standing)
    except UnclearError as error:
        return Unread((Problem(text.strip(), *_span(text), str(error)),))
    return changed or Unread(_problems(text, _unmarked(plain)[0], ontology))


class _Reader:
    """Reads changes over one ontology."""

    def __init__(self, lexicon: Lexicon, image_ids: ImageIds) -> None:
        self.lexicon = lexicon
        self.image_ids = image_ids

    def begins_anew(self, plain: str, formula: str) -> bool:
        """Whether a text is a complete question, and does not say that it goes on from the one before."""
        ontology = self.lexicon.ontology
        bare, marked = _unmarked(plain)
        if _SEARCH.match(bare):
            asked = not _ABOUT.search(plain) and translate_english(bare, ontology).formula is not None
            return not marked or asked
        if marked or self.editor(formula).about_noun(bare) is not None:
            return False
        return translate_english(plain, ontology).formula is not None

    def editor(self, formula: str) -> Editor:
        """An editor of a formula."""
        return Editor(parts_of(analyse(formula, self.lexicon.ontology).require()), self.lexicon)

    def changed(self, plain: str, standing: Standing) -> Changed | None:
        """What one change comes to, or several joined by "and" where the whole is none."""
        one = self._one_change(plain, standing)
        if one is not None:
            return one
        for joint in _JOINT.finditer(plain):
            first = self._one_change(plain[: joint.start()], standing)
            second = None if first is None else self.changed(plain[joint.end() :], first.standing)
            if second is not None:
                return second
        return None

    def _one_change(self, plain: str, standing: Standing) -> Changed | None:
        command = read_command(plain, standing, self.lexicon, self.image_ids)
        if isinstance(command, Changed):
            return command
        if command is not None or standing.formula is None:
            return None
        editor = self.editor(standing.formula)
        parts = _one_edit(editor, plain, _unmarked(plain)[0])
        return None if parts is None else Changed(standing.model_copy(update={"formula": editor.text(parts)}))


def _unmarked(plain: str) -> tuple[str, bool]:
    """The text without the words that only say that it goes on, and whether it says so in any way."""
    bare = plain
    while (found := _LEAD.match(bare)) is not None and found.end() < len(bare):
        bare = bare[found.end() :]
    while (trail := _TRAIL.search(bare)) is not None:
        bare = bare[: trail.start()]
    begins = any(each.fullmatch(bare) for each in (_DROP, _INSTEAD, _REPLACE, _CHANGE, _OPPOSITE, _WITH, _NONE))
    return bare, bare != plain or begins or bare.startswith(("or ", "not "))


def _one_edit(editor: Editor, plain: str, bare: str) -> list[Part] | None:
    adding, instead = (
        bool(_ADDING.search(plain.replace(bare, "", 1))),
        plain.endswith("instead") or bool(_ABOUT.search(plain)),
    )
    if _OPPOSITE.fullmatch(bare):
        return editor.opposite()
    for pattern in (_INSTEAD, _REPLACE, _CHANGE):
        if found := pattern.fullmatch(bare):
            return _exchanged(editor, found["new"], found["old"])
    if (found := _DROP.fullmatch(bare)) and (parts := _dropped(editor, found["rest"])) is not None:
        return parts
    if bare.startswith("or "):
        return editor.or_class(bare[3:]) or editor.alternative(bare[3:])
    if found := _NONE.fullmatch(bare):
        return editor.tied(bare) or editor.addition(f"no {found['rest']}")
    if instead and (parts := editor.other_class(bare)) is not None:
        return parts
    steps = (
        None if adding else editor.amount(bare),
        editor.about_noun(bare),
        None if adding else editor.quantity(bare),
    )
    for parts in steps:
        if parts is not None:
            return parts
    if instead and (parts := editor.other_things(bare)) is not None:
        return parts
    found = _WITH.fullmatch(bare)
    if found is None:
        parts = editor.predicate(bare, instead=not adding)
        return parts if parts is not None else editor.addition(bare) if adding else None
    return editor.tied(bare) or editor.addition(found["rest"])


def _dropped(editor: Editor, text: str) -> list[Part] | None:
    """ "the ship", "the ship and the harbor"."""
    parts = editor.drop(text)
    if parts is not None:
        return parts
    first, joint, rest = text.partition(" and ")
    left = editor.drop(first) if joint else None
    return None if left is None else _dropped(editor.over(left), rest)


def _exchanged(editor: Editor, new: str, old: str) -> list[Part] | None:
    """ "ships instead of planes", "at least five instead of three", "near a harbor instead of near a bridge"."""
    parts = editor.exchange(new, old) or editor.amount(new) or editor.quantity(new)
    if parts is not None:
        return parts
    left = editor.drop(old)
    return None if left is None else _one_edit(editor.over(left), new, new)


def _problems(text: str, bare: str, ontology: Ontology) -> tuple[Problem, ...]:
    """The words that stand in the way, those that open a follow-up left out."""
    if dropped := _DROP.fullmatch(bare):
        bare = dropped["rest"]
    found = translate_english(bare, ontology).problems
    offset = text.lower().find(bare.lower())
    named = [each for each in found if 0 <= each.start < each.end <= len(bare)]
    if offset < 0 or not named:
        start, end = _span(text)
        return (
            Problem(
                text[start:end], start, end, f'"{text[start:end]}" is neither a change of the question nor a new one'
            ),
        )
    return tuple(
        Problem(each.word, each.start + offset, each.end + offset, each.message, each.suggestions) for each in named
    )


def _span(text: str) -> tuple[int, int]:
    stripped = text.strip()
    start = text.find(stripped)
    return start, start + len(stripped)
