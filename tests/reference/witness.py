"""Whether a witness proves a formula (design 6)."""

from collections.abc import Mapping, Sequence

from tests.reference.evaluate import Binding, Evaluator
from tools.evaluation.brute_force.parse import parse
from tools.evaluation.brute_force.syntax import Binary, Node, Not, Quantified

Witness = Mapping[str, int | Sequence[int]]


def witness_holds(formula: str, witness: Witness, scene: Evaluator) -> bool:
    """Whether the formula is true with the entities that the witness names.

    Each existential variable that no universal, upper bound or count encloses needs one index, each >=k or =k
    there k distinct ones, on the branches that hold; everything else is decided by brute force. The formula's
    variables have to be named apart. A key that names no such variable makes the witness wrong.
    """
    node = parse(formula)
    indices = set(scene.picture.indices)
    given = [index for value in witness.values() for index in ([value] if isinstance(value, int) else value)]
    if not set(given) <= indices or not set(witness) <= provable(node, True):
        return False
    return _proved(node, True, {}, witness, scene)


def provable(node: Node, positive: bool) -> frozenset[str]:
    """The variables that a witness may bind: existential in effect, outside universals and counts."""
    match node:
        case Quantified(kind="exists" | "forall"):
            if (node.kind == "exists") != positive:
                return frozenset()
            return frozenset({node.variable}) | provable(node.body, positive)
        case Quantified(kind=">=" | "="):
            return frozenset({node.variable}) if positive else frozenset()
        case Not():
            return provable(node.body, not positive)
        case Binary(kind="&" | "|"):
            return provable(node.left, positive) | provable(node.right, positive)
        case Binary(kind="->"):
            return provable(node.left, not positive) | provable(node.right, positive)
        case Binary():
            either = (provable(side, sign) for side in (node.left, node.right) for sign in (True, False))
            return frozenset().union(*either)
        case _:
            return frozenset()


def _proved(node: Node, positive: bool, binding: Binding, witness: Witness, scene: Evaluator) -> bool:
    """Whether `node` is true (not positive: false) by the witness."""
    match node:
        case Not():
            return _proved(node.body, not positive, binding, witness, scene)
        case Quantified():
            return _quantified(node, positive, binding, witness, scene)
        case Binary():
            return any(
                all(_proved(side, sign, binding, witness, scene) for side, sign in branch)
                for branch in _branches(node, positive)
            )
        case _:
            return scene.value(node, binding) is positive


def _branches(node: Binary, positive: bool) -> list[list[tuple[Node, bool]]]:
    """The ways in which a connective is true (not positive: false), each a list of what has to be true or false."""
    left, right = node.left, node.right
    match node.kind:
        case "&":
            return [[(left, True), (right, True)]] if positive else [[(left, False)], [(right, False)]]
        case "|":
            return [[(left, True)], [(right, True)]] if positive else [[(left, False), (right, False)]]
        case "->":
            return [[(left, False)], [(right, True)]] if positive else [[(left, True), (right, False)]]
    equal = positive == (node.kind == "<->")
    return [[(left, sign), (right, sign == equal)] for sign in (True, False)]


def _quantified(node: Quantified, positive: bool, binding: Binding, witness: Witness, scene: Evaluator) -> bool:
    chosen = witness.get(node.variable)
    if node.kind in {">=", "="} and positive:
        if isinstance(chosen, int):
            chosen = [chosen]
        distinct = set(chosen or ())
        if len(distinct) != node.count or len(chosen or ()) != node.count:
            return False
        every = all(scene.value(node.body, {**binding, node.variable: each}) is True for each in distinct)
        return every and scene.value(node, binding) is True
    if node.kind == "exists" and positive:
        if not isinstance(chosen, int):
            return False
        return _proved(node.body, True, {**binding, node.variable: chosen}, witness, scene)
    if node.kind == "forall" and not positive and isinstance(chosen, int):
        return _proved(node.body, False, {**binding, node.variable: chosen}, witness, scene)
    return scene.value(node, binding) is positive
