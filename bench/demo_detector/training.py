"""Training `yolo26n-obb` from random weights on CPUs: one process a core, gradients summed after every step."""

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

from bench.demo_detector.crops import Batch, Cropper
from bench.demo_detector.learner import Learner, new_network, sum_over_processes
from bench.demo_detector.scenes import load_scenes

if TYPE_CHECKING:
    import torch

# Windows of one step and process, side in px and how many; large ones for what is larger than a small window.
SHAPES: Sequence[tuple[int, int]] = ((320, 4), (320, 4), (320, 4), (640, 1))
WARM_UP = 100
LAST_RATE = 0.02
MANY_SHARE = (0.8, 0.1)
LARGEST_GRADIENT = 10.0
AVERAGE_EVERY = 4
SAVE_EVERY = 50
CURVE = "curve.csv"
LAST = "last.pt"
SNAPSHOT = "step-{}.pt"
SNAPSHOT_EVERY = 250


@dataclass(frozen=True, slots=True)
class Run:
    """What a training run is told: where it lies, its scenes, and how long and how fast it learns."""

    folder: Path
    scenes_folder: Path
    scenes: int
    steps: int
    rate: float
    seed: int
    processes: int


def learning_rate(step: int, steps: int, peak: float) -> float:
    """A linear rise over `WARM_UP` steps, then a cosine down to `LAST_RATE` of the peak."""
    if step < WARM_UP:
        return peak * (step + 1) / WARM_UP
    progress = min(1.0, (step - WARM_UP) / max(1, steps - WARM_UP))
    return peak * (LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * progress)) / 2)


def train(run: Run) -> None:
    """Train until `run.steps`, going on from the folder's checkpoint where there is one."""
    import torch

    run.folder.mkdir(parents=True, exist_ok=True)
    load_scenes(run.scenes_folder, run.scenes)
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29517")
    if run.processes == 1:
        _work(0, run)
    else:
        torch.multiprocessing.spawn(_work, args=(run,), nprocs=run.processes)


def _work(rank: int, run: Run) -> None:
    import cv2
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    if run.processes > 1:
        dist.init_process_group("gloo", rank=rank, world_size=run.processes)
    learner = Learner(new_network(run.seed), rank, run.processes)
    cropper = Cropper(load_scenes(run.scenes_folder, run.scenes))
    first = learner.resume(run.folder / LAST)
    criterion = learner.network.init_criterion()
    started, losses = time.time(), []
    for step in range(first, run.steps):
        rate = learning_rate(step, run.steps, run.rate)
        # The head that answers many boxes an object teaches first, the one that answers one box last.
        criterion.o2m = MANY_SHARE[0] + (MANY_SHARE[1] - MANY_SHARE[0]) * step / run.steps
        criterion.o2o = 1 - criterion.o2m
        side, count = SHAPES[step % len(SHAPES)]
        batch = cropper.draw(np.random.default_rng((run.seed, step, rank)), count, side)
        loss, parts = _loss(learner.network, criterion, batch)
        learner.optimizer.zero_grad()
        (loss / count / run.processes).backward()
        parameters = list(learner.network.parameters())
        if run.processes > 1:
            for each in parameters:
                if each.grad is None:
                    each.grad = torch.zeros_like(each)
            sum_over_processes([each.grad for each in parameters])
        torch.nn.utils.clip_grad_norm_(parameters, LARGEST_GRADIENT)
        learner.step(rate)
        if (step + 1) % AVERAGE_EVERY == 0:
            learner.average(step, AVERAGE_EVERY)
        losses.append(parts)
        if rank == 0 and ((step + 1) % SAVE_EVERY == 0 or step + 1 == run.steps):
            _report(run.folder / CURVE, step + 1, time.time() - started, rate, losses)
            learner.save(run.folder / LAST, step + 1)
            if (step + 1) % SNAPSHOT_EVERY == 0:
                shutil.copyfile(run.folder / LAST, run.folder / SNAPSHOT.format(f"{step + 1:05d}"))
            losses = []
    if run.processes > 1:
        dist.destroy_process_group()


def _loss(
    network: "torch.nn.Module", criterion: "torch.nn.Module", batch: Batch
) -> tuple["torch.Tensor", dict[str, float]]:
    import torch

    images = torch.from_numpy(batch.images).permute(0, 3, 1, 2).float().div_(255)
    truth = {
        "batch_idx": torch.from_numpy(batch.owners).float(),
        "cls": torch.from_numpy(batch.classes).float()[:, None],
        "bboxes": torch.from_numpy(batch.boxes),
    }
    with torch.autocast("cpu", torch.bfloat16):
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
