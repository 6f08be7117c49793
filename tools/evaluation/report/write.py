"""The three files of an evaluation, each whole or not there, and the same for the same evaluation."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solvers.errors import InputError, RuneError
from tools.archive.files import write_atomically
from tools.evaluation.report.markdown import markdown
from tools.evaluation.report.page import page
from tools.evaluation.results import Evaluation
from tools.progress import ProgressListener, ignore_progress

if TYPE_CHECKING:
    from tools.archive import Archive

EXPLAINED = 1000
PICTURES = 24


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the files of a report are."""

    json: Path
    markdown: Path
    html: Path


def write_report(
    evaluation: Evaluation,
    out: str | Path,
    archive: "Archive | None" = None,
    *,
    explained: int = EXPLAINED,
    pictures: int = PICTURES,
    progress: ProgressListener = ignore_progress,
) -> ReportFiles:
    """Write evaluation.json, evaluation.md and evaluation.html into a folder.

    With the archive the page explains the first images of at most `explained` queries, and draws at most `pictures` of
    them where their pixels are at hand. Raises InputError for a folder that is none, RuneError where nothing can be
    written.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: the files of an evaluation go into a folder, and this is none")
    files = ReportFiles(*(folder / f"evaluation.{ending}" for ending in ("json", "md", "html")))
    contents = {
        files.json: evaluation.model_dump_json(indent=1) + "\n",
        files.markdown: markdown(evaluation),
        files.html: page(evaluation, archive, explained=explained, pictures=pictures, progress=progress),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in contents.items():
            write_atomically(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise RuneError(f"{os.fspath(folder)} cannot be written: {error.strerror or error}") from error
    return files
