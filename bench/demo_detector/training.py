"""Training `yolo26n-obb` from random weights: one process a core, their gradients summed after every step; or a GPU."""

import csv
import math
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.demo_detector.criterion import BANDS, new_criterion
from bench.demo_detector.crops import PLAIN_SHARE, Batch, Cropper
from bench.demo_detector.learner import (
    Learner,
    Learning,
    fold_statistics,
    freeze_all_but,
    freeze_first_layers,
    freeze_statistics,
    new_network,
    sum_over_processes,
)
from bench.demo_detector.scenes import load_scenes

if TYPE_CHECKING:
    import torch

# Windows of one step and process, side in px and how many; large ones for what is larger than a small window, and more
# of them once small objects are found: a piece of a harbour teaches little about whole ones.
SHAPES: Sequence[tuple[int, int]] = ((320, 4), (320, 4), (320, 4), (640, 1))
LATER_SHAPES: Sequence[tuple[int, int]] = ((320, 4), (640, 1))
LATER = 0.375
WARM_UP = 100
LAST_RATE = 0.02
LARGEST_GRADIENT = 10.0
# How many windows lie anywhere where the head alone learns: what is no object is to be told apart, too.
HEADS_PLAIN_SHARE = 0.25
AVERAGE_EVERY = 4
SAVE_EVERY = 50
CURVE = "curve.csv"
LAST = "last.pt"
SNAPSHOT = "step-{}.pt"
SNAPSHOT_EVERY = 250


@dataclass(frozen=True, slots=True)
class Run:
    """What a training run is told: where it lies, its scenes, how long and how fast it learns, and on what.

    `shapes` are the windows of a step and process, turn by turn: their side in px and how many, which `windows`
    multiplies; `later_shapes` follow them when `LATER` of the steps are done. `workers` processes cut them ahead for
    each process that learns, which does so itself where there are none. `device` is "cpu" or, with one process, a GPU's
    name. The first step starts from the weights in `start`, whose first layers then stay as they are, else from random
    ones; `learning` names what learns.
    """

    folder: Path
    scenes_folder: Path
    scenes: int
    steps: int
    rate: float
    seed: int
    processes: int
    windows: int = 1
    workers: int = 0
    device: str = "cpu"
    shapes: Sequence[tuple[int, int]] = SHAPES
    later_shapes: Sequence[tuple[int, int]] = LATER_SHAPES
    start: Path | None = None
    learning: Learning = "all"


class Batches:
    """The batch of each step of one process, by the step's number: a map-style dataset to `torch.utils.data`."""

    def __init__(self, run: Run, rank: int) -> None:
        self._run, self._rank = run, rank
        self._cropper: Cropper | None = None

    def __len__(self) -> int:
        return self._run.steps

    def __getitem__(self, step: int) -> Batch:
        import cv2

        if self._cropper is None:  # each worker opens the scenes itself
            cv2.setNumThreads(0)
            scenes = load_scenes(self._run.scenes_folder, self._run.scenes)
            self._cropper = Cropper(scenes, PLAIN_SHARE if self._run.learning == "all" else HEADS_PLAIN_SHARE)
        is_early = self._run.start is None and step < LATER * self._run.steps
        shapes = self._run.shapes if is_early else self._run.later_shapes
        side, count = shapes[step % len(shapes)]
        rng = np.random.default_rng((self._run.seed, step, self._rank))
        return self._cropper.draw(rng, count * self._run.windows, side)


def learning_rate(step: int, steps: int, peak: float) -> float:
    """A linear rise over `WARM_UP` steps, then a cosine down to `LAST_RATE` of the peak."""
    if step < WARM_UP:
        return peak * (step + 1) / WARM_UP
    progress = min(1.0, (step - WARM_UP) / max(1, steps - WARM_UP))
    return peak * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * progress)) / 2)


def train(run: Run, until: int | None = None) -> None:
    """Train to `run.steps`, or `until` a step before, going on from the folder's checkpoint where there is one."""
    import torch

    run.folder.mkdir(parents=True, exist_ok=True)
    load_scenes(run.scenes_folder, run.scenes)
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29517")
    if run.processes == 1:
        _work(0, run, until)
    else:
        torch.multiprocessing.spawn(_work, args=(run, until), nprocs=run.processes)


def _work(rank: int, run: Run, until: int | None) -> None:
    import torch
    import torch.distributed as dist
    from torch.utils.data import DataLoader

    if run.device == "cpu":
        torch.set_num_threads(1)
    if run.processes > 1:
        dist.init_process_group("gloo", rank=rank, world_size=run.processes)
    network = new_network(run.seed, BANDS).to(run.device)
    if run.learning != "all":
        freeze_all_but(network, run.learning)
    elif run.start is not None:
        freeze_first_layers(network)
    learner = Learner(network, rank, run.processes)
    first = learner.resume(run.folder / LAST)
    if first == 0 and run.start is not None:
        learner.start(run.start)
    if run.start is not None:
        freeze_statistics(network)
        fold_statistics(network)
    criterion = new_criterion(learner.network)
    last = run.steps if until is None else min(until, run.steps)
    batches = DataLoader(
        Batches(run, rank),
        batch_size=None,
        sampler=range(first, last),
        num_workers=run.workers,
        collate_fn=_unchanged,
    )
    started, losses = time.time(), []
    for step, batch in enumerate(batches, start=first):
        rate = learning_rate(step, run.steps, run.rate)
        loss, parts = _loss(network, criterion, batch, run.device)
        learner.optimizer.zero_grad()
        (loss / len(batch.images) / run.processes).backward()
        parameters = [each for each in network.parameters() if each.requires_grad]
        for each in parameters:
            if each.grad is None:
                each.grad = torch.zeros_like(each)
        if run.processes > 1:
            sum_over_processes([each.grad for each in parameters])
        torch.nn.utils.clip_grad_norm_(parameters, LARGEST_GRADIENT)
        learner.step(rate)
        if (step + 1) % AVERAGE_EVERY == 0:
            learner.average(step, AVERAGE_EVERY)
        losses.append(parts)
        if rank == 0 and ((step + 1) % SAVE_EVERY == 0 or step + 1 == last):
            _report(run.folder / CURVE, step + 1, time.time() - started, rate, losses)
            learner.save(run.folder / LAST, step + 1)
            if (step + 1) % SNAPSHOT_EVERY == 0:
                shutil.copyfile(run.folder / LAST, run.folder / SNAPSHOT.format(f"{step + 1:05d}"))
            losses = []
    if run.processes > 1:
        dist.destroy_process_group()


def _unchanged(batch: Batch) -> Batch:
    return batch


def _loss(
    network: "torch.nn.Module", criterion: "torch.nn.Module", batch: Batch, device: str
) -> tuple["torch.Tensor", dict[str, float]]:
    import torch

    images = torch.from_numpy(batch.images).to(device).permute(0, 3, 1, 2).float().div_(255)
    truth = {
        "batch_idx": torch.from_numpy(batch.owners).to(device).float(),
        "cls": torch.from_numpy(batch.classes).to(device).float()[:, None],
        "bboxes": torch.from_numpy(batch.boxes).to(device),
    }
    is_fast = device != "cpu" or torch.cpu._is_avx512_bf16_supported()
    with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=is_fast):
        answer = network(images.contiguous(memory_format=torch.channels_last))
    loss, parts = criterion(_as_float(answer), truth)
    return loss.sum(), {name: float(value) for name, value in parts.items()}


def _as_float(value: object) -> object:
    import torch

    if isinstance(value, torch.Tensor):
        return value.float()
    if isinstance(value, dict):
        return {key: _as_float(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_as_float(each) for each in value)
    return value


def _report(path: Path, step: int, seconds: float, rate: float, losses: list[dict[str, float]]) -> None:
    means = {name: sum(each[name] for each in losses) / len(losses) for name in losses[0]}
    row = {"step": step, "seconds": round(seconds, 1), "rate": f"{rate:.3g}"}
    row |= {name: round(value, 4) for name, value in means.items()}
    is_new = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
