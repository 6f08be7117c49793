"""The systems that are compared, each by itself."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from solvers.errors import InputError, RuneError
from tests.archive_support import DOTA
from tests.evaluation_support import ColourEncoder, archive_of, scene
from tools.archive import Archive
from tools.evaluation.systems.bag_of_classes import BagOfClasses, counts_of
from tools.evaluation.systems.base import CannotAnswerError, Question
from tools.evaluation.systems.choose import SystemOptions, make_systems
from tools.evaluation.systems.embeddings import JointEmbeddings
from tools.evaluation.systems.encoder import Checkpoint, OpenClipEncoder
from tools.evaluation.systems.judging import Judges
from tools.evaluation.translation import Translated, judge_translation, kind_of_difference


@pytest.mark.parametrize(
    ("formula", "counts"),
    [
        ("exists x y. ship(x) & harbor(y) & near(x, y)", "(exists x. ship(x)) & exists x. harbor(x)"),
        ("exists x y. ship(x) & ship(y) & x != y & near(x, y)", "exists>=2 x. ship(x)"),
        ("exists>=3 x. plane(x) & in_left(x)", "exists>=3 x. plane(x)"),
        ("exists=2 y. bridge(y) & exists z. bridge(z) & z != y & left_of(y, z)", "exists>=2 x. bridge(x)"),
        ("exists x. plane(x) & ~exists y. ship(y)", "(exists x. plane(x)) & forall x. ~ship(x)"),
        ("exists x. plane(x) & ~exists y. ship(y) & near(x, y)", "exists x. plane(x)"),
        ("exists<=2 x. (plane(x) | ship(x))", "exists<=2 x. plane(x) | ship(x)"),
        ("(exists x. plane(x)) | (exists y. ship(y) & in_top(y))", "(exists x. plane(x)) | exists x. ship(x)"),
        ("(exists x. plane(x)) | forall x y. ship(x) & harbor(y) -> near(x, y)", None),
        ("forall x. ship(x) -> exists y. harbor(y) & near(x, y)", None),
        ("exists x. at_border(x)", None),
    ],
)
def test_a_bag_keeps_counts_and_no_arrangement(formula: str, counts: str | None) -> None:
    assert counts_of(formula, DOTA) == counts


def test_three_scores_of_one_formula(tmp_path: Path) -> None:
    """Two uncertain ships: by probability 1 - 0.4 * 0.5, by max-min 0.6, by the threshold 1 or 0."""
    scenes = [scene("A", [("ship", 10, 10, 0.6), ("ship", 90, 90, 0.5)]), scene("B", [("ship", 10, 10, 0.2)])]
    archive = Archive.open(archive_of(tmp_path / "archive", scenes))
    question = Question("q", "a ship", "exists x. ship(x)")
    names = ["rune", "rune-max-min", "rune-hard", "bag-of-classes"]
    worlds, max_min, hard, bag = (
        each.answer(question) for each in make_systems(names, archive, SystemOptions(threshold=0.25))
    )
    assert worlds.scores.tolist() == pytest.approx([0.8, 0.2])
    assert max_min.scores.tolist() == pytest.approx([0.6, 0.2], abs=2e-5)
    assert hard.scores.tolist() == [1.0, 0.0]
    assert bag.scores.tolist() == worlds.scores.tolist()
    for answer in (worlds, max_min, hard, bag):
        assert answer.called is not None
        assert answer.called.tolist() == [True, False]


def test_near_misses_come_before_unrelated_images(tmp_path: Path) -> None:
    """Bounds see the classes that are missing; the exact shares also see that the two are far apart."""
    scenes = [
        scene("A", []),
        scene("B", [("ship", 0, 0, 1.0), ("harbor", 300, 250, 1.0)]),
        scene("C", [("ship", 0, 0, 1.0)]),
    ]
    archive = Archive.open(archive_of(tmp_path / "archive", scenes))
    question = Question("q", None, "exists x y. ship(x) & harbor(y) & near(x, y)")
    for exact in (False, True):
        (rune,) = make_systems(["rune"], archive, SystemOptions(exact_near_misses=exact))
        answer = rune.answer(question)
        assert answer.near_misses is not None
        assert np.argsort(-answer.near_misses, kind="stable").tolist() == [1, 2, 0]


def test_questions_that_a_system_cannot_be_asked(tmp_path: Path) -> None:
    archive = Archive.open(archive_of(tmp_path / "archive", [scene("A", [])]))
    bag = BagOfClasses(Judges(archive))
    for formula in (None, "exists x. ("):
        with pytest.raises(CannotAnswerError):
            bag.answer(Question("q", None, formula))
    with pytest.raises(InputError, match="no system 'rnue'"):
        make_systems(["rnue"], archive, SystemOptions())


def test_random_order_is_that_of_seed_and_question(tmp_path: Path) -> None:
    archive = Archive.open(archive_of(tmp_path / "archive", [scene(f"A{place}", []) for place in range(9)]))

    def scores(seed: int, question: str) -> list[float]:
        (system,) = make_systems(["random"], archive, SystemOptions(seed=seed))
        return system.answer(Question(question, None, None)).scores.tolist()

    assert scores(1, "q") == scores(1, "q")
    assert scores(1, "q") != scores(2, "q")
    assert scores(1, "q") != scores(1, "r")


@pytest.fixture
def coloured(tmp_path: Path) -> Archive:
    """Three wide images: green, blue, and grey with a red corner that only a tile shows."""
    scenes = []
    for name, colour in (("a-green", (20, 200, 20)), ("b-blue", (20, 20, 200)), ("c-corner", (90, 90, 90))):
        picture = Image.new("RGB", (1300, 700), colour)
        if name == "c-corner":
            picture.paste((220, 10, 10), (650, 350, 1300, 700))
        picture.save(tmp_path / f"{name}.png")
        scenes.append(scene(name, [], path=str(tmp_path / f"{name}.png")))
    return Archive.open(archive_of(tmp_path / "archive", scenes))


def test_embeddings_see_images_and_tiles(coloured: Archive) -> None:
    system = JointEmbeddings.of(coloured, ColourEncoder())
    for colour, best in (("green", 0), ("blue", 1), ("red", 2)):
        assert int(np.argmax(system.answer(Question("q", f"something {colour}", None)).scores)) == best
    with pytest.raises(CannotAnswerError):
        system.answer(Question("q", None, "exists x. ship(x)"))


def test_embeddings_need_pixels(tmp_path: Path) -> None:
    archive = Archive.open(archive_of(tmp_path / "archive", [scene("A", [])]))
    with pytest.raises(InputError, match="the archive has none of A"):
        JointEmbeddings.of(archive, ColourEncoder())


TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}


@pytest.fixture
def torchvision() -> None:
    """Some machines have a torchvision that does not fit their torch; open_clip needs its transforms alone."""
    torch = pytest.importorskip("torch")
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        globals()["_kept"] = library
        importlib.import_module("torchvision")


@pytest.mark.usefixtures("torchvision")
def test_open_clip_with_random_weights(coloured: Archive, tmp_path: Path) -> None:
    """The path from pixels and words to scores; random weights say nothing of any model."""
    open_clip = pytest.importorskip("open_clip", reason="needs the extra embed")
    import torch

    (tmp_path / "tiny-test.json").write_text(json.dumps(TINY), encoding="utf-8")
    open_clip.add_model_config(tmp_path / "tiny-test.json")
    torch.manual_seed(0)
    encoder = OpenClipEncoder(Checkpoint("tiny-test", None))
    system = JointEmbeddings.of(coloured, encoder)
    assert np.linalg.norm(system.vectors, axis=1) == pytest.approx(np.ones(len(system.vectors)), abs=1e-5)
    first = system.answer(Question("q", "a red corner", None)).scores
    assert first.shape == (3,)
    assert np.isfinite(first).all()
    assert first.tolist() == system.answer(Question("q", "a red corner", None)).scores.tolist()
    with pytest.raises(InputError, match="no model 'RN51'; the nearest"):
        OpenClipEncoder(Checkpoint("RN51", None))
    with pytest.raises(InputError, match="there is no such file"):
        OpenClipEncoder(Checkpoint("tiny-test", str(tmp_path / "missing.pt")))
    torch.save(encoder._model.state_dict(), tmp_path / "own.pt")
    again = OpenClipEncoder(Checkpoint("tiny-test", str(tmp_path / "own.pt")))
    assert again.text("a red corner").tolist() == encoder.text("a red corner").tolist()
    (tmp_path / "broken.pt").write_bytes(b"no weights")
    with pytest.raises(RuneError, match="cannot be loaded"):
        OpenClipEncoder(Checkpoint("tiny-test", str(tmp_path / "broken.pt")))


@pytest.mark.parametrize(
    ("formula", "gold", "kind"),
    [
        ("exists x. ship(x)", "exists x. plane(x)", "class"),
        ("exists x y. ship(x) & plane(y) & near(x, y)", "exists x y. ship(x) & plane(y) & adjacent(x, y)", "relation"),
        ("exists x. ship(x) & in_left(x)", "exists x. ship(x) & in_right(x)", "attribute"),
        ("exists>=2 x. ship(x)", "exists>=3 x. ship(x)", "count"),
        ("exists x. ship(x)", "forall x. ship(x)", "universal"),
    ],
)
def test_kinds_of_wrong_translations(formula: str, gold: str, kind: str) -> None:
    assert kind_of_difference(formula, gold, DOTA) == kind
    found = judge_translation(Translated(formula), gold, DOTA)
    assert (found.outcome, found.error) == ("different", kind)


def test_translations_are_equivalent_by_meaning() -> None:
    gold = "(exists x. ship(x)) & ~exists y. plane(y)"
    assert (
        judge_translation(Translated("~(exists x. plane(x)) & exists>=1 y. ship(y)"), gold, DOTA).outcome
        == "equivalent"
    )
    assert judge_translation(Translated(None, "no such word"), gold, DOTA).outcome == "unreadable"
    assert judge_translation(Translated("exists x. boat(x) &"), gold, DOTA).error == "syntax"
