"""Nouns that share their last word: "tennis and basketball courts" read as "tennis courts and basketball courts"."""

from agent.offline.lexicon import Lexicon
from agent.offline.tokens import Token

_LINKS = frozenset({"and", "or"})


def spell_out_heads(tokens: tuple[Token, ...], lexicon: Lexicon) -> tuple[Token, ...]:
    """The tokens, with the words that a first noun leaves to the second; these keep the place of its own words."""
    spelled: list[Token] = []
    for position, token in enumerate(tokens):
        spelled.append(token)
        spelled.extend(Token(each.text, token.start, token.end) for each in _left_out(tokens, position, lexicon))
    return tuple(spelled)


def _left_out(tokens: tuple[Token, ...], position: int, lexicon: Lexicon) -> tuple[Token, ...]:
    """The words that are missing after the first of two nouns."""
    first = tokens[position]
    if position + 2 >= len(tokens) or tokens[position + 1].text not in _LINKS:
        return ()
    second = lexicon.match(tokens, position + 2)
    if second is None or lexicon.match(tokens, position) is not None:
        return ()
    end = position + 2 + second.words
    for start in range(position + 3, end):
        rest = tokens[start:end]
        whole = lexicon.match((first, *rest), 0)
        if whole is not None and whole.words == 1 + len(rest):
            return rest
    return ()
