"""The grammar of the fragment: a recursive descent over the words, one file per kind of phrase.

Each class builds on the one below it: cursor, numbers, determiners, noun phrases, places, measurements, predicates,
statements. Where a query could be read in two ways, a rule that docs/english.md states decides.
"""

from agent.offline.grammar.cursor import StuckError
from agent.offline.grammar.statements import StatementRules
from agent.offline.lexicon import Lexicon
from agent.offline.statements import Statement
from agent.offline.tokens import Token


def parse(tokens: tuple[Token, ...], lexicon: Lexicon) -> Statement | int:
    """The statement that a query makes, or the position of the token at which reading ended.

    Raises UnreadableError for words that are read but mean nothing that logic could say.
    """
    cursor = StatementRules(tokens, lexicon)
    try:
        return cursor.query()
    except StuckError:
        return cursor.furthest
