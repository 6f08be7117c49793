"""The bench of the offline translator: what it counts."""

from pathlib import Path

import pytest

from bench.translation import main, tally
from tools.ontologies import load_ontology


def test_every_expression_is_counted_once() -> None:
    counts = tally(
        ["a plane near a tank", "a white plane", "a pond", "a plane near", "a plane a ship"], load_ontology("dota")
    )
    assert (counts.total, counts.translated, counts.named, counts.failed) == (5, 1, 4, [])
    assert counts.unread == {"white": 1, "pond": 1, "near": 1, "ship": 1}
    assert (counts.in_reach, counts.in_reach_translated) == (3, 1)


def test_the_figures_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expressions = tmp_path / "expressions.txt"
    expressions.write_text("two ships\n\ntwo ships\na red ship\n", encoding="utf-8")
    assert main(["--queries", str(expressions), "--ontology", "dota", "--top", "3"]) == 0
    out = capsys.readouterr().out
    assert "2 distinct expressions" in out
    assert "1 of 2 (50.0%)" in out
    assert "unread most often: red 1" in out


def test_missing_expressions_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--queries", str(tmp_path / "none.txt")]) == 2
    assert "none.txt" in capsys.readouterr().err
