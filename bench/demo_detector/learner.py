"""The network while it learns: its optimizers, the average of its weights, and its checkpoint."""

from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from tools.sample import LABELS
from tools.ultralytics_guard import import_ultralytics

if TYPE_CHECKING:
    import torch

ARCHITECTURE = "yolo26n-obb.yaml"
DECAY = 0.01
MOMENTUM = 0.95
# Of the learning rate of the filters: what the other parameters learn at.
OTHERS = 0.06
AVERAGED = 0.995
# How many of the first layers stay as they are in a network that learns on.
EARLY = 3
# At the second and third of the three grids, which answer for long objects: channels of the two layers before a box and
# an angle, in place of 16.
WIDE = 48
WIDE_GRIDS = (1, 2)
# How far the channels that are new differ at first from those that they are copies of, in standard deviations.
NOISE = 0.7


Learning: TypeAlias = Literal["all", "head", "classes"]
"""What learns: all but the first layers in a network that learns on; the head; or what answers for classes there."""


def new_network(seed: int, bands: int = 0) -> "torch.nn.Module":
    """The architecture with random weights, for the classes of the rendered scenes.

    Where there are `bands`, it has layers that tell in which of them a width lies, from what the box is told from
    (`criterion.py`): `network.bands`, one a grid.

    It has only the head that answers often for each object, whose answers need non-maximum suppression. The other one,
    which answers once, has to learn beside all else which place it is that does: after 10,000 steps it was at an mAP of
    0.74 where this one was at 0.87.
    """
    import torch

    import_ultralytics()
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import OBBModel, yaml_model_load
    from ultralytics.utils.torch_utils import initialize_weights

    torch.manual_seed(seed)
    network = OBBModel({**yaml_model_load(ARCHITECTURE), "end2end": False}, nc=len(LABELS), verbose=False)
    head = network.model[-1]
    for branches in (head.cv2, head.cv4):
        for grid in WIDE_GRIDS:
            branches[grid] = _wide(branches[grid])
    initialize_weights(network)
    network.names = dict(enumerate(LABELS))
    network.task = "obb"
    network.args = get_cfg()
    if bands:
        network.bands = torch.nn.ModuleList(torch.nn.Conv2d(each[2].in_channels, bands, 1) for each in head.cv2)
    return network


def _wide(branch: "torch.nn.Module") -> "torch.nn.Module":
    """A branch of the head with `WIDE` channels, in which the width of a pier and a turn by one degree have room."""
    from torch import nn
    from ultralytics.nn.modules.conv import Conv

    first, _, last = branch
    wide = nn.Conv2d(WIDE, last.out_channels, 1)
    wide.bias = last.bias
    return nn.Sequential(Conv(first.conv.in_channels, WIDE, 3), Conv(WIDE, WIDE, 3), wide)


def widened(value: "torch.Tensor", own: "torch.Tensor", rng: "torch.Generator") -> "torch.Tensor":
    """A layer's `value` in the larger shape of `own`, so that the network's answers stay the same.

    The channels it has beyond are copies with noise (Chen et al. 2016, https://arxiv.org/abs/1511.05641), to which no
    other layer listens yet.
    """
    import torch

    grown = torch.zeros_like(own)
    repeated = value.repeat(-(-len(own) // len(value)), *[1] * (value.ndim - 1))[: len(own)]
    if value.ndim > 1:
        beyond = repeated[len(value) :]
        beyond += NOISE * value.std() * torch.randn(beyond.shape, generator=rng)
    grown[(slice(None), slice(0, value.shape[1])) if value.ndim > 1 else slice(None)] = repeated
    return grown


class Learner:
    """A network in training, in one of several processes that all take the same steps.

    Filters that mix channels take the steps of Muon, all other parameters, and the layers that answer, those of AdamW.
    """

    def __init__(self, network: "torch.nn.Module", rank: int, processes: int) -> None:
        import torch

        self._rank, self._processes = rank, processes
        self.network = network.to(memory_format=torch.channels_last).train()
        self.averaged = deepcopy(self.network).eval()
        head = self.network.model[-1]
        answering = {id(layers[-1].weight) for each in head.one2many.values() for layers in each}
        answering |= {id(each.weight) for each in getattr(self.network, "bands", ())}
        learnt = [each for each in self.network.parameters() if each.requires_grad]
        self._filters = [each for each in learnt if each.ndim == 4 and each.shape[1] > 1 and id(each) not in answering]
        self._momenta = [torch.zeros_like(each) for each in self._filters]
        mixing = {id(each) for each in self._filters}
        others = [each for each in learnt if id(each) not in mixing]
        self.optimizer = torch.optim.AdamW(others, betas=(0.9, 0.99), weight_decay=0.0, fused=True)

    def step(self, rate: float) -> None:
        """Take one step along the gradients, of the size `rate` for the filters."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate * OTHERS
        self.optimizer.step()
        self._step_filters(rate)

    def _step_filters(self, rate: float) -> None:
        import torch

        with torch.no_grad():
            gradients = [each.grad for each in self._filters]
            updates = [torch.zeros_like(each) for each in gradients]
            torch._foreach_lerp_(self._momenta, gradients, 1 - MOMENTUM)
            ahead = torch._foreach_lerp(gradients, self._momenta, MOMENTUM)
            # Each process makes its share of the momenta orthogonal.
            for place in range(self._rank, len(updates), self._processes):
                updates[place] = orthogonal(ahead[place])
            if self._processes > 1:
                sum_over_processes(updates)
            torch._foreach_mul_(self._filters, 1 - rate * DECAY)
            torch._foreach_add_(self._filters, updates, alpha=-rate)

    def average(self, step: int, steps: int) -> None:
        """Let the averaged weights follow, for the `steps` steps up to `step`."""
        import torch

        share = 1 - min(AVERAGED, (1 + step) / (10 + step)) ** steps
        with torch.no_grad():
            now = self.network.state_dict()
            for name, value in self.averaged.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(now[name], share)

    def start(self, weights: Path) -> None:
        """Take over the weights of a file as `export` writes it, to learn on from there."""
        import torch

        states = import_ultralytics().YOLO(weights).model.float().state_dict()
        rng = torch.Generator().manual_seed(0)
        own = self.network.state_dict()
        begun = {
            name: value if value.shape == own[name].shape else widened(value, own[name], rng)
            for name, value in states.items()
            if name in own
        }
        for each in (self.network, self.averaged):
            each.load_state_dict(own | begun)

    def resume(self, path: Path) -> int:
        """Take up a checkpoint and answer its step; 0 where there is none."""
        import torch

        if not path.is_file():
            return 0
        kept = torch.load(path, map_location="cpu", weights_only=True)  # load_state_dict brings them where they belong
        self.network.load_state_dict(kept["network"])
        self.averaged.load_state_dict(kept["averaged"])
        self.optimizer.load_state_dict(kept["optimizer"])
        for momentum, value in zip(self._momenta, kept["momenta"], strict=True):
            momentum.copy_(value)
        return int(kept["step"])

    def save(self, path: Path, step: int) -> None:
        """Write a checkpoint, whole or not at all."""
        import torch

        part = path.with_suffix(".part")
        states = {"network": self.network, "averaged": self.averaged, "optimizer": self.optimizer}
        kept = {name: each.state_dict() for name, each in states.items()}
        torch.save({"step": step, "momenta": self._momenta, **kept}, part)
        part.replace(path)


def freeze_statistics(network: "torch.nn.Module") -> None:
    """Have batch normalisation use what it has seen before: of one or two windows the statistics would be their own."""
    import torch

    for each in network.modules():
        if isinstance(each, torch.nn.modules.batchnorm._BatchNorm):
            each.eval()


def freeze_first_layers(network: "torch.nn.Module") -> None:
    """Have the first layers stay as they are: they soon know edges and textures, and a step is shorter."""
    for layer in network.model[:EARLY]:
        layer.requires_grad_(requires_grad=False)


def freeze_all_but(network: "torch.nn.Module", learning: Learning) -> None:
    """Have only the head learn, or of it what answers for classes, and so for how sure a box is: steps are shorter."""
    network.requires_grad_(requires_grad=False)
    head = network.model[-1]
    if learning == "classes":
        head.cv3.requires_grad_(requires_grad=True)
        return
    head.requires_grad_(requires_grad=True)
    if hasattr(network, "bands"):  # they tell the boxes' layers what to see
        network.bands.requires_grad_(requires_grad=True)


def fold_statistics(network: "torch.nn.Module") -> None:
    """Have each convolution do the normalisation that follows it, whose statistics stay as they are, in less time.

    Convolutions of one pixel become products of matrices, which torch computes faster on one thread.
    """
    from ultralytics.nn.modules.conv import Conv

    for each in network.modules():
        if isinstance(each, Conv):
            each.forward = partial(_folded, each)


def _folded(layer: "torch.nn.Module", inputs: "torch.Tensor") -> "torch.Tensor":
    import torch
    from torch.nn import functional

    conv, norm = layer.conv, layer.bn
    gain = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = norm.bias - norm.running_mean * gain
    weight = conv.weight * gain.view(-1, 1, 1, 1)
    if conv.kernel_size == (1, 1) and conv.stride == (1, 1) and conv.groups == 1:
        mixed = functional.linear(inputs.permute(0, 2, 3, 1), weight.flatten(1), bias).permute(0, 3, 1, 2)
    else:
        mixed = functional.conv2d(inputs, weight, bias, conv.stride, conv.padding, conv.dilation, conv.groups)
    answer: torch.Tensor = layer.act(mixed)
    return answer


def orthogonal(update: "torch.Tensor") -> "torch.Tensor":
    """The nearly orthogonal matrix next to a filter's update, in its shape.

    Five steps of Newton and Schulz (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/), in single
    precision: bfloat16, which ultralytics takes, costs over ten times as much on processors that lack it.
    """
    import torch

    rows = update.flatten(1)
    tall = rows.shape[0] > rows.shape[1]
    matrix = rows.T if tall else rows
    matrix = matrix / (matrix.norm() + 1e-7)
    for _ in range(5):
        square = matrix @ matrix.T
        polynomial = torch.addmm(square, square, square, beta=-4.7750, alpha=2.0315)
        matrix = torch.addmm(matrix, polynomial, matrix, beta=3.4445)
    matrix = matrix.T if tall else matrix
    return matrix.reshape(update.shape)


def sum_over_processes(tensors: "list[torch.Tensor]") -> None:
    """Replace each tensor by its sum over all processes."""
    import torch
    import torch.distributed as dist

    flat = torch.cat([each.reshape(-1) for each in tensors])
    dist.all_reduce(flat)
    start = 0
    for each in tensors:
        each.copy_(flat[start : start + each.numel()].view_as(each))
        start += each.numel()
