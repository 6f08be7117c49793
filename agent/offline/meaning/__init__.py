"""The meaning of the fragment: statements to boxes of entities and conditions, and these to one formula."""

from agent.offline.lexicon import Lexicon
from agent.offline.meaning.names import name_variables
from agent.offline.meaning.statements import StatementMeanings
from agent.offline.statements import Statement
from solvers.fol.ast import Formula
from solvers.fol.passes.merge_quantifiers import merge_quantifiers


def interpret(statement: Statement, lexicon: Lexicon) -> Formula:
    """The formula that a statement means; raises UnreadableError for what logic cannot say."""
    return merge_quantifiers(name_variables(StatementMeanings(lexicon).formula(statement)))
