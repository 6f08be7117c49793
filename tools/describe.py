"""What a query can be about: the classes of an ontology, and the relations, functions and units of the language."""

from pydantic import Field

from solvers.fol.analysis import analyse
from solvers.fol.signature import FUNCTIONS, RELATIONS, UNITS, Dimension
from solvers.ontology import Ontology
from solvers.plan import Plan, make_plan
from tools.ontologies import load_ontology
from tools.results import Model, PartModel


class ClassDescription(Model):
    """One class as logic writes it; `leaf` where entities carry it as their label, else it covers its children."""

    name: str
    parent: str | None
    leaf: bool
    synonyms: list[str]


class RelationDescription(Model):
    """One relation of entities; `arity` is the least number of arguments where it is `variadic`."""

    name: str
    arity: int
    variadic: bool
    meaning: str


class FunctionDescription(Model):
    """One function of entities, and the units that it may be compared in."""

    name: str
    arity: int
    units: list[str]
    meaning: str


class OntologyDescription(Model):
    """The vocabulary of formulas over one ontology."""

    name: str
    classes: list[ClassDescription]
    relations: list[RelationDescription]
    functions: list[FunctionDescription]
    units: dict[str, list[str]] = Field(description="the units of each dimension")


def describe_ontology(ontology: str | Ontology = "dota") -> OntologyDescription:
    """The classes of an ontology (a shipped name or a path to a TOML file) and all that may be said of them.

    Raises InputError if there is no such ontology.
    """
    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    leaves = set(known.leaf_names)
    units = {
        dimension.value: [unit.name for unit in UNITS.values() if unit.dimension is dimension]
        for dimension in Dimension
    }
    return OntologyDescription(
        name=known.name,
        classes=[
            ClassDescription(name=each.name, parent=each.parent, leaf=each.name in leaves, synonyms=list(each.synonyms))
            for each in known.classes
        ],
        relations=[
            RelationDescription(name=each.name, arity=each.arity, variadic=each.variadic, meaning=each.meaning)
            for each in RELATIONS.values()
        ],
        functions=[
            FunctionDescription(
                name=each.name, arity=each.arity, units=units[each.dimension.value], meaning=each.meaning
            )
            for each in FUNCTIONS.values()
        ],
        units=units,
    )


def describe_parts(formula: str, ontology: str | Ontology = "dota") -> list[PartModel]:
    """The parts of a formula, with the classes that they name and the clauses under them; raises FormulaError."""
    known = ontology if isinstance(ontology, Ontology) else load_ontology(ontology)
    return plan_parts(make_plan(analyse(formula, known).require(), known))


def plan_parts(plan: Plan) -> list[PartModel]:
    """The parts of a plan, in the shape that JSON has."""
    return [
        PartModel(
            id=part.id,
            formula=part.text,
            classes=list(part.classes),
            clauses=[clause.text for clause in part.clauses],
        )
        for part in plan.parts
    ]
