"""How a formula falls apart: neighbouring quantifiers and the conjuncts under them."""

from tools.evaluation.brute_force.syntax import Binary, Node, Not, Quantified, free_variables

Signed = tuple[Node, bool]
"""A formula that has to be true, or false."""


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
