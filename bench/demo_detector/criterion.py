"""What the network is told of its boxes: as ultralytics does it, but so that long thin objects count and are pulled in.

Elsewhere the loss of a box is one minus ProbIoU, weighted by the overlap that is reached already. For a quay of 400 by
10 px both vanish as long as its angle is a few degrees off, so that it is hardly learnt. Here the logarithm of the
Bhattacharyya distance is added, which still has a slope there (Murrugarra-Llerena et al. 2021,
https://arxiv.org/abs/2106.06072, have the distance itself for a start), and an object weighs no less than
`LEAST_WEIGHT`, and more if it is long.

Places that may answer for an object lie about its middle, not anywhere in it (as Tian et al. 2019 have it,
https://arxiv.org/abs/1904.01355): from the end of a quay all four distances are hard to tell. What its best place is
told of its class is no less than `LEAST_SCORE`, however bad its box still is. Angles count for more the longer the
object is, and hardly for squares, among them all round things, whose angle nobody can see.

Some piers are 10 px wide, some, with jetties along them, 50. A box of 25 is the least bad answer to both, and one that
is never left: so long objects are also asked in which of `BANDS` bands their width lies, by the layers `network.bands`
which see what the box is told from, and for the logarithm of the width itself.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tools.ultralytics_guard import import_ultralytics

if TYPE_CHECKING:
    import torch

LEAST_WEIGHT = 0.3
DISTANCE_GAIN = 0.5
# Longer objects, in px, weigh more, by their length, up to `MOST_LONG` times.
LONG = 48.0
MOST_LONG = 5.0
VARIANCE_FLOOR = 0.01
# Of an object's sides the part about its middle whose places may answer, and that part's least size in px.
CENTRE = 0.5
LEAST_CENTRE = 32.0
LEAST_SCORE = 0.3
ANGLE_GAIN = 0.7
# Up to this ratio of its sides a box is a square, whose angle weighs `SQUARE_WEIGHT`.
SQUARE = 1.08
SQUARE_WEIGHT = 0.2
# In px: what parts the bands of width, and from which length on an object is asked for its band, and for its width.
WIDTHS = (12.0, 24.0, 48.0, 96.0)
BANDS = len(WIDTHS) + 1
ASKED_FROM = 96.0
BAND_GAIN = 0.25
NARROW_GAIN = 0.25


def new_criterion(network: "torch.nn.Module") -> "torch.nn.Module":
    """The loss of an oriented network of which many places answer for an object.

    It keeps what the network's forward passes see until their loss is asked for, if the network has bands.
    """
    import_ultralytics()
    from ultralytics.utils.loss import RotatedBboxLoss, v8OBBLoss
    from ultralytics.utils.tal import RotatedTaskAlignedAssigner

    bands = _watched(network)

    class LongBoxLoss(RotatedBboxLoss):  # type: ignore[misc]
        def forward(  # noqa: PLR0917  # as ultralytics calls it
            self,
            pred_dist: "torch.Tensor",
            pred_bboxes: "torch.Tensor",
            anchor_points: "torch.Tensor",
            target_bboxes: "torch.Tensor",
            target_scores: "torch.Tensor",
            target_scores_sum: "torch.Tensor",
            fg_mask: "torch.Tensor",
            imgsz: "torch.Tensor",
            stride: "torch.Tensor",
        ) -> "tuple[torch.Tensor, torch.Tensor]":
            from torch.nn.functional import l1_loss
            from ultralytics.utils.tal import rbox2dist

            found, targets = pred_bboxes[fg_mask], target_bboxes[fg_mask]
            steps = stride.expand(len(fg_mask), -1, 1)[fg_mask]
            weight = box_weights(target_scores[fg_mask], targets, steps)
            distance = bhattacharyya(found, targets)
            off = (1.0 - (-distance).exp() + 1e-7).sqrt() + DISTANCE_GAIN * distance.log1p()
            off = off + width_loss(found, targets, steps, None if bands is None else bands()[fg_mask])
            overlap = (off * weight).sum() / target_scores_sum
            wanted = rbox2dist(target_bboxes[..., :4], anchor_points, target_bboxes[..., 4:5])
            scale = stride / imgsz[[1, 0, 1, 0]]
            away = l1_loss((pred_dist * scale)[fg_mask], (wanted * scale)[fg_mask], reduction="none")
            return overlap, (away.mean(-1, keepdim=True) * weight).sum() / target_scores_sum

    class CentredAssigner(RotatedTaskAlignedAssigner):  # type: ignore[misc]
        def select_candidates_in_gts(
            self, xy_centers: "torch.Tensor", gt_bboxes: "torch.Tensor", mask_gt: "torch.Tensor"
        ) -> "torch.Tensor":
            inner = gt_bboxes.clone()
            sides = gt_bboxes[..., 2:4]
            inner[..., 2:4] = sides.minimum((CENTRE * sides).clamp(min=LEAST_CENTRE))
            inside: torch.Tensor = super().select_candidates_in_gts(xy_centers, inner, mask_gt)
            return inside

        def _forward(self, *told: "torch.Tensor", **extra: "torch.Tensor") -> "tuple[torch.Tensor, ...]":
            labels, boxes, scores, is_answer, owners = super()._forward(*told, **extra)
            return labels, boxes, raised(scores, owners, self.n_max_boxes), is_answer, owners

    class LongObjectsLoss(v8OBBLoss):  # type: ignore[misc]
        def __init__(self, model: "torch.nn.Module", tal_topk: int = 10, tal_topk2: int | None = None) -> None:
            super().__init__(model, tal_topk, tal_topk2)
            self.bbox_loss = LongBoxLoss(self.reg_max).to(self.device)
            old = self.assigner
            self.assigner = CentredAssigner(
                topk=tal_topk,
                num_classes=self.nc,
                alpha=old.alpha,
                beta=old.beta,
                stride=self.stride.tolist(),
                topk2=tal_topk2,
            )

        def calculate_angle_loss(  # noqa: PLR0917  # as ultralytics calls it
            self,
            pred_bboxes: "torch.Tensor",
            target_bboxes: "torch.Tensor",
            fg_mask: "torch.Tensor",
            weight: "torch.Tensor",
            target_scores_sum: "torch.Tensor",
            lambda_val: int = 3,
        ) -> "torch.Tensor":
            targets = target_bboxes[fg_mask]
            ratio = targets[:, 2:4].amax(1) / targets[:, 2:4].amin(1).clamp(min=1e-3)
            gain = ANGLE_GAIN * (1 + ratio.log()).where(ratio > SQUARE, SQUARE_WEIGHT)
            # Not its square, which has hardly a slope at the last degree or two: along a pier they are its width.
            off = (2 * (pred_bboxes[fg_mask][:, 4] - targets[:, 4])).sin().abs()
            weight = weight.clamp(min=LEAST_WEIGHT)
            return (off * gain * weight).sum() / target_scores_sum

    criterion: torch.nn.Module = LongObjectsLoss(network)
    return criterion


def _watched(network: "torch.nn.Module") -> "Callable[[], torch.Tensor] | None":
    """What answers the bands of the latest forward pass, of shape (b, places, `BANDS`); None for a network without."""
    import torch

    if not hasattr(network, "bands"):
        return None
    seen: dict[int, torch.Tensor] = {}

    def keep(grid: int, _layer: torch.nn.Module, _inputs: object, features: torch.Tensor) -> None:
        seen[grid] = features

    for grid, branch in enumerate(network.model[-1].cv2):
        branch[1].register_forward_hook(partial(keep, grid))

    def answer() -> torch.Tensor:
        answers = [layer(seen.pop(grid).float()).flatten(2) for grid, layer in enumerate(network.bands)]
        return torch.cat(answers, 2).transpose(1, 2)

    return answer


def box_weights(scores: "torch.Tensor", targets: "torch.Tensor", steps: "torch.Tensor") -> "torch.Tensor":
    """What the boxes (n, 5) of answering places weigh, by the scores (n, classes) they are told: of shape (n, 1).

    Boxes count in their grids' `steps` (n, 1), in px.
    """
    length = targets[:, 2:4].amax(1, keepdim=True) * steps
    return scores.sum(-1, keepdim=True).clamp(min=LEAST_WEIGHT) * (length / LONG).clamp(1.0, MOST_LONG)


def width_loss(
    found: "torch.Tensor", targets: "torch.Tensor", steps: "torch.Tensor", bands: "torch.Tensor | None"
) -> "torch.Tensor":
    """How far the widths of long boxes (n, 5) and their answers (n, `BANDS`) are off: of shape (n, 1), 0 for others."""
    import torch
    from torch.nn.functional import cross_entropy

    long, narrow = (targets[:, 2:4] * steps).amax(1), (targets[:, 2:4] * steps).amin(1)
    now = (found[:, 2:4] * steps).amin(1).clamp(min=1.0)
    off = NARROW_GAIN * (now.log() - narrow.clamp(min=1.0).log()).abs()
    if bands is not None:
        band = torch.bucketize(narrow, torch.tensor(WIDTHS, device=narrow.device))
        off = off + BAND_GAIN * cross_entropy(bands, band, reduction="none")
    return (off * (long >= ASKED_FROM)).unsqueeze(1)


def raised(scores: "torch.Tensor", owners: "torch.Tensor", objects: int) -> "torch.Tensor":
    """Class scores (b, places, classes), each object's raised so that its best is `LEAST_SCORE` or more.

    `owners` (b, places) names each place's object, of `objects` an image.
    """
    own = scores.amax(-1)
    best = own.new_zeros(len(own), objects).scatter_reduce(1, owners, own, "amax")
    factor = (LEAST_SCORE + (1 - LEAST_SCORE) * best) / best.clamp(min=1e-6)
    return scores * factor.gather(1, owners).unsqueeze(-1)


def bhattacharyya(one: "torch.Tensor", other: "torch.Tensor") -> "torch.Tensor":
    """Distances, of shape (n, 1), between boxes (n, 5) taken as normal distributions.

    Boxes have middle, width, height and angle in radians.
    """
    from ultralytics.utils.metrics import _get_covariance_matrix

    dx, dy = (one[:, :2] - other[:, :2]).split(1, dim=-1)
    a1, b1, c1 = _get_covariance_matrix(one, VARIANCE_FLOOR)
    a2, b2, c2 = _get_covariance_matrix(other, VARIANCE_FLOOR)
    a, b, c = a1 + a2, b1 + b2, c1 + c2
    joint = (a * b - c.pow(2)).clamp(min=1e-7)
    apart = 0.25 * (a * dy.pow(2) + b * dx.pow(2) - 2 * c * dx * dy) / joint
    alone = ((a1 * b1 - c1.pow(2)).clamp(min=1e-9) * (a2 * b2 - c2.pow(2)).clamp(min=1e-9)).sqrt()
    shape = 0.5 * (joint / (4 * alone)).log()
    return (apart + shape).clamp(min=1e-7, max=1e4)
