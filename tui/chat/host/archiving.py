"""Making archives: what /index and /demo ask for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from agent.cancelling import RunCancelledError
from solvers.errors import InputError
from tools.progress import Progress
from tui.chat.host.protocol import Index, Indexed, Progressed

if TYPE_CHECKING:
    from tui.chat.host.desk import Job

PROGRESS_PAUSE_S = 0.1
USAGE = "/index [IMAGES...] [--archive DIR] [--labels PATH] [--weights FILE] [--classes LIST] [--sizes FILE]"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; it is {USAGE}")


def index(request: Index, job: Job) -> Indexed:
    """Bring an archive up to date as `rune index` does; what is committed stays where the work is stopped."""
    from tools.index import index_images
    from tui.options import classes_of

    given = _parser().parse_args(request.arguments)
    archive = given.archive or request.archive
    if archive is None:
        raise InputError(f"no archive is open: say which one to make; it is {USAGE}")
    if not (given.images or given.labels):
        raise InputError(f"there is nothing to index: name images, folders or --labels; it is {USAGE}")
    report = index_images(
        given.images,
        archive=archive,
        weights=given.weights,
        labels=given.labels,
        ontology=given.ontology,
        classes=classes_of(given.classes),
        sizes=given.sizes,
        progress=_told(job),
    )
    return Indexed(number=job.number, report=report)


def render_sample(job: Job) -> Indexed:
    """The sample archive, made where it is not there."""
    from tools.paths import sample_dir
    from tools.sample_archive import sample_archive

    sample = sample_archive(sample_dir(), progress=_told(job))
    return Indexed(number=job.number, report=sample.report)


def _parser() -> _Parser:
    parser = _Parser(prog="/index", add_help=False, allow_abbrev=False)
    parser.add_argument("images", nargs="*")
    for name in ("archive", "labels", "weights", "classes", "sizes"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--ontology", default="dota")
    return parser


def _told(job: Job) -> Callable[[Progress], None]:
    """A listener that reports a few times a second, and ends the work where it was cancelled."""
    last: dict[str, float] = {}

    def tell(progress: Progress, /) -> None:
        if job.cancel.cancelled:
            raise RunCancelledError
        if progress.done != progress.total and job.seconds - last.get(progress.phase, -1.0) < PROGRESS_PAUSE_S:
            return
        last[progress.phase] = job.seconds
        job.report(
            Progressed(
                number=job.number,
                seconds=job.seconds,
                phase=progress.phase,
                done=progress.done,
                total=progress.total,
            )
        )

    return tell
