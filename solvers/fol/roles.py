"""What a token is where it stands: a bound variable, a predicate, a constant, a number below zero."""

from collections.abc import Iterator, Sequence

from solvers.fol.signs import TRUTH_WORDS
from solvers.fol.token import Token

_BINDING = frozenset({"EXISTS", "FORALL", "COUNT"})
_NAMELIKE = frozenset({"NAME", "ODD", "QUANTITY"})


def with_dotted_names(tokens: Sequence[Token], text: str) -> list[Token]:
    """`mr.smith` alone between a parenthesis or comma and the next one is a single name, not the end of a binding."""
    joined: list[Token] = []
    binding = False
    place = 0
    while place < len(tokens):
        token = tokens[place]
        after = place + 1
        if not binding and joined and joined[-1].kind in ("LPAR", "COMMA") and token.kind in _NAMELIKE:
            while _continues(tokens, after):
                after += 2
            if after > place + 1 and after < len(tokens) and tokens[after].kind in ("COMMA", "RPAR"):
                end = tokens[after - 1].end
                joined.append(Token("ODD", text[token.start : end], token.start, end))
                place = after
                continue
        binding = token.kind in _BINDING or (binding and token.kind in ("NAME", "COMMA"))
        joined.append(token)
        place += 1
    return joined


def _continues(tokens: Sequence[Token], place: int) -> bool:
    """Whether a dot and a further piece of a name stand at a place, without a blank."""
    if place + 1 >= len(tokens):
        return False
    before, dot, piece = tokens[place - 1 : place + 2]
    touching = before.end == dot.start and dot.end == piece.start
    return touching and dot.kind == "DOT" and dot.value in ".:" and piece.kind in _NAMELIKE


def with_roles(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens with every name's role: BOUND after a quantifier, CALL before its arguments, else NAME or STRING."""
    binding = False  # within the list of names after a quantifier
    bound = 0
    place = 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token.kind in _BINDING:
            binding, bound = True, 0
        elif binding and token.kind == "NAME":
            if bound and _opens_arguments(tokens, place - 1):
                binding = False
            else:
                bound += 1
                yield Token("BOUND", token.value, token.start, token.end)
                continue
        elif binding and token.kind == "COMMA":
            continue
        else:
            binding = False
        if _is_below_zero(tokens, place - 1):
            number = tokens[place]
            yield Token("QUANTITY", f"-{number.value}", token.start, number.end)
            place += 1
        else:
            following = tokens[place] if place < len(tokens) else None
            yield _named(token, following if following is not None and following.kind == "LPAR" else None)


def _named(token: Token, arguments: Token | None) -> Token:
    """The token in its role, given the bracket after it."""
    match token.kind:
        case "NAME" if arguments:
            return Token("CALL", token.value, token.start, token.end)
        case "QUANTITY" if arguments and token.value.isdigit() and arguments.start == token.end:
            return Token("CALL", token.value, token.start, token.end)
        case "NAME" if token.value.lower() in TRUTH_WORDS:
            return Token(TRUTH_WORDS[token.value.lower()], token.value, token.start, token.end)
        case "ODD" if arguments:
            return Token("CALL", token.value.replace("-", "_"), token.start, token.end)
        case "ODD":
            return Token("STRING", token.value, token.start, token.end)
        case _:
            return token


def _is_below_zero(tokens: Sequence[Token], place: int) -> bool:
    """Whether a minus and a number stand where only a term can: beside a comparison, or as an argument."""
    if tokens[place].kind != "NOT" or tokens[place].value != "-" or place + 1 >= len(tokens) or place == 0:
        return False
    number, before = tokens[place + 1], tokens[place - 1]
    if number.kind != "QUANTITY" or number.start != tokens[place].end:
        return False
    argument = before.kind == "COMMA" or (before.kind == "LPAR" and place > 1 and tokens[place - 2].kind in _NAMELIKE)
    return argument or before.kind == "CMP"


def _opens_arguments(tokens: Sequence[Token], place: int) -> bool:
    """Whether the name at `place` is a predicate with arguments, not a last variable before a parenthesised body."""
    after = tokens[place + 1 : place + 4]
    if not after or after[0].kind != "LPAR":
        return bool(after) and after[0].kind == "CMP"
    match [token.kind for token in after[1:]]:
        case ["RPAR", *_] | [("NAME" | "ODD" | "STRING" | "QUANTITY"), ("COMMA" | "RPAR")]:
            return True
        case _:
            return False
