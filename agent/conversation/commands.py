"""Follow-ups that leave the formula as it is: settings, filters, undo, starting over, and questions about one image."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.conversation.images import find_image
from agent.conversation.turns import DEFAULT_THRESHOLD, Standing
from agent.offline.lexicon import Lexicon
from agent.offline.tokens import tokenize
from solvers.errors import InputError

_STEPS = (0.1, DEFAULT_THRESHOLD, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
_LEAD = re.compile(r"^(?:(?:and|but|now|then|ok|okay|please|also|so|well|just)[ ,]+)+")
_TRAIL = re.compile(r"(?:[ ,]+(?:please|now|then|thanks|thank you))+$")
_UNDO = re.compile(r"(?:undo(?: that| it| this)?|go back|back|revert(?: that| it)?|take (?:that|it) back|never ?mind)")
_ANEW = re.compile(
    r"(?:start (?:over|again|afresh|anew)|reset|new question|forget (?:everything|it all|all that|about it)|clear)"
)
_SHOW = re.compile(
    r"(?:show|give|list)(?: me)?(?: only| just| the)*(?: (?:top|best|first))? (?P<count>\w+)"
    r"(?: (?:more )?(?:of them|images?|results?|scenes?|pictures?|hits?))?|"
    r"(?:the )?(?:top|best|first) (?P<top>\w+)(?: (?:images?|results?|scenes?|pictures?|hits?))?"
)
_SURE = r"(?:(?:really |very |more )?(?:sure|confident|certain|reliable)|surer|high[- ]confidence)"
_THINGS = r"(?:ones|detections?|objects?|things|results|boxes)"
_ONLY_SURE = re.compile(
    rf"(?:(?:only|just|show only|keep only)(?: show)? (?:the )?{_SURE}(?: {_THINGS})?|be (?:stricter|more strict)|"
    rf"be surer|stricter|more strict|{_SURE} {_THINGS} only|(?:only|just) (?:the )?{_SURE} (?P<noun>.+))"
)
_ALSO_UNSURE = re.compile(
    rf"(?:(?:(?:also|include|even) )?(?:the )?(?:unsure|uncertain|doubtful|weak|less (?:sure|confident))(?: {_THINGS})?"
    rf"|be (?:less strict|more lenient|laxer)|less strict|more lenient|all (?:ones|detections?))"
)
_THRESHOLD = re.compile(
    r"(?:(?:set |raise |lower |change |use )?(?:the |a )?(?:threshold|confidence)"
    r"(?: (?:for|of) (?:the )?(?P<noun>[a-z][a-z_ -]*?))?"
    r"(?: (?:to|of|at|above|over|is|at least|from))*|(?:only )?(?:ones |detections )?(?:with )?(?:a )?"
    r"confidence (?:of )?(?:at least|above|over))"
    r" (?P<value>[0-9]*\.?[0-9]+) ?(?P<percent>%|per ?cent)?"
)
_WHY = re.compile(
    r"(?:why|how come)(?P<not> not| isn['’]?t| is not)?(?: is| are| does| do| did)? (?P<image>.+?)"
    r"(?P<later>(?: (?:is|does|did))?(?: not|n['’]t))?"
    r"(?: (?:there|here|shown|listed|included|found|missing|match|matched|count|first|last|in (?:it|there|the list|"
    r"the results?)|among (?:them|the results?)|on the list|an answer|a match|so (?:high|low)))?"
)
_EXPLAIN = re.compile(r"(?:explain|what about|how about|check|tell me about)(?: image)? (?P<image>.+)")
_FILTER = re.compile(r"\s*(?:now |and )?filters? +(?P<arguments>--.*|none|off)\s*", re.IGNORECASE | re.DOTALL)
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twenty": 20, "all": 0, "everything": 0,
}  # fmt: skip


ImageIds = Callable[[], Sequence[str]]
"""The ids of an archive's images, asked for only where a text may name one."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The standing after a follow-up."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class AboutImage:
    """A question about one image, as the user calls it."""

    image: str


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last change back."""


@dataclass(frozen=True, slots=True)
class StartOver:
    """Forget the formula and the settings."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """Other filters, as they were typed."""

    arguments: str


Command = Changed | AboutImage | Undo | StartOver | Filtered


def read_command(text: str, standing: Standing, lexicon: Lexicon, image_ids: ImageIds) -> Command | None:
    """The command that a text is, or None where it is none."""
    if filters := _FILTER.fullmatch(text):
        return Filtered(filters["arguments"])
    plain = " ".join(text.split()).rstrip(" .?!")
    if trail := _TRAIL.search(plain.lower()):
        plain = plain[: trail.start()]
    lowered = _LEAD.sub("", plain.lower())
    if _UNDO.fullmatch(lowered):
        return Undo()
    if _ANEW.fullmatch(lowered):
        return StartOver()
    return _setting(lowered, standing, lexicon) or _about_image(plain, image_ids)


def _setting(text: str, standing: Standing, lexicon: Lexicon) -> Changed | None:
    if found := _SHOW.fullmatch(text):
        count = _number(found["count"] or found["top"])
        return None if count is None else _showing(standing, count)
    if found := _THRESHOLD.fullmatch(text):
        value = float(found["value"]) / (100 if found["percent"] else 1)
        return None if not 0 < value <= 1 else _with_threshold(standing, value, found["noun"], lexicon)
    if found := _ONLY_SURE.fullmatch(text):
        return _with_threshold(standing, None, found["noun"], lexicon, up=True)
    if _ALSO_UNSURE.fullmatch(text):
        return _with_threshold(standing, None, None, lexicon)
    return None


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else _NUMBERS.get(word)


def _showing(standing: Standing, count: int) -> Changed:
    return Changed(standing.model_copy(update={"top_k": count}))


def _with_threshold(
    standing: Standing, value: float | None, noun: str | None, lexicon: Lexicon, *, up: bool = False
) -> Changed | None:
    """Another threshold, the next higher or lower step where no value is given, for one class where a noun is."""
    name = None
    if noun is not None:
        tokens = tokenize(noun)
        known = lexicon.match(tokens, 0)
        if known is None or known.words < len(tokens) or known.name is None:
            return None
        name = known.name
    before = standing.threshold if name is None else standing.class_thresholds.get(name, standing.threshold)
    after = _next_step(before, up=up) if value is None else value
    if name is None:
        return Changed(standing.model_copy(update={"threshold": after}))
    return Changed(standing.model_copy(update={"class_thresholds": {**standing.class_thresholds, name: after}}))


def _next_step(value: float, *, up: bool) -> float:
    if up:
        return next((step for step in _STEPS if step > value), value)
    return next((step for step in reversed(_STEPS) if step < value), value)


def _about_image(text: str, image_ids: ImageIds) -> AboutImage | None:
    """ "why not P0706?"; "what about" may go on to something else, so it takes an image that there is."""
    lead = _LEAD.match(text.lower())
    rest = text[lead.end() :] if lead else text
    for pattern in (_WHY, _EXPLAIN):
        found = pattern.fullmatch(rest.lower())
        if found is not None:
            said = rest[found.start("image") : found.end("image")].strip("\"'“”‘’,")
            if said and (pattern is _WHY or _is_image(said, image_ids)):
                return AboutImage(said)
    return None


def _is_image(said: str, image_ids: ImageIds) -> bool:
    try:
        find_image(said, image_ids())
    except InputError:
        return False
    return True
