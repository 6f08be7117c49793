"""The network while it learns: its optimizers, the average of its weights, and its checkpoint."""

from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

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


def new_network(seed: int) -> "torch.nn.Module":
    """The architecture with random weights, for the classes of the rendered scenes.

    It has only the head that answers often for each object, whose answers need non-maximum suppression. The other one,
    which answers once, has to learn beside all else which place it is that does: after 10,000 steps it was at an mAP of
    0.74 where this one was at 0.87.
    """
    import torch

    import_ultralytics()
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import OBBModel, yaml_model_load

    torch.manual_seed(seed)
    network = OBBModel({**yaml_model_load(ARCHITECTURE), "end2end": False}, nc=len(LABELS), verbose=False)
    network.names = dict(enumerate(LABELS))
    network.task = "obb"
    network.args = get_cfg()
    return network


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
        states = import_ultralytics().YOLO(weights).model.float().state_dict()
        for each in (self.network, self.averaged):
            each.load_state_dict({name: states[name] for name in each.state_dict()})

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
