"""Checkpoints with random weights, made to answer: what the tests of detection load instead of a trained network."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tools.ultralytics_guard import import_ultralytics

if TYPE_CHECKING:
    import torch

DOTA_NAMES = (
    "plane",
    "ship",
    "storage tank",
    "baseball diamond",
    "tennis court",
    "basketball court",
    "ground track field",
    "harbor",
    "bridge",
    "large vehicle",
    "small vehicle",
    "helicopter",
    "roundabout",
    "soccer ball field",
    "swimming pool",
)
DETECTIONS = 60


def patchwork(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture of coloured squares of 32 px, the same for the same seed."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (height // 32 + 1, width // 32 + 1, 3), dtype=np.uint8)
    return Image.fromarray(np.kron(cells, np.ones((32, 32, 1), dtype=np.uint8))[:height, :width])


def write_weights(path: Path, names: tuple[str, ...] = DOTA_NAMES, architecture: str = "yolo26n-obb.yaml") -> Path:
    """A checkpoint whose network has about `DETECTIONS` detections above 0.05 in `patchwork(1024, 512)`.

    The weights are random but fixed; the statistics of its normalisations are those of that picture, and the bias of
    its class scores is shifted, because a fresh network is sure of nothing.
    """
    ultralytics = import_ultralytics()
    import torch

    torch.manual_seed(0)
    model = ultralytics.YOLO(architecture)
    network = type(model.model)(architecture, nc=len(names), verbose=False)
    network.names, network.task = dict(enumerate(names)), model.task
    picture = torch.from_numpy(np.array(patchwork(1024, 512))).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        _learn_statistics(network, picture)
        head = network.model[-1]
        branches = getattr(head, "one2one_cv3", head.cv3)
        _spread_scores([branch[-1] for branch in branches], network, picture)
    model.model = network
    model.save(path)
    return path


def _learn_statistics(network: "torch.nn.Module", picture: "torch.Tensor") -> None:
    import torch

    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    network.train()(picture)
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
    network.eval()


def _spread_scores(layers: list["torch.nn.Conv2d"], network: "torch.nn.Module", picture: "torch.Tensor") -> None:
    import torch

    seen: list[torch.Tensor] = []
    hooks = [layer.register_forward_hook(lambda *call: seen.append(call[2])) for layer in layers]
    network(picture)
    for layer, scores in zip(layers, seen, strict=True):
        spread = scores.std((0, 2, 3))
        layer.weight /= spread[:, None, None, None]
        layer.bias -= scores.mean((0, 2, 3))
        layer.bias /= spread
    seen.clear()
    network(picture)
    best = torch.cat([scores.amax(1).flatten() for scores in seen])
    shift = math.log(0.05 / 0.95) - float(best.topk(DETECTIONS + 1).values[-1])
    for layer in layers:
        layer.bias += shift
    for hook in hooks:
        hook.remove()
