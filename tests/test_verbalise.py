"""Back-translation: what a formula looks for, in English that leaves open neither scope nor number nor who is who."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from agent.offline import translate_english
from solvers.fol.analysis import analyse
from solvers.fol.ast import Atom, Comparison, Counted, FunctionTerm, Quantity, subformulas
from solvers.fol.diagnostics import FormulaError
from solvers.fol.signature import FUNCTIONS, RELATIONS
from tests.strategies import formulas
from tests.test_offline_meanings import pairs as offline_meanings
from tests.test_offline_translator import pairs as offline_english
from tools.english import verbalise
from tools.english import words as tables
from tools.equivalence import are_equivalent
from tools.ontologies import load_ontology

DOTA = load_ontology("dota")
FIXTURE = Path(__file__).parent / "fixtures" / "readings.txt"
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# At least one of these words stands for the relation, wherever it is said.
WORDS = {
    **{name: (phrase,) for name, phrase in (*tables.REGIONS.items(), *tables.RELATIONS.items())},
    "larger_than": ("larger than", "largest"),
    "smaller_than": ("smaller than", "smallest"),
    "between": ("between",),
    "collinear": ("collinear",),
    "row": ("in a row",),
    "column": ("in a column",),
    "aligned": ("aligned", "in a line"),
    "clustered": ("clustered", "in a cluster"),
    "distance": ("distance", "within", "from", "closer to"),
    "area": ("area",),
    "length": ("length", " long", "longer", "shorter", "longest", "shortest"),
    "width": ("width", " wide", "wider", "narrower", "widest", "narrowest"),
    "cx": ("left edge", "further left", "further right", "leftmost", "rightmost"),
    "cy": ("top edge", "higher up", "lower down", "topmost", "bottommost"),
}


def readings() -> list[tuple[str, str]]:
    lines = [line for line in FIXTURE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("# ")]
    assert len(lines) % 2 == 0
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.mark.parametrize(("formula", "english"), readings(), ids=[formula for formula, _ in readings()])
def test_a_formula_reads_as(formula: str, english: str) -> None:
    assert verbalise(formula, DOTA) == english


def test_every_relation_region_and_function_has_words() -> None:
    assert WORDS.keys() == RELATIONS.keys() | FUNCTIONS.keys()


def named(formula: str) -> tuple[set[str], set[str], set[str]]:
    """The classes, the relations and functions, and the numbers of a formula."""
    classes, relations, numbers = set(), set(), set()
    terms: list[object] = []
    for each in subformulas(analyse(formula, DOTA).require()):
        match each:
            case Atom(predicate, arguments):
                (relations if predicate in RELATIONS else classes).add(predicate)
                terms += arguments
            case Comparison(left, _, right):
                terms += (left, right)
            case Counted(count=count):
                numbers.add(NUMBERS[count])
            case _:
                continue
    for term in terms:
        if isinstance(term, FunctionTerm):
            relations.add(term.name)
        elif isinstance(term, Quantity):
            numbers.add(f"{term.value:g} {term.unit}")
    return classes, relations, numbers


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(formulas())
def test_every_class_relation_and_number_is_named(formula: str) -> None:
    english = verbalise(formula, DOTA)
    assert english == verbalise(formula, DOTA)
    assert english.startswith("images ")
    assert english.count("(") == english.count(")")
    classes, relations, numbers = named(formula)
    for name in classes:
        assert re.search(rf"\b{name.replace('_', ' ')}s?\b", english), name
    for name in relations:
        assert any(word in english for word in WORDS[name]), name
    for number in numbers:
        assert re.search(rf"\b{number}\b", english), number


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(formulas())
def test_every_letter_is_introduced_before_it_is_used(formula: str) -> None:
    english = verbalise(formula, DOTA)
    introduced = [letter for _, letter in re.findall(r"\b([a-z]+) ([A-Z]\d*)\b", english) if letter]
    for letter in set(re.findall(r"\b[A-Z]\d*\b", english)):
        first = re.search(rf"\b{letter}\b", english)
        assert first is not None
        before = english[: first.start()].split()[-1]
        nouns = {word for name in DOTA.by_name for word in name.split("_")}
        assert before.removesuffix("s") in {*nouns, "object"}, english
        assert letter in introduced


def test_an_invalid_formula_has_no_reading() -> None:
    with pytest.raises(FormulaError):
        verbalise("exists x. plain(x)", DOTA)


def test_the_offline_translator_takes_no_reading_for_anything_else() -> None:
    """It need not read the letters and brackets of a reading; where it reads one, it means the formula."""
    english = dict.fromkeys((*(each for each, _ in offline_english()), *(each for each, _ in offline_meanings())))
    formulas_read = [each for each in (translate_english(one, DOTA).formula for one in english) if each is not None]
    back = [(each, translate_english(verbalise(each, DOTA), DOTA).formula) for each in formulas_read]
    same = [are_equivalent(each, other, DOTA) for each, other in back if other is not None]
    assert False not in same
    assert same.count(True) >= 0.75 * len(formulas_read)


@pytest.mark.parametrize(
    ("ontology", "formula", "english"),
    [
        ("dior", "exists>=2 x. airplane(x)", "images with at least two airplanes"),
        ("dota", "exists>=2 x. aircraft(x)", "images with at least two aircraft"),
        ("dota", "exists>=30 x. ship(x)", "images with at least 30 ships"),
    ],
)
def test_plurals_are_the_ontologys(ontology: str, formula: str, english: str) -> None:
    assert verbalise(formula, ontology) == english
