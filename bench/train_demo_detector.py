"""Make the weights of the demo's detector: render scenes, train on them, measure on others, draw the curve.

Run `python bench/train_demo_detector.py --folder FOLDER`; a run that was stopped goes on from its last checkpoint. It
writes demo-yolo26n-obb.pt, scores.md and curve.svg into the folder. docs/demo-detector.md tells how the weights that
RUNE ships were made, and how good they are.
"""

import argparse
import sys
from pathlib import Path
from typing import get_args

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.demo_detector.curve import draw_curve, score_checkpoints
from bench.demo_detector.evaluation import detect, held_out, table
from bench.demo_detector.export import export
from bench.demo_detector.learner import Learning
from bench.demo_detector.scenes import render_scenes
from bench.demo_detector.training import CURVE, LAST, Run, train
from tools.hashing import hash_file

WEIGHTS = "demo-yolo26n-obb.pt"


def main(arguments: list[str] | None = None) -> int:
    """Carry out what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where scenes, checkpoints and results go")
    parser.add_argument("--seed", type=int, default=1, help="of the network's first weights and of the windows")
    parser.add_argument("--scene-seed", type=int, default=20261130, help="of the scenes that it learns from")
    parser.add_argument("--held-out-seed", type=int, default=2026, help="of the scenes that it is measured on")
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--held-out", type=int, default=72)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--start", type=Path, help="weights of an earlier run to learn on from; random ones else")
    parser.add_argument("--learning", choices=get_args(Learning), default="all", help="less than all takes --start")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--processes", type=int, default=1, help="that render, and that learn on CPUs")
    parser.add_argument("--device", default="cpu", help="cpu, or a GPU such as cuda:0, on which one process learns")
    parser.add_argument("--windows", type=int, default=2, help="how many times the four small windows a step looks at")
    parser.add_argument("--curve-scenes", type=int, default=24, help="held-out scenes for each point of the curve")
    told = parser.parse_args(arguments)
    if told.learning != "all" and told.start is None:
        parser.error(f"--learning {told.learning} needs --start")
    render_scenes(told.folder / "scenes", told.scene_seed, told.scenes, told.processes)
    run_folder = told.folder / "run"
    has_gpu = told.device != "cpu"
    train(
        Run(
            folder=run_folder,
            scenes_folder=told.folder / "scenes",
            scenes=told.scenes,
            steps=told.steps,
            rate=told.rate,
            seed=told.seed,
            processes=1 if has_gpu else told.processes,
            windows=told.windows,
            workers=told.processes if has_gpu else 0,
            device=told.device,
            start=told.start,
            learning=told.learning,
        )
    )
    weights = told.folder / WEIGHTS
    step = export(run_folder / LAST, weights)
    scenes = held_out(told.folder / "held-out", told.held_out_seed, told.held_out)
    scores = table(list(detect(weights, scenes)))
    (told.folder / "scores.md").write_text(f"{scores}\n", encoding="utf-8")
    points = score_checkpoints(run_folder, scenes[: told.curve_scenes])
    draw_curve(run_folder / CURVE, points, told.folder / "curve.svg")
    print(f"{scores}\n\n{weights}: step {step}, {weights.stat().st_size / 1e6:.1f} MB, SHA-256 {hash_file(weights)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
