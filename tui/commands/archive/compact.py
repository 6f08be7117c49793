"""`rune archive compact`: an archive in as few parts as it takes."""

from collections.abc import Mapping
from typing import Annotated

import typer

from tui.answers import no_answer
from tui.command import Command
from tui.commands.archive.arguments import FolderArgument, OrArchiveOption, chosen_archive
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import OutputFormat, OutputOption


def compact(
    *,
    folder: FolderArgument = None,
    archive: OrArchiveOption = None,
    drop_corrupt: Annotated[
        bool,
        typer.Option("--drop-corrupt", help="Give damaged parts up; the next `rune index` makes their images anew."),
    ] = False,
    output: OutputOption = OutputFormat.TEXT,
) -> ExitCode:
    """Merge small parts, remove what a killed run left, and bring an old archive into this version's schema.

    All by one commit: whoever reads the archive meanwhile is not disturbed, and a kill leaves it as it was.
    """
    from tools.archive.compact import compact_archive
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.text import emit, narrate, safe

    with progress_on_stderr() as progress:
        done = compact_archive(chosen_archive(folder, archive), drop_corrupt=drop_corrupt, progress=progress)
    for each in done.dropped:
        narrate(f"given up: {safe(each.file)} ({each.images:,} images): {safe(each.problem)}")
    if output is OutputFormat.JSON:
        emit(to_json(done.model_dump()))
    else:
        parts, sizes = (
            f"{done.parts_before:,} -> {done.parts_after:,}",
            f"{done.bytes_before:,} -> {done.bytes_after:,}",
        )
        emit(f"{safe(done.archive)}: {done.images:,} images, {done.entities:,} entities; parts {parts}, bytes {sizes}")
    return ExitCode.DONE


def compact_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.archive.answers import Compaction

    return {**no_answer(Compaction, failure, arguments), "dropped": []}


COMPACT = Command(
    name="compact",
    summary="Merge small parts, remove leftovers",
    body=compact,
    failed=compact_failed,
    examples=("rune archive compact airports", "rune archive compact airports --drop-corrupt"),
    group="archive",
)
