"""How the demo's detector is made and measured: windows of scenes keep their boxes, and scores are what they should."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.demo_detector.criterion import (
    BANDS,
    LEAST_SCORE,
    LONG,
    MOST_LONG,
    bhattacharyya,
    box_weights,
    new_criterion,
    raised,
    width_loss,
)
from bench.demo_detector.crops import Cropper
from bench.demo_detector.export import export
from bench.demo_detector.learner import (
    EARLY,
    WIDE,
    Learner,
    fold_statistics,
    freeze_statistics,
    new_network,
    orthogonal,
    widened,
)
from bench.demo_detector.scenes import SIZE, Scenes, render_scenes
from bench.demo_detector.score import ClassScore, mean_average_precision, prob_iou, score_classes
from bench.demo_detector.training import CURVE, LAST, WARM_UP, Run, learning_rate, train
from solvers.scene import Entity
from tools.detector import load_detector
from tools.ontologies import load_ontology
from tools.sample import LABELS
from tools.ultralytics_guard import import_ultralytics

SMALL = ((96, 2),)


def _square(
    index: int, left: float, confidence: float = 1.0, label: str = "ship", *, difficult: bool = False
) -> Entity:
    corners = ((left, 0.0), (left + 10, 0.0), (left + 10, 10.0), (left, 10.0))
    return Entity(index, label, confidence, corners, difficult=difficult)


def test_average_precision_of_a_worked_example() -> None:
    """Right, wrong, right of four objects: recall 1/4 at precision 1, then 1/2 at precision 2/3."""
    truth = [_square(number, 100.0 * number) for number in range(4)]
    found = [_square(0, 1.0, 0.9), _square(1, 50.0, 0.8), _square(2, 102.0, 0.2)]
    scores = score_classes([(truth, found)], 0.25)
    assert scores == {"ship": ClassScore(4, pytest.approx(1 / 4 + 1 / 4 * 2 / 3), 1 / 2, 1 / 4)}


def test_a_second_box_on_the_same_object_is_wrong_and_difficult_ones_do_not_count() -> None:
    truth = [_square(0, 0.0), _square(1, 100.0, difficult=True)]
    found = [_square(0, 0.0, 0.9), _square(1, 1.0, 0.8), _square(2, 100.0, 0.95)]
    score = score_classes([(truth, found)], 0.25)["ship"]
    assert (score.objects, score.average_precision, score.precision, score.recall) == (1, 1.0, 1 / 2, 1.0)


def test_boxes_of_another_class_or_too_little_overlap_find_nothing() -> None:
    truth = [_square(0, 0.0), _square(1, 100.0, label="plane")]
    found = [_square(0, 4.0, 0.9), _square(1, 100.0, 0.9)]
    scores = score_classes([(truth, found)], 0.25)
    assert {label: each.average_precision for label, each in scores.items()} == {"plane": 0.0, "ship": 0.0}
    assert mean_average_precision(scores) == 0.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), max_size=12, unique_by=lambda each: each[1]))
def test_average_precision_is_the_area_under_the_envelope(answers: list[tuple[bool, float]]) -> None:
    """Against the definition: for every object found, the best precision at that recall or beyond."""
    truth = [_square(number, 100.0 * number) for number in range(12)]
    found = [
        _square(number, 100.0 * number + (0 if right else 50), confidence)
        for number, (right, confidence) in enumerate(answers)
    ]
    ordered = [right for right, _ in sorted(answers, key=lambda each: -each[1])]
    precisions = [sum(ordered[: end + 1]) / (end + 1) for end in range(len(ordered))]
    expected = sum(max(precisions[end:]) for end, right in enumerate(ordered) if right) / 12
    assert score_classes([(truth, found)], 0.25)["ship"].average_precision == pytest.approx(expected)


def test_prob_iou_forgives_a_width_that_the_shared_area_does_not() -> None:
    def pier(index: int, width: float) -> Entity:
        corners = ((0.0, -width / 2), (200.0, -width / 2), (200.0, width / 2), (0.0, width / 2))
        return Entity(index, "harbor", 1.0, corners)

    truth, found = [pier(0, 10.0), pier(1, 200.0)], [pier(0, 22.0)]
    assert score_classes([(truth, found)], 0.25)["harbor"].recall == 0.0
    assert score_classes([(truth, found)], 0.25, prob_iou)["harbor"].recall == 1 / 2


def test_windows_show_what_their_boxes_say() -> None:
    """In scenes whose objects are bright rectangles on black, each whole box of a window holds bright pixels alone."""
    import cv2

    import_ultralytics()
    from ultralytics.utils.ops import xywhr2xyxyxyxy

    rng = np.random.default_rng(4)
    corners = np.stack(
        [cv2.boxPoints(((x, y), (50, 20), angle)) for x, y, angle in rng.uniform((60, 60, 0), (708, 708, 180), (9, 3))]
    )
    pixels = np.zeros((1, SIZE, SIZE, 3), dtype=np.uint8)
    for outline in corners:
        cv2.fillConvexPoly(pixels[0], np.round((outline - 0.5) * 256).astype(np.int32), (255, 255, 255), cv2.LINE_AA, 8)
    classes = np.array([LABELS.index("ship")] * 9)
    batch = Cropper(Scenes(pixels, [corners], [classes])).draw(np.random.default_rng(1), 40, 320)
    whole = 0
    for owner, box in zip(batch.owners, batch.boxes, strict=True):
        outline = xywhr2xyxyxyxy(np.array([[*box[:4] * 320, box[4]]], dtype=np.float32))[0]
        if outline.min() < 1 or outline.max() > 319:
            continue
        whole += 1
        inside = np.zeros((320, 320), dtype=np.uint8)
        shrunk = outline.mean(axis=0) + (outline - outline.mean(axis=0)) * 0.75
        cv2.fillConvexPoly(inside, np.round(shrunk - 0.5).astype(np.int32), 1)
        bright = batch.images[owner].max(axis=2)[inside > 0] > 100
        assert bright.mean() > 0.9, (owner, box)
    assert whole > 40


def test_windows_lie_about_objects_that_they_can_show_whole() -> None:
    """Of a short and a long object far apart, small windows look at the short one, and large ones at both."""
    pixels = np.zeros((1, SIZE, SIZE, 3), dtype=np.uint8)
    short = np.array([[20, 20], [60, 20], [60, 40], [20, 40]], dtype=np.float32)
    long = np.array([[340, 700], [760, 700], [760, 730], [340, 730]], dtype=np.float32)
    classes = np.array([LABELS.index("ship"), LABELS.index("harbor")])
    cropper = Cropper(Scenes(pixels, [np.stack([short, long])], [classes]))
    small = cropper.draw(np.random.default_rng(2), 60, 320)
    large = cropper.draw(np.random.default_rng(2), 60, 640)
    assert (small.classes == classes[0]).sum() > 40
    assert (large.classes == classes[1]).sum() > 40


def test_scenes_are_rendered_once_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first = render_scenes(tmp_path / "one", 5, 2, 1)
    written = {each.name: each.stat().st_mtime_ns for each in (tmp_path / "one").iterdir()}
    again = render_scenes(tmp_path / "one", 5, 2, 1)
    assert {each.name: each.stat().st_mtime_ns for each in (tmp_path / "one").iterdir()} == written
    assert np.array_equal(first.pixels, again.pixels)
    assert [len(each) for each in first.corners] == [len(each) for each in first.classes]
    assert first.pixels.shape == (2, SIZE, SIZE, 3)


def test_the_distance_of_boxes_is_that_of_prob_iou() -> None:
    import torch

    import_ultralytics()
    from ultralytics.utils.metrics import probiou

    boxes = torch.from_numpy(np.random.default_rng(3).uniform((0, 0, 2, 2, 0), (30, 30, 40, 40, 3), (200, 5))).float()
    distances = bhattacharyya(boxes[:100], boxes[100:])
    expected = probiou(boxes[:100], boxes[100:], floor=0.01)
    assert torch.allclose(1 - (1 - (-distances).exp() + 1e-7).sqrt(), expected, atol=1e-4)


def test_a_long_box_that_misses_by_an_angle_is_pulled_towards_the_truth() -> None:
    """There ProbIoU alone has little of a slope, and such boxes are learnt slowly."""
    import torch

    found = torch.tensor([[100.0, 100.0, 400.0, 10.0, 0.5]], requires_grad=True)
    distance = bhattacharyya(found, torch.tensor([[100.0, 100.0, 400.0, 10.0, 0.0]]))
    (overlap_slope,) = torch.autograd.grad((1 - (-distance).exp()).sqrt().sum(), found, retain_graph=True)
    (slope,) = torch.autograd.grad(distance.log1p().sum(), found)
    assert float(slope[0, 4]) > 5 * float(overlap_slope[0, 4]) > 0


def test_places_about_the_middle_of_an_object_answer_for_it() -> None:
    """Of a long box those within the inner half; of a small one all within it."""
    import torch

    assigner = new_criterion(new_network(seed=1)).assigner
    places = torch.stack([torch.arange(4.0, 640, 8), torch.full((80,), 100.0)], dim=1)
    boxes = torch.tensor([[[320.0, 100.0, 400.0, 40.0, 0.0], [100.0, 100.0, 30.0, 30.0, 0.0]]])
    inside = assigner.select_candidates_in_gts(places, boxes, torch.ones(1, 2, 1))
    assert places[inside[0, 0], 0].tolist() == [float(x) for x in range(220, 421, 8)]
    assert places[inside[0, 1], 0].tolist() == [92.0, 100.0, 108.0]


def test_what_the_best_place_of_an_object_is_told_of_its_class_is_not_little() -> None:
    import torch

    scores = torch.zeros(1, 4, 2)
    scores[0, :, 1] = torch.tensor([0.1, 0.05, 0.8, 0.0])
    told = raised(scores, torch.tensor([[0, 0, 1, 1]]), 2)[0]
    best = LEAST_SCORE + (1 - LEAST_SCORE) * torch.tensor([0.1, 0.8])
    torch.testing.assert_close(told[:, 1], torch.stack([best[0], best[0] / 2, best[1], torch.tensor(0.0)]))
    assert not told[:, 0].any()


def test_long_objects_weigh_more() -> None:
    import torch

    boxes = torch.tensor([[0, 0, 3.0, 1.0, 0], [0, 0, 1.0, 6.0, 0], [0, 0, 90.0, 1.0, 0]])
    weights = box_weights(torch.tensor([[0.0, 0.8]]).repeat(3, 1), boxes, torch.full((3, 1), LONG / 3))
    torch.testing.assert_close(weights[:, 0], 0.8 * torch.tensor([1.0, 2.0, MOST_LONG]))


def test_long_objects_are_asked_for_their_width_and_its_band() -> None:
    """The least where both are right; nothing is asked of the width of short ones."""
    import torch

    true = torch.tensor([[0, 0, 200.0, 11.0, 0], [0, 0, 60.0, 200.0, 0], [0, 0, 90.0, 11.0, 0]]) / 8
    steps = torch.full((3, 1), 8.0)
    right = torch.eye(BANDS)[[0, 3, 4]] * 20
    assert width_loss(true, true, steps, right).abs().max() < 1e-5
    for found, bands in ((true * 2, right), (true, right.roll(1, dims=1)), (true * 2, None)):
        off = width_loss(found, true, steps, bands)
        assert off.shape == (3, 1)
        assert off[:2].min() > 0.1
        assert off[2] == 0


def test_bands_are_told_from_what_the_boxes_are_told_from() -> None:
    """A loss teaches them and the layers before them, and a network without them has the same other losses."""
    import torch

    truth = {
        "batch_idx": torch.zeros(1),
        "cls": torch.tensor([[LABELS.index("harbor")]]),
        "bboxes": torch.tensor([[0.5, 0.5, 0.8, 0.05, 0.0]]),
    }
    image = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    losses = []
    for bands in (BANDS, 0):
        network = new_network(1, bands).train()
        network.load_state_dict(new_network(1).state_dict(), strict=False)
        criterion = new_criterion(network)
        loss, _ = criterion(network(image), truth)
        loss.sum().backward()
        losses.append(loss.detach())
        if bands:
            assert any(each.weight.grad.abs().max() > 0 for each in network.bands)
    assert losses[0][0] > losses[1][0]
    torch.testing.assert_close(losses[0][1:], losses[1][1:])


def test_a_head_that_grows_answers_as_before() -> None:
    """Three layers that grow one after the other answer the same together, and no two channels are alike."""
    import torch
    from torch.nn.functional import conv2d

    rng = torch.Generator().manual_seed(2)
    narrow = [torch.randn(shape, generator=rng) for shape in ((16, 8, 3, 3), (16, 16, 3, 3), (4, 16, 1, 1))]
    shapes = ((WIDE, 8, 3, 3), (WIDE, WIDE, 3, 3), (4, WIDE, 1, 1))
    wide = [widened(each, torch.empty(shape), rng) for each, shape in zip(narrow, shapes, strict=True)]
    before = after = torch.randn((1, 8, 12, 12), generator=rng)
    for thin, thick in zip(narrow, wide, strict=True):
        before, after = conv2d(before, thin), conv2d(after, thick)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-3)
    assert len(torch.unique(wide[1].flatten(1), dim=0)) == WIDE
    assert torch.equal(widened(torch.arange(3.0), torch.empty(7), rng), torch.tensor([0.0, 1, 2, 0, 1, 2, 0]))


def test_the_angle_of_a_round_thing_is_hardly_asked_for() -> None:
    import torch

    loss = new_criterion(new_network(seed=1))
    found = torch.tensor([[[10.0, 10.0, 20.0, 20.0, 0.4]]])
    one = torch.ones(1)
    square, long = (
        loss.calculate_angle_loss(found, found * torch.tensor([1, 1, 1, share, 0.5]), one[None].bool(), one, one)
        for share in (1.0, 0.25)
    )
    assert 0 < float(square) < float(long) / 10


def test_updates_of_filters_are_made_orthogonal_as_muon_does() -> None:
    import torch

    import_ultralytics()
    from ultralytics.optim.muon import zeropower_via_newtonschulz5

    torch.manual_seed(0)
    for shape in ((64, 32, 3, 3), (16, 3, 3, 3), (128, 16, 1, 1)):
        update = torch.randn(shape)
        expected = zeropower_via_newtonschulz5(update.flatten(1)).float().reshape(shape)
        assert torch.allclose(orthogonal(update), expected, atol=0.03)


def test_frozen_statistics_stay_as_they_are() -> None:
    import torch

    network = new_network(seed=1).train()
    freeze_statistics(network)
    before = {name: value.clone() for name, value in network.named_buffers() if "running" in name}
    network(torch.rand(2, 3, 64, 64))
    assert before
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers() if name in before)


def test_a_network_with_folded_statistics_answers_as_before() -> None:
    import torch

    network = new_network(seed=1).train()
    with torch.no_grad():
        network(torch.rand(4, 3, 64, 64))  # so that its statistics are of something
    freeze_statistics(network)
    picture = torch.rand(1, 3, 64, 64)
    plain = network(picture)
    fold_statistics(network)
    folded = network(picture)
    for part in ("boxes", "scores", "angle"):
        torch.testing.assert_close(folded[part], plain[part], rtol=1e-3, atol=1e-3)


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [learning_rate(step, 1000, 0.02) for step in range(1000)]
    assert max(rates) == pytest.approx(0.02)
    assert rates[:WARM_UP] == sorted(rates[:WARM_UP])
    assert rates[WARM_UP:] == sorted(rates[WARM_UP:], reverse=True)
    assert 0 < rates[-1] < 0.001


@pytest.fixture
def _threads_as_they_were() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_threads_as_they_were")
def test_a_run_that_was_stopped_is_taken_up_whole(tmp_path: Path) -> None:
    """What a checkpoint holds is all restored; its weights, averaged and stripped, are those that detection loads.

    A run that learns on from them starts there, and leaves the first layers as they are, or all but the head.
    """
    import torch

    render_scenes(tmp_path / "scenes", 5, 2, 1)
    run = Run(
        tmp_path,
        tmp_path / "scenes",
        scenes=2,
        steps=4,
        rate=0.02,
        seed=1,
        processes=1,
        shapes=SMALL,
        later_shapes=SMALL,
    )
    train(run, until=2)
    learner = Learner(new_network(9, BANDS), rank=0, processes=1)
    step = learner.resume(tmp_path / LAST)
    learner.save(tmp_path / "again.pt", step)
    before, after = (torch.load(tmp_path / name, weights_only=True) for name in (LAST, "again.pt"))
    assert step == 2
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    train(run)
    assert export(tmp_path / LAST, tmp_path / "weights.pt") == 4
    with (tmp_path / CURVE).open(encoding="utf-8") as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == [2, 4]
    assert (tmp_path / "weights.pt").stat().st_size < 6_000_000
    further = replace(run, folder=tmp_path / "further", steps=1, start=tmp_path / "weights.pt")
    train(further)

    def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
        return {name for name, now in after.items() if not torch.equal(now, before[name].half().to(now))}

    before = torch.load(tmp_path / LAST, weights_only=True)["averaged"]
    after = torch.load(further.folder / LAST, weights_only=True)["network"]
    assert min(int(name.split(".")[1]) for name in changed(before, after) if name.startswith("model.")) == EARLY
    for learning, branches in (("classes", {"cv3"}), ("head", {"cv2", "cv3", "cv4"})):
        part = replace(run, folder=tmp_path / learning, steps=1, start=tmp_path / "weights.pt", learning=learning)
        train(part)
        after = torch.load(part.folder / LAST, weights_only=True)["network"]
        head = f"model.{len(new_network(1).model) - 1}."
        moved = {name for name in changed(before, after) if name.startswith("model.")}
        assert all(name.startswith(head) for name in moved)
        assert {name.removeprefix(head).split(".")[0] for name in moved} == branches
    detector = load_detector(tmp_path / "weights.pt", ontology=load_ontology("dota"))
    assert detector.known_labels == set(LABELS) & set(load_ontology("dota").leaf_names)
    assert detector.image_size == SIZE
