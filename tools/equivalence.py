"""Whether two formulas mean the same: hold in exactly the same scenes, as Z3 proves under the relations' axioms."""

from solvers.fol.analysis import analyse
from solvers.ontology import Ontology
from tools.ontologies import load_ontology


def are_equivalent(first: str, second: str, ontology: str | Ontology = "dota") -> bool | None:
    """True where it is proved, False where a scene tells them apart, None where Z3 reaches its limit.

    Raises FormulaError for an invalid formula.
    """
    from solvers.semantics import Equivalence, equivalent

    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    answer = equivalent(analyse(first, known).require(), analyse(second, known).require(), known)
    return {Equivalence.YES: True, Equivalence.NO: False, Equivalence.UNKNOWN: None}[answer]
