"""Words that cannot be read, found before parsing: every unknown word, and what no detector sees, each by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.offline.function_words import LOCATED
from agent.offline.known_words import KNOWN_WORDS, SUGGESTED_WORDS
from agent.offline.lexicon import Lexicon
from agent.offline.problems import Problem
from agent.offline.qualities import Quality, leads_to_quality
from agent.offline.tokens import Token
from agent.offline.vocabulary import BORDERS, COMPARED_SIZES, OUTERMOST, SIDES

MAX_SUGGESTED, MAX_CLASSES = 20, 40
_LOOK_BACK = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a kind of word is refused, and what can be said instead."""

    reason: str
    suggestions: tuple[str, ...] = ()


_COLOUR = Refusal("is a colour, and no detector here sees colours")
_MATERIAL = Refusal("is a material, and no detector here sees materials")
_SHAPE = Refusal("is a shape, and no detector here sees shapes")
_STATE = Refusal("is a state that no detector here sees")
_LARGE = Refusal("has no measure of its own: compare it with something", ("larger than", "the largest"))
_SMALL = Refusal("has no measure of its own: compare it with something", ("smaller than", "the smallest"))
_MIDDLING = Refusal("has no measure of its own: give an area", ("with an area of at least", "with an area of at most"))
_LONG = Refusal("has no measure of its own: compare it with something", ("longer than", "the longest"))
_VAGUE = Refusal("is no number: say how many", ("at least two", "at least three", "exactly two"))
_COMPARED_COUNTS = Refusal("compares no two counts: compare with a number", ("at least two", "more than three"))
_ABOUT = Refusal("gives no bounds: say between which", ("at least", "at most", "between"))
_DEGREE = Refusal("is a degree that has no measure: leave it out, or give a distance", ("within 50 m of", "near"))
_SEVERAL_GROUPS = Refusal(
    "asks for several groups at once: only one row, line or cluster can be asked for", ("in a row", "in a cluster")
)
_OUTERMOST = Refusal(
    "is no order that is checked: the outermost ones are those in the image", ("topmost", "leftmost", "north of")
)
_CONVERSE = Refusal("is not read this way round: say it of the other thing", ("surrounded by", "with a car on it"))
_DEPTH = Refusal("cannot be seen from above", ("above", "below", "near", "on"))
_PATH = Refusal("is no relation that is checked", ("near", "adjacent to", "on", "parallel to"))
_DIAGONAL = Refusal(
    "is no relation that is checked: there are north, south, east and west",
    ("north of", "south of", "east of", "west of"),
)
_UNIT = Refusal("is no unit that is read: use metres, kilometres, hectares or pixels", ("m", "km", "px"))
_QUESTION = Refusal("asks for an answer in words; only images are found: say what they show", ("at least", "exactly"))
_PART = Refusal(
    "is neither a number nor a region that is checked: there are thirds, corners and outer sixths",
    ("left", "far left", "upper left"),
)

REFUSED: Mapping[str, Refusal] = {
    word: refusal
    for words, refusal in (
        ("white black red gray grey blue green brown orange yellow pink purple violet silver golden beige dark bright "
         "light pale coloured colored colour color colours colors colorful colourful turquoise maroon cyan", _COLOUR),
        ("wooden wood metal metallic steel concrete asphalt brick glass stone plastic paved gravel sandy", _MATERIAL),
        ("round square rectangular circular oval triangular curved straight shaped elongated", _SHAPE),
        ("moving flying empty full crowded busy damaged destroyed old new abandoned closed open broken burning sinking "
         "modern military civilian commercial private driving sailing landing taxiing floating cruising speeding "
         "turning leaving entering arriving departing approaching stationary idle waiting loaded unloaded occupied "
         "vacant isolated alone", _STATE),
        ("large big huge giant massive enormous great tall high vast", _LARGE),
        ("small little tiny mini short", _SMALL),
        ("medium mid sized normal average", _MIDDLING),
        ("long wide narrow broad", _LONG),
        ("several many few numerous various multiple plenty couple dozens hundreds lots enough much most "
         "pairs majority tens thousands countless", _VAGUE),
        ("twice double triple equal", _COMPARED_COUNTS),
        ("rows columns lines groups clusters chains", _SEVERAL_GROUPS),
        ("northernmost southernmost easternmost westernmost", _OUTERMOST),
        ("carrying hosting holding surrounding encircling flanking accommodating", _CONVERSE),
        ("more less fewer", _COMPARED_COUNTS),
        ("about approximately roughly nearly almost circa", _ABOUT),
        ("behind front opposite facing over", _DEPTH),
        ("around along across through against amid crossing pointing toward towards", _PATH),
        ("very really extremely fairly quite slightly directly immediately diagonally", _DEGREE),
        ("northeast northwest southeast southwest", _DIAGONAL),
        ("feet foot ft miles mile yards yard inches inch acres acre", _UNIT),
        ("how why when whom", _QUESTION),
        ("half quarter quadrant halves", _PART),
    )
    for word in words.split()
}  # fmt: skip


def screen(query: str, tokens: tuple[Token, ...], lexicon: Lexicon) -> tuple[Problem, ...]:
    """Every word of a query that is no noun of the ontology and no word of the grammar; unknown neighbours as one."""
    return tuple(
        _problem(query, phrase, lexicon, suggest=place < MAX_SUGGESTED)
        for place, phrase in enumerate(_unread(tokens, lexicon))
    )


def explain(query: str, tokens: tuple[Token, ...], position: int, lexicon: Lexicon) -> Problem:
    """The problem of a known word that cannot stand where it stands, or of a refused one that led the reading there."""
    for token in reversed(tokens[max(position - _LOOK_BACK, 0) : position + 1]):
        if token.text in REFUSED:
            return _problem(query, (token,), lexicon, suggest=True)
        if token.text in LOCATED:
            word = query[token.start : token.end]
            return Problem(word, token.start, token.end, f'"{word}" {_STATE.reason}; it can only stand before a place')
    token = tokens[position]
    quality = lexicon.quality(tokens, position)
    end = tokens[position + len(quality.words) - 1].end if quality is not None else token.end
    word = query[token.start : end]
    if quality is None:
        return Problem(word, token.start, end, f'"{word}" cannot be read here')
    said = " ".join(quality.words)
    return Problem(word, token.start, end, f'"{word}": {quality.goes_with}', lexicon.beginning_with(said))


def _unread(tokens: tuple[Token, ...], lexicon: Lexicon) -> Iterator[tuple[Token, ...]]:
    phrase: list[Token] = []
    position, after_noun = 0, False
    while position < len(tokens):
        token = tokens[position]
        noun = lexicon.match(tokens, position)
        known = token.text in KNOWN_WORDS or not token.is_word
        quality = _quality(tokens, position, lexicon, after_noun=after_noun)
        known = known or quality is not None
        readable = noun is not None or known or _is_compared(tokens, position) or _is_utmost(tokens, position)
        if phrase and (readable or token.text in REFUSED or not _adjoins(phrase[-1], token)):
            yield tuple(phrase)
            phrase = []
        if not readable:
            if token.text in REFUSED:
                yield (token,)
            else:
                phrase.append(token)
        after_noun = noun is not None
        position += noun.words if noun is not None else len(quality.words) if quality is not None else 1
    if phrase:
        yield tuple(phrase)


def _quality(tokens: tuple[Token, ...], position: int, lexicon: Lexicon, *, after_noun: bool) -> Quality | None:
    """A quality where it can be said of something: "is damaged", "the damaged ones", "a road flooded"."""
    quality = lexicon.quality(tokens, position)
    if quality is None:
        return None
    after = position + len(quality.words)
    of_one = after < len(tokens) and tokens[after].text in ("one", "ones")
    led_to = position > 0 and leads_to_quality(tokens[position - 1].text)
    return quality if of_one or led_to or (after_noun and tokens[position].text not in REFUSED) else None


def _is_compared(tokens: tuple[Token, ...], position: int) -> bool:
    """Whether a size stands in "as large as"."""
    around = [token.text for token in tokens[max(position - 1, 0) : position + 2]]
    return len(around) == 3 and around[0] == around[2] == "as" and around[1] in COMPARED_SIZES


def _is_utmost(tokens: tuple[Token, ...], position: int) -> bool:
    """Whether a word stands before a side: "at the very top"."""
    after = tokens[position + 1].text if position + 1 < len(tokens) else ""
    return tokens[position].text in OUTERMOST and (after in SIDES or after in BORDERS)


def _adjoins(before: Token, token: Token) -> bool:
    return token.start - before.end <= 1


def _problem(query: str, phrase: tuple[Token, ...], lexicon: Lexicon, *, suggest: bool) -> Problem:
    start, end = phrase[0].start, phrase[-1].end
    words = query[start:end]
    text = " ".join(token.text for token in phrase)
    refusal = REFUSED.get(text)
    if refusal is not None:
        suggestions = (*refusal.suggestions, *lexicon.beginning_with(text))
        return Problem(words, start, end, f'"{words}" {refusal.reason}', suggestions)
    nearest = lexicon.nearest(text, SUGGESTED_WORDS if len(phrase) == 1 else ()) if suggest else ()
    name = lexicon.ontology.name
    message = f'"{words}" is neither a class of the ontology {name} nor a word that is read here'
    if nearest:
        message += f"; the nearest known {'word is' if len(nearest) == 1 else 'words are'} {', '.join(nearest)}"
    elif suggest:
        nearest = lexicon.class_names[:MAX_CLASSES]
        message += "; nothing known is spelled like it, so here are the classes"
    return Problem(words, start, end, message, nearest)
