"""Which archive a command of `rune archive` is about."""

from pathlib import Path
from typing import Annotated

import typer

from tui.options import path

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="DIR", parser=path, help="The archive that `rune index` made.")
]
OrArchiveOption = Annotated[
    Path | None, typer.Option("--archive", metavar="DIR", parser=path, help="The same, as other commands name it.")
]


def chosen_archive(folder: Path | None, archive: Path | None) -> Path:
    """The archive that was named in one of the two ways; InputError where it was in none, or in both differently."""
    from solvers.errors import InputError

    if folder is not None and archive is not None and folder != archive:
        raise InputError(f"two archives are named, {folder} and {archive}; one at a time")
    found = folder or archive
    if found is None:
        raise InputError("no archive is named; say for example: rune archive info DIR")
    return found
