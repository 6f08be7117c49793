"""`Plane(x) & LeftOf(x, y)` -> `plane(x) & left_of(x, y)`: the same names in other letter cases."""

import re
from collections.abc import Callable

from solvers.fol.ast import Atom, Comparison, Formula, FunctionTerm, Term, children, rebuild
from solvers.fol.signature import FUNCTIONS, RELATIONS
from solvers.ontology import Ontology, normalise_label

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def normalise_names(formula: Formula, ontology: Ontology) -> Formula:
    """Spell every name as the language does where only its letter case differs; an unknown name stays as it is."""
    predicates = {*ontology.by_name, *RELATIONS}

    def spell(name: str, known: Callable[[str], bool]) -> str:
        if known(name):
            return name
        candidates = (normalise_label(name), normalise_label(_HUMP.sub("_", name)))
        return next((each for each in candidates if known(each)), name)

    def term(given: Term) -> Term:
        if not isinstance(given, FunctionTerm):
            return given
        arguments = tuple(map(term, given.arguments))
        return FunctionTerm(spell(given.name, FUNCTIONS.__contains__), arguments, given.span)

    def walk(given: Formula) -> Formula:
        match given:
            case Atom(name, arguments, span):
                return Atom(spell(name, predicates.__contains__), tuple(map(term, arguments)), span)
            case Comparison(left, comparator, right, span):
                return Comparison(term(left), comparator, term(right), span)
            case _:
                return rebuild(given, tuple(map(walk, children(given))))

    return walk(formula)
