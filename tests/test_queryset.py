"""Query sets as JSON Lines: what is read, what is refused and where, and that writing keeps them."""

import json
from pathlib import Path

import pytest

from solvers.errors import InputError, RuneError
from tools.evaluation.queryset import (
    EvaluationQuery,
    parse_query_set,
    query_set_lines,
    read_query_set,
    write_query_set,
)
from tools.ontologies import load_ontology


def test_a_set_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    whole = EvaluationQuery(
        id="q1",
        query="two ships \u2014 or more",
        formula="exists>=2 x. ship(x)",
        relevant=("P2", "P1"),
        level=1,
        complexity=2,
        kinds=("count", "attribute"),
    )
    bare = EvaluationQuery(id="q2", query="a ship", relevant=())
    write_query_set(tmp_path / "set.jsonl", [whole, bare])
    assert read_query_set(tmp_path / "set.jsonl") == [whole, bare]
    assert (whole.relevant, whole.kinds) == (("P1", "P2"), ("attribute", "count"))
    last = (tmp_path / "set.jsonl").read_text(encoding="utf-8").splitlines()[1]
    assert json.loads(last) == {"id": "q2", "query": "a ship", "relevant": [], "kinds": []}


def test_peoples_own_sets_need_little() -> None:
    content = (
        b'\xef\xbb\xbf{"id": 7, "formula": "EXISTS x (ship(x))"}\r\n\n{"id": "b", "query": "a", "relevant": ["S"]}'
    )
    first, second = parse_query_set(content, "own.jsonl", load_ontology("dota"))
    assert (first.id, first.query, first.formula, first.relevant) == ("7", None, "exists x. ship(x)", None)
    assert (second.formula, second.relevant) == (None, ("S",))
    assert parse_query_set(query_set_lines([first, second]).encode(), "again") == [first, second]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "this is not JSON: Expecting property name"),
        ("[1]", "this is JSON, but not an object"),
        ('{"query": "a ship", "relevant": []}', "there is no id"),
        ('{"id": "a"}', "there is neither a query nor a formula"),
        ('{"id": "a", "query": "a ship"}', "nothing says what is right"),
        ('{"id": " ", "formula": "exists x. ship(x)"}', "id: it is blank"),
        ('{"id": "a", "query": "\\ud800", "relevant": []}', "query: Input should be a valid string"),
        ('{"id": "a", "relevent": []}', 'the key "relevent" means nothing here; the nearest are relevant'),
        ('{"id": "a", "query": "a ship", "relevant": ["S1", "S1"]}', 'relevant: "S1" is there twice'),
        ('{"id": "a", "query": "a ship", "relevant": [3]}', "relevant.0: Input should be a valid string"),
        ('{"id": "a", "formula": "exists x. ship(x)", "level": 6}', "level: Input should be less than or equal to 5"),
        ('{"id": "a", "formula": "exists x. shipp(x)"}', "formula: character 11: "),
        ('{"id": "first", "formula": "exists x. ship(x)"}', 'the id "first" is that of line 1 too'),
        ('{"id": "a", "formula": "' + "~" * 21_000 + '"}', "formula: String should have at most 20000 characters"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_told_with_its_line(line: str, said: str) -> None:
    content = '{"id": "first", "formula": "exists x. ship(x)"}\n' + line
    with pytest.raises(InputError) as caught:
        parse_query_set(content.encode(), "set.jsonl", load_ontology("dota"))
    assert str(caught.value).startswith("set.jsonl:2: ")
    assert said in str(caught.value)


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: the file cannot be read"):
        read_query_set(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="there are no queries in it"):
        parse_query_set(b"\n", "empty.jsonl")
    with pytest.raises(RuneError, match="cannot be written"):
        write_query_set(tmp_path / "no" / "set.jsonl", [])
