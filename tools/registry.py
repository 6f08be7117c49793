"""The one registry of tools: the same typed functions for Python, for the agent's model and for other protocols."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from solvers.errors import InputError
from solvers.ontology import Ontology
from tools.progress import ProgressListener, ignore_progress
from tools.results import CheckResult, IndexReport, Ranking, Validation

if TYPE_CHECKING:
    from tools.archive import Archive
    from tools.describe import OntologyDescription
    from tools.explanation import Explanation
    from tools.sources.choose import DetectorName
    from tools.summary import ArchiveSummary

Threshold = float | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class IndexSources:
    """What the user has said an archive is made of; see `tools.index_images`."""

    archive: str | Path
    images: str | Path | Sequence[str | Path] = ()
    detector: "DetectorName | None" = None
    weights: str | Path | None = None
    labels: str | Path | None = None
    classes: str | Sequence[str] | None = None
    sizes: str | Path | None = None
    names: str | Path | None = None
    skip_bad: bool = False


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool works on, and the settings that hold where its caller names none; never chosen by a model.

    `sources` are there only where the user lets a model bring the archive up to date.
    """

    ontology: Ontology
    archive: "Archive | None" = None
    top_k: int = 10
    threshold: Threshold = 0.25
    certify: bool = False
    timeout: float | None = None
    progress: ProgressListener = ignore_progress
    sources: IndexSources | None = None

    def opened_archive(self) -> "Archive":
        """The archive; raises InputError where the caller opened none."""
        if self.archive is None:
            raise InputError("this tool needs an archive, and none is open")
        return self.archive


class Arguments(BaseModel):
    """The base of what a caller may choose: no field beside the named ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


FormulaText = Annotated[str, Field(description="a formula in the language of RUNE, such as exists x. plane(x)")]
ImageId = Annotated[str, Field(description="the image's id in the archive")]
ThresholdValue = Annotated[float, Field(gt=0, le=1, description="the least confidence that counts")]


class NoArguments(Arguments):
    """Nothing to choose."""


class FormulaArguments(Arguments):
    """One formula."""

    formula: FormulaText


class RankArguments(Arguments):
    """One formula, and how to rank by it; settings that are left out are those of the session."""

    formula: FormulaText
    top_k: Annotated[int, Field(ge=0, description="how many images to show, 0 for all")] | None = None
    threshold: ThresholdValue | None = None


class ImageArguments(Arguments):
    """One formula and one image."""

    formula: FormulaText
    image_id: ImageId
    threshold: ThresholdValue | None = None


def _always(_: ToolContext) -> bool:
    return True


def _has_archive(context: ToolContext) -> bool:
    return context.archive is not None


def _has_sources(context: ToolContext) -> bool:
    return context.sources is not None


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)
ResultT = TypeVar("ResultT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Tool(Generic[ArgumentsT, ResultT]):
    """One tool: `requires_valid_formula` where it may only see a formula that has passed validation.

    `available` says whether a context has what the tool works on.
    """

    name: str
    description: str
    arguments: type[ArgumentsT]
    function: Callable[[ArgumentsT, ToolContext], ResultT]
    requires_valid_formula: bool = False
    available: Callable[[ToolContext], bool] = _always

    def call(self, raw: Mapping[str, object], context: ToolContext) -> ResultT:
        """Run the tool on arguments from outside; raises pydantic's ValidationError if they do not fit."""
        return self.function(self.arguments.model_validate(raw), context)


class RegisteredTool(Protocol):
    """A tool whose arguments and result are not known by type to the caller."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def arguments(self) -> type[Arguments]: ...
    @property
    def requires_valid_formula(self) -> bool: ...
    @property
    def available(self) -> Callable[[ToolContext], bool]: ...
    def call(self, raw: Mapping[str, object], context: ToolContext) -> BaseModel: ...


def _describe(_: NoArguments, context: ToolContext) -> "OntologyDescription":
    from tools.describe import describe_ontology

    return describe_ontology(context.ontology)


def _validate(arguments: FormulaArguments, context: ToolContext) -> Validation:
    from tools.validate import validate_formula

    return validate_formula(arguments.formula, context.ontology)


def _summarise(_: NoArguments, context: ToolContext) -> "ArchiveSummary":
    from tools.summary import summarise_archive

    return summarise_archive(context.opened_archive())


def _index(_: NoArguments, context: ToolContext) -> IndexReport:
    from tools.index import index_images

    sources = context.sources
    if sources is None:
        raise InputError("this tool needs to be told what the archive is made of, and nobody has")
    return index_images(
        sources.images,
        archive=sources.archive,
        detector=sources.detector,
        weights=sources.weights,
        labels=sources.labels,
        ontology=context.ontology,
        classes=sources.classes,
        sizes=sources.sizes,
        names=sources.names,
        skip_bad=sources.skip_bad,
        progress=context.progress,
    )


def _rank(arguments: RankArguments, context: ToolContext) -> Ranking:
    from tools.ranking import rank

    return rank(
        arguments.formula,
        archive=context.opened_archive(),
        top_k=context.top_k if arguments.top_k is None else arguments.top_k,
        threshold=context.threshold if arguments.threshold is None else arguments.threshold,
        certify=context.certify,
        timeout=context.timeout,
        progress=context.progress,
    )


def _check(arguments: ImageArguments, context: ToolContext) -> CheckResult:
    from tools.check import check_image

    return check_image(
        arguments.formula,
        archive=context.opened_archive(),
        image_id=arguments.image_id,
        threshold=context.threshold if arguments.threshold is None else arguments.threshold,
    )


def _explain(arguments: ImageArguments, context: ToolContext) -> "Explanation":
    from tools.explanation import explain

    return explain(
        arguments.formula,
        archive=context.opened_archive(),
        image_id=arguments.image_id,
        threshold=context.threshold if arguments.threshold is None else arguments.threshold,
    )


DESCRIBE_ONTOLOGY: Tool[NoArguments, "OntologyDescription"] = Tool(
    "describe_ontology",
    "The classes that a formula may name, and all relations, functions and units, with their meaning.",
    NoArguments,
    _describe,
)
VALIDATE_FORMULA: Tool[FormulaArguments, Validation] = Tool(
    "validate_formula",
    "Submit the formula that means what the question asks. It is checked; if it is wrong the answer says where, what "
    "was expected and which names are nearest, and you submit a mended one. The first one that passes is used.",
    FormulaArguments,
    _validate,
)
SUMMARISE_ARCHIVE: Tool[NoArguments, "ArchiveSummary"] = Tool(
    "summarise_archive",
    "How many images the archive has, and how many entities of which class: what can be found at all.",
    NoArguments,
    _summarise,
    available=_has_archive,
)
INDEX_IMAGES: Tool[NoArguments, IndexReport] = Tool(
    "index_images",
    "Bring the archive up to date with the images and annotations that the user has named; nothing else is read.",
    NoArguments,
    _index,
    available=_has_sources,
)
RANK: Tool[RankArguments, Ranking] = Tool(
    "rank",
    "Rank the images of the archive by a formula that has passed validate_formula.",
    RankArguments,
    _rank,
    requires_valid_formula=True,
    available=_has_archive,
)
CHECK_IMAGE: Tool[ImageArguments, CheckResult] = Tool(
    "check_image",
    "Judge one image by a formula that has passed validate_formula: the proving entities, or what fails.",
    ImageArguments,
    _check,
    requires_valid_formula=True,
    available=_has_archive,
)
EXPLAIN: Tool[ImageArguments, "Explanation"] = Tool(
    "explain",
    "Say in words why one image satisfies a formula that has passed validate_formula, or what it would take.",
    ImageArguments,
    _explain,
    requires_valid_formula=True,
    available=_has_archive,
)

_ALL: tuple[RegisteredTool, ...] = (
    VALIDATE_FORMULA,
    DESCRIBE_ONTOLOGY,
    SUMMARISE_ARCHIVE,
    INDEX_IMAGES,
    RANK,
    CHECK_IMAGE,
    EXPLAIN,
)
TOOLS: Mapping[str, RegisteredTool] = MappingProxyType({tool.name: tool for tool in _ALL})
