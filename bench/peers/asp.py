"""clingo on one scene: the plan as a stratified program over the conditioned facts, one control a scene.

This is the encoding that serves clingo best here: no choices, so that its grounder joins and nothing is left to
search; choosing a witness by choice rules and constraints took 1.6 to 2.8 times as long on three of the questions.
Facts are the domains that the literals of each variable allow, and for each relation the true pairs between the
domains of its variables.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from bench.peers.facts import Facts, is_unary
from solvers.fol.ast import (
    And,
    Atom,
    Comparator,
    Comparison,
    Counted,
    Formula,
    Not,
    Or,
    Quantified,
    Variable,
    conjuncts_of,
    free_variables,
    subformulas,
)
from solvers.plan import Plan


@dataclass
class _Rules:
    """The rules of one plan; each sub-formula that needs a name has one."""

    lines: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def named(self, formula: Formula) -> str:
        """An atom that holds where the formula does."""
        head = _atom(f"holds{next(self.numbers)}", sorted(free_variables(formula)))
        for alternative in formula.parts if isinstance(formula, Or) else (formula,):
            self.lines.append(f"{head} :- {self._body(alternative)}.")
        return head

    def _body(self, formula: Formula) -> str:
        domains = [f"in_{name}({_upper(name)})" for name in sorted(free_variables(formula))]
        match formula:
            case Quantified(variables=variables, body=body):
                return ", ".join([*domains, *self._block([each.name for each in variables], body)])
            case Counted(comparator, least, variable, body):
                sign = {Comparator.GE: ">=", Comparator.LE: "<="}.get(comparator, "=")
                inner = ", ".join(self._block([variable.name], body))
                return ", ".join([*domains, f"#count {{ {_upper(variable.name)} : {inner} }} {sign} {least}"])
            case And(parts):
                return ", ".join([*domains, *(self._literal(part) for part in parts)])
            case _:
                return ", ".join([*domains, self._literal(formula)])

    def _block(self, names: list[str], body: Formula) -> list[str]:
        rest = [each for each in conjuncts_of(body) if not any(is_unary(each, name) for name in names)]
        return [*(f"in_{name}({_upper(name)})" for name in names), *(self._literal(each) for each in rest)]

    def _literal(self, formula: Formula) -> str:
        match formula:
            case Atom(predicate, arguments):
                names = [each.name for each in arguments if isinstance(each, Variable)]
                return _atom("_".join([predicate, *names]), names)
            case Comparison(Variable(left), comparator, Variable(right)):
                return f"{_upper(left)} {comparator.value} {_upper(right)}"
            case Not(body):
                return f"not {self.named(body)}"
            case _:
                return self.named(formula)


@dataclass(frozen=True)
class AspPeer:
    """One plan as a program, and each scene as its facts."""

    plan: Plan

    @property
    def program(self) -> str:
        """The rules; `sat` holds where the plan does."""
        rules = _Rules()
        parts = [rules.named(part.formula) for part in self.plan.parts]
        return "\n".join([*rules.lines, f"sat :- {', '.join(parts)}.", ":- not sat."])

    def facts(self, facts: Facts) -> str:
        """The conditioned facts of a scene."""
        lines = [f"in_{name}({place})." for name, held in facts.domains.items() for place in np.flatnonzero(held)]
        for atom in dict.fromkeys(_relations(self.plan)):
            first, second = (each.name for each in atom.arguments if isinstance(each, Variable))
            held = facts.binary[atom.predicate] & facts.domains[first][:, None] & facts.domains[second][None, :]
            name = f"{atom.predicate}_{first}_{second}"
            lines.extend(
                f"{name}({a},{b})." for a, b in zip(*(each.tolist() for each in np.nonzero(held)), strict=True)
            )
        return "\n".join(lines)


def decide(program: str, facts: str) -> bool:
    """Whether a program has a model: read, grounded and solved by a control of its own."""
    import clingo

    control = clingo.Control(["--warn=none"])
    control.add("base", [], program)
    control.add("base", [], facts)
    control.ground([("base", [])])
    return bool(control.solve().satisfiable)


def _relations(plan: Plan) -> Iterator[Atom]:
    for part in plan.parts:
        for formula in subformulas(part.formula):
            if isinstance(formula, Atom) and len(formula.arguments) == 2:
                yield formula


def _atom(predicate: str, names: list[str]) -> str:
    return f"{predicate}({','.join(map(_upper, names))})" if names else predicate


def _upper(name: str) -> str:
    return f"V{name}"
