"""Query sets made from archives: the same for the same seed, balanced, canonical, right by brute force and solver."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from solvers.errors import InputError
from solvers.fol.analysis import analyse
from solvers.fol.diagnostics import Severity
from tests.cli_support import Outcome, Rune, caller
from tools import index_images, rank
from tools.archive import Archive
from tools.evaluation import make_queries
from tools.evaluation.complexity import complexity_of
from tools.evaluation.making.phenomena import PHENOMENA
from tools.evaluation.queryset import EvaluationQuery, query_set_lines, read_query_set
from tools.ontologies import load_ontology

NAMES = ("plane", "ship", "harbor", "storage tank", "small vehicle", "large vehicle")


def coco_scenes(seed: int, images: int, names: Sequence[str] = NAMES) -> str:
    """Scenes of a few boxes that lie, touch and overlap at random."""
    random = Random(seed)
    annotations = []
    for image in range(images):
        for name in random.sample(range(len(names)), k=random.randint(0, min(3, len(names)))):
            for _ in range(random.randint(1, 5)):
                corner, sides = random.choices(range(0, 420, 20), k=2), random.choices(range(20, 90, 10), k=2)
                annotations.append((image, name, [*corner, *sides]))
    return json.dumps(
        {
            "images": [
                {"id": each, "file_name": f"i{each:03}.png", "width": 512, "height": 512} for each in range(images)
            ],
            "categories": [{"id": number, "name": name} for number, name in enumerate(names)],
            "annotations": [
                {"id": number, "image_id": image, "category_id": name, "bbox": box}
                for number, (image, name, box) in enumerate(annotations)
            ],
        }
    )


def archive_of(folder: Path, content: str) -> Path:
    labels = folder / "scenes.json"
    labels.write_text(content, encoding="utf-8")
    index_images([], archive=folder / "archive", labels=labels)
    return folder / "archive"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_of(tmp_path_factory.mktemp("made_up"), coco_scenes(1, 30))


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "archive"
    dota = shared_data / "dota"
    index_images([], archive=folder, labels=dota / "labelTxt-hbb", sizes=dota / "image_sizes.json")
    return folder


@pytest.fixture(scope="module")
def real_queries(real: Path) -> list[EvaluationQuery]:
    return make_queries(real, 30, 5)


@pytest.fixture(scope="module")
def queries(made_up: Path) -> list[EvaluationQuery]:
    return make_queries(made_up, 30, 3)


@pytest.fixture
def rune(capfd: pytest.CaptureFixture[str]) -> Rune:
    return caller(capfd)


def test_a_seed_makes_one_set_and_another_seed_another(made_up: Path, queries: list[EvaluationQuery]) -> None:
    assert query_set_lines(make_queries(made_up, 30, 3)) == query_set_lines(queries)
    other = {each.formula for each in make_queries(made_up, 10, 4)}
    assert len(other & {each.formula for each in queries}) < 5


def test_gold_formulas_are_canonical_and_levels_are_theirs(queries: list[EvaluationQuery]) -> None:
    dota = load_ontology("dota")
    for each in queries:
        assert each.formula is not None
        analysis = analyse(each.formula, dota)
        assert analysis.canonical == each.formula
        assert not [one for one in analysis.diagnostics if one.severity is not Severity.HINT]
        found = complexity_of(each.formula, dota)
        assert (found.total, found.level) == (each.complexity, each.level)
    assert len({each.formula for each in queries}) == len({each.id for each in queries}) == 30


@pytest.mark.parametrize("source", ["queries", "real_queries"])
def test_sets_are_balanced(source: str, request: pytest.FixtureRequest) -> None:
    found: list[EvaluationQuery] = request.getfixturevalue(source)
    images = 30 if source == "queries" else 235
    assert all(0.02 * images <= len(each.relevant or ()) <= 0.6 * images for each in found)
    assert set(Counter(each.level for each in found).values()) == {len(found) // 5}
    kinds = Counter(kind for each in found for kind in each.kinds)
    assert set(kinds) == set(PHENOMENA)
    assert min(kinds.values()) >= 1
    assert max(kinds.values()) <= 0.7 * len(found)


@pytest.mark.parametrize(("source", "archive", "step"), [("queries", "made_up", 3), ("real_queries", "real", 3)])
def test_the_solver_finds_the_images_that_brute_force_found(
    source: str, archive: str, step: int, request: pytest.FixtureRequest
) -> None:
    opened = Archive.open(request.getfixturevalue(archive))
    for each in request.getfixturevalue(source)[::step]:
        ranking = rank(each.formula, archive=opened, top_k=len(each.relevant))
        assert ranking.counts.sat == len(each.relevant), each.query
        found = {result.image_id for result in ranking.results if result.verdict == "sat"}
        assert found == set(each.relevant), each.query


def test_questions_are_english(queries: list[EvaluationQuery]) -> None:
    texts = [each.query or "" for each in queries]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert text == text.strip()
        assert not re.search(r"  |[_(){}]|\ba [aeiou](?!ne)|\ban [^aeiou]|\b(\w+) \1\b| ,|,,|\bv\d", text), text
        assert re.fullmatch(r".*[.?\w]", text), text
    assert 5 <= sum(text.endswith("?") for text in texts) + sum(text.endswith(".") for text in texts) < 30


def test_what_cannot_be_made_is_told(tmp_path: Path, made_up: Path) -> None:
    with pytest.raises(InputError, match="the count is 0"):
        make_queries(made_up, 0)
    with pytest.raises(InputError, match="of 1 images have objects at the threshold"):
        make_queries(archive_of(tmp_path, coco_scenes(2, 1)), 5)


def test_images_that_are_all_alike_leave_nothing_to_ask(tmp_path: Path) -> None:
    scenes = json.loads(coco_scenes(3, 2, ("ship",)))
    scenes["annotations"] = [
        {"id": image, "image_id": image, "category_id": 0, "bbox": [100, 100, 50, 50]} for image in range(2)
    ]
    with pytest.raises(InputError, match="tell no image of the archive from another"):
        make_queries(archive_of(tmp_path, json.dumps(scenes)), 1)


def test_the_command_writes_the_set_and_its_numbers(rune: Rune, made_up: Path, tmp_path: Path) -> None:
    out = tmp_path / "queries.jsonl"
    arguments = ("eval", "make", "--archive", made_up, "--out", out, "--count", "10")
    outcome: Outcome = rune(*arguments, "--output", "json")
    assert outcome.code == 0
    written = read_query_set(out, load_ontology("dota"))
    assert len(written) == outcome.json["queries"] == 10
    assert outcome.json["levels"] == {str(level): 2 for level in range(1, 6)}
    text = rune(*arguments)
    assert "10 queries over 30 images: 2 of level 1" in text.out
    assert read_query_set(out) == written


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--count", "no"), "'no' is not a number of queries"),
        (("--count", "0"), "'0' is not a number of queries"),
        (("--out", "no-such-folder-here/all.jsonl"), "there is no folder"),
        (("--archive", "missing"), "there is no such archive"),
    ],
)
def test_what_was_asked_wrongly_ends_with_2(
    rune: Rune, made_up: Path, tmp_path: Path, arguments: tuple[str, str], said: str
) -> None:
    options = {"--archive": str(made_up), "--out": str(tmp_path / "q.jsonl"), arguments[0]: arguments[1]}
    outcome = rune("eval", "make", *(each for pair in options.items() for each in pair), "--output", "json")
    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.json["status"] == "error"
    assert said in str(outcome.json["error"])
