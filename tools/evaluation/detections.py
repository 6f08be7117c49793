"""The detections of an archive compared with a labelled one: how many are real, how many objects are found."""

from typing import TYPE_CHECKING

import numpy as np

from tools.evaluation.matching import match_archives
from tools.evaluation.metrics.calibration import reliability
from tools.evaluation.results import DetectionResult
from tools.evaluation.summary import reported
from tools.question import settings_of

if TYPE_CHECKING:
    from tools.archive import Archive
    from tools.question import Threshold


def compare_detections(detected: "Archive", labelled: "Archive", threshold: "Threshold") -> DetectionResult:
    """Match the entities of two archives of the same images; the threshold is that of verdicts."""
    matches = match_archives(detected, labelled, detected.image_ids)
    settings = settings_of(threshold, detected.ontology)
    arrays = [each.arrays() for each in matches.values()]
    confidence = np.concatenate([np.zeros(0), *(each[0] for each in arrays)])
    is_real = np.concatenate([np.zeros(0, np.bool_), *(each[1] for each in arrays)])
    objects = sum(each.objects for each in matches.values())
    at_threshold = sum(sum(one >= settings.for_label(label) for one in each.found) for label, each in matches.items())
    real = int(np.count_nonzero(is_real))
    return DetectionResult(
        matched=real,
        false=len(is_real) - real,
        missed=objects - real,
        reliability=reported(reliability(confidence, is_real)),
        recall=at_threshold / objects if objects else None,
    )
