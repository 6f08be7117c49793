"""Rendering scenes into a folder once: a marker tells whether they are whole and of this version of the renderer."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from solvers.errors import InputError

MARKER = "rendered.json"
Paths = Sequence[Path]


def render_once(directory: Path, settings: dict[str, int], render: Callable[[], Paths]) -> None:
    """Have `render` write its files beneath `directory`, unless all that it wrote there are still there.

    `settings` are what the files depend on beside the renderer's source. InputError where they cannot be written.
    """
    marker = directory / MARKER
    wanted: dict[str, str | int] = {"renderer": _renderer(), **settings}
    if _is_rendered(directory, wanted):
        return
    try:
        marker.unlink(missing_ok=True)
        files = [each.relative_to(directory).as_posix() for each in render()]
        part = marker.with_suffix(".part")
        part.write_text(json.dumps({**wanted, "files": files}), encoding="utf-8")
        part.replace(marker)
    except OSError as error:
        raise InputError(f"{directory}: the scenes cannot be written: {error.strerror or error}") from error


def _is_rendered(directory: Path, wanted: dict[str, str | int]) -> bool:
    try:
        found = json.loads((directory / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, list) or found != {**wanted, "files": files}:
        return False
    return bool(files) and all(isinstance(each, str) and (directory / each).is_file() for each in files)


def _renderer() -> str:
    """What tells one version of the renderer from another: a digest of its source."""
    digest = hashlib.sha256()
    for source in sorted((Path(__file__).parent / "sample").rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
