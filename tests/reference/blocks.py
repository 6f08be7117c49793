"""How a formula falls apart: neighbouring quantifiers, the conjuncts under them, the closed formulas in it."""

from tests.reference.syntax import Binary, Node, Not, Quantified, free_variables, names_in

Signed = tuple[Node, bool]
"""A formula that has to be true, or false."""


def own_names(node: Node) -> frozenset[str]:
    """The predicate names of a closed formula that are in no smaller closed formula."""
    match node:
        case Quantified() | Not():
            return _names_below(node.body)
        case Binary():
            return _names_below(node.left) | _names_below(node.right)
        case _:
            return names_in(node)


def _names_below(node: Node) -> frozenset[str]:
    return own_names(node) if free_variables(node) else frozenset()


def block_of(node: Quantified) -> tuple[list[str], list[Signed]]:
    """The variables of neighbouring existentials (or universals, denied) and the conjuncts under them."""
    positive = node.kind == "exists"
    variables = [node.variable]
    conjuncts = _conjuncts(node.body, positive)
    while len(conjuncts) == 1:
        inner, sign = conjuncts[0]
        wanted = "exists" if sign else "forall"
        if not (isinstance(inner, Quantified) and inner.kind == wanted) or inner.variable in variables:
            break
        if not free_variables(inner):  # closed: it has a value of its own, perhaps unknown
            break
        variables.append(inner.variable)
        conjuncts = _conjuncts(inner.body, sign)
    return variables, conjuncts


def _conjuncts(node: Node, positive: bool) -> list[Signed]:
    match node:
        case Not():
            return _conjuncts(node.body, not positive)
        case Binary(kind="&") if positive:
            return _conjuncts(node.left, True) + _conjuncts(node.right, True)
        case Binary(kind="|") if not positive:
            return _conjuncts(node.left, False) + _conjuncts(node.right, False)
        case Binary(kind="->") if not positive:
            return _conjuncts(node.left, True) + _conjuncts(node.right, False)
        case _:
            return [(node, positive)]
