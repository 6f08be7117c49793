"""The systems by their names on the command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from solvers.errors import InputError
from tools.evaluation.systems.bag_of_classes import BagOfClasses
from tools.evaluation.systems.base import RetrievalSystem
from tools.evaluation.systems.encoder import Checkpoint, OpenClipEncoder
from tools.evaluation.systems.from_english import FromEnglish
from tools.evaluation.systems.hard_threshold import HardThreshold
from tools.evaluation.systems.judging import Judges
from tools.evaluation.systems.max_min import MaxMin
from tools.evaluation.systems.random_order import RandomOrder
from tools.evaluation.systems.worlds import PossibleWorlds
from tools.nearest import did_you_mean
from tools.progress import ProgressListener, ignore_progress

if TYPE_CHECKING:
    from tools.archive import Archive
    from tools.evaluation.translation import Translated
    from tools.question import Threshold

LOGIC_SYSTEMS = ("rune", "rune-max-min", "rune-hard", "bag-of-classes")
"""Those that look at detections, and so depend on how good these are."""
DEFAULT_SYSTEMS = (*LOGIC_SYSTEMS, "random")
ENGLISH = "rune-english"
EMBEDDINGS = "embeddings"
SYSTEM_NAMES = (*DEFAULT_SYSTEMS, ENGLISH, EMBEDDINGS)


@dataclass(frozen=True)
class SystemOptions:
    """What systems are made with: `translate` is for questions in English, `checkpoint` for embeddings."""

    threshold: "Threshold" = 0.25
    seed: int = 0
    exact_near_misses: bool = False
    translate: "Callable[[str], Translated] | None" = None
    checkpoint: Checkpoint | None = None
    progress: ProgressListener = ignore_progress


def make_systems(names: Sequence[str], archive: "Archive", options: SystemOptions) -> list[RetrievalSystem]:
    """The systems of these names over one archive, each once; raises InputError for a name that none has."""
    judges = Judges(archive, options.threshold, options.exact_near_misses)
    return [_make(name, archive, judges, options) for name in dict.fromkeys(names)]


def _make(name: str, archive: "Archive", judges: Judges, options: SystemOptions) -> RetrievalSystem:
    simple: Mapping[str, Callable[[], RetrievalSystem]] = MappingProxyType(
        {
            "rune": lambda: PossibleWorlds(judges),
            "rune-max-min": lambda: MaxMin(judges),
            "rune-hard": lambda: HardThreshold(judges),
            "bag-of-classes": lambda: BagOfClasses(judges),
            "random": lambda: RandomOrder(len(archive.image_ids), options.seed),
        }
    )
    if name in simple:
        return simple[name]()
    if name == ENGLISH:
        if options.translate is None:
            raise InputError(f"the system {ENGLISH} needs a translator")
        return FromEnglish(PossibleWorlds(judges), options.translate)
    if name == EMBEDDINGS:
        if options.checkpoint is None:
            raise InputError(
                f"the system {EMBEDDINGS} needs an open_clip model and its weights, such as --clip ViT-B-32 "
                "--checkpoint RemoteCLIP-ViT-B-32.pt"
            )
        from tools.evaluation.systems.embeddings import JointEmbeddings

        return JointEmbeddings.of(archive, OpenClipEncoder(options.checkpoint), options.progress)
    raise InputError(f"there is no system {name!r}{did_you_mean(name, SYSTEM_NAMES)}; known: {', '.join(SYSTEM_NAMES)}")
