"""`exists x y. (p(x) & q(y))` -> `(exists x. p(x)) & exists y. q(y)`: every quantifier over as little as it can.

On negation normal form, blocks of equal quantifiers at a time:

    exists V. (A & exists W. B) -> exists V W. (A & B)           one block, so that its conjuncts are seen side by side
    exists V. (A & B) -> (exists V1. A) & exists V2. B           where A and B share no variable of V
    exists V. (A | B) -> (exists V. A) | exists V. B             where the block holds nothing else

and the duals for `forall`; counts stay where they are. A scene may be empty: a variable that nothing uses stays beside
one that is used, or leaves `exists x. x = x` behind (dually `forall x. x != x`). All three values are preserved.
"""

from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Formula,
    Or,
    Quantified,
    Quantifier,
    Variable,
    children,
    conjunction,
    disjunction,
    free_variables,
    rebuild,
)


def miniscope(formula: Formula) -> Formula:
    """The formula, in negation normal form and renamed apart, with its quantifiers pushed inwards."""
    match formula:
        case Atom() | Comparison():
            return formula
        case Quantified(quantifier, variables, body):
            return _push(quantifier, variables, miniscope(body))
        case _:
            return rebuild(formula, tuple(map(miniscope, children(formula))))


def _push(quantifier: Quantifier, variables: tuple[Variable, ...], body: Formula) -> Formula:
    """Push a block whose body is miniscoped already; the names below are those of `exists`."""
    exists = quantifier is Quantifier.EXISTS
    conjoin, disjoin = (conjunction, disjunction) if exists else (disjunction, conjunction)
    variables = tuple({variable.name: variable for variable in variables}.values())
    pulled, conjuncts = _open_block(quantifier, body)
    variables += tuple(variable for variable in pulled if variable not in variables)
    names = {variable.name for variable in variables}
    if len(conjuncts) == 1 and isinstance(conjuncts[0], Or if exists else And):
        branches = tuple(_branch(quantifier, variables, part) for part in conjuncts[0].parts)
        return disjoin(branches)
    used_names = frozenset[str]().union(*map(free_variables, conjuncts))
    idle = tuple(variable for variable in variables if variable.name not in used_names)
    pieces: list[Formula] = []
    for component in _components(conjuncts, names):
        used = frozenset[str]().union(*map(free_variables, component)) & names
        kept = tuple(variable for variable in variables if variable.name in used or (used and variable in idle))
        idle = () if kept else idle
        if not kept:
            pieces.extend(component)
        elif len(component) == 1 and isinstance(component[0], Or if exists else And) and len(conjuncts) > 1:
            pieces.append(_push(quantifier, kept, component[0]))
        else:
            pieces.append(Quantified(quantifier, kept, conjoin(component)))
    return conjoin((*pieces, _inhabited(quantifier, idle)) if idle else tuple(pieces))


def _open_block(quantifier: Quantifier, body: Formula) -> tuple[tuple[Variable, ...], tuple[Formula, ...]]:
    """The variables of the equal quantifiers directly in the body, and all their conjuncts beside the body's own."""
    joined = And if quantifier is Quantifier.EXISTS else Or
    variables: list[Variable] = []
    conjuncts: list[Formula] = []
    for part in body.parts if isinstance(body, joined) else (body,):
        if isinstance(part, Quantified) and part.quantifier is quantifier:
            more, inner = _open_block(quantifier, part.body)
            variables.extend((*part.variables, *more))
            conjuncts.extend(inner)
        else:
            conjuncts.append(part)
    return tuple(variables), tuple(conjuncts)


def _branch(quantifier: Quantifier, variables: tuple[Variable, ...], part: Formula) -> Formula:
    """The block over one alternative; it keeps all variables, since a witness names them all."""
    used = free_variables(part)
    if any(variable.name in used for variable in variables):
        return _push(quantifier, variables, part)
    join = conjunction if quantifier is Quantifier.EXISTS else disjunction
    return join((part, _inhabited(quantifier, variables)))


def _components(conjuncts: tuple[Formula, ...], names: set[str]) -> list[tuple[Formula, ...]]:
    """The conjuncts grouped by the block's variables that they share, in the order of each group's first."""
    groups: list[tuple[set[str], list[int]]] = []
    for place, conjunct in enumerate(conjuncts):
        used = set(free_variables(conjunct) & names)
        touching = [group for group in groups if used and group[0] & used]
        merged = (used.union(*(group[0] for group in touching)), [place, *(i for group in touching for i in group[1])])
        groups = [group for group in groups if not any(group is other for other in touching)]
        groups.append(merged)
    ordered = sorted((sorted(places) for _, places in groups), key=lambda places: places[0])
    return [tuple(conjuncts[place] for place in places) for places in ordered]


def _inhabited(quantifier: Quantifier, variables: tuple[Variable, ...]) -> Formula:
    """`exists x. x = x`, true where the scene has an entity; for `forall` its negation."""
    comparator = Comparator.EQ if quantifier is Quantifier.EXISTS else Comparator.NE
    return Quantified(quantifier, variables, Comparison(variables[0], comparator, variables[0]))
