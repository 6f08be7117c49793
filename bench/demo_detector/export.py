"""The averaged weights of a training run as a file that ultralytics loads: stripped, in half precision."""

from pathlib import Path

from bench.demo_detector.learner import ARCHITECTURE, new_network
from tools.ultralytics_guard import import_ultralytics

# What the network says it was trained on: detection takes scenes of 768 px as they are.
IMAGE_SIZE = 768


def export(checkpoint: Path, target: Path) -> int:
    """Write the averaged weights of a checkpoint; returns its step."""
    import torch

    ultralytics = import_ultralytics()
    kept = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = new_network(seed=0)
    # What it answers beside boxes, classes and angles is of use only while it learns.
    network.load_state_dict({name: kept["averaged"][name] for name in network.state_dict()})
    network.args = dict(vars(network.args))
    network.half().eval()
    for parameter in network.parameters():
        parameter.requires_grad = False
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "epoch": -1,
            "model": network,
            "train_args": {"task": "obb", "model": ARCHITECTURE, "imgsz": IMAGE_SIZE},
            "version": str(ultralytics.__version__),
            "license": "AGPL-3.0-or-later",
        },
        target,
    )
    return int(kept["step"])
