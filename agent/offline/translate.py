"""From a question in English to a formula: words, screening, grammar, meaning."""

from agent.offline.grammar import parse
from agent.offline.lexicon import Lexicon
from agent.offline.meaning import interpret
from agent.offline.problems import Problem, Span, Translation, UnreadableError
from agent.offline.screening import explain, screen
from agent.offline.shared_heads import spell_out_heads
from agent.offline.tokens import tokenize
from solvers.fol.ast import Formula, children
from solvers.fol.printer import print_formula
from solvers.ontology import Ontology

MAX_CHARACTERS = 2_000
# A little below what the parser of formulas takes.
MAX_FORMULA_CHARACTERS, MAX_DEPTH = 18_000, 55


def translate_english(query: str, ontology: Ontology) -> Translation:
    """The formula that a question in English means, or every word that stands in its way; never raises for a query.

    The fragment and its meanings are described in docs/english.md.
    """
    if len(query) > MAX_CHARACTERS:
        message = f"the query has {len(query):,} characters; at most {MAX_CHARACTERS:,} are read"
        return _refused(Problem(query[:40], 0, len(query), message))
    tokens = tokenize(query)
    if not tokens:
        message = 'the query says nothing: ask for something, such as "two planes next to a storage tank"'
        return _refused(Problem(query, 0, len(query), message))
    lexicon = Lexicon(ontology)
    tokens = spell_out_heads(tokens, lexicon)
    problems = screen(query, tokens, lexicon)
    if problems:
        return _refused(*problems)
    try:
        statement = parse(tokens, lexicon)
        if isinstance(statement, int):
            if statement < len(tokens):
                return _refused(explain(query, tokens, statement, lexicon))
            word = query[tokens[-1].start : tokens[-1].end]
            message = f'the query ends too early, after "{word}"'
            return _refused(Problem(word, tokens[-1].start, tokens[-1].end, message))
        formula = interpret(statement, lexicon)
    except UnreadableError as error:
        return _refused(_problem(query, error.span, error.reason, error.suggestions))
    text = print_formula(formula)
    if len(text) > MAX_FORMULA_CHARACTERS or _depth(formula) > MAX_DEPTH:
        return _refused(Problem(query, 0, len(query), "the question is too involved: ask for less at a time"))
    return Translation(text)


def _depth(formula: Formula) -> int:
    return 1 + max(map(_depth, children(formula)), default=0)


def _refused(*problems: Problem) -> Translation:
    return Translation(None, problems)


def _problem(query: str, span: Span, reason: str, suggestions: tuple[str, ...]) -> Problem:
    start, end = span
    return Problem(query[start:end], start, end, f'"{query[start:end]}": {reason}', suggestions)
