"""`rune eval` and `tools.evaluate`: systems compared, and the report of it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import tools
from solvers.errors import InputError
from tests.cli_support import Rune, assert_told, caller
from tests.evaluation_support import Scripted, archive_of, labelled_scenes, query_file, scene
from tools.archive import Archive
from tools.evaluation.queryset import EvaluationQuery
from tools.evaluation.report import write_report
from tools.evaluation.results import Evaluation
from tools.evaluation.run import EvaluationSettings

QUERIES = (
    {"id": "ships", "query": "two ships", "formula": "exists>=2 x. ship(x)", "kinds": ["count"]},
    {"id": "near", "query": "a ship near a harbor", "formula": "exists x y. ship(x) & harbor(y) & near(x, y)"},
    {"id": "none", "query": "a plane but no ship", "formula": "exists x. plane(x) & ~exists y. ship(y)"},
    {"id": "all", "query": "every ship is near a plane",
     "formula": "(exists x. ship(x)) & forall y. ship(y) -> exists z. plane(z) & near(y, z)"},
    {"id": "never", "query": "a helicopter", "formula": "exists x. helicopter(x)"},
    {"id": "riddle", "query": "<script>alert(1)</script> of a gloomy day", "relevant": ["L001", "L002"]},
)  # fmt: skip


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_of(tmp_path_factory.mktemp("labelled") / "archive", labelled_scenes(40))


def test_truth_as_detections_is_found_whole(labelled: Path, tmp_path: Path, rune: Rune) -> None:
    """With labels as detections each query that has a relevant image has AP 1; relevance is by the brute force."""
    queries = query_file(tmp_path / "queries.jsonl", QUERIES)
    outcome = rune("eval", queries, "--archive", labelled, "--out", tmp_path / "out", "--resamples", "50",
                   "--output", "json")  # fmt: skip
    assert outcome.code == 0, outcome.err
    found = Evaluation.model_validate(outcome.json)
    assert (found.queries, found.without_relevant) == (6, 1)
    assert [each.name for each in found.systems] == [
        "rune", "rune-max-min", "rune-hard", "bag-of-classes", "random", "rune-english",
    ]  # fmt: skip
    by_id = {each.id: each for each in found.per_query}
    assert min(by_id[query].relevant for query in ("ships", "near", "none", "all")) >= 1
    for system in ("rune", "rune-max-min", "rune-hard"):
        for query in ("ships", "near", "none", "all"):
            figures = by_id[query].systems[system]
            assert (figures.average_precision, figures.f1) == (1.0, 1.0), (system, query)
    assert by_id["near"].systems["bag-of-classes"].average_precision < 1
    assert by_id["never"].systems["rune"].average_precision is None
    assert by_id["riddle"].formula is None
    for system in ("rune", "rune-english"):
        refused = by_id["riddle"].systems[system]
        assert (refused.average_precision, refused.f1) == (0.0, 0.0)
        assert refused.refused is not None
    assert by_id["ships"].complexity == 2
    assert found.translation is not None
    assert (found.translation.questions, found.translation.equivalent.value) == (5, 1.0)
    written = Evaluation.model_validate_json((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert written == found


def test_the_report_is_whole_escaped_and_the_same_every_time(labelled: Path, tmp_path: Path) -> None:
    archive = Archive.open(labelled)
    queries = [EvaluationQuery.model_validate(each) for each in QUERIES]
    translator = Scripted({"two ships": "exists x. ship(x)", "a helicopter": "exists x. ("})
    pages = []
    for name in ("one", "two"):
        found = tools.evaluate(
            queries, archive=archive, translator=translator, settings=EvaluationSettings(resamples=20)
        )
        files = write_report(found, tmp_path / name, archive)
        pages.append({path.name: path.read_bytes() for path in (files.json, files.markdown, files.html)})
    assert pages[0] == pages[1]
    html = pages[0]["evaluation.html"].decode()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!data:|#)[^\s"'>]+""", html)
    assert html.count("<svg") >= 2
    for number, query in enumerate(queries):
        assert f"href='#q{number}'" in html
        assert f"<section id=q{number}>" in html, query.id
    assert "satisfies the formula" in html
    assert "Translation: different (count)" in html
    assert "Translation: invalid" in html
    assert "<script" not in pages[0]["evaluation.md"].decode()


def test_processes_change_no_figure(labelled: Path) -> None:
    """Shared out over processes, questions get the answers, refusals and curves that they get in one."""
    queries = [EvaluationQuery.model_validate(each) for each in QUERIES]
    translator = Scripted({"two ships": "exists x. ship(x)", "a helicopter": "exists x. ("})
    found = [
        tools.evaluate(
            queries,
            archive=labelled,
            translator=translator,
            settings=EvaluationSettings(resamples=20, strengths=(0.2,), processes=processes),
        )
        for processes in (1, 2)
    ]
    assert len(found[0].curves) == 4
    assert found[0] == found[1]
    with pytest.raises(InputError, match="processes is 0"):
        EvaluationSettings(processes=0)


def test_pictures_are_embedded_and_bounded(tmp_path: Path) -> None:
    from PIL import Image

    scenes = []
    for number in range(3):
        path = tmp_path / f"P{number}.png"
        Image.new("RGB", (400, 300), (40 * number, 90, 60)).save(path)
        scenes.append(scene(f"P{number}", [("ship", 50, 60, 1.0)], path=str(path)))
    archive = Archive.open(archive_of(tmp_path / "archive", scenes))
    queries = [EvaluationQuery(id="q", formula="exists x. ship(x)")]
    found = tools.evaluate(queries, archive=archive, systems=["rune"], settings=EvaluationSettings(resamples=5))
    html = write_report(found, tmp_path / "out", archive, pictures=2).html.read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") == 2
    assert len(html) < 200_000


def test_what_cannot_be_used_is_said(labelled: Path, tmp_path: Path, rune: Rune) -> None:
    stranger = query_file(tmp_path / "stranger.jsonl", [{"id": "a", "query": "a ship", "relevant": ["L999"]}])
    assert_told(rune("eval", stranger, "--archive", labelled), 2, "'a'", "no image 'L999'")
    good = query_file(tmp_path / "good.jsonl", [QUERIES[0]])
    assert_told(rune("eval", good, "--archive", labelled, "--system", "rune-hrd"), 2, "rune-hrd", "rune-hard")
    assert_told(rune("eval", good, "--archive", labelled, "--system", "embeddings"), 2, "--checkpoint")
    assert_told(rune("eval", good, "--archive", labelled, "--out", good), 2, "a folder")
    assert_told(rune("eval", tmp_path / "missing.jsonl", "--archive", labelled), 2, "missing.jsonl")
    broken = query_file(tmp_path / "broken.jsonl", [{"id": "a", "formula": "exists x. boot(x)"}])
    assert_told(rune("eval", broken, "--archive", labelled), 2, "broken.jsonl:1", "boot")
    other = archive_of(tmp_path / "other", labelled_scenes(3))
    assert_told(rune("eval", good, "--archive", labelled, "--truth", other), 2, "same images", "L003")
    refused = rune("eval", good, "--archive", labelled, "--threshold", "ship=0", "--output", "json")
    assert refused.code == 2
    with pytest.raises(InputError, match="no queries"):
        tools.evaluate([], archive=labelled)


def test_queries_without_any_relevant_image_and_empty_archives(tmp_path: Path) -> None:
    settings = EvaluationSettings(resamples=5)
    queries = [EvaluationQuery(id="q", formula="exists x. ship(x)", relevant=())]
    empty = archive_of(tmp_path / "empty", [scene("E1", [])])
    found = tools.evaluate(queries, archive=empty, settings=settings)
    assert found.systems[0].mean_ap.value is None
    assert found.systems[0].false_alarms.value == 0.0
    write_report(found, tmp_path / "out", Archive.open(empty))


def test_an_unsure_archive_without_truth_is_warned_of(tmp_path: Path) -> None:
    unsure = archive_of(tmp_path / "unsure", [scene("U1", [("ship", 5, 5, 0.6)]), scene("U2", [("plane", 5, 5, 0.9)])])
    queries = [EvaluationQuery(id="q", formula="exists x. ship(x)")]
    found = tools.evaluate(queries, archive=unsure, systems=["rune"], settings=EvaluationSettings(resamples=5))
    assert any("--truth" in each for each in found.warnings)
    assert found.per_query[0].uncertainty == pytest.approx(0.5 * 0.970950594454668)


def test_the_controlled_curve_starts_at_what_is_there(labelled: Path) -> None:
    queries = [EvaluationQuery.model_validate(each) for each in QUERIES[:4]]
    settings = EvaluationSettings(resamples=20, strengths=(0.15, 0.3))
    found = tools.evaluate(queries, archive=labelled, systems=["rune", "random"], settings=settings)
    (curve,) = found.curves
    assert [point.strength for point in curve.points] == [0.0, 0.15, 0.3]
    values = [point.mean_ap.value for point in curve.points]
    assert values[0] == 1.0
    assert None not in values
    heights = np.array(values, np.float64)
    assert curve.area.value == pytest.approx(float(np.trapezoid(heights, [0, 0.15, 0.3]) / 0.3))
    again = tools.evaluate(queries, archive=labelled, systems=["rune", "random"], settings=settings)
    assert again == found


def test_json_has_every_key_when_it_fails(tmp_path: Path, rune: Rune) -> None:
    outcome = rune("eval", "no.jsonl", "--archive", tmp_path / "nowhere", "--output", "json")
    assert outcome.code == 2
    assert set(Evaluation.model_fields) <= set(json.loads(outcome.out))
