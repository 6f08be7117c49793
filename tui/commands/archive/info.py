"""`rune archive info`: what an archive holds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.answers import no_answer
from tui.command import Command
from tui.commands.archive.arguments import FolderArgument, OrArchiveOption, chosen_archive
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import OutputFormat, OutputOption
from tui.text import Style, pad, safe

if TYPE_CHECKING:
    from tools.archive.answers import ArchiveInfo

MANY = 30
WIDTH = 10


def info(
    *, folder: FolderArgument = None, archive: OrArchiveOption = None, output: OutputOption = OutputFormat.TEXT
) -> ExitCode:
    """Tell what an archive holds: images, objects by class, where they came from, where and when they were taken."""
    import sys

    from tools.archive.info import describe_archive
    from tui.failures import to_json
    from tui.text import emit

    found = describe_archive(chosen_archive(folder, archive))
    as_json = output is OutputFormat.JSON
    emit(to_json(found.model_dump(mode="json")) if as_json else render_info(found, Style.of(sys.stdout)))
    return ExitCode.DONE


def render_info(info: "ArchiveInfo", style: Style) -> str:
    """The text that people read."""

    def field(name: str, value: str) -> str:
        return f"{style.bold(pad(name, WIDTH))} {value}"

    def rows(heading: str, values: list[str]) -> list[str]:
        more = [f"  and {len(values) - MANY:,} more"] if len(values) > MANY else []
        return ["", style.bold(heading), *(f"  {each}" for each in values[:MANY]), *more] if values else []

    without = info.images - info.images_with_pixels
    lines = [
        field(
            "archive", f"{safe(info.archive)} (schema version {info.archive_version}, ontology {safe(info.ontology)})"
        ),
        field("images", f"{info.images:,}" + (f", {without:,} of them without pixels" if without else "")),
        field("entities", f"{info.entities:,}"),
        field("on disk", f"{info.parts:,} part{'' if info.parts == 1 else 's'}, {info.bytes:,} bytes"),
    ]
    if info.gsd.images:
        least, greatest = (f"{value or 0:.4g}" for value in (info.gsd.least, info.gsd.greatest))
        span = least if least == greatest else f"{least} to {greatest}"
        lines.append(field("scale", f"{span} m per pixel, known of {info.gsd.images:,} images"))
    if info.times.first is not None and info.times.last is not None:
        first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in (info.times.first, info.times.last))
        lines.append(field("taken", f"{first} to {last} UTC, known of {info.times.images:,} images"))
    for place in info.places:
        extent = ", ".join(f"{value:.10g}" for value in place.extent)
        lines.append(field("place", f"{safe(place.crs)}: {extent} ({place.images:,} images)"))
    lines += rows(
        "classes",
        [f"{pad(safe(each.name), 24)} {each.entities:>10,} in {each.images:,} images" for each in info.classes],
    )
    lines += rows("found by", [f"{safe(each.origin or 'not known')}: {each.images:,} images" for each in info.origins])
    lines += rows("from", [f"{safe(each.path)}: {each.images:,} images" for each in info.sources])
    return "\n".join(lines)


def info_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.archive.answers import ArchiveInfo

    return no_answer(ArchiveInfo, failure, arguments)


INFO = Command(
    name="info",
    summary="What an archive holds",
    body=info,
    failed=info_failed,
    examples=("rune archive info airports", "rune archive info airports --output json"),
    group="archive",
)
