"""Quantifiers pushed inwards as far as they go: what a closed sub-formula is (design 3) depends on it."""

from tools.evaluation.brute_force.syntax import Atom, Binary, Comparison, Node, Not, Quantified, Same, free_variables


def miniscope(node: Node) -> Node:
    """The same formula with negations at the atoms and every quantifier around only what mentions its variable."""
    return _push(negations_inwards(node))


def negations_inwards(node: Node) -> Node:
    """The same formula of `&`, `|` and quantifiers, with negations at the atoms and counts."""
    return _normal(node, True)


def _normal(node: Node, positive: bool) -> Node:
    match node:
        case Atom() | Same() | Comparison():
            return node if positive else Not(node)
        case Not():
            return _normal(node.body, not positive)
        case Quantified(kind="exists" | "forall"):
            kind = node.kind if positive else {"exists": "forall", "forall": "exists"}[node.kind]
            return Quantified(kind, 0, node.variable, _normal(node.body, positive))
        case Quantified():
            counted = Quantified(node.kind, node.count, node.variable, _normal(node.body, True))
            return counted if positive else Not(counted)
    match node.kind:
        case "&" | "|":
            kind = node.kind if positive else {"&": "|", "|": "&"}[node.kind]
            return Binary(kind, _normal(node.left, positive), _normal(node.right, positive))
        case "->":
            return _normal(Binary("|", Not(node.left), node.right), positive)
        case "<->":
            return _normal(Binary("^", node.left, node.right), not positive)
    differs = Binary("|", Binary("&", node.left, Not(node.right)), Binary("&", Not(node.left), node.right))
    return _normal(differs, positive)


def _push(node: Node) -> Node:
    match node:
        case Not():
            return Not(_push(node.body))
        case Binary():
            return Binary(node.kind, _push(node.left), _push(node.right))
        case Quantified(kind="exists" | "forall"):
            return _inwards(node.kind, node.variable, _push(node.body))
        case Quantified():
            return Quantified(node.kind, node.count, node.variable, _push(node.body))
        case _:
            return node


def _inwards(kind: str, variable: str, body: Node) -> Node:
    spreads, gathers = ("|", "&") if kind == "exists" else ("&", "|")
    if isinstance(body, Binary) and body.kind == spreads:
        return Binary(spreads, _inwards(kind, variable, body.left), _inwards(kind, variable, body.right))
    parts = _flat(body, gathers)
    inside = [part for part in parts if variable in free_variables(part)]
    outside = [part for part in parts if variable not in free_variables(part)]
    if not inside:
        return Quantified(kind, 0, variable, body)
    scoped = _joined(inside, gathers)
    narrowed: Node = Quantified(kind, 0, variable, scoped) if len(inside) > 1 else _inner(kind, variable, scoped)
    return _joined([*outside, narrowed], gathers)


def _inner(kind: str, variable: str, body: Node) -> Node:
    spreads = "|" if kind == "exists" else "&"
    if isinstance(body, Binary) and body.kind == spreads:
        return _inwards(kind, variable, body)
    return Quantified(kind, 0, variable, body)


def _flat(node: Node, kind: str) -> list[Node]:
    if isinstance(node, Binary) and node.kind == kind:
        return _flat(node.left, kind) + _flat(node.right, kind)
    return [node]


def _joined(parts: list[Node], kind: str) -> Node:
    joined = parts[0]
    for part in parts[1:]:
        joined = Binary(kind, joined, part)
    return joined
