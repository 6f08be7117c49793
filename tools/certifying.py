"""Have Z3 confirm the verdict of every image of an archive, many images a solver, over processes."""

from typing import TYPE_CHECKING

import numpy as np

from solvers.judge import DisagreementError
from solvers.limits import Tick
from tools.progress import Progress, ProgressListener

if TYPE_CHECKING:
    from solvers.columnar.archive import ArchiveJudge

IMAGES_AT_ONCE = 20_000


def certify_archive(judge: "ArchiveJudge", *, processes: int, tick: Tick, progress: ProgressListener) -> None:
    """Confirm every verdict of the archive by Z3; raises DisagreementError for the first image that it denies."""
    from solvers.certify import certifiers, certify_archive, certify_counts
    from solvers.columnar.archive import UNKNOWN, VERDICTS
    from solvers.columnar.proof import Z3Says, prove
    from solvers.z3_backend import Z3Backend

    backend = Z3Backend()
    total = len(judge.store.images)
    with certifiers(processes) as workers:
        says = Z3Says(
            lambda blocks, holds: certify_archive(blocks, holds, workers, tick=tick),
            lambda comparator, count, least, most, holds: certify_counts(
                comparator, count, least, most, holds=holds, backend=backend
            ),
        )
        for first in range(0, total, IMAGES_AT_ONCE):
            images = np.arange(first, min(first + IMAGES_AT_ONCE, total))
            proved = prove(judge, images, says)
            claimed = judge.verdicts[images]
            for row in np.flatnonzero(proved.is_open).tolist():
                judge.exact(int(images[row])).prove(backend)
            wrong = ~proved.is_open & (proved.verdicts != claimed) & (proved.verdicts != UNKNOWN)
            for row in np.flatnonzero(wrong).tolist():
                said, found = VERDICTS[claimed[row]], VERDICTS[proved.verdicts[row]]
                image_id = judge.store.images.ids[int(images[row])]
                raise DisagreementError(f"image {image_id}: the vectorised pass says {said}, Z3 {found}")
            tick()
            progress(Progress("certifying", int(images[-1]) + 1, total))
