"""How fast RUNE is, side by side with what a user would pick instead, in one run on the same archives.

`python bench/solver.py` measures whole archives, single images, cold starts, growth, proofs and memory, and writes
results.json, performance.md and performance.svg into a folder; `--docs` also renews docs/performance.md. Engines
that disagree end the run with an error. Archives are generated once and kept. The process takes its memory as those of
`rune` do.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.archives import default_folder, repeated_archive, synthetic_archive
from bench.cold import compile_kernels, measure_cold
from bench.generator import Recipe
from bench.growth import measure_growth
from bench.memory import measure_memory
from bench.one_image import OneImageSettings, measure_one_image
from bench.proofs import measure_proofs
from bench.report import as_json, markdown, plot
from bench.results import Machine, Results
from bench.timing import timed
from bench.whole_archive import ArchiveRow, measure_archive
from tui.process_memory import economise

Found = TypeVar("Found")

REPOSITORY = Path(__file__).parents[1]
REAL_SCENES = REPOSITORY.parent / "shared" / "data" / "dota"
LEAST_FOR_MEMORY = 10_000
"""Images of an archive that is large beside what the imports happen to leave free."""

GROUPS = ("archives", "image", "cold", "growth", "proofs", "memory")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    archives: tuple[int, ...]
    real: int
    rounds: int
    image_sizes: tuple[int, ...]
    image: OneImageSettings
    growth_images: int
    proof_images: int
    proof_sample: int


FULL = Size((1_000, 10_000, 100_000), 10_000, 7, (50, 200), OneImageSettings(), 2_000, 1_000, 200)
QUICK = Size((1_000,), 0, 3, (50,), OneImageSettings(5, 1, 2_000), 100, 100, 30)


def main(arguments: Sequence[str] | None = None) -> Results:
    """Measure, compare, print and write; what was measured."""
    options = _parser().parse_args(arguments)
    size = QUICK if options.quick else FULL
    sizes = tuple(options.sizes or size.archives)
    rounds = options.rounds or size.rounds
    groups = set(options.only or GROUPS)
    results = Results(Machine.here())
    if results.machine.load > 0.5:
        _say(f"others keep {results.machine.load:.1f} processors busy: the times will not be worth much")

    def archive(images: int) -> Path:
        return synthetic_archive(options.archives, images, Recipe())

    if not options.quick:
        compile_kernels()
    if "archives" in groups:
        for images in sizes:
            results.archives += _step(f"{images:,} images", partial(measure_archive, archive(images), rounds))
        results.archives += _real_scenes(size.real, options.archives, rounds)
    if "image" in groups:
        results.one_image += _step("single images", partial(measure_one_image, size.image_sizes, size.image))
    if "cold" in groups:
        vectors = options.archives / "embedding"
        results.cold = _step("cold starts", partial(measure_cold, archive(sizes[-1]), sizes[-1], vectors, rounds))
    if "growth" in groups:
        results.growth += _step(
            "growth", partial(measure_growth, options.archives, size.growth_images, 50, 500, rounds)
        )
    if "proofs" in groups:
        results.proofs += _step(
            "proofs", partial(measure_proofs, archive(size.proof_images), size.proof_sample, rounds)
        )
    if "memory" in groups:
        results.memory = _step(
            "memory", partial(measure_memory, archive(100), archive(max(sizes[-1], LEAST_FOR_MEMORY)))
        )
    _write(results, options.output, docs=options.docs)
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a run of under a minute, on 1,000 images")
    parser.add_argument("--sizes", type=_sizes, help="images of the synthetic archives: 1000,10000,100000")
    parser.add_argument("--rounds", type=int, help="rounds of every measurement")
    parser.add_argument("--only", nargs="+", choices=GROUPS, help="only these groups")
    parser.add_argument("--archives", type=Path, default=default_folder(), help="where archives are kept")
    parser.add_argument("--output", type=Path, default=Path("out") / "bench", help="the folder of the results")
    parser.add_argument("--docs", action="store_true", help="renew docs/performance.md and its plot")
    return parser


def _sizes(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _real_scenes(images: int, folder: Path, rounds: int) -> list[ArchiveRow]:
    if not images:
        return []
    if not REAL_SCENES.is_dir():
        _say(f"left out: the real scenes, for want of {REAL_SCENES}")
        return []
    path = repeated_archive(folder, images, REAL_SCENES / "labelTxt-hbb", REAL_SCENES / "image_sizes.json")
    return _step("real scenes", partial(measure_archive, path, rounds))


def _step(name: str, action: Callable[[], Found]) -> Found:
    time, found = timed(action)
    _say(f"{name}: measured in {time / 1000:.0f} s")
    return found


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _write(results: Results, folder: Path, *, docs: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page = markdown(results)
    (folder / "results.json").write_text(as_json(results), encoding="utf-8")
    targets = [folder, REPOSITORY / "docs"] if docs else [folder]
    for target in targets:
        shown = "\n![The median time of each question](performance.svg)\n" if results.archives else ""
        (target / "performance.md").write_text(page + shown, encoding="utf-8")
        if results.archives:
            plot(results, target / "performance.svg")
    print(page)


if __name__ == "__main__":
    economise()
    main()
