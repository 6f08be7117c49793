"""Exports: what a GIS, a spreadsheet and a script get."""

import csv
import json
from pathlib import Path

import pytest

from solvers.errors import InputError
from tools.exporting import export
from tools.results import (
    ArchiveSize,
    EntityModel,
    FailedClause,
    ImageResult,
    PartVerdict,
    Ranking,
    RunResult,
    Timings,
    VerdictCounts,
)

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)]
FAR_SQUARE = [(10.0, 0.0), (14.0, 0.0), (14.0, 3.0), (10.0, 3.0)]


def _ranking() -> Ranking:
    entities = [
        EntityModel(index=7, label="ship", confidence=0.9, polygon=SQUARE),
        EntityModel(index=9, label="harbor", confidence=0.5, polygon=FAR_SQUARE),
    ]
    proved = ImageResult(
        rank=1,
        image_id='bay, "north"',
        path="images/bay.png",
        verdict="sat",
        score=1.0,
        witness={"x": [7, 9], "y": 9},
        entities=entities,
        parts=[PartVerdict(id="p1", verdict="sat", score=1.0)],
        why_not=[],
    )
    failed = ImageResult(
        rank=2,
        image_id="field",
        path=None,
        verdict="unsat",
        score=0.0,
        witness={},
        entities=[],
        parts=[PartVerdict(id="p1", verdict="unsat", score=0.0)],
        why_not=[FailedClause(part="p1", clause="ship(x)"), FailedClause(part="p1", clause="near(x, y)")],
    )
    return Ranking(
        formula="exists x y. ship(x) & near(x, y)",
        warnings=[],
        parts=[],
        archive=ArchiveSize(images=2, entities=2),
        counts=VerdictCounts(sat=1, unsat=1, unknown=0),
        results=[proved, failed],
        timings_ms=Timings(),
    )


def test_json_is_the_object_that_the_command_line_prints(tmp_path: Path) -> None:
    result = RunResult(status="ok", query="ships", model="offline", results=_ranking().results)
    path = export(result, tmp_path / "answer.json")
    assert RunResult.model_validate_json(path.read_text(encoding="utf-8")) == result


def test_csv_has_one_row_per_image(tmp_path: Path) -> None:
    path = export(_ranking(), tmp_path / "answer.CSV")
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["image_id"] for row in rows] == ['bay, "north"', "field"]
    assert rows[0]["witness"] == "x=7;9 y=9"
    assert rows[1]["why_not"] == "p1: ship(x); p1: near(x, y)"
    assert (rows[1]["path"], rows[1]["witness"]) == ("", "")


def test_geojson_has_one_closed_polygon_per_variable_and_entity(tmp_path: Path) -> None:
    collection = json.loads(export(_ranking(), tmp_path / "answer.geojson").read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    assert collection["frame"] == "pixels, x to the right, y down"
    shown = [(each["properties"]["variable"], each["properties"]["index"]) for each in collection["features"]]
    assert shown == [("x", 7), ("x", 9), ("y", 9)]
    first = collection["features"][0]
    assert first["geometry"]["coordinates"] == [[[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]]]
    assert {name: value for name, value in first["properties"].items() if value is not None} == {
        "kind": "object",
        "image_id": 'bay, "north"',
        "path": "images/bay.png",
        "rank": 1,
        "verdict": "sat",
        "score": 1.0,
        "variable": "x",
        "index": 7,
        "label": "ship",
        "confidence": 0.9,
    }


def test_the_format_can_be_named_whatever_the_ending(tmp_path: Path) -> None:
    path = export(_ranking(), tmp_path / "answer.txt", format="geojson")
    assert json.loads(path.read_text(encoding="utf-8"))["type"] == "FeatureCollection"


def test_an_ending_without_a_format_is_refused_and_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'\.xlsx'.*\.json, \.csv, \.geojson"):
        export(_ranking(), tmp_path / "answer.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_an_export_replaces_the_file_before_it_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "answer.csv"
    target.write_text("old", encoding="utf-8")
    export(_ranking(), target)
    assert target.read_text(encoding="utf-8").startswith("rank,")
    assert [each.name for each in tmp_path.iterdir()] == ["answer.csv"]


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        export(_ranking(), tmp_path, format="json")
    with pytest.raises(InputError, match="no folder"):
        export(_ranking(), tmp_path / "absent" / "answer.json")
