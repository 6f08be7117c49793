"""Have Z3 confirm the verdict of every image of an archive, many images a solver, over processes."""

from typing import TYPE_CHECKING

import numpy as np

from solvers.judge import DisagreementError
from solvers.limits import Tick
from solvers.verdict import Verdict
from tools.progress import Progress, ProgressListener

if TYPE_CHECKING:
    from solvers.columnar.archive import ArchiveJudge

IMAGES_AT_ONCE = 20_000


def confirm(image_id: str, claimed: Verdict, found: Verdict) -> None:
    """Raise DisagreementError where Z3 finds another verdict than is claimed."""
    if found is not claimed:
        raise DisagreementError(f"image {image_id}: the vectorised pass says {claimed}, Z3 {found}")


def certify_archive(judge: "ArchiveJudge", *, processes: int, tick: Tick, progress: ProgressListener) -> None:
    """Confirm every verdict of the archive by Z3; raises DisagreementError for the first image that it denies."""
    from solvers.certify import certifiers, certify_archive
    from solvers.columnar.archive import UNKNOWN, VERDICTS
    from solvers.columnar.proof import Z3Says, prove
    from solvers.z3_backend import Z3Backend

    backend = Z3Backend()
    total = len(judge.store.images)
    with certifiers(processes) as workers:
        says = Z3Says.by(lambda blocks, holds: certify_archive(blocks, holds, workers, tick=tick), backend)
        for first in range(0, total, IMAGES_AT_ONCE):
            images = np.arange(first, min(first + IMAGES_AT_ONCE, total))
            proved = prove(judge, images, says)
            found = proved.verdicts
            for row in np.flatnonzero(proved.is_open).tolist():
                found[row] = VERDICTS.index(judge.exact(int(images[row])).prove(backend).verdict)
            told = (found != UNKNOWN) | ~(proved.is_open | proved.undecided)
            for row in np.flatnonzero(told & (found != judge.verdicts[images])).tolist():
                number = int(images[row])
                confirm(judge.store.images.ids[number], VERDICTS[judge.verdicts[number]], VERDICTS[found[row]])
            tick()
            progress(Progress("certifying", int(images[-1]) + 1, total))
