"""`rune archive verify`: whether an archive is as it was written."""

from collections.abc import Mapping

from tui.answers import no_answer
from tui.command import Command
from tui.commands.archive.arguments import FolderArgument, OrArchiveOption, chosen_archive
from tui.exit_codes import ExitCode
from tui.failures import Failure, JsonObject
from tui.options import OutputFormat, OutputOption


def verify(
    *, folder: FolderArgument = None, archive: OrArchiveOption = None, output: OutputOption = OutputFormat.TEXT
) -> ExitCode:
    """Read all of an archive and tell what is damaged: exit code 0 where nothing is, else 1.

    Bytes are compared with the hashes that were written, rows counted, and every value looked at. What is damaged can
    be left aside by --skip-corrupt of the other commands, or given up by `rune archive compact --drop-corrupt`.
    """
    import sys

    from tools.archive.verify import verify_archive
    from tui.failures import to_json
    from tui.progress import progress_on_stderr
    from tui.text import Style, emit, narrate, safe

    with progress_on_stderr() as progress:
        found = verify_archive(chosen_archive(folder, archive), progress=progress)
    if output is OutputFormat.JSON:
        emit(to_json(found.model_dump()))
    else:
        style = Style.of(sys.stdout)
        lines = [
            f"{style.red('damaged')} {safe(each.file)} ({each.images:,} images): {safe(each.problem)}"
            for each in found.problems
        ]
        parts = f"{found.parts:,} part{'' if found.parts == 1 else 's'}"
        sound = (
            style.green("sound") if not found.problems else f"{style.red('damaged')} in {len(found.problems)} places"
        )
        lines.append(f"{safe(found.archive)}: {found.images:,} images, {found.entities:,} entities in {parts}: {sound}")
        emit("\n".join(lines))
    if found.leftovers:
        narrate(f"{len(found.leftovers):,} files belong to no commit; rune archive compact removes them")
    return ExitCode.FAILED if found.problems else ExitCode.DONE


def verify_failed(failure: Failure, arguments: Mapping[str, object]) -> JsonObject:
    """The keys of the answer where there is none."""
    from tools.archive.answers import Verification

    return {**no_answer(Verification, failure, arguments), "problems": [], "leftovers": []}


VERIFY = Command(
    name="verify",
    summary="Whether an archive is as it was written",
    body=verify,
    failed=verify_failed,
    examples=("rune archive verify airports", "rune archive verify airports --output json"),
    group="archive",
)
