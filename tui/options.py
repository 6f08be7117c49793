"""The options that commands share, and the checks of their values before any work begins."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from solvers.ontology import Ontology

STDIN = "-"
DEFAULT_THRESHOLD = 0.25
DEFAULT_TOP_K = 10
DEFAULT_MODEL_TIMEOUT_S = 60.0
DEFAULT_MODEL_CALLS = 200
DEFAULT_TOKENS = 2_000_000
DEFAULT_SECONDS = 3_600.0


class OutputFormat(StrEnum):
    """What stdout carries."""

    TEXT = "text"
    JSON = "json"


class Detector(StrEnum):
    """Where entities come from."""

    YOLO = "yolo"
    ANNOTATIONS = "annotations"


def _whole_number(value: object, least: int, meaning: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise typer.BadParameter(f"{str(value)!r} is not a whole number; {meaning}") from None
    if number < least:
        raise typer.BadParameter(f"{number} is less than {least}; {meaning}")
    return number


def top_k_number(value: object) -> int:
    """How many results to show; 0 means all."""
    return _whole_number(value, 0, "give how many images to show, 0 for all")


def witnesses_number(value: object) -> int:
    """How many witnesses to list; 0 means none beside the first."""
    return _whole_number(value, 0, "give how many witnesses to list of each part, 0 for none beside the first")


def candidates_number(value: object) -> int:
    """How many formulas the model writes."""
    return _whole_number(value, 1, "give how many formulas the model shall write")


def jobs_number(value: object) -> int:
    """How many model calls there are at a time."""
    return _whole_number(value, 1, "give how many model calls there shall be at a time")


def tile_number(value: object) -> int:
    """The side of tiles in pixels."""
    return _whole_number(value, 32, "give the side of tiles in pixels, such as 1024")


def overlap_number(value: object) -> int:
    """What tiles share, in pixels."""
    return _whole_number(value, 0, "give what tiles share in pixels, such as 200")


def batch_number(value: object) -> int:
    """How many tiles are looked at in one go."""
    return _whole_number(value, 1, "give how many tiles shall be looked at in one go")


def calls_number(value: object) -> int:
    """How often the model may be asked."""
    return _whole_number(value, 1, "give how often the model may be asked in all")


def tokens_number(value: object) -> int:
    """How many tokens a question may cost."""
    return _whole_number(value, 1, "give how many tokens a question may cost")


def seconds(value: object) -> float:
    """A time limit in seconds, finite and above 0."""
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise typer.BadParameter(f"{str(value)!r} is not a time limit; give seconds above 0, such as 60")
    return number


def path(value: object) -> Path:
    """A path that is not blank: an empty shell variable would else mean the working folder."""
    text = str(value)
    if not text.strip():
        raise typer.BadParameter("the path is blank")
    return Path(text)


def threshold_text(value: object) -> str:
    """One threshold as it was given, checked: a number in (0, 1], or CLASS=NUMBER."""
    text = str(value)
    label, separator, number = text.rpartition("=")
    if separator and not label.strip():
        raise typer.BadParameter(f"{text!r} names no class before the '='; give one, such as ship=0.4")
    _threshold_number(number, text)
    return text


def _threshold_number(number: str, text: str) -> float:
    try:
        threshold = float(number)
    except ValueError:
        threshold = math.nan
    if not 0 < threshold <= 1:
        message = f"{text!r} is not a threshold; give a number above 0 and at most 1, or CLASS=NUMBER such as ship=0.4"
        raise typer.BadParameter(message)
    return threshold


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The operating threshold as it was asked for: one for all classes, and others for some."""

    general: float = DEFAULT_THRESHOLD
    by_class: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Sequence[str] | None) -> "Thresholds":
        """From the values of `--threshold`; the last one counts where two speak of the same."""
        general = DEFAULT_THRESHOLD
        by_class: dict[str, float] = {}
        for text in texts or ():
            label, separator, number = text.rpartition("=")
            if separator:
                by_class[label.strip()] = _threshold_number(number, text)
            else:
                general = _threshold_number(number, text)
        return cls(general, by_class)

    def within(self, ontology: "Ontology") -> float | Mapping[str, float]:
        """What the tools take: one number, or one per class, where the more specific class wins."""
        if not self.by_class:
            return self.general
        roots = {each.name: self.general for each in ontology.classes if each.parent is None}
        return {**roots, **self.by_class}

    def __str__(self) -> str:
        return ", ".join([f"{self.general:g}", *(f"{label} {value:g}" for label, value in self.by_class.items())])


def classes_of(text: str | None) -> list[str] | None:
    """The class names of a `--classes` list, which commas separate."""
    from solvers.errors import InputError

    if text is None:
        return None
    names = [each.strip() for each in text.split(",") if each.strip()]
    if not names:
        raise InputError("--classes names no class; give names with commas between them, such as plane,ship")
    return names


def text_argument(value: str, what: str) -> str:
    """The query or formula that was given, read from stdin where it is `-`."""
    from solvers.errors import InputError

    text = _stdin(what) if value == STDIN else value
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"the {what} is not UTF-8 text at character {error.start}") from error
    return text


def paths_argument(values: Sequence[str]) -> list[str]:
    """The paths that were given, with those on stdin, one per line, in the place of `-`."""
    return [
        path
        for value in values
        for path in (filter(None, _stdin("list of images").splitlines()) if value == STDIN else (value,))
    ]


def _stdin(what: str) -> str:
    from solvers.errors import InputError

    try:
        return sys.stdin.buffer.read().decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"the {what} on stdin is not UTF-8 text: {error.reason} at byte {error.start}") from error


FormulaArgument = Annotated[str, typer.Argument(metavar="FORMULA", help="The formula, or - to read it from stdin.")]
QueryArgument = Annotated[str, typer.Argument(metavar="QUERY", help="The question in English, or - for stdin.")]
ArchiveOption = Annotated[
    Path, typer.Option("--archive", metavar="DIR", parser=path, help="The archive that `rune index` made.")
]
SkipCorruptOption = Annotated[
    bool,
    typer.Option("--skip-corrupt", help="Check every part of the archive first, and go on without those damaged."),
]
OutputOption = Annotated[
    OutputFormat, typer.Option("--output", help="Text for people, or JSON on stdout at every exit but 130.")
]
OntologyOption = Annotated[
    str, typer.Option("--ontology", metavar="NAME", help="dota, dior, floodnet, xbd, or a .toml file of your own.")
]
TopKOption = Annotated[
    int, typer.Option("--top-k", metavar="K", parser=top_k_number, help="How many images to show; 0 means all.")
]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold",
        metavar="T",
        parser=threshold_text,
        help="Confidence from which a detection counts, in (0, 1]; 0.25 unless told. "
        "Again for single classes: --threshold ship=0.4.",
    ),
]
CertifyOption = Annotated[
    bool, typer.Option("--certify", help="Have Z3 confirm the verdict of every image, positives and negatives.")
]
OverlaysOption = Annotated[
    Path | None,
    typer.Option(
        "--save-overlays", metavar="DIR", parser=path, help="Draw the proving objects of each image shown, into DIR."
    ),
]
ExportOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--export",
        metavar="FILE",
        parser=path,
        help="Write the images shown and the proving objects for a GIS, a table or a script, by the file's ending: "
        ".geojson, .parquet (GeoParquet), .csv, .json. May be given again.",
    ),
]
TimeLimitOption = Annotated[
    float | None,
    typer.Option("--timeout", metavar="S", parser=seconds, help="Seconds until the ranking gives up: exit code 4."),
]
ModelTimeoutOption = Annotated[
    float,
    typer.Option("--timeout", metavar="S", parser=seconds, help="Seconds that the model has for all its answers."),
]
ModelOption = Annotated[
    str, typer.Option("--model", metavar="MODEL", help="offline (no network), or openai:NAME; key in OPENAI_API_KEY.")
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="An OpenAI-compatible server: vLLM, Ollama, llama.cpp, LM Studio."),
]
SessionOption = Annotated[
    str | None,
    typer.Option(
        "--session",
        metavar="NAME",
        help="Keep the conversation under this name, and go on with it: 'now without ships', 'why not P0706?'.",
    ),
]
CandidatesOption = Annotated[
    int,
    typer.Option(
        "--candidates",
        metavar="N",
        parser=candidates_number,
        help="How many formulas the model writes; the largest group of equivalent ones wins.",
    ),
]
MaxCallsOption = Annotated[
    int,
    typer.Option(
        "--max-calls",
        metavar="N",
        parser=calls_number,
        help="How often the model may be asked in all; past it: exit 4.",
    ),
]
MaxTokensOption = Annotated[
    int,
    typer.Option(
        "--max-tokens", metavar="N", parser=tokens_number, help="Tokens that a question may cost; past it: exit code 4."
    ),
]
MaxSecondsOption = Annotated[
    float,
    typer.Option(
        "--max-seconds", metavar="S", parser=seconds, help="Seconds for a question, ranking and all; past it: exit 4."
    ),
]
